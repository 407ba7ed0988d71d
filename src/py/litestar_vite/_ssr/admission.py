"""Limits how many renders run at a time, how many may wait, and for how long.

How it works:
1. While fewer than `limit` renders run, the next one enters at once.
2. Further renders queue, first come, first served, for at most `queue_seconds`. A render that would wait longer,
   judged by the duration of recent renders, falls back to client-side rendering at once.
3. A render that ends passes its place to the first in the queue in the same iteration of the loop, so that places are
   never idle while renders wait.

Rules: `running <= limit`, always. A place that was passed to a task which is cancelled in the same iteration goes to
the next render."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

# Each render changes the average by an eighth: eight renders show a trend, one slow page does not.
_SMOOTHING: Final = 0.125


class Admission:
    """Limits concurrent renders.

    Attributes:
        limit: The maximum number of concurrent renders.
        running: The number of running renders.
        waiting: The number of renders in the queue.
        turned_away: The number of renders that were refused so far.
    """

    __slots__ = ("_average_seconds", "_queue", "_queue_seconds", "limit", "running", "turned_away", "waiting")

    def __init__(self, limit: int, queue_seconds: float) -> None:
        self.limit = limit
        self.running = self.waiting = 0
        self.turned_away = 0
        self._queue_seconds = queue_seconds
        self._queue: deque[asyncio.Future[bool]] = deque()
        self._average_seconds = 0.0

    def enter(self) -> bool:
        """Take a free place. After True, the caller must call `leave`."""
        if self.running >= self.limit:
            return False
        self.running += 1
        return True

    async def wait(self) -> bool:
        """Queue for a place. After True, the caller must call `leave`."""
        if self._expected_wait() > self._queue_seconds:
            self.turned_away += 1
            return False
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        self._queue.append(place)
        self.waiting += 1
        timer = loop.call_later(self._queue_seconds, self._turn_away, place)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.result():
                self._hand_over()
            raise
        finally:
            timer.cancel()
            self.waiting -= 1

    def leave(self, seconds: float | None = None) -> None:
        """Give the place back after a render that took `seconds`; None without a render, or if it was cancelled."""
        if seconds is not None:
            self._average_seconds += (
                (seconds - self._average_seconds) * _SMOOTHING if self._average_seconds else seconds
            )
        if self._queue:
            self._hand_over()
        else:
            self.running -= 1

    def turn_all_away(self) -> None:
        """Empty the queue, since the render server is down."""
        while self._queue:
            self._turn_away(self._queue.popleft())

    def _expected_wait(self) -> float:
        """Return how long the next render will queue: `limit` renders end in the time that one takes."""
        return (self.waiting + 1) * self._average_seconds / self.limit

    def _hand_over(self) -> None:
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(True)
                return
        self.running -= 1

    def _turn_away(self, place: asyncio.Future[bool]) -> None:
        if not place.done():
            self.turned_away += 1
            place.set_result(False)

    def __repr__(self) -> str:
        return f"<Admission running={self.running}/{self.limit} waiting={self.waiting} turned_away={self.turned_away}>"
