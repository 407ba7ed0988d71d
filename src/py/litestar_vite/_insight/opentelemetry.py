"""The metrics of pages for OpenTelemetry."""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

from opentelemetry.metrics import Meter, MeterProvider, get_meter, get_meter_provider

from litestar_vite._insight.measures import BUCKETS, COUNTERS, PAGE_TIME

# Instruments cannot be removed, so apps that start one after another share them.
_made: Final[WeakKeyDictionary[Any, OpenTelemetryMetrics]] = WeakKeyDictionary()


class OpenTelemetryMetrics:
    """The metrics of a meter."""

    def __init__(self, meter: Meter) -> None:
        self._page_time = meter.create_histogram(
            PAGE_TIME.name, unit="s", description=PAGE_TIME.help, explicit_bucket_boundaries_advisory=BUCKETS
        )
        self._counters = {
            counter.key: (meter.create_counter(counter.name, unit="1", description=counter.help), counter.labels)
            for counter in COUNTERS
        }

    @classmethod
    def of(cls, provider: MeterProvider | None, meter: Meter | None) -> OpenTelemetryMetrics:
        """Return the metrics of a provider or a meter; without either, those of the global provider."""
        key = provider or meter or get_meter_provider()
        if (found := _made.get(key)) is None:
            if provider is not None or meter is None:
                meter = get_meter("litestar_vite", meter_provider=provider)
            found = _made[key] = cls(meter)
        return found

    def page(self, component: str, visit: str, seconds: float) -> None:
        self._page_time.record(seconds, {"component": component, "visit": visit})

    def count(self, name: str, *labels: str) -> None:
        counter, names = self._counters[name]
        counter.add(1, dict(zip(names, labels, strict=True)))
