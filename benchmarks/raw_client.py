"""The floor of every hop: a hand-written asyncio.Protocol on one keep-alive connection, for requests of known length,
without checks.

It finds the end of the head, reads the length, joins the body, and decodes head and body, since a document consists of
bytes and not of JSON. This is the minimum for any client on this loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from benchmarks.render_server import content_length

__all__ = ["RawConnection"]


class _Page(msgspec.Struct):
    head: list[str]
    body: str


_decode = msgspec.json.Decoder(_Page).decode


class RawConnection(asyncio.Protocol):
    """A connection. `post()` sends `page_json` and returns the response's body."""

    def __init__(self, host: str, page_json: bytes) -> None:
        self._host = host
        self.page_json = page_json
        self._answer: asyncio.Future[bytes] | None = None
        self._pieces: list[bytes] = []
        self._missing = -1

    @classmethod
    async def open(cls, base_url: str, page_json: bytes, unix_path: str | None = None) -> "RawConnection":
        loop = asyncio.get_running_loop()
        address = urlsplit(base_url)
        if unix_path is not None:
            _, connection = await loop.create_unix_connection(lambda: cls("localhost", page_json), unix_path)
        else:
            _, connection = await loop.create_connection(
                lambda: cls(address.netloc, page_json), address.hostname, address.port
            )
        return connection

    @property
    def page_json(self) -> bytes:
        return self._page_json

    @page_json.setter
    def page_json(self, page_json: bytes) -> None:
        self._page_json = page_json
        head = (
            f"POST /render HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(page_json)}\r\n\r\n"
        )
        self._request = head.encode() + page_json

    async def post(self) -> bytes:
        """Send the page and return the response's raw body."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(self._request)
        return await self._answer

    async def render(self) -> tuple[bytes, bytes]:
        """Send the page and return head and body."""
        page = _decode(await self.post())
        return "\n".join(page.head).encode(), page.body.encode()

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            head, found, rest = data.partition(b"\r\n\r\n")
            assert found, "the head did not come in one piece"
            self._missing, data = content_length(head + found), rest
        self._pieces.append(data)
        self._missing -= len(data)
        if self._missing == 0:
            self._missing = -1
            body, self._pieces = b"".join(self._pieces), []
            assert self._answer
            self._answer.set_result(body)


Post = Callable[[], Awaitable[Any]]
