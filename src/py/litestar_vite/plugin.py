"""`VitePlugin`, the composition root: it makes every part, hands each what it needs, and owns their lives."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from litestar.plugins import CLIPlugin, InitPlugin, ReceiveRoutePlugin
from typing_extensions import override

from litestar_vite.assets.loader import AssetLoader
from litestar_vite.config import ViteConfig, resolve
from litestar_vite.exceptions import ConfigError, DevServerError
from litestar_vite.root_path import under_root_path
from litestar_vite.routes import is_among_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from litestar import Litestar
    from litestar.config.app import AppConfig
    from litestar.routes import BaseRoute

    from litestar_vite.development import Development
    from litestar_vite.inertia.plugin import InertiaPlugin
    from litestar_vite.ssr.workers.settings import Workers

__all__ = ("VitePlugin",)

logger = logging.getLogger("litestar_vite")


class VitePlugin(InitPlugin, CLIPlugin, ReceiveRoutePlugin):
    """Serves a Vite front end, and Inertia pages if `ViteConfig.inertia` is set.

    How it starts: assets are read when the app is made; the lifespan opens the portal, the SSR client and the render
    workers, in this order, says what is up in one log line, and closes in reverse. A part that cannot start is logged
    and does not keep the app down: pages are then rendered by the browser.

    Attributes:
        config: What is true for this process.
        assets: The build.
        inertia: The Inertia adapter, None without `ViteConfig.inertia`.
        workers: Our own render workers while the app runs, None without any.
        development: Vite and the way to it, None in production.
        inert: Nothing is started, and a missing build is no problem; see `use_inert_mode`.
    """

    def __init__(self, config: ViteConfig | None = None) -> None:
        self.config = resolve(config or ViteConfig(), os.environ, sys.argv)
        self.assets = AssetLoader(self.config)
        self.inertia: InertiaPlugin | None = None
        self.workers: Workers | None = None
        self.inert = False
        if self.config.inertia is not None:
            from litestar_vite.inertia.plugin import InertiaPlugin

            self.inertia = InertiaPlugin(self.config.inertia, self.config, self.assets)
        self._serves_assets = (
            not self.config.dev_mode and self.config.asset_url.startswith("/") and self.config.bundle_dir.is_dir()
        )
        self.development: Development | None = None
        if self.config.dev_mode and self.config.dev_server_url is None:
            from litestar_vite.development import Development

            self.development = Development(self.config, self.assets, self.inertia)
        if self.config.inert:
            self.use_inert_mode()

    def use_inert_mode(self, *, inert: bool = True) -> None:
        """Start nothing, and take a missing build for granted: pages are served without tags. For tests; call it before
        the app starts.
        """
        self.inert = inert
        self.assets.show_notice(shown=not inert)
        if self.inertia is not None:
            self.inertia.use_ssr(used=not inert)

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        config = self.config
        if self.inertia is not None:
            # Litestar walks this very list, so a plugin that is appended here is initialised in its turn.
            app_config.plugins.append(self.inertia)
        if self._serves_assets:
            from litestar_vite.assets.static import create_asset_router

            app_config.route_handlers = [
                *app_config.route_handlers,
                create_asset_router(config.asset_url, config.bundle_dir, self.assets.manifest, app_config.csrf_config),
            ]
        if self.development is not None:
            self.development.watch_templates(app_config.template_config)
        app_config.lifespan.append(self.lifespan)
        return app_config

    @asynccontextmanager
    async def lifespan(self, app: Litestar) -> AsyncIterator[None]:
        """Start the render workers and say what is up."""
        if self.assets.problem is not None and not self.inert:
            logger.error("%s", self.assets.problem)
        async with AsyncExitStack() as stack:
            workers = self.workers = self._make_workers()
            if self.inertia is not None:
                if workers is not None:
                    self.inertia.use_workers(workers.upstreams)
                await stack.enter_async_context(self.inertia.lifespan(app))
            if self.development is not None and not self.inert:
                await stack.enter_async_context(self.development.lifespan(app))
            if self.config.base.startswith("/") or self.config.root_path:
                stack.enter_context(under_root_path(app, self.config.root_path))
            if workers is not None and self.config.ssr is not None:
                stack.push_async_callback(workers.stop)
                await self._start_workers(workers, self.config.ssr.start_timeout_seconds)
            logger.info("%r", self)
            yield

    @override
    def receive_route(self, route: BaseRoute) -> None:
        """Refuse a route that would take the place of built files.

        Raises:
            ConfigError: Its path begins with a parameter where their names begin.
        """
        asset_url = self.config.asset_url
        is_ours = self._serves_assets and route.path == f"{asset_url}{{file_path:path}}"
        if not is_ours and is_among_files(route.path, asset_url):
            msg = (
                f"The route {route.path!r} and the built files have the same addresses, below {asset_url!r}. "
                "Move the route, or set ViteConfig.asset_url to a path of its own, such as '/assets/'."
            )
            raise ConfigError(msg)

    @override
    @contextmanager
    def server_lifespan(self, app: Litestar) -> Iterator[None]:
        """Around `litestar run`; with --reload the server is another process, which has to end with this one."""
        if self.development is None or self.inert:
            yield
            return
        from litestar_vite.processes.parents import running_command

        with running_command():
            yield

    async def _start_workers(self, workers: Workers, timeout_seconds: float) -> None:
        try:
            if not await workers.start(timeout_seconds):
                logger.error(
                    "No render worker is ready yet, pages are rendered in the browser until one is. See: litestar ssr status"
                )
        except (ConfigError, OSError) as error:  # A disk that is full, a folder that is not ours, or open to others.
            logger.error("No render workers, pages are rendered in the browser: %s", error)  # noqa: TRY400

    def _make_workers(self) -> Workers | None:
        """Return our own render workers, None when there is an external server, no SSR, or nothing to render with."""
        if self.config.ssr is None or self.config.dev_mode or self.inert:
            return None
        from litestar_vite.ssr.workers.settings import make_workers

        ssr = replace(self.config.ssr, node=_runtime(self.config.ssr.node))
        components = sorted(self.inertia.components) if self.inertia is not None else ()
        try:
            return make_workers(ssr, self.config.ssr_dir, self.config.root, components)
        except (ConfigError, OSError) as error:
            logger.error("No server-side rendering, pages are rendered in the browser: %s", error)  # noqa: TRY400
            return None

    def __repr__(self) -> str:
        # It stands in the log of every start, so its parts are counted; they have a repr of their own.
        parts = [
            "development" if self.config.dev_mode else "production",
            *(["inert"] if self.inert else []),
            repr(self.assets),
        ]
        if self.development is not None:
            parts.append(repr(self.development.server))
        if self.workers is not None:
            parts.append(f"render_workers={len(self.workers.upstreams)}")
        return f"<VitePlugin {' '.join(parts)} inertia={'on' if self.inertia is not None else 'off'}>"


def _runtime(name: str) -> str:
    """Return the program of a runtime: in PATH, or Node from the extra `litestar-vite[node]`."""
    from litestar_vite.toolchain.runtime import find_runtime

    try:
        return find_runtime(name).path
    except DevServerError:
        return name  # The workers say that it is missing, and try again.
