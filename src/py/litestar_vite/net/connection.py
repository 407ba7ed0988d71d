"""One HTTP/1.1 connection to a render server: a request in one write, and llhttp's callbacks that make its reply.

Rules: one request at a time. What comes unasked, and a second answer behind the first, end the connection. Sizes are
checked while reading."""

from __future__ import annotations

import asyncio
from typing import Final, cast

import httptools
from typing_extensions import override

from litestar_vite.net.failures import ConnectionFailed, ReplyTooLarge
from litestar_vite.net.known_head import KnownHead
from litestar_vite.net.reply import Reply

__all__ = ("Connection", "DiedUnread")

# 64 KiB: most pages in one read.
_BUFFER_BYTES: Final = 64 * 1024
_NO_BYTES: Final = bytearray()
_NO_BUFFER: Final = memoryview(_NO_BYTES)
# Two replies above 1 MiB at a time, 32 MiB with all that is read beside them: a server that sends endless bodies on all
# connections would else take eight for each.
_LARGE_BYTES: Final = 1024 * 1024
_MAX_LARGE: Final = 2


class DiedUnread(Exception):  # noqa: N818 - a signal to the pool
    """The peer closed the connection before any byte of a reply: it may be tried once more."""


class Connection(asyncio.BufferedProtocol):
    """One connection, one request at a time. Also receives llhttp's callbacks."""

    def __init__(self, max_reply_bytes: int, large: set[Connection]) -> None:
        self._large = large
        self._loop = asyncio.get_running_loop()
        self._max_reply_bytes = max_reply_bytes
        self._small_bytes = min(max_reply_bytes, _LARGE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        # One parser for the life of a connection: a connection whose answer was not complete is never used again.
        self._parser = httptools.HttpResponseParser(self)
        # One buffer for its life, too. Without it asyncio makes one of 256 KiB for each read, and what many fast
        # servers send at a time would keep the loop for four times as long.
        self._bytes = bytearray(_BUFFER_BYTES)
        self._buffer = memoryview(self._bytes)
        self._known_head: KnownHead | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._content_type = b""
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._head_bytes = 0
        self._unread = True
        self._idle_since = 0.0
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_used = False
        self.is_reusable = False

    def is_alive_for(self, keepalive_seconds: float) -> bool:
        """Tell whether the connection is still open and was not idle for too long."""
        if self._transport is None or self._transport.is_closing():
            return False
        return self._loop.time() - self._idle_since < keepalive_seconds

    def send(self, data: bytes, deadline: float | None) -> asyncio.Future[Reply]:
        """Send a request and return its reply to be. Whoever waits for it in vain aborts the connection."""
        reply: asyncio.Future[Reply] = self._loop.create_future()
        transport = self._transport
        if transport is None or transport.is_closing():
            reply.set_exception(DiedUnread("the connection was closed"))
            return reply
        self._headers = []
        self._content_type = b""
        self._body = []
        self._body_bytes = self._head_bytes = 0
        self._unread, self.is_reusable = True, False
        self._reply = reply
        self._deadline = deadline
        if deadline is not None and (self._timer is None or self._timer.when() > deadline):
            self._arm(deadline)
        transport.write(data)
        return reply

    def _arm(self, deadline: float) -> None:
        """Set the timer. It outlives a request: one that is set and cancelled for each request costs more than the
        request's head.
        """
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        self._timer = None
        deadline = self._deadline
        if deadline is None:
            return
        if deadline <= self._loop.time():
            self._fail(TimeoutError())
        else:
            self._arm(deadline)

    def abort(self) -> None:
        """Close at once; unsent data is dropped."""
        self.is_reusable = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._reply = self._deadline = None
        # Parser and connection know each other, so this object lives until the garbage collector comes: its bytes must
        # not.
        self._bytes, self._buffer, self._known_head, self._body, self._headers = _NO_BYTES, _NO_BUFFER, None, [], []
        self._large.discard(self)
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    @override
    def buffer_updated(self, nbytes: int) -> None:
        reply = self._reply
        if reply is None or reply.done():
            # Bytes that nobody asked for: the peer is out of step, do not trust it again.
            self.abort()
            return
        known, is_first, self._unread = self._known_head, self._unread, False
        if known is not None and is_first and (answer := known.read(self._bytes, nbytes)) is not None:
            self._complete(answer, stays_open=True)
            return
        try:
            self._parser.feed_data(self._buffer[:nbytes])
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionFailed(f"the answer is not HTTP: {error}"))
            return
        # Heads, trailers and 100 Continue: a peer that sends them for ever must not fill our memory either.
        self._head_bytes += nbytes
        if self._head_bytes > self._max_reply_bytes and not reply.done():
            self._fail(ReplyTooLarge(f"the answer has more than {self._max_reply_bytes} bytes of headers"))
        elif (
            is_first and self.is_reusable and self._max_reply_bytes >= _BUFFER_BYTES
        ):  # A complete answer in one read, never too large.
            self._known_head = KnownHead.of(bytes(self._buffer[: self._head_bytes]), reply.result())

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._unread:
            self._fail(DiedUnread("the connection was closed before an answer"))
        else:
            self._fail(ConnectionFailed("the connection was closed in the middle of an answer"))

    # llhttp's callbacks.

    def on_message_begin(self) -> None:
        if self._reply is None or self._reply.done():
            # A second answer behind the first. Its rest would be taken for the answer to the next request.
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._headers.append((name, value))
        if name == b"content-type":
            self._content_type = value
        if name == b"content-length" and value.isdigit() and int(value) > self._max_reply_bytes:
            self._fail(ReplyTooLarge(f"the answer announces {int(value)} bytes, more than {self._max_reply_bytes}"))

    def on_body(self, data: bytes) -> None:
        self._head_bytes -= len(data)
        self._body_bytes += len(data)
        if self._body_bytes > self._small_bytes:
            self._check_size()
        if self._reply is not None:  # None: it has failed in this very read, and nobody wants the rest.
            self._body.append(data)

    def _check_size(self) -> None:
        if self._body_bytes > self._max_reply_bytes:
            self._fail(ReplyTooLarge(f"the answer is longer than {self._max_reply_bytes} bytes"))
        elif self not in self._large:
            if len(self._large) >= _MAX_LARGE:
                self._fail(
                    ReplyTooLarge(
                        f"the answer is longer than {_LARGE_BYTES} bytes, as {_MAX_LARGE} others are that come in"
                    )
                )
            else:
                self._large.add(self)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # noqa: PLR2004 - informational, the answer follows
            self._headers, self._content_type = [], b""
            return
        body, self._body = self._body, []
        answer = Reply(status, tuple(self._headers), b"".join(body), self._content_type)
        self._complete(answer, stays_open=self._parser.should_keep_alive())

    def _complete(self, answer: Reply, *, stays_open: bool) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            # An answer that came before the request was read: the peer may never read the rest.
            self.is_reusable = (
                stays_open and self._transport is not None and not self._transport.get_write_buffer_size()
            )
            self.is_used = True
            self._idle_since = self._loop.time()
            self._deadline = None
            self._large.discard(self)
            reply.set_result(answer)

    def _fail(self, error: Exception) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_exception(error)
        self.abort()
