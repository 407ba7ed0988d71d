"""`VitePlugin`, the composition root: creates all components, wires them up, and manages their lifetimes."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from litestar.plugins import CLIPlugin, InitPlugin, ReceiveRoutePlugin
from typing_extensions import override

from litestar_vite._assets.loader import AssetLoader
from litestar_vite._hosts import checked_hosts
from litestar_vite._middleware import in_front_of
from litestar_vite._older_names import refuses_older_settings
from litestar_vite._root_path import under_root_path
from litestar_vite._routes import conflicts_with_assets, is_mounted_over, named_components
from litestar_vite.config import ViteConfig, resolve
from litestar_vite.config._resolve import insight_of
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from litestar import Litestar
    from litestar.config.app import AppConfig
    from litestar.routes import BaseRoute
    from litestar.template import TemplateConfig

    from litestar_vite._development import Development
    from litestar_vite._render_workers import RenderWorkers
    from litestar_vite._spa.document import SPADocument
    from litestar_vite._ssr.workers.settings import Workers
    from litestar_vite.inertia.plugin import InertiaPlugin

__all__ = ("VitePlugin",)

logger = logging.getLogger("litestar_vite")


@refuses_older_settings
class VitePlugin(InitPlugin, CLIPlugin, ReceiveRoutePlugin):
    """Serves a Vite front end, and Inertia pages if `ViteConfig.inertia` is set.

    The build is read when the app is created. The lifespan opens the portal, the SSR client and the render workers, in
    this order, logs one line about them, and closes them in reverse. A component that cannot start is logged and does
    not stop the app: pages are then rendered in the browser.

    Attributes:
        config: The resolved configuration.
        assets: The build.
        inertia: The Inertia adapter; None without `ViteConfig.inertia`.
        development: The Vite dev server and its proxy; None in production.
        spa: The document of a single-page application; None without `ViteConfig.spa`.
        inert: Start no processes and require no build. See `use_inert_mode`.
    """

    def __init__(self, config: ViteConfig | None = None) -> None:
        self.config = resolve(config or ViteConfig(), os.environ, sys.argv)
        self.assets = AssetLoader(self.config)
        self.inertia: InertiaPlugin | None = None
        self._render_workers: RenderWorkers | None = None
        self.inert = False
        if self.config.inertia is not None:
            from litestar_vite.inertia.plugin import InertiaPlugin

            self.inertia = InertiaPlugin(self.config.inertia, self.config, self.assets)
        self.spa: SPADocument | None = None
        if self.config.spa is not None:
            from litestar_vite._spa.document import SPADocument

            self.spa = SPADocument(self.config, self.assets)
        self._serves_assets = (
            not self.config.dev_mode and self.config.asset_url.startswith("/") and self.config.bundle_dir.is_dir()
        )
        self.development: Development | None = None
        if self.config.dev_mode and self.config.dev_server_url is None:
            from litestar_vite._development import Development

            self.development = Development(self.config, self.assets, self.inertia)
        self._observe()
        if self.config.inert:
            self.use_inert_mode()

    @property
    def workers(self) -> Workers | None:
        """The app's render workers while it runs; None without any."""
        return self._render_workers.workers if self._render_workers is not None else None

    def _observe(self) -> None:
        """Choose the observers of requests. Without any, requests are not observed."""
        config, inertia = self.config, self.inertia
        if inertia is None:
            return
        if config.devtools:
            inertia.observe()
        if config.dev_mode:
            from litestar_vite._insight.rounded_integers import RoundedProps

            inertia.observe(RoundedProps())
        if config.server_timing:
            from litestar_vite._insight.server_timing import add_server_timing

            inertia.observe(add_server_timing)
        if inertia.config.opentelemetry or inertia.config.prometheus:
            from litestar_vite._insight.telemetry import PageTelemetry

            telemetry = PageTelemetry(inertia.config, self.assets)
            inertia.observe(telemetry, telemetry.spans)

    def use_inert_mode(self, *, inert: bool = True) -> None:
        """Start no processes and require no build. Without a build, pages contain no asset tags.

        For tests. Call this before the app starts.
        """
        self.inert = inert
        self.assets.show_notice(shown=not inert)
        if self.inertia is not None:
            self.inertia.use_ssr(used=not inert)

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        config = self.config
        _refuse_second(app_config)
        if self.inertia is not None:
            # Litestar is iterating over this list, so it also initialises the plugin appended here.
            app_config.plugins.append(self.inertia)
        if self._serves_assets:
            from litestar_vite._assets.static import create_asset_router
            from litestar_vite._assets.without_cookies import remove_cookies, skip_compression

            skipped: list[str] = []
            if app_config.compression_config is not None:
                app_config.compression_config, key = skip_compression(app_config.compression_config)
                skipped.append(key)
            router = create_asset_router(
                config.asset_url,
                config.bundle_dir,
                app_config.csrf_config,
                # Without Inertia, the built index.html is served as a page.
                document=self.assets.document_path if self.inertia is not None else None,
                service_worker_allowed=config.vite.service_worker_allowed,
                skipped=skipped,
            )
            app_config.route_handlers = [*app_config.route_handlers, router]
            if self.inertia is None:
                app_config.before_send.append(remove_cookies)
        if self.spa is not None:
            from litestar_vite._spa.fallback import document_route

            route = document_route(self.spa, is_private=app_config.csrf_config is not None)
            app_config.route_handlers = [*app_config.route_handlers, route]
        if app_config.template_config is not None:
            self._prepare_templates(app_config.template_config)
        app_config.lifespan.append(self.lifespan)
        return app_config

    def _prepare_templates(self, templates: TemplateConfig[Any]) -> None:
        from litestar_vite._assets.templates import TemplateAssets, register, reload_templates, template_folders

        register(templates.engine_instance, TemplateAssets(self.config, self.assets))
        if self.config.dev_mode:
            reload_templates(templates.engine_instance)
        if self.development is not None:
            self.development.watch_templates(template_folders(templates))

    @asynccontextmanager
    async def lifespan(self, app: Litestar) -> AsyncIterator[None]:
        """Start all components and log their state."""
        if not self.inert:
            await self._report_problems(app)
        async with AsyncExitStack() as stack:
            workers = self._render_workers = self._make_render_workers()
            if self.inertia is not None:
                await stack.enter_async_context(self.inertia.lifespan(app))
                await self._enter_insight(app, stack)
            self._enter_pages(app, stack)
            if self.development is not None and not self.inert:
                await stack.enter_async_context(self.development.lifespan(app))
            if self.config.base.startswith("/") or self.config.root_path:
                stack.enter_context(under_root_path(app, self.config.root_path))
            if self.config.dev_mode and not self.inert:
                from litestar_vite._development import runs_under_pytest

                if not runs_under_pytest():
                    stack.enter_context(checked_hosts(app, self.config.allowed_hosts))
            if workers is not None:
                stack.push_async_callback(workers.stop)
                await workers.start()
            if not self.config.dev_mode and not self.inert:
                await self._watch_build(app, stack)
                self._refresh_files(app, stack)
            logger.info("%r", self)
            yield

    async def _enter_insight(self, app: Litestar, stack: AsyncExitStack) -> None:
        """In development, compare pages with their types, and record requests for the browser's extension."""
        if self.inertia is None or self.inert:
            return
        if self.config.dev_mode:
            from litestar_vite._typegen.startup import typed

            show = self.development.show_problems if self.development is not None else None
            await stack.enter_async_context(typed(app, self.config, self.inertia.context, show))
        if self.config.devtools:
            from litestar_vite._devtools.recording import recorded

            # Behind the dev server's gate: Vite's files are not the app's.
            stack.enter_context(recorded(app, self.inertia.context, self.config.root))

    def _enter_pages(self, app: Litestar, stack: AsyncExitStack) -> None:
        """Answer page requests without a route: with the SPA's document, or in development with what to set."""
        asset_url, spa = self.config.asset_url, self.config.spa
        if spa is not None:
            from litestar_vite._spa.fallback import SPAFallback

            stack.enter_context(in_front_of(app, lambda inner: SPAFallback(inner, app, asset_url, spa.exclude)))
        elif self.config.dev_mode and not self.inert and self.inertia is None and app.template_engine is None:
            from litestar_vite._spa.fallback import UnservedPages

            stack.enter_context(in_front_of(app, lambda inner: UnservedPages(inner, app, asset_url)))

    def _read_build_again(self) -> bool:
        """Use a build that was made since start-up, and return whether it is complete."""
        if not self.assets.read_again():
            return False
        if self.inertia is not None:
            context = self.inertia.context
            context.use_build(self.assets.shell(context.config.root_element_id))
        return True

    async def _report_problems(self, app: Litestar) -> None:
        """Log a missing build, and in development the page components without a file."""
        if self.assets.problem is not None:
            logger.error("%s", self.assets.problem)
        if self.config.dev_mode and self.config.inertia is not None:
            named = list(named_components(app, self.config.inertia))
            from litestar_vite._assets.pages import page_problems

            for found in await to_thread.run_sync(page_problems, self.config.root, named):
                logger.warning("%s %s", found.problem, found.hint)

    @override
    def receive_route(self, route: BaseRoute) -> None:
        """Reject a route that would shadow the built files, and keep sessions away from these.

        Raises:
            ConfigError: The route's path has a parameter directly below `asset_url`.
        """
        asset_url = self.config.asset_url
        is_asset_route = self._serves_assets and _is_asset_route(route)
        if not is_asset_route and (conflicts_with_assets(route.path, asset_url) or is_mounted_over(route, asset_url)):
            raise ConfigError(
                f"The route {route.path!r} and the built files share URLs below {asset_url!r}. "
                "Move the route, or set ViteConfig.asset_url to a separate path, such as '/assets/'."
            )
        handlers: list[Any] = getattr(route, "route_handlers", None) or [getattr(route, "route_handler", None)]
        if is_asset_route or any(getattr(handler, "name", None) == "litestar_vite._spa" for handler in handlers):
            from litestar_vite._assets.without_cookies import skip_sessions

            # The users' middlewares are complete now; plugins may have added some.
            skip_sessions(handlers)

    @override
    @contextmanager
    def server_lifespan(self, app: Litestar) -> Iterator[None]:
        """Wrap `litestar run`. With --reload, the server is a child process, which must exit with this one."""
        if self.development is None or self.inert:
            yield
            return
        from litestar_vite._processes.parent_process import running_command

        with running_command():
            yield

    def _make_render_workers(self) -> RenderWorkers | None:
        """Return the app's render workers; None if SSR is off."""
        ssr, inertia = self.config.ssr, self.inertia
        if ssr is None or inertia is None or self.config.dev_mode or self.inert:
            return None
        from litestar_vite._render_workers import RenderWorkers

        return RenderWorkers(self.config, ssr, inertia)

    def _refresh_files(self, app: Litestar, stack: AsyncExitStack) -> None:
        """Render prerendered pages again when their tags are invalidated."""
        inertia = self.inertia
        if inertia is None or not self.config.prerender_dir.is_dir():
            return
        from litestar_vite._prerender.refresh import PageRefresher

        refresher = PageRefresher(app, self.config.prerender_dir)
        inertia.context.on_invalidate = refresher.invalidated
        refresher.start()
        stack.push_async_callback(refresher.aclose)

    async def _watch_build(self, app: Litestar, stack: AsyncExitStack) -> None:
        """Log builds that are made while the app runs, and use them in debug mode."""
        from litestar_vite._assets.watch import watched_build, watched_file

        read_again = self._read_build_again if app.debug else None
        await stack.enter_async_context(watched_build(self.config.manifest_path, read_again))
        workers = self._render_workers
        if app.debug and workers is not None and workers.workers is not None and workers.bundle is not None:
            use_new_bundle = partial(workers.use_new_bundle, app)
            await stack.enter_async_context(watched_file(workers.bundle, use_new_bundle, settles=True))

    def __repr__(self) -> str:
        # Logged at every start, so it only counts the workers, which have their own repr.
        parts = [
            "development" if self.config.dev_mode else "production",
            *(["inert"] if self.inert else []),
            repr(self.assets),
        ]
        if self.development is not None:
            parts.append(repr(self.development.server))
        if self.workers is not None:
            parts.append(f"render_workers={len(self.workers.upstreams)}")
        if observed := insight_of(self.config):
            parts.append(f"insight={','.join(observed)}")
        return f"<VitePlugin {' '.join(parts)} inertia={'on' if self.inertia is not None else 'off'}>"


def _refuse_second(app_config: AppConfig) -> None:
    """Reject an app with two front ends.

    Raises:
        ConfigError: The app has another VitePlugin.
    """
    roots = [str(plugin.config.root) for plugin in app_config.plugins if isinstance(plugin, VitePlugin)]
    if len(roots) > 1:
        raise ConfigError(
            f"The app has {len(roots)} VitePlugins, for {' and '.join(map(repr, roots))}. An app has one front end: "
            "give each area an entry of its own and a root template (docs/several-front-ends.md), "
            "or make each area an app."
        )


def _is_asset_route(route: BaseRoute) -> bool:
    """Return whether this plugin made a route. An app's static files router with the same path is registered first."""
    from litestar_vite._assets.without_cookies import MARK

    return any(MARK in handler.opt for handler in getattr(route, "route_handlers", ()))
