"""A circuit breaker: while the render server is down, visitors do not wait for it.

How it works:
1. Closed: all renders pass. Results since the first failure are remembered, the last `_WINDOW` of the last
   `_WINDOW_SECONDS`; when at least `_FAILURES` and at least half of them have failed, the breaker opens.
2. Open: renders are refused for one second, then for two, up to thirty, minus a random share of up to 10 %, so that
   processes do not all return at once. The pause ends early when the render server comes back.
3. Half open: a probe runs without a visitor, and renders are still refused. If it succeeds, the breaker closes; if it
   fails, the breaker opens again.

Rules: only transport errors count (no connection, a timeout, a malformed response). A page that throws is a success,
since the render server responded. A cancelled call is neither. Results of calls from before the last transition are
ignored. Each transition is logged once."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from litestar_vite._processes.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable


logger = logging.getLogger("litestar_vite.ssr")

_WINDOW: Final = 20
_WINDOW_SECONDS: Final = 30.0
_FAILURES: Final = 5
_FIRST_PAUSE_SECONDS: Final = 1.0
_MAX_PAUSE_SECONDS: Final = 30.0
_JITTER: Final = 0.1


class Breaker:
    """Decides whether requests are sent to the render server.

    Attributes:
        state: closed, open or half-open.
        opened_total: The number of times it has opened.
        on_open: Called when it opens.
    """

    __slots__ = (
        "_backoff",
        "_call",
        "_failed",
        "_is_probed",
        "_results",
        "_retry_at",
        "on_open",
        "opened_total",
        "state",
    )

    def __init__(self, on_open: Callable[[], None] | None = None) -> None:
        self.state = "closed"
        self.opened_total = 0
        self.on_open = on_open
        self._call = 1
        self._failed = 0
        self._is_probed = False
        self._results: deque[tuple[float, bool]] = deque()
        self._backoff = Backoff(_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS)
        self._retry_at = 0.0

    def enter(self) -> int:
        """Return a ticket for one call, to be passed with the result; 0 unless the breaker is closed."""
        return self._call if self.state == "closed" else 0

    def probe(self) -> int:
        """Return a ticket for the probe, after the pause; 0 at other times."""
        if self.state != "open" or _now() < self._retry_at:
            return 0
        self._move("half-open")
        # A cancelled probe is followed by another one, which is not logged.
        if not self._is_probed:
            self._is_probed = True
            logger.info("The SSR breaker is half open: one render tries the server again")
        return self._call

    def succeeded(self, ticket: int) -> None:
        """Record that the render server responded."""
        if ticket != self._call:
            return
        if self.state == "half-open":
            self._move("closed")
            self._backoff.reset()
            logger.warning("The SSR breaker is closed: the render server answers again")
        elif self._results:
            # Successes count only after a first failure.
            self._remember(failed=False)

    def failed(self, ticket: int, reason: str) -> None:
        """Record that the render server did not respond; `reason` is for the log."""
        if ticket != self._call:
            return
        if self.state == "half-open":
            self._open(reason)
            return
        self._remember(failed=True)
        if self._failed >= _FAILURES and self._failed * 2 >= len(self._results):
            self._open(reason)

    def cancelled(self, ticket: int) -> None:
        """Record a cancelled call. After a cancelled probe, the next one may start at once."""
        if ticket == self._call and self.state == "half-open":
            self._move("open")
            self._retry_at = _now()

    def try_again(self) -> None:
        """End the pause, since the render server is back."""
        if self.state == "open":
            self._retry_at = _now()

    def _open(self, reason: str) -> None:
        pause = self._backoff.next_seconds() * random.uniform(1 - _JITTER, 1)  # noqa: S311 - no secret
        self._retry_at = _now() + pause
        self._move("open")
        self._is_probed = False
        self.opened_total += 1
        logger.error(
            "The SSR breaker is open: for %.1f s all pages are rendered in the browser. The last failure: %s",
            pause,
            reason,
        )
        if self.on_open is not None:
            self.on_open()

    def _move(self, state: str) -> None:
        self.state = state
        self._call += 1
        self._results.clear()
        self._failed = 0

    def _remember(self, *, failed: bool) -> None:
        now = _now()
        results = self._results
        results.append((now, failed))
        self._failed += failed
        while len(results) > _WINDOW or results[0][0] < now - _WINDOW_SECONDS:
            self._failed -= results.popleft()[1]
        # The remaining results start with a failure.
        while results and not results[0][1]:
            results.popleft()

    def __repr__(self) -> str:
        state = self.state
        if state == "open":
            state = f"open for {max(0.0, self._retry_at - _now()):.1f} s"
        return f"<Breaker {state} failures={self._failed} opened={self.opened_total}>"


def _now() -> float:
    return time.monotonic()
