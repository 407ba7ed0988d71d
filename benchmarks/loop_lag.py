"""How long the event loop keeps everybody else waiting: a 1 ms timer that notes how late it fires."""

import asyncio
from types import TracebackType
from typing import Self

_TICK_SECONDS = 0.001


class LoopLag:
    """`async with LoopLag() as lag: ...`, then `lag.worst_seconds`."""

    def __init__(self) -> None:
        self.worst_seconds = 0.0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._arm()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.sleep(2 * _TICK_SECONDS)  # a block that has just ended shows at the next tick
        assert self._timer
        self._timer.cancel()

    def _arm(self) -> None:
        due = self._loop.time() + _TICK_SECONDS
        self._timer = self._loop.call_at(due, self._tick, due)

    def _tick(self, due: float) -> None:
        self.worst_seconds = max(self.worst_seconds, self._loop.time() - due)
        self._arm()
