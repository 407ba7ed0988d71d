"""The load: visitors with a keep-alive connection each, over raw sockets and llhttp, every answer kept whole.

How it works:
1. A visitor asks for a page, waits for the whole answer, pauses, asks again. All visitors start in the same instant:
   the first wave is a burst of `visitors` requests; after it they are paced, so that the figures are about faults and
   not about a saturated processor.
2. Time is taken when the request is written and when the last byte is parsed. Answers are judged after the run, outside
of any clock."""

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

# Requests per second of all visitors together, when they are paced. Well under what one app process can do on half a
# core.
PACE = 250.0
_GIVE_UP_SECONDS = 30.0


class Answer(msgspec.Struct):
    """One answer, or why there is none.

    Attributes:
        path: What was asked for.
        started: When, on the monotonic clock.
        seconds: From the request to the last byte.
        status: 0 when no complete answer came.
        received: Bytes that came, complete or not.
        problem: What went wrong on the connection.
        waited: Seconds of `seconds` that this process, and later the app's loop, waited for a core.
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
        """How long it took, the waits for a core taken off."""
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
        """Ask for a page; never raises but when cancelled."""
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
            answer.problem = f"no answer within {_GIVE_UP_SECONDS:g} s"
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
            self._finish(f"no HTTP: {error}")

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
    """Let `visitors` come for `seconds` (each at least twice, unless `stop` says otherwise); returns every answer in
    the order of its end.

    Args:
        port: The app's.
        visitors: How many at the same time.
        seconds: How long new requests are made.
        path: Makes a path from a running number; each page is another user's.
        pace: Requests per second of all visitors together, at most.
        stop: Ends the run early.
        think_seconds: A visitor's pause after an answer, instead of what `pace` gives.
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
                # The first wave is one burst; from then on visitors spread over the interval.
                await asyncio.sleep(pause if asked > 1 else pause * (1 + index / visitors))
        finally:
            visitor.close()

    try:
        await asyncio.gather(*(one(index) for index in range(visitors)))
    finally:
        queue.close()
    return answers
