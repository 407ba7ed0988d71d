"""A gateway's counters, and its log of failures."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from msgspec import Struct

from litestar_vite._colours import on_one_line
from litestar_vite._ssr.outcome import ClientSide, Failed, Outcome, Rendered

logger = logging.getLogger("litestar_vite.ssr")

# 256 components: generated names must not fill the memory.
_MAX_COMPONENTS: Final = 256


class GatewayStats(Struct, frozen=True):
    """A gateway's counters since it was opened.

    Attributes:
        rendered: Pages rendered on the server. Pages from the cache are counted in `cache`.
        client_side: Pages for which the render server chose client-side rendering.
        failed: Pages that failed, by kind (see `Failed`).
        page_errors: Failures of the page itself, by component.
        render_seconds: Total time of successful renders.
        running: The number of running renders.
        waiting: The number of renders that wait for a place.
        breaker: closed, open or half-open.
        breaker_opened: How many times it has opened.
        cache: Hits, misses and other counters; empty without a cache.
        upstreams: Whether each of several render servers works, by URL; empty for a single server, and for the app's
            own workers.
    """

    rendered: int
    client_side: int
    failed: dict[str, int]
    page_errors: dict[str, int]
    render_seconds: float
    running: int
    waiting: int
    breaker: str
    breaker_opened: int
    cache: dict[str, int]
    upstreams: dict[str, bool]


class Tally:
    """Counts outcomes."""

    __slots__ = ("client_side", "failed", "page_errors", "render_seconds", "rendered")

    def __init__(self) -> None:
        self.rendered = 0
        self.client_side = 0
        self.failed: dict[str, int] = {}
        self.page_errors: dict[str, int] = {}
        self.render_seconds = 0.0

    def add(self, outcome: Outcome, component: str, seconds: float) -> None:
        if isinstance(outcome, Rendered):
            self.rendered += 1
            self.render_seconds += seconds
        elif isinstance(outcome, ClientSide):
            self.client_side += 1
        else:
            self._add_failure(outcome, component)

    def _add_failure(self, failed: Failed, component: str) -> None:
        self.failed[failed.kind] = self.failed.get(failed.kind, 0) + 1
        if failed.is_page_error and (component in self.page_errors or len(self.page_errors) < _MAX_COMPONENTS):
            self.page_errors[component] = self.page_errors.get(component, 0) + 1


class FailureLog:
    """Logs failures at most once a minute for each kind and page, so that a broken page does not fill the log."""

    # 256 different failures. Beyond that, the oldest are dropped and may be logged again.
    _MAX_KEYS: Final = 256
    _PAUSE_SECONDS: Final = 60.0

    def __init__(self, *, falls_back: bool = True) -> None:
        """`falls_back`: the browser renders failed pages."""
        self._falls_back = ", the browser renders it" if falls_back else ""
        self._last: dict[tuple[Any, ...], float] = {}
        self.total = 0

    def report(self, failed: Failed, component: str) -> None:
        self.total += 1
        key = (failed.kind, component if failed.is_page_error else None)
        now = time.monotonic()
        if now - self._last.get(key, -self._PAUSE_SECONDS) < self._PAUSE_SECONDS:
            return
        if len(self._last) >= self._MAX_KEYS:
            self._last.pop(next(iter(self._last)))
        self._last[key] = now
        logger.error(
            "Server-side rendering of %r failed (%s, %.0f ms)%s: %s%s%s",
            component,
            failed.kind,
            failed.seconds * 1000,
            self._falls_back,
            # The render server's message may quote a visitor's input.
            on_one_line(failed.message),
            f" at {on_one_line(failed.source_location)}" if failed.source_location else "",
            f" Hint: {on_one_line(failed.hint)}" if failed.hint else "",
        )
