"""`VitePlugin`, the composition root: it makes every part, hands each what it needs, and owns their lives."""

from __future__ import annotations

import logging
import os
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from litestar.plugins import InitPlugin
from typing_extensions import override

from litestar_vite.assets.loader import AssetLoader
from litestar_vite.config import ViteConfig, resolve
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Litestar
    from litestar.config.app import AppConfig

    from litestar_vite.inertia.plugin import InertiaPlugin
    from litestar_vite.ssr.worker import RenderWorker

__all__ = ("VitePlugin",)

logger = logging.getLogger("litestar_vite")


class VitePlugin(InitPlugin):
    """Serves a Vite front end, and Inertia pages if `ViteConfig.inertia` is set.

    How it starts: assets are read when the app is made; the lifespan opens the portal, the SSR client and the render worker, in this order,
    says where everything is in one log line, and closes in reverse. A part that cannot start is logged and does not keep the app down:
    pages are then rendered by the browser.

    Attributes:
        config: What is true for this process.
        assets: The build.
        inertia: The Inertia adapter, None without `ViteConfig.inertia`.
        worker: Our own render worker while the app runs, None without one.
        inert: Nothing is started, and a missing build is no problem; see `use_inert_mode`.
    """

    def __init__(self, config: ViteConfig | None = None) -> None:
        self.config = resolve(config or ViteConfig(), os.environ)
        self.assets = AssetLoader(self.config)
        self.inertia: InertiaPlugin | None = None
        self.worker: RenderWorker | None = None
        self.inert = False
        if self.config.inertia is not None:
            from litestar_vite.inertia.plugin import InertiaPlugin

            self.inertia = InertiaPlugin(self.config.inertia, self.config, self.assets)
        if self.config.inert:
            self.use_inert_mode()

    def use_inert_mode(self, *, inert: bool = True) -> None:
        """Start nothing, and take a missing build for granted: pages are served without tags. For tests; call it before the app starts."""
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
        if not config.dev_mode and config.asset_url.startswith("/") and config.bundle_dir.is_dir():
            from litestar_vite.assets.static import create_asset_router

            app_config.route_handlers = [
                *app_config.route_handlers,
                create_asset_router(config.asset_url, config.bundle_dir),
            ]
        app_config.lifespan.append(self.lifespan)
        return app_config

    @asynccontextmanager
    async def lifespan(self, app: Litestar) -> AsyncIterator[None]:
        """Start the render worker and say what is up."""
        if self.assets.problem is not None and not self.inert:
            logger.error("%s", self.assets.problem)
        async with AsyncExitStack() as stack:
            worker = self.worker = self._make_worker()
            if self.inertia is not None:
                if worker is not None:
                    self.inertia.use_worker(worker.url, worker.unix_path)
                await stack.enter_async_context(self.inertia.lifespan(app))
            if worker is not None and self.config.ssr is not None:
                stack.push_async_callback(worker.stop)
                if not await worker.start(self.config.ssr.start_timeout_seconds):
                    logger.error("The render worker is not ready yet, pages are rendered in the browser until it is: %r", worker)
            logger.info("%r", self)
            yield

    def _make_worker(self) -> RenderWorker | None:
        """Return our own render worker, None when there is an external server, no SSR, or nothing to render with."""
        ssr = self.config.ssr
        if ssr is None or ssr.url is not None or self.config.dev_mode or self.inert:
            return None
        from litestar_vite.ssr.worker import RenderWorker, find_bundle

        try:
            return RenderWorker(ssr.node, find_bundle(self.config.ssr_dir, ssr.bundle, self.config.root))
        except ConfigError as error:
            logger.error("No server-side rendering, pages are rendered in the browser: %s", error)  # noqa: TRY400
            return None

    def __repr__(self) -> str:
        return f"<VitePlugin assets={self.assets!r} worker={self.worker!r} inertia={self.inertia!r}>"
