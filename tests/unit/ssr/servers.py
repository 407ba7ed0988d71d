"""Scripted servers on real sockets, and a pool that is checked for lost slots."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar_vite._net.pool import ConnectionPool, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\nok"


def url_of(peer: Peer) -> str:
    return f"unix:{peer.unix_path}" if peer.unix_path else f"http://127.0.0.1:{peer.port}"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    return head + await reader.readexactly(length)


class Served:
    """The connections of a scripted server: in total, currently open, and the most open at a time."""

    def __init__(self) -> None:
        self.connections = 0
        self.open_connections = 0
        self.most_at_a_time = 0


@asynccontextmanager
async def serving(script: Script, unix_path: Path | None = None, port: int = 0) -> AsyncIterator[tuple[Peer, Served]]:
    """Run `script` for each connection, on a free port unless one is given. It is cancelled at the end."""
    served = Served()
    tasks: set[asyncio.Task[Any]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.append(writer)
        served.connections += 1
        served.open_connections += 1
        served.most_at_a_time = max(served.most_at_a_time, served.open_connections)
        try:
            await script(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            served.open_connections -= 1
            writer.close()

    if unix_path is not None:
        server = await asyncio.start_unix_server(connected, unix_path)
        peer = Peer(unix_path=str(unix_path))
    else:
        server = await asyncio.start_server(connected, "127.0.0.1", port)
        peer = Peer("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield peer, served
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()  # A client that never reads must not keep the server from closing.
        await server.wait_closed()


@asynccontextmanager
async def pool_for(peer: Peer, **options: Any) -> AsyncIterator[ConnectionPool]:
    pool = ConnectionPool(peer, **options)
    try:
        yield pool
    finally:
        await pool.aclose()
        assert pool._open == 0, f"a slot was lost: {pool!r}"


def answering(*replies: bytes, close_after: int | None = None) -> Script:
    """Answer each request with the next reply, and repeat the last one."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(1_000):
            await read_request(reader)
            writer.write(replies[min(number, len(replies) - 1)])
            await writer.drain()
            if close_after is not None and number + 1 >= close_after:
                return

    return script


def reply(body: bytes, status: int = 200, content_type: str = "application/json") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Read everything and answer nothing."""
    await reader.read()


async def turns(number: int) -> None:
    """Run the loop for this number of turns."""
    for _ in range(number):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until the condition is true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
