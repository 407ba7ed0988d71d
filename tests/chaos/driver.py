"""The load generator: visitors with one keep-alive connection each, over raw sockets and llhttp.

How it works:
1. A visitor requests a page, waits for the whole response, pauses, and repeats. All visitors start at the same moment:
   the first wave is a burst of `visitors` requests. Later requests are paced, so that the figures measure faults and
   not a saturated processor.
2. Latency is measured from writing the request to parsing the last byte. Responses are stored whole and judged after
   the run."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httptools
import msgspec
from benchmarks.machine import RunQueue

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Answer", "Visitor", "visit")

# Total requests per second of all visitors, once they are paced. Well below what one app process can serve on half a
# core.
PACE = 250.0
_GIVE_UP_SECONDS = 30.0


class Answer(msgspec.Struct):
    """A response, or the error that prevented one.

    Attributes:
        path: The requested path.
        started: Start of the request, on the monotonic clock.
        seconds: Time from the request to the last byte.
        status: 0 if the response is incomplete.
        received: Number of bytes received, even if incomplete.
        problem: The connection or parser error, or an empty string.
        waited: The part of `seconds` that this process waited for a core; `Verdicts.take_off` adds the app's loop.
    """

    path: str
    started: float
    seconds: float = 0.0
    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""
    received: int = 0
    problem: str = ""
    waited: float = 0.0

    @property
    def own_seconds(self) -> float:
        """The latency without the waits for a core."""
        return max(0.0, self.seconds - self.waited)


class Visitor(asyncio.Protocol):
    """One keep-alive connection; also receives llhttp's callbacks."""

    def __init__(self, port: int, queue: RunQueue | None = None) -> None:
        self._port = port
        self._queue = queue
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._done: asyncio.Future[None] | None = None
        self._body: list[bytes] = []

    async def get(self, path: str) -> Answer:
        """Request a page. Raises only when cancelled."""
        loop = asyncio.get_running_loop()
        answer = self._answer = Answer(path, time.monotonic(), headers=[])
        self._body = []
        waited = self._queue.seconds() if self._queue else 0.0
        try:
            if self._transport is None or self._transport.is_closing():
                await loop.create_connection(lambda: self, "127.0.0.1", self._port)
            self._parser = httptools.HttpResponseParser(self)
            self._done = loop.create_future()
            assert self._transport is not None
            self._transport.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode())
            async with asyncio.timeout(_GIVE_UP_SECONDS):
                await self._done
        except TimeoutError:
            answer.problem = f"no response within {_GIVE_UP_SECONDS:g} s"
            self.close()
        except OSError as error:
            answer.problem = f"{type(error).__name__}: {error}"
        finally:
            self._done = None
        answer.seconds = time.monotonic() - answer.started
        answer.waited = self._queue.seconds() - waited if self._queue else 0.0
        return answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._finish("connection closed" if exc is None else f"connection lost: {type(exc).__name__}")

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._done is None:
            return
        self._answer.received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._finish(f"invalid HTTP: {error}")

    def on_header(self, name: bytes, value: bytes) -> None:
        assert self._answer is not None
        self._answer.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        assert self._answer is not None
        self._answer.status = self._parser.get_status_code()
        self._answer.body = b"".join(self._body)
        self._finish("")

    def _finish(self, problem: str) -> None:
        if self._done is not None and not self._done.done():
            assert self._answer is not None
            self._answer.problem = problem
            self._done.set_result(None)


async def visit(
    port: int,
    visitors: int,
    *,
    seconds: float,
    path: Callable[[int], str] = "/page/u{}".format,
    pace: float = PACE,
    stop: asyncio.Event | None = None,
    think_seconds: float | None = None,
) -> list[Answer]:
    """Run `visitors` visitors for `seconds`, and return all responses in the order in which they finished.

    Each visitor makes at least two requests, unless `stop` is set.

    Args:
        port: The app's port.
        visitors: Number of concurrent visitors.
        seconds: How long new requests are made.
        path: Makes a path from a sequence number; each page belongs to a different user.
        pace: Maximum requests per second of all visitors together.
        stop: Ends the run early.
        think_seconds: A visitor's pause after a response; replaces the pause that follows from `pace`.
    """
    answers: list[Answer] = []
    numbers = iter(range(1_000_000_000))
    until = time.monotonic() + seconds
    interval = visitors / pace
    queue = RunQueue()

    async def one(index: int) -> None:
        visitor = Visitor(port, queue)
        asked = 0
        try:
            while (time.monotonic() < until or asked < 2) and not (stop is not None and stop.is_set()):
                answer = await visitor.get(path(next(numbers)))
                asked += 1
                answers.append(answer)
                pause = max(0.0, interval - answer.seconds) if think_seconds is None else think_seconds
                # The first wave is one burst; afterwards, the visitors are spread over the interval.
                await asyncio.sleep(pause if asked > 1 else pause * (1 + index / visitors))
        finally:
            visitor.close()

    try:
        await asyncio.gather(*(one(index) for index in range(visitors)))
    finally:
        queue.close()
    return answers
