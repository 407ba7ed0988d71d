"""The Inertia adapter as a Litestar plugin. It owns the shared SSR client and the portal for the life of the app."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from litestar.handlers import HTTPRouteHandler
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import HTTPRoute
from typing_extensions import override

from litestar_vite._older_names import refuses_older_settings
from litestar_vite._ssr.rendering import Rendering, open_rendering
from litestar_vite.config._resolve import origin_of
from litestar_vite.inertia._carry import CookieSigner
from litestar_vite.inertia._deferred import DeferredProp
from litestar_vite.inertia._documents.cache_key import check_tags
from litestar_vite.inertia._documents.rendering import render
from litestar_vite.inertia._litestar.cache_store import cache_store
from litestar_vite.inertia._litestar.csrf import with_inertias_names
from litestar_vite.inertia._litestar.exceptions import install_in_app, wrap_late_handlers
from litestar_vite.inertia._litestar.handler_checks import note_scriptless
from litestar_vite.inertia._litestar.hooks import install, make_before_send, read_inputs
from litestar_vite.inertia._litestar.response_cache import make_cache_filter, make_cache_key
from litestar_vite.inertia._litestar.route import answer_head, choose_class, page_route_class
from litestar_vite.inertia._litestar.seams import handlers_of, session_cookie_names
from litestar_vite.inertia._litestar.server_errors import remember_exception
from litestar_vite.inertia._litestar.transactions import COMMIT_SETTING, rolls_back_redirects
from litestar_vite.inertia._page.context import CONTEXT_KEY, InertiaContext
from litestar_vite.inertia._protocol.props import Prop
from litestar_vite.inertia._secret import find_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx
    from anyio.from_thread import BlockingPortal
    from litestar import Litestar
    from litestar.config.app import AppConfig
    from litestar.routes import BaseRoute

    from litestar_vite._assets.loader import AssetLoader
    from litestar_vite._ssr.bundle import BundleVersion
    from litestar_vite._ssr.cache import RenderCache
    from litestar_vite._ssr.observe.telemetry import Telemetry
    from litestar_vite._ssr.report import GatewayStats
    from litestar_vite._ssr.upstreams import Upstreams
    from litestar_vite.config import InertiaConfig, ResolvedConfig, SSRConfig
    from litestar_vite.inertia._page.observation import Listener, Tracing

__all__ = ("InertiaPlugin",)

logger = logging.getLogger("litestar_vite.inertia")


@refuses_older_settings
class InertiaPlugin(InitPlugin, ReceiveRoutePlugin):
    """Turns handlers with a `component` into pages. Usually created by VitePlugin.

    Attributes:
        context: The services for requests, also in `app.state`.
        components: The page components that routes name. Render workers are warmed up with them.
        build: The SSR bundle, as it was when the manifest was read; None in development and without SSR.
        upstreams: The app's own render workers, set by VitePlugin before `lifespan`; None for an external server.
    """

    _portal: BlockingPortal | None = None
    """Runs async callables for sync callers in worker threads, from start-up to shutdown."""

    def __init__(self, config: InertiaConfig, resolved: ResolvedConfig, assets: AssetLoader) -> None:
        self.config = config
        self._resolved = resolved
        self.upstreams: Upstreams | None = None
        self.components: set[str] = set()
        self.build = _build(resolved)
        self._configured_ssr = resolved.ssr
        ssr_url: str | None = None
        if resolved.dev_mode and resolved.ssr is not None:
            # The app's dev server reports its address later: see use_render_server.
            ssr_url = f"{origin_of(resolved.dev_server_url)}/__inertia_ssr" if resolved.dev_server_url else None
        elif (
            resolved.ssr is not None and isinstance(resolved.ssr.url, str) and not resolved.ssr.url.startswith("unix:")
        ):
            ssr_url = f"{resolved.ssr.url}/render"
        self.context = InertiaContext(
            config,
            assets,
            assets.shell(config.root_element_id),
            CookieSigner(resolved.secrets),
            resolved.ssr,
            Rendering(ssr_url),
            resolved.root_path,
        )
        self.context.is_development = resolved.dev_mode
        self.context.render = render
        self.context.session_cookies = session_cookie_names
        self._is_observed = False
        self._tracing: Tracing | None = None
        self._listeners: list[Listener] = []
        self._telemetry = _telemetry(resolved.ssr)
        self._exits: dict[HTTPRoute, Any] = {}
        self._page_route = None if resolved.dev_mode else page_route_class(self.context, self._exits)
        self._gives_hints = config.early_hints and not resolved.dev_mode
        if self._gives_hints and self._page_route is not None:
            from litestar_vite.inertia._litestar.early_hints import hinted_route_class

            self._page_route = hinted_route_class(self._page_route)

    def observe(self, listener: Listener | None = None, tracing: Tracing | None = None) -> None:
        """Observe each request, and call a function with the observation when its response starts; before the app is
        made.

        Apps without observers have no overhead. `tracing` makes the spans of pages.
        """
        self._tracing = tracing or self._tracing
        if not self._is_observed:
            self._is_observed = True
            from litestar_vite.inertia._documents.observed_renders import render_observed
            from litestar_vite.inertia._page.observed_props import (
                ObservedEncoding,
                note_share,
                observed_share,
                run_observed,
            )

            context = self.context
            context.make_encoding, context.run_prop, context.render = ObservedEncoding, run_observed, render_observed
            context.note_share = note_share
            shared = context.shares.callables
            shared.update({name: observed_share(name, function) for name, function in shared.items()})
        if listener is not None:
            self._listeners.append(listener)

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Extend the user's settings without replacing any."""
        app_config.state[CONTEXT_KEY] = self.context
        if self._resolved.secret_is_ephemeral:
            self.context.signer = CookieSigner(partial(find_secret, app_config, self._resolved.root))
        app_config.type_encoders = {**self._type_encoders(), **(app_config.type_encoders or {})}
        install_in_app(
            cast("Any", app_config.exception_handlers),
            shows_errors=self.config.error_page is not None or self._resolved.dev_mode,
        )
        app_config.after_exception.append(remember_exception)
        if self._is_observed:
            from litestar_vite.inertia._litestar.observed_requests import keep_exception

            app_config.after_exception.append(keep_exception)
        if app_config.csrf_config is not None:
            app_config.csrf_config = with_inertias_names(app_config.csrf_config)
            self.context.csrf_cookie = app_config.csrf_config.cookie_name
        self._before_send = make_before_send(self.context, has_cors=app_config.cors_config is not None)
        self._last_hooks: list[Any] = [self._before_send]
        if self.config.live is not None:
            from litestar_vite.inertia._live.plugin import LivePlugin

            live = LivePlugin(self.config.live, self.context)
            app_config.plugins.append(live)
            self._last_hooks.insert(0, live.publish_noted)
        app_config.before_send.extend(self._last_hooks)
        cache = app_config.response_cache_config
        cache.key_builder = make_cache_key(cache.key_builder)
        cache.cache_response_filter = make_cache_filter(cache.cache_response_filter)
        return app_config

    @override
    def receive_route(self, route: BaseRoute) -> None:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"}:
                install(handler)
                check_tags(handler.opt, route.path, route.path_parameters)
                note_scriptless(self.context, handler)
                if isinstance(component := handler.opt.get("component"), str):
                    self.components.add(component)
                if self._gives_hints:
                    from litestar_vite.inertia._litestar.early_hints import hint_before

                    hint_before(handler)
        if isinstance(route, HTTPRoute):
            for handler, parameters in handlers_of(route):
                read_inputs(handler, parameters)
            if self._is_observed:
                from litestar_vite.inertia._litestar.observed_requests import time_function

                for handler, _ in handlers_of(route):
                    time_function(handler)
            answer_head(route)
            choose_class(route, self._page_route, is_traced=self._tracing is not None)

    @property
    def _ssr_client(self) -> httpx.AsyncClient | None:
        """The client that all renders share, from start-up to shutdown."""
        return self.context.rendering.client

    def use_workers(self, upstreams: Upstreams) -> None:
        """Render with the app's own workers; called before `lifespan`."""
        self.upstreams = upstreams

    async def use_bundle(self, build: BundleVersion, upstreams: Upstreams, app: Litestar) -> None:
        """Render with the workers of another bundle from now on; called within `lifespan`, in debug mode."""
        self.build, self.upstreams = build, upstreams
        await self._use(self._open(self.context.rendering.url, cache=self._open_cache(app)))

    async def use_render_server(self, url: str | None, unix_path: str | None = None) -> None:
        """Render at this full URL from now on, or in the browser if it is None; called within `lifespan`, by
        development.

        `unix_path` is a socket of the same server.
        """
        await self._use(self._open(url, unix_path=unix_path))

    def use_ssr(self, *, used: bool) -> None:
        """Render on the server as configured, or never; called before `lifespan`. Clears all that was compiled
        before.
        """
        self.context.ssr = self._configured_ssr if used else None
        self._exits.clear()
        self.context.recipes.clear()
        self.context.documents.clear()

    @asynccontextmanager
    async def lifespan(self, app: Litestar) -> AsyncIterator[None]:
        """Open portal and SSR client, and close both at shutdown. VitePlugin's lifespan enters it."""
        from anyio.from_thread import BlockingPortal

        wrap_late_handlers(app)
        # Last, after the hooks of other plugins, so that transactions are committed by the handler's status.
        app.before_send = [*(hook for hook in app.before_send if hook not in self._last_hooks), *self._last_hooks]
        if rolls_back_redirects(app):
            logger.warning(
                "Advanced Alchemy's 'autocommit' rolls back what a form wrote, because forms are answered by a "
                "redirect. Set %s.",
                COMMIT_SETTING,
            )
        portal = BlockingPortal()
        await portal.__aenter__()
        self._portal = portal
        url = self.context.rendering.url
        try:
            await self._use(self._open(url, cache=self._open_cache(app)))
            if self._telemetry is not None:
                self._telemetry.start(self._stats)
            with self._observed(app), self._hinting(app):
                yield
        finally:
            if self._telemetry is not None:
                await self._telemetry.stop()
            self._portal = None
            await self._use(Rendering(url))
            # Not `async with`: the portal's task group would wrap an error of the app's start-up into a group of its
            # own.
            await portal.__aexit__(None, None, None)

    @contextmanager
    def _observed(self, app: Litestar) -> Iterator[None]:
        if not self._is_observed:
            yield
            return
        from litestar_vite._middleware import in_front_of
        from litestar_vite.inertia._litestar.observed_requests import Listeners, ObservedApp

        hook = Listeners(self._listeners)
        app.before_send = [*app.before_send, hook]
        try:
            with in_front_of(app, lambda inner: ObservedApp(inner, self._tracing)):
                yield
        finally:
            app.before_send = [each for each in app.before_send if each is not hook]

    def _hinting(self, app: Litestar) -> AbstractContextManager[object]:
        if not self._gives_hints:
            return nullcontext()
        from litestar_vite._middleware import in_front_of
        from litestar_vite.inertia._litestar.early_hints import EarlyHints

        return in_front_of(app, lambda inner: EarlyHints(inner, self.context.assets))

    def _open(self, url: str | None, *, unix_path: str | None = None, cache: RenderCache | None = None) -> Rendering:
        return open_rendering(
            self.context.ssr, self.upstreams, url, unix_path=unix_path, cache=cache, telemetry=self._telemetry
        )

    async def _use(self, rendering: Rendering) -> None:
        """Render with this from now on, and close what rendered before."""
        last, self.context.rendering = self.context.rendering, rendering
        await last.aclose()

    def _stats(self) -> GatewayStats | None:
        gateway = self.context.rendering.gateway
        return gateway.stats() if gateway is not None else None

    def _open_cache(self, app: Litestar) -> RenderCache | None:
        """Return the cache of rendered pages; None in development, where pages are never cached."""
        ssr, resolved = self.context.ssr, self._resolved
        if ssr is None or resolved.dev_mode or (self.upstreams is None and ssr.url is None):
            return None
        from litestar_vite._ssr.cache import RenderCache

        store = cache_store(app, ssr.cache_store) if ssr.cache_store is not None else None
        build = self.build if self.build is not None and self.build.hash else _build(resolved)
        assert build is not None  # noqa: S101 - `_build` returns None for the cases above
        return RenderCache(build, ssr.cache_mb << 20, store)

    def _type_encoders(self) -> dict[Any, Any]:
        """Encode prop types inside lists as their plain values. Async ones work in worker threads, through the
        portal.
        """
        return {
            DeferredProp: lambda prop: prop.render(self._portal),
            Prop: lambda prop: DeferredProp(**prop.fields()).render(self._portal),
        }

    def __repr__(self) -> str:
        portal = "open" if self._portal is not None else "closed"
        gateway = self.context.rendering.gateway
        return (
            f"<InertiaPlugin portal={portal} ssr_client={self._ssr_client!r} gateway={gateway!r} "
            f"assets={self.context.assets!r}>"
        )


def _build(resolved: ResolvedConfig) -> BundleVersion | None:
    if resolved.ssr is None or resolved.dev_mode:
        return None
    from litestar_vite._ssr.bundle import BundleVersion

    return BundleVersion.of(resolved.ssr_dir, resolved.ssr.bundle, resolved.root)


def _telemetry(ssr: SSRConfig | None) -> Telemetry | None:
    """Return tracing and metrics of renders; None if both are off, so that their packages are not imported."""
    if ssr is None or not (ssr.opentelemetry or ssr.prometheus):
        return None
    from litestar_vite._ssr.observe.telemetry import Telemetry

    return Telemetry(ssr)
