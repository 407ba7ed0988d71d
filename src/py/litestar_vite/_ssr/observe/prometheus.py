"""The gateways' counters for Prometheus.

How it works:
1. Usually the registry has a collector, which reads the counters at each scrape. Renders have no overhead.
2. In prometheus_client's multi-process mode (PROMETHEUS_MULTIPROC_DIR) the scraped process reads the files of the
   others, but not their collectors. So each process copies its counters once a second into values that have files.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from litestar_vite._ssr.observe.metrics import METRICS, Metric, Sources, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric as Family


_UNITS: Final = {"s": "_seconds", "By": "_bytes", "": ""}
# A registry has each name once, so all apps of a process share its values.
_collected: Final[WeakKeyDictionary[CollectorRegistry, Sources]] = WeakKeyDictionary()
_copies: Final[WeakKeyDictionary[CollectorRegistry, Copies]] = WeakKeyDictionary()


def is_multi_process() -> bool:
    """Return whether prometheus_client stores values in files, according to either spelling of its variable."""
    return "PROMETHEUS_MULTIPROC_DIR" in os.environ or "prometheus_multiproc_dir" in os.environ


def collected_in(registry: CollectorRegistry | None) -> Sources:
    """Return the sources of a registry; None is prometheus_client's default registry."""
    registry = registry or REGISTRY
    if (sources := _collected.get(registry)) is None:
        sources = Sources()
        registry.register(_Collector(sources))
        _collected[registry] = sources
    return sources


class _Collector:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> list[Family]:
        """Return the families without values: a registry only needs their names."""
        return [_family(metric) for metric in METRICS]

    def collect(self) -> Iterator[Family]:
        stats = self._sources.stats()
        for metric in METRICS:
            family = _family(metric)
            for label, number in samples(metric, stats).items():
                family.add_metric([label] if metric.label is not None else [], number)
            yield family


def _family(metric: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if metric.is_counter else GaugeMetricFamily
    return kind(_name(metric), metric.help, labels=_labels(metric))


def _name(metric: Metric) -> str:
    return metric.name.replace(".", "_") + _UNITS[metric.unit]


def _labels(metric: Metric) -> list[str]:
    return [metric.label] if metric.label is not None else []


class Copies:
    """The counters of this process as values of a registry, as of the last `update`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sources = Sources()
        # livesum: gauges are summed over the running processes.
        self._copies = [
            Counter(_name(metric), metric.help, _labels(metric), registry=registry)
            if metric.is_counter
            else Gauge(_name(metric), metric.help, _labels(metric), registry=registry, multiprocess_mode="livesum")
            for metric in METRICS
        ]
        self._counted: dict[tuple[str, str], float] = {}

    @classmethod
    def of(cls, registry: CollectorRegistry | None) -> Copies:
        """Return the copies of a registry; None is prometheus_client's default registry."""
        registry = registry or REGISTRY
        if (copies := _copies.get(registry)) is None:
            copies = _copies[registry] = cls(registry)
        return copies

    def update(self) -> None:
        """Copy the current values."""
        stats = self.sources.stats()
        for metric, copy in zip(METRICS, self._copies, strict=True):
            for label, number in samples(metric, stats).items():
                child = copy.labels(label) if metric.label is not None else copy
                if isinstance(child, Gauge):
                    child.set(number)
                    continue
                before = self._counted.get((metric.name, label), 0.0)
                # The numbers of a closed gateway are no longer included, so a smaller number counts from zero.
                child.inc(number - before if number >= before else number)
                self._counted[metric.name, label] = number
