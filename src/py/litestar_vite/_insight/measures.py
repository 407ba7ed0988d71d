"""The metrics of pages: names, labels and buckets, without the package of a monitoring system."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Measure(Struct, frozen=True):
    """One metric.

    Attributes:
        key: The last part of its name, by which it is counted.
    """

    key: str
    help: str
    labels: tuple[str, ...]

    @property
    def name(self) -> str:
        """The full name, with dots as in OpenTelemetry; Prometheus uses underscores."""
        return f"litestar_vite.{self.key}"


PAGE_TIME: Final = Measure("page_time", "Time until the response of a page started", ("component", "visit"))
# Seconds. From a plain page (a millisecond) to what a proxy gives up on.
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COUNTERS: Final = (
    Measure("slow_props", "Props that took longer than slow_prop_seconds", ("component", "prop")),
    Measure("conflicts", "409 responses that make the client load a page, by reason", ("reason",)),
    Measure("invalid_forms", "Forms with validation errors, by route", ("route", "visit")),
    Measure("carried_cut", "Responses that could not carry all flash messages or errors", ("section",)),
)
"""docs/insight.md lists them."""
