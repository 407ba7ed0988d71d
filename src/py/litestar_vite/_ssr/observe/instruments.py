"""The gateways' counters for OpenTelemetry, as observable instruments, which are read only when a reader collects."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from opentelemetry.metrics import Observation, get_meter, get_meter_provider

from litestar_vite._ssr.observe.metrics import METRICS, Metric, Sources, samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider


# OpenTelemetry cannot remove instruments and requires unique ones, so apps that start one after another share them.
_observed: Final[WeakKeyDictionary[Any, Sources]] = WeakKeyDictionary()


def observed_by(provider: MeterProvider | None, meter: Meter | None = None) -> Sources:
    """Return the sources of a provider or a meter; without either, those of the global provider."""
    key = provider or meter or get_meter_provider()
    if (sources := _observed.get(key)) is None:
        sources = _observed[key] = Sources()
        _observe(
            meter if provider is None and meter is not None else get_meter("litestar_vite", meter_provider=provider),
            sources,
        )
    return sources


def _observe(meter: Meter, sources: Sources) -> None:
    for metric in METRICS:
        make = meter.create_observable_counter if metric.is_counter else meter.create_observable_gauge
        make(
            metric.name,
            callbacks=[partial(_observations, metric, sources)],
            unit=metric.unit or "1",
            description=metric.help,
        )


def _observations(metric: Metric, sources: Sources, _: CallbackOptions) -> Iterable[Observation]:
    return [
        Observation(number, {metric.label: label} if metric.label is not None else None)
        for label, number in samples(metric, sources.stats()).items()
    ]
