"""The app's render workers, from start-up to shutdown. In debug mode, a later SSR build replaces them.

How a later bundle is used:
1. Its workers start beside those of the last one, and have to be ready. A bundle that cannot render changes nothing.
2. The client, the gateway, the cache and the quarantine are replaced together, so that no page of the last bundle is
   served from then on.
3. The last workers end.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from anyio import to_thread

from litestar_vite._ssr.bundle import BundleVersion, find_bundle
from litestar_vite._ssr.workers.settings import make_workers
from litestar_vite._toolchain.runtime import find_runtime
from litestar_vite.exceptions import ConfigError, DevServerError

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

    from litestar_vite._ssr.workers.settings import Workers
    from litestar_vite.config import ResolvedConfig, SSRConfig
    from litestar_vite.inertia.plugin import InertiaPlugin


logger = logging.getLogger("litestar_vite")


class RenderWorkers:
    """The render workers of one app.

    Attributes:
        workers: The current ones; None if a render server is used, or without a bundle.
        bundle: The SSR bundle; None if the app has none.
    """

    def __init__(self, config: ResolvedConfig, ssr: SSRConfig, inertia: InertiaPlugin) -> None:
        """Choose the workers, without starting them."""
        self._config = config
        self._ssr = replace(ssr, node=_runtime(ssr.node))
        self._inertia = inertia
        self.bundle: Path | None = None
        self.workers: Workers | None = None
        try:
            self.workers = self._make(inertia.build)
            self.bundle = find_bundle(config.ssr_dir, ssr.bundle, config.root)
        except (ConfigError, OSError) as error:
            # An app that uses the workers of another process may have no bundle.
            if self.workers is None and ssr.url is None:
                logger.error(  # noqa: TRY400
                    "Server-side rendering is off. Pages are rendered in the browser: %s", error
                )
        if self.workers is not None:
            inertia.use_workers(self.workers.upstreams)

    async def start(self) -> None:
        """Start the workers. Without them, pages are rendered in the browser."""
        if self.workers is None:
            return
        try:
            if not await self.workers.start(self._ssr.start_timeout_seconds):
                logger.error(
                    "No render worker is ready yet. Pages are rendered in the browser until one is. "
                    "See: litestar ssr status"
                )
        except (ConfigError, OSError) as error:  # A full disk, or a folder with the wrong owner or permissions.
            logger.error("Render workers cannot start. Pages are rendered in the browser: %s", error)  # noqa: TRY400

    async def stop(self) -> None:
        if self.workers is not None:
            await self.workers.stop()

    async def use_new_bundle(self, app: Litestar) -> None:
        """Render with the bundle that was built since start-up, if it differs and its workers become ready."""
        last, build = self.workers, await to_thread.run_sync(BundleVersion, self.bundle)
        known = self._inertia.build
        if last is None or not build.hash or (known is not None and known.hash == build.hash):
            return
        workers = self._make(build)
        if workers is None:
            return
        try:
            is_ready = await workers.start(self._ssr.start_timeout_seconds)
            if is_ready:
                await self._inertia.use_bundle(build, workers.upstreams, app)
                self.workers = workers
        finally:
            # Also when the app ends meanwhile: `stop` ends the others.
            await (last if self.workers is workers else workers).stop()
        if is_ready:
            logger.info("The SSR bundle was built again; pages are rendered with '%s'.", self.bundle)
        else:
            logger.warning(
                "The SSR bundle '%s' was built again, but its render workers do not start. Pages are rendered with the "
                "bundle that existed before.",
                self.bundle,
            )

    def _make(self, build: BundleVersion | None) -> Workers | None:
        components = sorted(self._inertia.components)
        return make_workers(self._ssr, self._config.ssr_dir, self._config.root, components, build)

    def __repr__(self) -> str:
        return f"<RenderWorkers {self.workers!r} of {self.bundle}>"


def _runtime(name: str) -> str:
    """Return the path of a JavaScript runtime: in PATH, or Node from the extra `litestar-vite[node]`."""
    try:
        return find_runtime(name).path
    except DevServerError:
        return name  # The workers log that it is missing, and retry.
