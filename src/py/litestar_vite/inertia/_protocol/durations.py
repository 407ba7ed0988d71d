"""The times that a route's deferred props take, which decide whether a page sends one at once.

How it works:
1. A prop with `inline_within_ms` is deferred until it is known to be quick: its value was computed for a partial reload
   within the limit.
2. A slow computation counts at once, and a quick one reduces the time by a tenth, so that a prop that is sometimes slow
   stays deferred.

Nothing is interrupted: a query that is cancelled would leave the request's database session unusable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

# More props than a route has; paths that a handler generates for each request must not fill the memory.
_MAX_PATHS: Final = 256
_DECAY: Final = 0.9


class Durations:
    """The time of each prop of a route, in milliseconds, by path.

    Args:
        limit_ms: The limit of props without `inline_within_ms`; None if the client fetches them after the page.
    """

    __slots__ = ("_known", "limit_ms")

    def __init__(self, limit_ms: float | None = None) -> None:
        self.limit_ms = limit_ms
        self._known: dict[str, float] = {}

    def get(self, path: str) -> float | None:
        """Return the time that a prop is expected to take; None if it is unknown."""
        return self._known.get(path)

    def learn(self, measured: Mapping[str, float]) -> None:
        """Take over the times of a page that was sent."""
        for path, milliseconds in measured.items():
            if path in self._known or len(self._known) < _MAX_PATHS:
                self._known[path] = max(milliseconds, _DECAY * self._known.get(path, 0.0))

    def forget(self, paths: Iterable[str]) -> None:
        """Defer these props again, since one of them failed."""
        for path in paths:
            self._known.pop(path, None)
