"""The gate of an app on a real uvicorn, and a scripted upstream that records its requests."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import pytest
import uvicorn
from litestar import Litestar, Request, Response, asgi, get
from litestar.params import FromPath
from litestar.types import Receive, Scope, Send

from litestar_vite._net.pool import Peer
from litestar_vite._proxy.routing import DevGate
from litestar_vite._root_path import UnderRootPath
from litestar_vite._routes import route_paths

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Script = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

DEADLINE_SECONDS = 30.0


@get("/")
async def home() -> str:
    return "home"


@get("/static/mine")
async def mine() -> str:
    return "the app's"


@get("/static/users/{user:str}")
async def user(user: FromPath[str]) -> str:
    return f"the app's {user}"


@get("/static/{year:int}/report")
async def report(year: FromPath[int]) -> str:
    return f"the app's report of {year}"


@asgi("/static/docs", is_mount=True, copy_scope=True)
async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
    await Response("the app's mount").to_asgi_response(app=None, request=Request(scope))(scope, receive, send)


async def say_hello(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 5\r\n\r\nhello")


class Site:
    """A server with the gate, and its upstream, on an event loop in a separate thread.

    Attributes:
        heads: The request heads that reached the upstream.
        script: Handles a request at the upstream.
        closed: The number of connections that have ended at the upstream.
    """

    def __init__(
        self,
        http: str,
        ws: str,
        *,
        base: str = "/static/",
        root_path: str = "",
        server_root_path: str = "",
        grace: int | None = 2,
    ) -> None:
        self.heads: list[bytes] = []
        self.closed = 0
        self._serving: list[asyncio.Task[None]] = []
        self.connections = 0
        self.script: Script = say_hello
        self._base, self._root_path = base, root_path
        self._options: dict[str, Any] = {
            "http": http,
            "ws": ws,
            "root_path": server_root_path,
            "timeout_graceful_shutdown": grace,
        }
        self._ready = threading.Event()
        # A daemon, so that a failing test with a busy server does not hang the whole run.
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.port = 0
        self.gate: DevGate | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(DEADLINE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(DEADLINE_SECONDS)
        assert not self._thread.is_alive()

    def end(self) -> None:
        """Shut down the gate and the server, as a signal does."""
        assert self.gate is not None
        self._loop.call_soon_threadsafe(self.gate.end)
        self._loop.call_soon_threadsafe(self._stop)

    def raw(self, request: bytes) -> bytes:
        """Send bytes, and return everything received until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_SECONDS) as connection:
            connection.sendall(request)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while data := connection.recv(65536):
                    answer += data
        return answer

    def ask(self, target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b"") -> bytes:
        lines = [method + b" " + target + b" HTTP/1.1", b"Host: app.test", b"Connection: close", *headers]
        return self.raw(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        upstream = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 24)
        # The lifespan is not tested. The exception handler is Litestar's default.
        app = Litestar([home, mine, user, report, mounted], openapi_config=None, logging_config=None)
        gate = self.gate = DevGate(app.asgi_handler, self._base, route_paths(app), self._root_path)
        app.asgi_handler = UnderRootPath(gate, self._root_path) if self._root_path else gate
        await gate.use(Peer("127.0.0.1", upstream.sockets[0].getsockname()[1]), self._base)
        config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", **self._options)
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # Signals belong to pytest's main thread.
        self._stop = lambda: setattr(server, "should_exit", True)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        self.port = server.servers[0].sockets[0].getsockname()[1]
        self._ready.set()
        await serving
        await gate.aclose()
        upstream.close()
        await upstream.wait_closed()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.append(asyncio.get_running_loop().create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head)
                await self.script(head, reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.closed += 1
            writer.close()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"timed out waiting for {what}"
            time.sleep(0.01)


@pytest.fixture(params=["h11", "httptools"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(request.param, "websockets-sansio") as site:
        yield site


@pytest.fixture
def one_site() -> Iterator[Site]:
    """A site with one HTTP parser, for tests that do not depend on the parser."""
    with Site("httptools", "websockets-sansio") as site:
        yield site
