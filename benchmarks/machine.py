"""Measures how long threads wait for a core, to distinguish other load on the machine from a slow app.

Linux counts this for each thread (`schedstat`, second field, ns). The time that the driver's thread or the app's loop
spent in the run queue is subtracted from latencies and loop lags, in the control run as well. If the kernel does not
count it, nothing is subtracted."""

from __future__ import annotations

import bisect
import os
import threading
from pathlib import Path

__all__ = ("RunQueue", "Series", "pressure")


class RunQueue:
    """How long the creating thread has waited for a core so far."""

    def __init__(self) -> None:
        try:
            self._fd = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
        except OSError:
            self._fd = -1

    def seconds(self) -> float:
        return int(os.pread(self._fd, 64, 0).split()[1]) / 1e9 if self._fd >= 0 else 0.0

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Series:
    """Samples of (monotonic time, seconds waited so far) of another process's thread."""

    def __init__(self, samples: list[list[float]]) -> None:
        self._times = [time for time, _ in samples]
        self._waited = [waited for _, waited in samples]

    def between(self, start: float, end: float) -> float:
        """Return the wait from the last sample before `start` to the first one after `end`."""
        if not self._times:
            return 0.0
        first = max(0, bisect.bisect_right(self._times, start) - 1)
        last = min(len(self._times) - 1, bisect.bisect_left(self._times, end))
        return max(0.0, self._waited[last] - self._waited[first])


def pressure() -> float:
    """Return the seconds since boot in which any task on this machine waited for a core (PSI); 0 if unavailable."""
    try:
        return int(Path("/proc/pressure/cpu").read_text().partition("total=")[2].split()[0]) / 1e6
    except OSError:
        return 0.0
