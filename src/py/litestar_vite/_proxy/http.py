"""Proxies one HTTP request to Vite.

How it works:
1. The request is sent with the browser's headers, except the hop-by-hop ones.
2. A small module is received and sent in one piece. A long response is streamed at the browser's pace.
3. While a body is sent, or a response takes longer than 0.2 s, the browser is watched: if it disconnects, the request
   to Vite is aborted.
4. A reused connection that closes before any byte of a response is replaced once, for requests without a body.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from litestar_vite._net.failures import ConnectionFailed, DiedUnread
from litestar_vite._proxy.headers import CHUNKED, body_length, request_head, response_headers

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Send

    from litestar_vite._net.connection import Connection
    from litestar_vite._net.pool import Pool


# Watching costs a task, and most modules arrive earlier.
_WATCH_AFTER_SECONDS: Final = 0.2
# Two minutes: Vite delays requests while it pre-bundles packages, which can take that long on slow machines.
_HEAD_SECONDS: Final = 120.0


async def forward(
    upstream: Pool[Connection], target: bytes, scope: HTTPScope, receive: Receive, send: Send
) -> int | None:
    """Respond to a request with Vite's response, or with 502 or 504 if Vite does not respond. `target` is the path and
    query, already checked.

    Returns:
        The status of Vite's response; None without one.
    """
    headers = scope["headers"]
    try:
        length = body_length(headers)
    except ValueError:
        await send_plain(send, 400, b"Content-Length must be one number.\n")
        return None
    head = request_head(scope["method"], target, headers, length)
    exchange = _Exchange(upstream, head, receive, is_head_request=scope["method"] == "HEAD", length=length or 0)
    try:
        connection = await exchange.answer()
    except TimeoutError:
        await send_plain(send, 504, b"Vite did not answer in time. Its output is in the terminal.\n")
    except ConnectionFailed:
        if not exchange.is_gone:
            await send_plain(send, 502, b"Vite did not answer. Its output is in the terminal.\n")
    else:
        status = connection.status
        await _send_answer(connection, send)
        return status
    finally:
        await exchange.close()
    return None


async def _send_answer(connection: Connection, send: Send) -> None:
    """Forward the response. A truncated response stays incomplete, and the server closes its connection."""
    await send(
        {"type": "http.response.start", "status": connection.status, "headers": response_headers(connection.headers)}
    )
    with contextlib.suppress(ConnectionFailed):
        while True:
            data = await connection.read()
            is_over = connection.is_complete
            await send({"type": "http.response.body", "body": data, "more_body": not is_over})
            if is_over:
                return


async def send_plain(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a short text."""
    fixed = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class _Exchange:
    """The request to Vite, and the task that watches the browser. `is_gone` once the browser has disconnected."""

    def __init__(
        self, upstream: Pool[Connection], head: bytes, receive: Receive, *, is_head_request: bool, length: int
    ) -> None:
        self._upstream = upstream
        self._head = head
        self._receive = receive
        self._is_head_request = is_head_request
        self._length = length
        self._has_body = length != 0
        self._connection: Connection | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_late = False
        self._is_sent = not self._has_body
        self.is_gone = False

    async def answer(self) -> Connection:
        """Send the request and wait for the head of the response.

        Raises:
            ConnectionFailed: Vite is not listening or closed the connection, or the browser disconnected.
            TimeoutError: Vite took too long.
        """
        connection = await self._begin(fresh=self._has_body)
        loop = asyncio.get_running_loop()
        if self._has_body:
            self._watcher = loop.create_task(self._upload(connection))
            self._timer = loop.call_later(_HEAD_SECONDS, self._give_up)
        else:
            # One timer per request, since most receive their response before it fires.
            self._timer = loop.call_later(_WATCH_AFTER_SECONDS, self._start_watching)
        try:
            await connection.head()
        except ConnectionFailed as error:
            if self._is_late:
                raise TimeoutError from None
            if not (connection.is_used and isinstance(error, DiedUnread)) or self.is_gone:
                raise
            self._upstream.release(connection)
            connection = await self._begin(fresh=True)
            await connection.head()
        return connection

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        connection = self._connection
        if connection is None:
            return
        # If the response arrives before the request is fully sent, the rest would be parsed as the next request.
        if not (connection.is_complete and self._is_sent):
            connection.abort()
        self._upstream.release(connection)

    async def _begin(self, *, fresh: bool) -> Connection:
        self._connection = None
        connection = self._connection = await self._upstream.acquire(fresh=fresh)
        connection.begin(self._head, is_head_request=self._is_head_request)
        return connection

    def _start_watching(self) -> None:
        loop = asyncio.get_running_loop()
        self._watcher = loop.create_task(self._watch())
        self._timer = loop.call_later(_HEAD_SECONDS - _WATCH_AFTER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        connection = self._connection
        if connection is not None and not connection.status:
            self._is_late = True
            connection.abort()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    async def _upload(self, connection: Connection) -> None:
        """Send the body, then watch. A body whose length differs from the announced one ends the connection: Vite would
        wait for more, or parse the rest as a request.
        """
        more, left = True, self._length
        while more:
            message: Any = await self._receive()
            if message["type"] == "http.disconnect":
                self._leave()
                return
            data: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            if self._length == CHUNKED:
                data = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
                data += b"" if more else b"0\r\n\r\n"
            else:
                left -= len(data)
                if left < 0 or (left and not more):
                    connection.abort()
                    return
            try:
                await connection.send(data)
            except ConnectionFailed:  # `answer` raises it.
                return
        self._is_sent = True
        await self._watch()

    def _leave(self) -> None:
        self.is_gone = True
        if self._connection is not None:
            self._connection.abort()
