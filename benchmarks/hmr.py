"""A minimal HMR client: the part of Vite's WebSocket client that benchmarks need."""

import asyncio
import base64
import json
import os
import re
import time
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import urlopen

from litestar_vite._net.frames import TEXT, FrameReader, write_frame


class HmrSocket:
    """An open socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._frames = FrameReader()

    @classmethod
    async def open(cls, url: str, base: str = "/static/") -> Self:
        """Connect like a page at this URL, with the token in Vite's client script."""
        address = urlsplit(url)
        script = await asyncio.to_thread(lambda: urlopen(f"{url}{base}@vite/client", timeout=30).read().decode())
        token = re.search(r'wsToken = "([^"]+)"', script)
        assert token, "Vite's client holds no token"
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {base}?token={token[1]} HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {url}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: vite-hmr\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        socket = cls(reader, writer)
        while (await socket.receive()).get("event") != "litestar:hello":
            pass
        return socket

    async def receive(self) -> dict[str, Any]:
        while True:
            for frame in self._frames.frames():
                message: dict[str, Any] = json.loads(frame.payload)
                return message
            data = await self._reader.read(65536)
            assert data, "the socket was closed"
            self._frames.feed(data)

    async def round_trip(self) -> float:
        """Send an event that the litestar() plugin replies to, and return the seconds until the reply."""
        event = json.dumps({"type": "custom", "event": "litestar:resume", "data": {"seen": None}}).encode()
        started = time.perf_counter()
        self._writer.writelines(write_frame(TEXT, event))
        while (await self.receive()).get("type") != "full-reload":
            pass
        return time.perf_counter() - started

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
