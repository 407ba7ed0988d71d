"""The routes of the app under test, the same for both adapters: pages that contain the name of their user, and the
vital signs of the process.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import threading
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import RunQueue
from litestar import Litestar, get
from litestar.datastructures import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ("ROWS", "LoopTicker", "make_handlers", "ticking")

ROWS: list[dict[str, Any]] = [
    {"id": n, "name": f"Ada Lovelace {n}", "email": f"ada.{n}@example.org", "tags": ["<math>", "&"]} for n in range(40)
]
"""About 3 KB of props; the angle brackets must arrive unchanged."""

_TICK_SECONDS = 0.010
_SELF = Path("/proc/self")


class LoopTicker:
    """A 10 ms timer that records how late it fires (R12), and how much of that time the thread waited for a core.

    Attributes:
        late: Delay of each tick in seconds, without the wait for a core.
        late_raw: The same, including the wait.

    Half an hour has 180,000 ticks. Arrays do not fragment memory; lists of floats left 5 MB of fragments, which looked
    like a leak in the soak test.
    """

    def __init__(self) -> None:
        self.late, self.late_raw = array("d"), array("d")
        self._times, self._waits = array("d"), array("d")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="chaos-ticker")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        queue = RunQueue()
        before = queue.seconds()
        try:
            while True:
                due = time.monotonic() + _TICK_SECONDS
                await asyncio.sleep(_TICK_SECONDS)
                now, waited = time.monotonic(), queue.seconds()
                self.late_raw.append(max(0.0, now - due))
                self.late.append(max(0.0, now - due - (waited - before)))
                self._times.append(now)
                self._waits.append(waited)
                before = waited
        finally:
            queue.close()

    @property
    def waited(self) -> list[tuple[float, float]]:
        """Pairs of monotonic time and total seconds waited for a core, one for each tick."""
        return list(zip(self._times, self._waits, strict=True))

    def clear(self) -> None:
        self.late, self.late_raw = array("d"), array("d")
        self._times, self._waits = self._times[-1:], self._waits[-1:]


async def ticking(app: Litestar) -> AsyncIterator[None]:
    ticker = LoopTicker()
    ticker.start()
    app.state.ticker = ticker
    yield
    ticker.stop()


def _status_bytes(name: str) -> int:
    for line in (_SELF / "status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def _breaking_pages() -> list[Any]:
    async def page(user: str) -> dict[str, Any]:
        return {"user": user, "rows": ROWS}

    return [
        get(f"/{name.lower()}/{{user:str}}", component=name)(page)
        for name in ("Poison", "Spin", "Exit", "Crash", "Full")
    ]


def make_handlers() -> list[Any]:
    @get("/page/{user:str}", component="Echo")
    async def page(user: str, pad: int = 0) -> dict[str, Any]:
        props: dict[str, Any] = {"user": user, "rows": ROWS}
        if pad:
            props["pad"] = "x" * pad
        return props

    @get("/threads/{user:str}", component="Echo", sync_to_thread=True)
    def threads(user: str) -> dict[str, Any]:
        return {"user": user, "rows": ROWS}

    @get("/ready")
    async def ready() -> dict[str, int]:
        return {"pid": os.getpid()}

    @get("/vitals")
    async def vitals(state: State, reset: bool = False, series: bool = False) -> dict[str, Any]:
        """Return the vital signs of this process. `series` adds every tick; `reset` then resets the memory peak and the
        ticker.
        """
        ticker: LoopTicker = state.ticker
        # The worst hundredth. Sorting all ticks would fragment memory, as lists do (see LoopTicker).
        late = heapq.nlargest(len(ticker.late) // 100 + 1, ticker.late)
        answer = {
            "pid": os.getpid(),
            "rss": _status_bytes("VmRSS"),
            "peak_rss": _status_bytes("VmHWM"),
            "fds": sum(1 for _ in (_SELF / "fd").iterdir()),
            "tasks": len(asyncio.all_tasks()),
            "threads": threading.active_count(),
            "lag_worst": late[0] if late else 0.0,
            "lag_p99": late[-1] if late else 0.0,
            "lag_raw": max(ticker.late_raw, default=0.0),
            "cpu": time.process_time(),
        }
        if series:
            answer["waited"] = ticker.waited
        if reset:
            ticker.clear()
            # 5 resets the peak resident size (Linux).
            (_SELF / "clear_refs").write_text("5")
        return answer

    return [page, *_breaking_pages(), threads, ready, vitals]
