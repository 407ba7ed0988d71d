"""One browser's event stream: what is waiting to be sent, and the ASGI response that sends it.

How it works:
1. The hub puts events into `_waiting`; the response sends them in pieces of about 64 KiB.
2. While a client is slow, `send` waits. Events without values replace earlier ones of their name, and beyond the
   backlog all are dropped: the client then receives "lost" and reloads.
3. A quiet stream sends heartbeats. They move the client's position, so that a later reconnect is within the history.

Messages: events without a name are published events. "hello" and "beat" move the position, "lost" lists channels with
missing events, "denied" lists refused channels."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import Any, Final

import msgspec
from litestar.types import Receive, Send

from litestar_vite.config._live import LiveConfig
from litestar_vite.inertia._live.events import Event, now_ms
from litestar_vite.inertia._live.history import time_of

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx
]
# 10 s: an event that was published before this time has arrived.
_SETTLED_MS: Final = 10_000
# 5 s before now: later events may still be on their way.
_ON_ITS_WAY_MS: Final = 5_000
# 64 KiB: uvicorn's own limit. What is sent is a copy for each stream, while waiting events share their bytes.
_PIECE_BYTES: Final = 65_536
_encode: Final = msgspec.json.Encoder().encode


class LiveStream:
    """The stream of one connection.

    Attributes:
        positions: The client's position in each channel: the id of an event, or milliseconds since the epoch.
    """

    def __init__(self, positions: dict[str, str], denied: list[str], config: LiveConfig) -> None:
        self.positions = positions
        self._denied = denied
        self._config = config
        self._backlog = config.backlog
        self._waiting: dict[Any, Event] = {}
        self._lost: set[str] = set()
        self._wake = asyncio.Event()
        self._is_closed = False

    def put(self, event: Event) -> None:
        """Let an event wait to be sent."""
        key: Any = event.id if event.has_values else (event.channel, event.name)
        self._waiting.pop(key, None)  # The later one takes the last place.
        if len(self._waiting) >= self._backlog:
            self._waiting.clear()
            self._lost.update(self.positions)
        self._waiting[key] = event
        self._wake.set()

    def lose(self, channel: str) -> None:
        """Let the client reload the props of a channel, since events may be missing."""
        self._lost.add(channel)
        self._wake.set()

    def close(self) -> None:
        """End the stream."""
        self._is_closed = True
        self._wake.set()

    async def respond(self, receive: Receive, send: Send) -> None:
        """Send the response until the client leaves, the time is up or the server shuts down."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _send_part(send, b"retry: 2000\n" + self._hello() + self._refusals())
        ends_at = time.monotonic() + self._config.reconnect_after_seconds * random.uniform(0.8, 1.2)  # noqa: S311 - spreads reconnects
        watcher = asyncio.create_task(self._watch(receive))
        try:
            while not self._is_closed and self.positions and time.monotonic() < ends_at:
                if not await self._has_news():
                    await _send_part(send, self._message("beat", self._cursors()))
                elif part := self._drain():
                    await _send_part(send, part)
        finally:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _hello(self) -> bytes:
        heartbeat_ms = round(self._config.heartbeat_seconds * 1000)
        return self._message("hello", {"heartbeat": heartbeat_ms, "positions": self.positions})

    async def _has_news(self) -> bool:
        """Wait for something to send; return False when a heartbeat is due."""
        try:
            async with asyncio.timeout(self._config.heartbeat_seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    def _drain(self) -> bytes:
        """Return the next piece to send."""
        parts: list[bytes] = []
        if self._lost:
            now = str(now_ms() - _ON_ITS_WAY_MS)
            lost = sorted(self._lost)
            self._lost.clear()
            for name in lost:
                self.positions[name] = now
            parts.append(self._message("lost", dict.fromkeys(lost, now)))
        size = 0
        while self._waiting and size < _PIECE_BYTES:
            event = self._waiting.pop(next(iter(self._waiting)))
            self.positions[event.channel] = event.id
            last_id = self._last_id()
            parts += (b"id: ", last_id, b"\n", event.data)
            size += len(last_id) + len(event.data)
        if self._waiting:
            self._wake.set()
        return b"".join(parts)

    def _cursors(self) -> dict[str, str]:
        """Return the positions, moved on to the present in channels that have been quiet."""
        if not self._waiting and not self._lost:
            now = now_ms()
            for name, position in self.positions.items():
                if (time_of(position) or 0) < now - _SETTLED_MS:
                    self.positions[name] = str(now - _ON_ITS_WAY_MS)
        return self.positions

    def _refusals(self) -> bytes:
        return self._message("denied", self._denied) if self._denied else b""

    def _message(self, name: str, data: Any) -> bytes:
        return b"id: %b\nevent: %b\ndata: %b\n\n" % (self._last_id(), name.encode(), _encode(data))

    def _last_id(self) -> bytes:
        """Return the positions as the client sends them in Last-Event-ID."""
        return ",".join([f"{name}@{position}" for name, position in self.positions.items()]).encode()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.close()


async def _send_part(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})
