"""Measures how long the event loop is blocked, with a 1 ms timer that records its delay.

The thread's wait for a core is subtracted (machine.py), to exclude other load on the machine.
"""

import asyncio
from types import TracebackType
from typing import Self

from benchmarks.machine import RunQueue

_TICK_SECONDS = 0.001


class LoopLag:
    """`async with LoopLag() as lag: ...`, then `lag.worst_seconds`."""

    def __init__(self) -> None:
        self.worst_seconds = 0.0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._queue = RunQueue()
        self._waited = 0.0

    async def __aenter__(self) -> Self:
        self._waited = self._queue.seconds()
        self._arm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.sleep(2 * _TICK_SECONDS)  # a block that has just ended is recorded at the next tick
        assert self._timer
        self._timer.cancel()
        self._queue.close()

    def _arm(self) -> None:
        due = self._loop.time() + _TICK_SECONDS
        self._timer = self._loop.call_at(due, self._tick, due)

    def _tick(self, due: float) -> None:
        late, waited = self._loop.time() - due, self._queue.seconds()
        self.worst_seconds = max(self.worst_seconds, late - (waited - self._waited))
        self._waited = waited
        self._arm()
