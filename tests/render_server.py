"""A render server for tests: real sockets, a response that the test chooses, and a record of the requests."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = Callable[[dict[str, Any]], Awaitable[Any]]


async def echo(page: dict[str, Any]) -> Any:
    """Render a page as the official server does: head strings, and a body with the page script and element."""
    script = json.dumps(page).replace("<", "\\u003c")
    body = f'<script data-page="app" type="application/json">{script}</script><div id="app"><h1>SSR {page["component"]}</h1></div>'
    return {"head": [f"<title>{page['component']}</title>"], "body": body}


class RenderServer:
    """Implements the official render protocol on 127.0.0.1.

    Attributes:
        answer: Returns the JSON of the response for a page; a coroutine function.
        status: The status line of the response.
        pages: The requested pages.
        connections: Number of connections so far.
        open_connections: Number of connections that are open.
    """

    def __init__(self, answer: Answer = echo) -> None:
        self.answer = answer
        self.status = b"200 OK"
        self.pages: list[dict[str, Any]] = []
        self.targets: list[str] = []
        self.connections = 0
        self.open_connections = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_connections += 1
        try:
            while True:
                await self._serve_one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open_connections -= 1
            self._tasks.discard(task)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.targets.append(head.split(" ", 2)[1])
        length = next(
            int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")
        )
        page = json.loads(await reader.readexactly(length))
        self.pages.append(page)
        body = json.dumps(await self.answer(page)).encode()
        writer.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (self.status, len(body))
            + body
        )
        await writer.drain()
