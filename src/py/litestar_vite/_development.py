"""The development side of an app: the Vite dev server, the proxy, and how pages and renders use them.

How it works:
1. The lifespan finds or starts Vite; the app does not wait for it. Inert apps, apps under pytest and CLI commands start
   nothing (docs/design/0024-rooms.md).
2. DevGate wraps the app and proxies Vite's requests.
3. When Vite is ready, or ready again at another address, the gate and the renders use it. After a reload of the server
   the open pages reload.
4. Pages whose props do not have their types are reported to Vite, and the open pages show them.
5. When the server ends, by a signal or because its reloader is gone, open requests get a second; then the gate cuts
   them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from contextlib import asynccontextmanager
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from anyio import to_thread

from litestar_vite._assets.dev import Transformed
from litestar_vite._devserver.process import DevServer
from litestar_vite._middleware import in_front_of
from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._processes.parent_process import follow_parents
from litestar_vite._processes.shutdown import on_shutdown_signal
from litestar_vite._proxy.routing import DevGate
from litestar_vite._routes import route_paths

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from litestar import Litestar

    from litestar_vite._assets.loader import AssetLoader
    from litestar_vite._devserver.state import DevState
    from litestar_vite.config import ResolvedConfig
    from litestar_vite.inertia.plugin import InertiaPlugin


# The pytest plugin writes the id of its process here. Apps in that process serve test clients and need no Vite. A
# server that a test starts is another process.
_PYTEST: Final = "LITESTAR_VITE_PYTEST"
_OK: Final = 200
_SAME: Final = 204

logger = logging.getLogger("litestar_vite.devserver")


def runs_under_pytest() -> bool:
    """Return whether pytest runs in this process. Its test clients need no Vite."""
    return os.environ.get(_PYTEST) == str(os.getpid())


class Development:
    """Connects the app and Vite while a server runs.

    Attributes:
        server: The app's Vite; None while no server runs.
        gate: The proxy; None while no server runs.
    """

    def __init__(self, config: ResolvedConfig, assets: AssetLoader, inertia: InertiaPlugin | None) -> None:
        self._config = config
        self._assets = assets
        self._inertia = inertia
        self._templates: list[str | PathLike[str]] = []
        self.server: DevServer | None = None
        self.gate: DevGate | None = None
        self._problems: dict[str, list[str]] = {}
        self._sending: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def lifespan(self, app: Litestar) -> AsyncIterator[None]:
        """Serve through Vite until the app ends."""
        if runs_under_pytest():
            yield
            return
        config = self._config
        server = self.server = DevServer(
            config.root,
            base=config.dev_base,
            root_path=config.root_path,
            watch=self._watched(),
            csp_nonce=config.vite.csp_nonce is not None,
            runtime=config.runtime,
            on_ready=self._use,
            on_lost=self._lose,
        )
        if (dev := self._assets.dev) is not None:
            dev.expect()
            dev.output = lambda: server.output
        parents = asyncio.create_task(follow_parents(), name="litestar-vite-parents")
        paths = route_paths(app)
        # The outermost: modules need none of the app's middleware, and a page may load hundreds of them.
        with in_front_of(app, lambda inner: DevGate(inner, config.dev_base, paths, config.root_path)) as gate:
            self.gate = gate
            try:
                with on_shutdown_signal(gate.end):
                    await server.start()
                    await self._load_rendering()
                    if server.was_found:
                        # After a reload, the reloader's socket already listens, and the server answers as soon
                        # as this returns.
                        await self.reload_pages()
                    yield
            finally:
                parents.cancel()
                if self._sending is not None:
                    self._sending.cancel()
                await server.stop()
                await gate.aclose()
                self.server = self.gate = None

    def watch_templates(self, folders: Sequence[str | PathLike[str]]) -> None:
        """Reload pages when one of the app's templates changes; called before start-up."""
        self._templates = list(folders)

    def _watched(self) -> list[str]:
        """Return the folders of files that change pages but are not modules."""
        paths = [self._config.root / path for path in self._config.vite.reload_paths]
        return [str(path) for path in (*paths, *(Path(folder).resolve() for folder in self._templates))]

    async def _use(self, state: DevState) -> None:
        """Vite is ready."""
        logger.info("Vite is ready: %s%s, proxied under %s", state.url, state.base, state.base)
        if self.gate is not None:
            await self.gate.use(state.peer, state.base)
        if self._assets.dev is not None:
            self._assets.dev.ready(self._transform, state.origins, state.base)
        self._send_problems()
        inertia = self._inertia
        if inertia is not None and self._config.ssr is not None:
            await self._load_rendering()
            await inertia.use_render_server(f"{state.url}/__inertia_ssr" if state.ssr else None, state.socket)
            if not state.ssr:
                logger.warning(
                    "Pages are rendered in the browser: add inertia() of '@inertiajs/vite' to the plugins in "
                    "vite.config."
                )

    async def _load_rendering(self) -> None:
        """Import the render client while Vite starts: it takes a quarter of a second, in which a loop under load would
        stand still.
        """
        if self._inertia is not None and self._config.ssr is not None:
            for name in ("litestar_vite._ssr.client", "litestar_vite._ssr.gateway"):
                await to_thread.run_sync(import_module, name)

    async def _lose(self, problem: str) -> None:
        """Vite has ended, or did not start."""
        if self.gate is not None:
            await self.gate.lose()
        if self._assets.dev is not None:
            self._assets.dev.lost(problem)
        if self._inertia is not None and self._config.ssr is not None:
            await self._inertia.use_render_server(None)

    async def _transform(self, source: bytes, etag: str) -> Transformed | None:
        """Let Vite transform index.html."""
        if self.server is None:
            return None
        try:
            reply = await self.server.call(f"shell?{etag}", source)
        except ConnectionFailed:
            return None
        if reply.status == _SAME:
            return Transformed(None, etag)
        if reply.status != _OK:
            return None
        return Transformed(reply.body, next((value.decode() for name, value in reply.headers if name == b"etag"), ""))

    async def reload_pages(self) -> None:
        """Reload the open pages after the server's code has changed."""
        if self.server is not None:
            with contextlib.suppress(ConnectionFailed, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.server.call("reload")

    def show_problems(self, component: str, lines: list[str]) -> None:
        """Show lines about a component in the open pages; none when its problems are gone. Called on the event loop."""
        if self.server is not None:
            self._problems[component] = lines
            self._send_problems()

    def _send_problems(self) -> None:
        if self._problems and (self._sending is None or self._sending.done()):
            self._sending = asyncio.create_task(self._sent_problems(), name="litestar-vite-problems")

    async def _sent_problems(self) -> None:
        """Send the problems until none is left. Those that Vite does not receive wait until it is ready again."""
        while self._problems and self.server is not None:
            problems, self._problems = self._problems, {}
            try:
                async with asyncio.timeout(1.0):
                    await self.server.call("problems", msgspec.json.encode(problems))
            except (ConnectionFailed, TimeoutError):
                self._problems = {**problems, **self._problems}
                return

    def __repr__(self) -> str:
        return f"<Development {self.server!r} {self.gate!r}>"
