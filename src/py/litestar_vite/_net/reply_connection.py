"""A connection for whole replies: a request in one write, its reply in one piece, with a deadline.

Rules: sizes are checked while reading. A head that llhttp has already parsed is not parsed again
(known_reply_head.py)."""

from __future__ import annotations

import asyncio
from typing import Final

from typing_extensions import override

from litestar_vite._net.connection import BUFFER_BYTES, Connection
from litestar_vite._net.failures import ReplyTooLarge
from litestar_vite._net.known_reply_head import KnownHead
from litestar_vite._net.reply import Reply

# Two replies above 1 MiB at a time, 32 MiB including all other reads. Otherwise a server that sends endless bodies on
# all connections would take 8 MiB for each.
_LARGE_BYTES: Final = 1024 * 1024
_MAX_LARGE: Final = 2


class ReplyConnection(Connection):
    """A connection that reads each response to its end."""

    # Size limits replace the pause in reading.
    _high_water_bytes = float("inf")
    # A closed connection does not show whether the reply was complete or truncated.
    _may_end_with_connection = False

    def __init__(self, max_reply_bytes: int, large: set[ReplyConnection]) -> None:
        """`large` is shared by the connections of a pool, and contains those that are reading a large reply."""
        super().__init__()
        self._large = large
        self._max_reply_bytes = max_reply_bytes
        self._small_bytes = min(max_reply_bytes, _LARGE_BYTES)
        self._reply: asyncio.Future[Reply] | None = None
        self._known_head: KnownHead | None = None
        self._head_bytes = 0
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def request(self, data: bytes, deadline: float | None) -> asyncio.Future[Reply]:
        """Send a request and return a future for its reply. A caller that gives up aborts the connection."""
        reply = self._reply = self._loop.create_future()
        self._head_bytes = 0
        self._deadline = deadline
        if deadline is not None and (self._timer is None or self._timer.when() > deadline):
            self._set_timer(deadline)
        self.begin(data)
        return reply

    def _set_timer(self, deadline: float) -> None:
        """Set the timer. It outlives a request: setting and cancelling one for each request costs more than the
        request's head.
        """
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        deadline = self._deadline
        if deadline is None:
            return
        if deadline <= self._loop.time():
            self._fail(TimeoutError())
        else:
            self._set_timer(deadline)

    @override
    def _fail(self, error: Exception) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_exception(error)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._deadline = self._known_head = None
        self._body, self.headers = [], []
        self._large.discard(self)
        super()._fail(error)

    @override
    def abort(self) -> None:
        # The caller has given up, so nothing waits for the reply.
        self._reply = None
        super().abort()

    @override
    def _complete(self, *, stays_open: bool) -> None:
        body, self._body = self._body, []
        content_type = dict(self.headers).get(b"content-type", b"")
        self._finish(Reply(self.status, tuple(self.headers), b"".join(body), content_type), stays_open)

    def _finish(self, answer: Reply, stays_open: bool) -> None:  # noqa: FBT001 - as in the connection
        self._end_exchange(stays_open)
        self._deadline = None
        self._large.discard(self)
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_result(answer)

    @override
    def buffer_updated(self, nbytes: int) -> None:
        reply, is_first, known = self._reply, self._is_unread, self._known_head
        if reply is None or reply.done():
            # Unexpected, or no longer wanted.
            self.abort()
            return
        if known is not None and is_first and (answer := known.read(self._bytes, nbytes)) is not None:
            self._finish(answer, True)  # noqa: FBT003
            return
        super().buffer_updated(nbytes)
        # Endless heads, trailers or 100 Continue responses must not fill the memory either.
        self._head_bytes += nbytes
        if self.is_complete:
            if is_first and self.is_reusable and self._max_reply_bytes >= BUFFER_BYTES:
                # A complete response in one read, so never too large.
                self._known_head = KnownHead.of(bytes(self._buffer[: self._head_bytes]), reply.result())
        elif self._head_bytes > self._max_reply_bytes:
            self._fail(ReplyTooLarge(f"the answer has more than {self._max_reply_bytes} bytes of headers"))

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self.headers.append((name, value))
        if name == b"content-length" and value.isdigit() and int(value) > self._max_reply_bytes:
            self._fail(ReplyTooLarge(f"the answer announces {int(value)} bytes, more than {self._max_reply_bytes}"))

    @override
    def on_body(self, data: bytes) -> None:
        self._head_bytes -= len(data)
        self._buffered += len(data)
        if self._buffered > self._small_bytes:
            self._check_size()
        if self._error is None:  # Otherwise it failed during this read, and the rest is not needed.
            self._body.append(data)

    def _check_size(self) -> None:
        if self._buffered > self._max_reply_bytes:
            self._fail(ReplyTooLarge(f"the answer is longer than {self._max_reply_bytes} bytes"))
        elif self not in self._large:
            if len(self._large) >= _MAX_LARGE:
                msg = f"the answer is longer than {_LARGE_BYTES} bytes, as {_MAX_LARGE} others are that come in"
                self._fail(ReplyTooLarge(msg))
            else:
                self._large.add(self)
