"""The metrics of pages for Prometheus. Values of prometheus_client also work with several processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from litestar_vite._insight.measures import BUCKETS, COUNTERS, PAGE_TIME, Measure

# A registry has each name once, so all apps of a process share its metrics.
_registered: Final[WeakKeyDictionary[CollectorRegistry, PrometheusMetrics]] = WeakKeyDictionary()


class PrometheusMetrics:
    """The metrics of a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._page_time = Histogram(
            f"{_name(PAGE_TIME)}_seconds", PAGE_TIME.help, PAGE_TIME.labels, buckets=BUCKETS, registry=registry
        )
        self._counters = {
            counter.key: Counter(_name(counter), counter.help, counter.labels, registry=registry)
            for counter in COUNTERS
        }
        # Looking up a child by its labels takes longer than counting.
        self._observe: dict[tuple[str, str], Callable[[float], None]] = {}

    @classmethod
    def of(cls, registry: CollectorRegistry | None) -> PrometheusMetrics:
        """Return the metrics of a registry; None is prometheus_client's default registry."""
        registry = registry or REGISTRY
        if (found := _registered.get(registry)) is None:
            found = _registered[registry] = cls(registry)
        return found

    def page(self, component: str, visit: str, seconds: float) -> None:
        observe = self._observe.get((component, visit))
        if observe is None:
            observe = self._observe[component, visit] = self._page_time.labels(component, visit).observe
        observe(seconds)

    def count(self, name: str, *labels: str) -> None:
        self._counters[name].labels(*labels).inc()


def _name(measure: Measure) -> str:
    return measure.name.replace(".", "_")
