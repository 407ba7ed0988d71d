"""A proxy that publishes a server under a path prefix, as nginx does, for HTTP and WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Self


class PrefixProxy:
    """Forwards requests below the prefix to a server on 127.0.0.1. Other paths belong to another app, and get a 404.

    Attributes:
        port: The port that it listens on.
    """

    def __init__(self, upstream_port: int, prefix: str, *, strips: bool) -> None:
        self._upstream_port = upstream_port
        self._prefix = prefix.encode()
        self._strips = strips
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._serve(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
            line, *fields = head.split(b"\r\n")
            method, target, version = line.split(b" ")
            if not target.startswith(self._prefix + b"/"):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                return
            target = target.removeprefix(self._prefix) if self._strips else target
            # One request per connection, so that the proxy reads only one head.
            if b"upgrade:" not in head.lower():
                fields = [field for field in fields if not field.lower().startswith(b"connection:")] + [
                    b"Connection: close"
                ]
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
            with contextlib.closing(upstream_writer):
                upstream_writer.write(b"\r\n".join([b" ".join([method, target, version]), *fields]) + b"\r\n\r\n")
                pumps = [
                    asyncio.create_task(_pump(reader, upstream_writer)),
                    asyncio.create_task(_pump(upstream_reader, writer)),
                ]
                try:
                    await pumps[1]
                finally:
                    for pump in pumps:
                        pump.cancel()
                    await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
