"""Pools of HTTP/1.1 connections to one fixed peer, over TCP or a Unix socket.

How it works:
1. `acquire` returns an idle connection, opens one if there are fewer than `max_connections`, or waits its turn.
2. `release` keeps the connection if its exchange is complete and it stays open, and closes it otherwise.
3. `ConnectionPool.request` does both around one request, which it writes in one go, and returns the whole reply.

Rules: a cancelled, late or failed connection is closed and never reused; its slot is free again at once. A reused
connection that was closed before the first byte of a reply is replaced once (rendering is idempotent). `open = idle +
busy + connecting <= max`, always."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import Struct

from litestar_vite._net.connection import Connection
from litestar_vite._net.failures import MAX_REPLY_BYTES, CannotConnect, ConnectionFailed, DiedUnread, PeerEnded
from litestar_vite._net.reply_connection import ReplyConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar_vite._net.reply import Headers, Reply


C = TypeVar("C", bound=Connection)

# Node closes idle connections after 5 s. Connections here expire earlier, so that a request rarely meets a closing one.
KEEPALIVE_SECONDS: Final = 4.0
# 16 request heads: the render, the health check, and the user's requests through the httpx client.
_MAX_HEADS: Final = 16


class Peer(Struct, frozen=True):
    """The target of a pool's connections: a host and port, or the path of a Unix socket."""

    host: str = "127.0.0.1"
    port: int = 80
    unix_path: str | None = None

    @property
    def authority(self) -> str:
        if self.unix_path is not None:
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"unix:{self.unix_path}" if self.unix_path is not None else self.authority


class Pool(Generic[C]):
    """Connections to one peer, for one event loop."""

    def __init__(
        self,
        peer: Peer,
        new_connection: Callable[[], C],
        *,
        max_connections: int = sys.maxsize,
        keepalive_seconds: float = KEEPALIVE_SECONDS,
    ) -> None:
        self.peer = peer
        self.max_connections = max_connections
        self._new_connection = new_connection
        self._keepalive_seconds = keepalive_seconds
        self._idle: list[C] = []
        self._open = 0
        self._waiters: deque[asyncio.Future[C | None]] = deque()
        self._closed = False
        self.opened_total = 0

    async def aclose(self) -> None:
        """Close every idle connection; busy ones close when their request ends."""
        self._closed = True
        while self._idle:
            self._discard(self._idle.pop())
        # One iteration of the loop lets transports report that they are closed.
        await asyncio.sleep(0)

    def _take_idle(self) -> C | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive_for(self._keepalive_seconds):
                return connection
            self._discard(connection)
        return None

    async def acquire(self, *, fresh: bool = False) -> C:
        """Return an idle connection or a new one, or wait for one; `fresh` asks for a new one. The caller releases it.

        Raises:
            CannotConnect: The peer is not listening.
        """
        while fresh and self._idle:
            self._discard(self._idle.pop())
        if (idle := self._take_idle()) is not None:
            return idle
        if self._open >= self.max_connections:
            granted = await self._wait()
            if granted is not None:
                if not fresh and granted.is_alive_for(self._keepalive_seconds):
                    return granted
                # Its slot is kept, so that a request queues only once.
                granted.abort()
        else:
            self._open += 1
        return await self._connect()

    def release(self, connection: C) -> None:
        """Keep a connection for the next request if it is reusable, close it otherwise."""
        if connection.is_reusable:
            self._give_back(connection)
        else:
            self._discard(connection)

    async def _wait(self) -> C | None:
        waiter: asyncio.Future[C | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                # Granted and cancelled in the same iteration of the loop: pass it on, or the slot would be lost.
                granted = waiter.result()
                if granted is None:
                    self._free_slot()
                else:
                    self._give_back(granted)
            else:
                with contextlib.suppress(ValueError):  # Passed on in this very iteration.
                    self._waiters.remove(waiter)
            raise

    async def _connect(self) -> C:
        """Open a connection in a slot that is already counted."""
        loop = asyncio.get_running_loop()
        try:
            if self.peer.unix_path is not None:
                _, protocol = await loop.create_unix_connection(self._new_connection, self.peer.unix_path)
            else:
                _, protocol = await loop.create_connection(self._new_connection, self.peer.host, self.peer.port)
        except OSError as error:
            self._free_slot()
            msg = f"cannot connect to {self.peer}: {error.strerror or error}"
            raise CannotConnect(msg) from error
        except BaseException:
            self._free_slot()
            raise
        self.opened_total += 1
        return protocol

    def _give_back(self, connection: C) -> None:
        if self._closed:
            self._discard(connection)
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def _discard(self, connection: C) -> None:
        connection.abort()
        self._free_slot()

    def _free_slot(self) -> None:
        """Give a slot to the next waiter, or decrement the number of connections."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._open -= 1

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.peer} open={self._open}/{self.max_connections} idle={len(self._idle)} "
            f"waiting={len(self._waiters)} opened={self.opened_total}>"
        )


class ConnectionPool(Pool[ReplyConnection]):
    """A pool for requests that return whole replies."""

    def __init__(
        self,
        peer: Peer,
        *,
        max_connections: int = 20,
        keepalive_seconds: float = KEEPALIVE_SECONDS,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> None:
        large: set[ReplyConnection] = set()
        super().__init__(
            peer,
            lambda: ReplyConnection(max_reply_bytes, large),
            max_connections=max_connections,
            keepalive_seconds=keepalive_seconds,
        )
        self._heads: dict[Any, bytes] = {}
        self.replies_total = 0

    async def request(
        self, method: str, target: str, body: bytes, headers: Headers = (), *, timeout_seconds: float | None = None
    ) -> Reply:
        """Send one request and return its complete reply.

        Args:
            method: HTTP method.
            target: Path and query.
            body: Sent with Content-Length.
            headers: Further headers, without Host and Content-Length. The bytes of a tuple are cached.
            timeout_seconds: Total time, the wait for a connection included. None waits without limit.

        Raises:
            ConnectionFailed: Refused, closed early, not HTTP, or too large.
            TimeoutError: No complete reply arrived in time.
        """
        data = b"%b%d\r\n\r\n%b" % (self._head(method, target, headers), len(body), body)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds if timeout_seconds is not None else None
        connection = self._take_idle()
        if connection is None:
            async with asyncio.timeout_at(deadline):
                connection = await self.acquire()
        while True:
            was_used = connection.is_used
            coming = connection.request(data, deadline)
            try:
                reply = await coming
            except DiedUnread as error:
                self._discard(connection)
                if not was_used:
                    raise ConnectionFailed(str(error)) from error
            except BaseException:
                if coming.done() and not coming.cancelled():
                    # Failed and cancelled in the same iteration: asyncio would log an unretrieved exception.
                    coming.exception()
                self._discard(connection)
                raise
            else:
                self.replies_total += 1
                if connection.is_reusable:
                    self._give_back(connection)
                else:
                    self._discard(connection)
                return reply
            try:
                async with asyncio.timeout_at(deadline):
                    connection = await self.acquire(fresh=True)
            except CannotConnect as error:
                raise PeerEnded(str(error)) from error

    def _head(self, method: str, target: str, headers: Headers) -> bytes:
        """Return the request's head up to the length of its body."""
        key = (method, target, headers)
        is_constant = type(headers) is tuple
        if is_constant and (known := self._heads.get(key)) is not None:
            return known
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.peer.authority}"]
        lines.extend(f"{name}: {value}" for name, value in headers)
        head = "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")
        if is_constant and len(self._heads) < _MAX_HEADS:
            self._heads[key] = head
        return head
