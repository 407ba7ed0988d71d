"""Connections to Vite: HTTP/1.1, streamed in both directions, over asyncio and llhttp (httptools).

How it works:
1. `Upstream.open` gives an idle connection or a new one. There is no limit: every request from a browser has its own
   connection anyway.
2. `UpstreamConnection.send` writes, and waits while Vite reads slowly. `head` and `read` wait for the answer.
3. The answer is buffered up to 256 KiB; beyond that we stop reading from Vite until the browser has taken some.
4. A connection goes back only after a whole request and a whole answer, on a connection that stays open.

It differs from pool.py in what it is for: answers of any length, passed on as they come, and no queue.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import httptools
from typing_extensions import override

from litestar_vite.net.failures import ConnectionFailed

if TYPE_CHECKING:
    from litestar_vite.net.pool import Peer

__all__ = ("Upstream", "UpstreamConnection")

# Node closes idle connections after 5 s.
_KEEPALIVE_SECONDS: Final = 4.0
_MAX_IDLE: Final = 64
_HIGH_WATER_BYTES: Final = 256 * 1024
_LOW_WATER_BYTES: Final = 64 * 1024


class Upstream:
    """Connections to one Vite."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._idle: list[UpstreamConnection] = []
        self._closed = False

    async def open(self, *, fresh: bool = False) -> UpstreamConnection:
        """Return a connection; `fresh` asks for one that was never used.

        Raises:
            ConnectionFailed: Vite does not listen.
        """
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.is_alive():
                return connection
            connection.abort()
        loop = asyncio.get_running_loop()
        peer = self.peer
        try:
            if peer.unix_path is not None:
                _, connection = await loop.create_unix_connection(UpstreamConnection, peer.unix_path)
            else:
                _, connection = await loop.create_connection(UpstreamConnection, peer.host, peer.port)
        except OSError as error:
            msg = f"cannot connect to Vite at {peer}: {error.strerror or error}"
            raise ConnectionFailed(msg) from error
        return connection

    def give_back(self, connection: UpstreamConnection) -> None:
        """Keep a connection for the next request, if it is fit for one."""
        if self._closed or not connection.is_reusable or len(self._idle) >= _MAX_IDLE:
            connection.abort()
        else:
            connection.rest()
            self._idle.append(connection)

    async def aclose(self) -> None:
        """Close the idle connections; busy ones close when their request ends."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()
        # One turn of the loop lets transports report that they are closed.
        await asyncio.sleep(0)

    def __repr__(self) -> str:
        return f"<Upstream {self.peer} idle={len(self._idle)}>"


class UpstreamConnection(asyncio.Protocol):
    """One connection, one exchange at a time. Also receives llhttp's callbacks.

    Attributes:
        status: Of the answer, once `head` has returned.
        headers: Of the answer, names in lower case.
        is_complete: The whole answer has come.
        is_reusable: The exchange is over and the connection stays open.
        was_used: It has carried an exchange before.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._body: list[bytes] = []
        self._buffered = 0
        self._has_head = False
        self._error: Exception | None = None
        self._is_head_request = False
        self._idle_since = 0.0
        self._reading_paused = False
        self._writing_paused = False
        self._has_bytes = False
        self._has_surplus = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_complete = False
        self.is_reusable = False
        self.was_used = False

    @property
    def has_died_unread(self) -> bool:
        """It broke before any byte of the answer."""
        return self._error is not None and not self._has_bytes

    def is_alive(self) -> bool:
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        return asyncio.get_running_loop().time() - self._idle_since < _KEEPALIVE_SECONDS

    def begin(self, head: bytes, *, is_head_request: bool) -> None:
        """Write the head of a request."""
        self._parser = httptools.HttpResponseParser(self)
        self._body, self._buffered = [], 0
        self.headers, self.status = [], 0
        self._has_head = self.is_complete = self.is_reusable = self._has_bytes = self._has_surplus = False
        self._is_head_request = is_head_request
        if self._transport is None or self._transport.is_closing():
            self._fail("the connection to Vite was closed")
            return
        self._transport.write(head)

    async def send(self, data: bytes) -> None:
        """Write a piece of the request's body, and wait while too much is under way.

        Raises:
            ConnectionFailed: The connection broke.
        """
        if self._error is not None or self._transport is None:
            raise ConnectionFailed(str(self._error or "the connection to Vite was closed"))
        self._transport.write(data)
        if self._writing_paused:
            self._drained = asyncio.get_running_loop().create_future()
            try:
                await self._drained
            finally:
                self._drained = None

    async def head(self) -> None:
        """Wait for status and headers.

        Raises:
            ConnectionFailed: Vite closed the connection, or does not speak HTTP.
        """
        while not self._has_head:
            await self._wait()

    async def read(self) -> bytes:
        """Return the next piece of the body, b"" at its end.

        Raises:
            ConnectionFailed: The answer broke off.
        """
        while not self._body:
            if self.is_complete:
                return b""
            await self._wait()
        data = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body, self._buffered = [], 0
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    def abort(self) -> None:
        """Close at once, and let whoever waits fail."""
        self._fail("the request was given up")

    def rest(self) -> None:
        """Become idle."""
        self.was_used = True
        self._idle_since = asyncio.get_running_loop().time()

    async def _wait(self) -> None:
        if self._error is not None:
            raise ConnectionFailed(str(self._error)) from self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, why: str) -> None:
        self.is_reusable = False
        if self._error is None:
            self._error = ConnectionFailed(why)
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        self._wake()
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ConnectionFailed(why))

    # asyncio's callbacks.

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._idle_since = asyncio.get_running_loop().time()

    @override
    def data_received(self, data: bytes) -> None:
        if self.is_complete or self._error is not None:
            # Bytes that nobody asked for: the peer is out of step, do not trust it again.
            self._fail("Vite sent more than one answer")
            return
        self._has_bytes = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.is_complete:
                self._fail(f"the answer is not HTTP: {error}")
                return
        if self._buffered > _HIGH_WATER_BYTES and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()
        self._wake()

    @override
    def eof_received(self) -> bool:
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._has_head and not self.is_complete and not self._has_length:
            # An answer without a length ends with its connection.
            self.is_complete = True
            self._wake()
        elif not self.is_complete:
            self._fail("Vite closed the connection")
        else:
            self._fail("closed")

    @override
    def pause_writing(self) -> None:
        self._writing_paused = True

    @override
    def resume_writing(self) -> None:
        self._writing_paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # llhttp's callbacks. What comes behind the answer belongs to nobody: it is dropped, and the connection with it.

    def on_message_begin(self) -> None:
        if self.is_complete:
            self._has_surplus = True
            self.is_reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_surplus:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self._has_surplus:  # noqa: PLR2004 - informational, the answer follows
            return
        self.status = status
        self._has_head = True
        if self._is_head_request:
            # llhttp cannot be told that no body follows; the connection is not used again.
            self.is_complete = True

    def on_body(self, data: bytes) -> None:
        if not self._has_surplus:
            self._body.append(data)
            self._buffered += len(data)

    def on_message_complete(self) -> None:
        if self._has_surplus:
            return
        if self.status == 0:
            self.headers = []
        elif not self._is_head_request:
            self.is_complete = True
            is_sent = self._transport is not None and not self._transport.get_write_buffer_size()
            self.is_reusable = is_sent and self._parser.should_keep_alive()

    @property
    def _has_length(self) -> bool:
        return any(name in {b"content-length", b"transfer-encoding"} for name, _ in self.headers)
