"""One HTTP/1.1 connection over asyncio, parsed by llhttp (httptools). The response is read as a stream.

How it works:
1. `begin` writes the head of a request, or the whole request; `send` writes pieces of its body at the peer's pace.
2. `head` waits for the status and headers, `read` for the next piece of the body.
3. Up to 256 KiB of the body are buffered; beyond that, reading pauses until some of it is consumed.

Rules: one exchange at a time. Unexpected bytes, such as a second response after the first, end the connection.
A connection is reusable only after a complete request and a complete response."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final, cast

import httptools
from typing_extensions import override

from litestar_vite._net.failures import ConnectionFailed, DiedUnread

# 64 KiB: reads most pages and modules at once.
BUFFER_BYTES: Final = 64 * 1024
_NO_BYTES: Final = bytearray()
_NO_BUFFER: Final = memoryview(_NO_BYTES)
_LENGTHS: Final = frozenset({b"content-length", b"transfer-encoding"})


class Connection(asyncio.BufferedProtocol):
    """One connection, one exchange at a time. Also receives llhttp's callbacks.

    Attributes:
        status: The response's status; 0 until `head` has returned.
        headers: The response's headers, with lower-case names.
        is_complete: The whole response has arrived. Also true before the first exchange.
        is_reusable: The exchange is over and the connection stays open.
        is_used: The connection has completed an exchange.
    """

    _high_water_bytes: ClassVar[float] = 256 * 1024
    # A response without a length ends when the connection closes.
    _may_end_with_connection: ClassVar[bool] = True

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        # One parser for the life of a connection: after an incomplete response, the connection is not reused.
        self._parser = httptools.HttpResponseParser(self)
        # One buffer for its life, too. Otherwise asyncio allocates 256 KiB for each read, and the data that many fast
        # servers send at a time would keep the loop for four times as long.
        self._bytes = bytearray(BUFFER_BYTES)
        self._buffer = memoryview(self._bytes)
        self._body: list[bytes] = []
        self._buffered = 0
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._idle_since = self._loop.time()
        self._is_head_request = self._has_head = self._has_surplus = False
        self._is_unread = True
        self._reading_paused = self._writing_paused = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_complete = True
        self.is_reusable = self.is_used = False

    def is_alive_for(self, keepalive_seconds: float) -> bool:
        """Return whether the connection is open and was idle for less than the given number of seconds."""
        if self._transport is None or self._transport.is_closing():
            return False
        return self._loop.time() - self._idle_since < keepalive_seconds

    def begin(self, data: bytes, *, is_head_request: bool = False) -> None:
        """Write the head of a request, and its body if it is available."""
        self.headers = []
        self._body = []
        self.status = self._buffered = 0
        self._has_head = self._has_surplus = self.is_complete = self.is_reusable = False
        self._is_unread = True
        self._is_head_request = is_head_request
        transport = self._transport
        if transport is None or transport.is_closing():
            self._fail(DiedUnread("the connection was closed"))
        else:
            transport.write(data)

    async def send(self, data: bytes) -> None:
        """Write a piece of the request's body, and wait while too much is buffered.

        Raises:
            ConnectionFailed: The connection broke.
        """
        if self._error is not None or self._transport is None:
            raise ConnectionFailed(str(self._error or "the connection was closed"))
        self._transport.write(data)
        if self._writing_paused:
            self._drained = self._loop.create_future()
            try:
                await self._drained
            finally:
                self._drained = None

    async def head(self) -> None:
        """Wait for the status and headers.

        Raises:
            DiedUnread: The peer closed the connection before any byte of a response.
            ConnectionFailed: The response was cut off, or is not HTTP.
        """
        while not self._has_head:
            await self._wait()

    async def read(self) -> bytes:
        """Return the next piece of the body; b"" at its end.

        Raises:
            ConnectionFailed: The response was cut off.
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
        """Close at once; unsent data is dropped, and a waiting task gets ConnectionFailed."""
        self._fail(ConnectionFailed("the request was given up"))

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        self.is_reusable = False
        if self._error is None:
            self._error = error
        # Parser and connection refer to each other, so this object lives until the garbage collector runs: its buffer
        # must not.
        self._bytes, self._buffer = _NO_BYTES, _NO_BUFFER
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        self._wake()
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ConnectionFailed(str(error)))

    def _complete(self, *, stays_open: bool) -> None:
        """The whole response has arrived."""
        self._end_exchange(stays_open)

    def _end_exchange(self, stays_open: bool) -> None:  # noqa: FBT001 - a keyword costs time in each exchange
        self.is_complete = self.is_used = True
        # If the peer responds before it has read the whole request, it may never read the rest.
        self.is_reusable = stays_open and self._transport is not None and not self._transport.get_write_buffer_size()
        self._idle_since = self._loop.time()

    # asyncio's callbacks.

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    @override
    def buffer_updated(self, nbytes: int) -> None:
        if self.is_complete or self._error is not None:
            self._fail(ConnectionFailed("the peer sent bytes that were not asked for"))
            return
        self._is_unread = False
        try:
            self._parser.feed_data(self._buffer[:nbytes])
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # After a complete response, this only costs the connection.
            self._fail(ConnectionFailed(f"the answer is not HTTP: {error}"))
            return
        if self._buffered > self._high_water_bytes and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()
        self._wake()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.is_complete:
            self._fail(ConnectionFailed("the connection was closed"))
        elif self._is_unread:
            self._fail(DiedUnread("the connection was closed before an answer"))
        elif self._may_end_with_connection and self._has_head and _LENGTHS.isdisjoint(name for name, _ in self.headers):
            self._complete(stays_open=False)
            self._wake()
        else:
            self._fail(ConnectionFailed("the connection was closed in the middle of an answer"))

    @override
    def pause_writing(self) -> None:
        self._writing_paused = True

    @override
    def resume_writing(self) -> None:
        self._writing_paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # llhttp's callbacks.

    def on_message_begin(self) -> None:
        if self.is_complete:
            # A second response after the first is dropped, together with the connection.
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
            # llhttp expects a body, which does not follow, so the connection is not reused.
            self._complete(stays_open=False)

    def on_body(self, data: bytes) -> None:
        if not self._has_surplus:
            self._body.append(data)
            self._buffered += len(data)

    def on_message_complete(self) -> None:
        if self.status == 0:
            self.headers = []
        elif not self.is_complete:
            self._complete(stays_open=self._parser.should_keep_alive())
