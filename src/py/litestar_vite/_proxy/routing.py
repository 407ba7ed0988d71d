"""The ASGI app in front of the user's app in development. It decides which requests Vite serves.

How it works:
1. Vite serves everything under its base ("/static/", the URL of the built files), unless the app has a route there.
2. With the base "/", which a Vite config may set, Vite serves only its own special paths and the HMR socket.
3. The decision compares bytes, or matches a pattern for routes with parameters. It neither waits nor asks Vite.
4. With `ViteConfig.root_path`, the base and every path start with it (see `_root_path.py`).
5. When the server shuts down, requests that are still open after a second are cut: a request to a hung Vite, an
   endless stream, a socket. Servers wait for them, some without limit, and a reload is also a shutdown.

The gate itself rejects targets that Vite must not see (another authority, dot segments, the private API paths).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from litestar.types import ASGIApp, Receive, Scope, Send

from litestar_vite._net.connection import Connection
from litestar_vite._net.pool import Peer, Pool
from litestar_vite._proxy.headers import is_safe_target
from litestar_vite._proxy.hints import Hints
from litestar_vite._proxy.http import forward, send_plain
from litestar_vite._proxy.websocket import forward_socket

logger = logging.getLogger("litestar_vite.devserver")

# Paths that Vite generates, and the packages that it serves.
_VITES_OWN: Final = (
    b"/@vite/",
    b"/@id/",
    b"/@fs/",
    b"/@react-refresh",
    b"/__open-in-editor",
    b"/@",
    b"/node_modules/",
    b"/src/",
)

_FORBIDDEN: Final = 403
# Longer than a cold start on a slow machine.
_START_SECONDS: Final = 30.0
# Longer than any module in flight takes. A save with an open stream is delayed by this.
_GRACE_SECONDS: Final = 1.0
# For the response to a request that is cut. A browser that does not read cannot delay the shutdown for longer.
_LAST_WORD_SECONDS: Final = 0.2


class DevGate:
    """An ASGI app around the user's app.

    Attributes:
        upstream: Connections to Vite; None until it is ready.
        base: Vite's base; starts and ends with "/".
    """

    def __init__(self, app: ASGIApp, base: str, route_paths: Iterable[str], root_path: str = "") -> None:
        self._app = app
        self._root_path = root_path
        self._keeps_root_path = False
        self._route_paths = tuple(route_paths)
        self._change = asyncio.Event()
        self._is_lost = False
        self._has_warned = False
        self._hints = Hints()
        self._running: set[asyncio.Task[Any]] = set()
        self._ending: asyncio.TimerHandle | None = None
        self.upstream: Pool[Connection] | None = None
        self.base = b""
        self._prefixes: tuple[bytes, ...] = ()
        self._exact: frozenset[bytes] = frozenset()
        self._pattern: re.Pattern[bytes] | None = None
        self._use_base(base)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if task is None:  # The server calls the app outside of a task, so nothing can be cut.
            await self._answer(scope, receive, send)
            return
        self._running.add(task)
        try:
            await self._answer(scope, receive, send)
        except asyncio.CancelledError:
            if task in self._running:
                raise
            await _last_word(scope, send)
        finally:
            self._running.discard(task)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _raw_path(scope, keeps_root_path=self._keeps_root_path)
        if (path.startswith(self._prefixes) and not self._is_the_apps(path)) or (path == self.base and _is_hmr(scope)):
            self._warn_of_strangers(scope)
            await self._hand_over(path, scope, receive, send)
        elif not path.startswith(b"/") and path != b"*":
            await send_plain(send, 400, b"The request's target is not a path.\n")
        else:
            await self._app(scope, receive, send)

    def _warn_of_strangers(self, scope: Scope) -> None:
        """Log once that another machine reads the project's files."""
        host = (scope.get("client") or ("",))[0]
        if self._has_warned or not host or _is_loopback(host):
            return
        self._has_warned = True
        logger.warning(
            "%s reads this project's files through Vite. In development, anyone who can reach this port can read the "
            "source of the front end, and other files below Vite's root. Listen on 127.0.0.1 unless the network is "
            "yours.",
            host,
        )

    async def use(self, peer: Peer, base: str) -> None:
        """Use this Vite from now on."""
        old, self.upstream = self.upstream, Pool(peer, Connection)
        self._use_base(base)
        self._is_lost = False
        self._announce()
        if old is not None:
            await old.aclose()

    async def lose(self) -> None:
        """Respond to the requests that wait for Vite. Later requests do not wait."""
        self._is_lost = True
        await self._leave()

    def end(self) -> None:
        """Cut all requests that are open after a second, and later ones, since the server is shutting down."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._cut)

    def _cut(self) -> None:
        self._ending = asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._cut)
        # Each request is cut once.
        running, self._running = self._running, set()
        for task in running:
            task.cancel()

    async def aclose(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
        await self._leave()

    async def _leave(self) -> None:
        old, self.upstream = self.upstream, None
        self._announce()
        if old is not None:
            await old.aclose()

    async def _hand_over(self, path: bytes, scope: Any, receive: Receive, send: Send) -> None:
        is_socket = scope["type"] == "websocket"
        if not is_safe_target(path):
            await (_refuse_socket(receive, send) if is_socket else send_plain(send, 404, b"Not found.\n"))
            return
        upstream = self.upstream or await self._wait()
        if upstream is None:
            await (
                _refuse_socket(receive, send)
                if is_socket
                else send_plain(send, 503, b"Vite is not ready yet.\n", (b"retry-after", b"1"))
            )
        else:
            query: bytes = scope["query_string"]
            target = path + b"?" + query if query else path
            if is_socket:
                self._hints.look_at_socket(scope)
                await forward_socket(upstream, target, scope, receive, send)
                return
            if path == self.base:
                self._hints.look_at_request(scope)
            if await forward(upstream, target, scope, receive, send) == _FORBIDDEN:
                self._hints.look_at_refusal(scope)

    async def _wait(self) -> Pool[Connection] | None:
        """Hold a request while Vite starts, so that a page loaded too early works without a reload."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while self.upstream is None and not self._is_lost:
                    await self._change.wait()
        return self.upstream

    def _announce(self) -> None:
        self._change.set()
        self._change.clear()

    def _use_base(self, base: str) -> None:
        self.base = base.encode()
        # A base from the Vite config may be outside the prefix. The paths compared with it then lack the prefix too.
        below = f"{self._root_path}/"
        self._keeps_root_path = bool(self._root_path) and base.startswith(below)
        root = self._root_path if self._keeps_root_path else ""
        self._prefixes = (self.base,) if base != f"{root}/" else tuple(root.encode() + path for path in _VITES_OWN)
        # The routes of `Litestar(path="/shop")` already contain the prefix.
        routes = [path if path.startswith(below) else root + path for path in self._route_paths]
        own = [path for path in routes if (path + "/").startswith(tuple(prefix.decode() for prefix in self._prefixes))]
        self._exact = frozenset(path.encode() for path in own if "{" not in path)
        patterns = [_pattern(path) for path in own if "{" in path]
        self._pattern = re.compile("|".join(patterns).encode()) if patterns else None

    def _is_the_apps(self, path: bytes) -> bool:
        """Return whether the app has a route for the path. Routes take precedence under Vite's base, too."""
        if path.rstrip(b"/") in self._exact:
            return True
        return self._pattern is not None and self._pattern.fullmatch(path.rstrip(b"/")) is not None

    def __repr__(self) -> str:
        return f"<DevGate {self.base.decode()} {self.upstream!r}>"


def _pattern(path: str) -> str:
    """Return the regular expression of a route with parameters: one segment each, and the whole rest for a `path`."""
    segments = (
        ".*" if part.endswith(":path}") else "[^/]+" if part.startswith("{") else re.escape(quote(part))
        for part in path.split("/")
    )
    return "/".join(segments)


def _is_hmr(scope: Any) -> bool:
    """Return whether this is the HMR socket. With the base "/", the app may have a socket there."""
    return scope["type"] == "websocket" and not {"vite-hmr", "vite-ping"}.isdisjoint(scope.get("subprotocols") or ())


def _raw_path(scope: Any, *, keeps_root_path: bool) -> bytes:
    """Return the path of the request line without the query, and without the root path unless the base contains it."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    raw = raw.partition(b"?")[0]
    root: str = scope.get("root_path", "")
    return raw.removeprefix(root.encode()) if root and not keeps_root_path else raw


async def _last_word(scope: Any, send: Send) -> None:
    """Respond to a request that was cut. A response that has started stays incomplete, and the server closes its
    connection.
    """
    with contextlib.suppress(Exception):  # Servers raise various errors for a response that has started.
        async with asyncio.timeout(_LAST_WORD_SECONDS):
            if scope["type"] == "websocket":
                closing: Any = {"type": "websocket.close", "code": 1012, "reason": ""}
                await send(closing)
            else:
                await send_plain(send, 503, b"The server is shutting down.\n", (b"retry-after", b"1"))


async def _refuse_socket(receive: Receive, send: Send) -> None:
    if (await receive())["type"] == "websocket.connect":
        refusal: Any = {"type": "websocket.close", "code": 1013, "reason": ""}
        await send(refusal)


def _is_loopback(host: str) -> bool:
    """Return whether an address belongs to this machine. Some servers pass a name, which counts as local."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return True
