"""The last events of a channel, and which of them a client has missed.

How it works:
1. A client names its position: the id of the last event that it received, or the time at which its page was made.
2. If the id is known, the client has missed the events after it. Otherwise it has missed those after the time.
3. `since_ms` is the time from which the history is complete. An earlier position returns None, and the client
   reloads its live props."""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from litestar_vite.inertia._live.events import Event

# 500 ms: the clocks of machines that publish and of machines that make pages may differ by this much.
CLOCK_SKEW_MS: Final = 500
_POSITION: Final = re.compile(r"(\d{1,15})(?:-[0-9a-f]{1,16})?").fullmatch


def time_of(position: str) -> int | None:
    """Return the milliseconds of a position; None if it is malformed."""
    match = _POSITION(position)
    return int(match[1]) if match is not None else None


class History:
    """The events of one channel in their order, at most `size`."""

    def __init__(self, size: int, since_ms: int) -> None:
        self._events: deque[Event] = deque()
        self._seen: dict[str, None] = {}
        self._size = size
        self.since_ms = since_ms

    def add(self, event: Event) -> bool:
        """Add an event, and return whether it is new. Redis streams replay all events to a new subscriber."""
        if event.id in self._seen:
            return False
        self._seen[event.id] = None
        if len(self._seen) > 2 * self._size:
            del self._seen[next(iter(self._seen))]
        self._events.append(event)
        if len(self._events) > self._size:
            self.since_ms = max(self.since_ms, self._events.popleft().ms + 1)
        return True

    def after(self, position: str) -> list[Event] | None:
        """Return the events after a position; None if some of them may be lost."""
        events = list(self._events)
        for index in range(len(events) - 1, -1, -1):
            if events[index].id == position:
                return events[index + 1 :]
        start = (time_of(position) or 0) - CLOCK_SKEW_MS
        return None if start < self.since_ms else [event for event in events if event.ms > start]

    def forget(self, now_ms: int) -> None:
        """Drop all events: some may have been missed before this time. Replays of them are still known."""
        self._events.clear()
        self.since_ms = now_ms
