"""The gateways' counters as metrics: names, types and samples, without the package of a monitoring system.

How it works:
1. A gateway always counts (`Gateway.stats`). Collectors read these metrics from it, at no cost to renders.
2. The counters of all gateways in a process are summed, since a registry has each name once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from litestar_vite._ssr.report import GatewayStats

    Read = Callable[[GatewayStats], Iterable[tuple[str, float]]]


_BREAKER_STATES: Final = ("closed", "half-open", "open")
# Gauges of RenderCache; its other numbers are counters.
_CACHE_NOW: Final = ("pages", "bytes")


class Metric(Struct, frozen=True):
    """One metric.

    Attributes:
        name: With dots, as in OpenTelemetry; Prometheus uses underscores, the unit and `_total`.
        help: The description.
        read: Returns pairs of label and number from a gateway's counters; the label is "" for a metric without one.
        label: The name of the only label; None without one.
        unit: "s" for seconds, "By" for bytes, "" for a number of things.
        is_counter: The metric only grows; otherwise it is a gauge.
    """

    name: str
    help: str
    read: Read
    label: str | None = None
    unit: str = ""
    is_counter: bool = True


class Sources:
    """The gateways of one process, for one registry or meter."""

    def __init__(self) -> None:
        self._sources: list[Callable[[], GatewayStats | None]] = []

    def add(self, source: Callable[[], GatewayStats | None]) -> None:
        """Add a function that returns a gateway's counters, or None while it is closed."""
        self._sources.append(source)

    def remove(self, source: Callable[[], GatewayStats | None]) -> None:
        self._sources.remove(source)

    def stats(self) -> list[GatewayStats]:
        """Return the counters of all gateways. Thread-safe."""
        return [stats for source in tuple(self._sources) if (stats := source()) is not None]


def samples(metric: Metric, stats: Iterable[GatewayStats]) -> dict[str, float]:
    """Return a metric's numbers by label, summed over all gateways."""
    total: dict[str, float] = {}
    for one in stats:
        for label, number in metric.read(one):
            total[label] = total.get(label, 0) + number
    return total


def _cache_events(stats: GatewayStats) -> Iterable[tuple[str, float]]:
    return [(name, number) for name, number in stats.cache.items() if name not in _CACHE_NOW]


def _cache_now(stats: GatewayStats, name: str) -> Iterable[tuple[str, float]]:
    return [("", stats.cache[name])] if name in stats.cache else []


def _upstreams(stats: GatewayStats) -> Iterable[tuple[str, float]]:
    return [(url, float(works)) for url, works in stats.upstreams.items()]


def _breaker(stats: GatewayStats) -> Iterable[tuple[str, float]]:
    return [(state, float(state == stats.breaker)) for state in _BREAKER_STATES]


METRICS: Final = (
    Metric("litestar_vite.ssr.rendered", "Pages that the render server rendered", lambda stats: [("", stats.rendered)]),
    Metric(
        "litestar_vite.ssr.client_side",
        "Pages that the render server left to the browser",
        lambda stats: [("", stats.client_side)],
    ),
    Metric("litestar_vite.ssr.failed", "Renders that failed, by kind", lambda stats: stats.failed.items(), "kind"),
    Metric(
        "litestar_vite.ssr.page_errors",
        "Renders in which the page threw",
        lambda stats: stats.page_errors.items(),
        "component",
    ),
    Metric(
        "litestar_vite.ssr.render_time",
        "Time that successful renders took",
        lambda stats: [("", stats.render_seconds)],
        unit="s",
    ),
    Metric(
        "litestar_vite.ssr.breaker_opened", "How often the breaker opened", lambda stats: [("", stats.breaker_opened)]
    ),
    Metric("litestar_vite.ssr.breaker", "1 for the state that the breaker is in", _breaker, "state", is_counter=False),
    Metric(
        "litestar_vite.ssr.upstream",
        "1 for each of several render servers that works",
        _upstreams,
        "url",
        is_counter=False,
    ),
    Metric("litestar_vite.ssr.running", "Renders that run now", lambda stats: [("", stats.running)], is_counter=False),
    Metric(
        "litestar_vite.ssr.waiting",
        "Renders that wait for their turn",
        lambda stats: [("", stats.waiting)],
        is_counter=False,
    ),
    Metric(
        "litestar_vite.ssr.cache", "Hits, misses and the like of the cache of rendered pages", _cache_events, "event"
    ),
    Metric(
        "litestar_vite.ssr.cache_pages",
        "Pages in the cache",
        lambda stats: _cache_now(stats, "pages"),
        is_counter=False,
    ),
    Metric(
        "litestar_vite.ssr.cache_size",
        "Bytes in the cache",
        lambda stats: _cache_now(stats, "bytes"),
        unit="By",
        is_counter=False,
    ),
)
"""docs/server-side-rendering.md lists them."""
