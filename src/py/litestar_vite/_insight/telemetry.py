"""Spans and metrics of pages in production. Imported only when enabled.

How it works:
1. A listener turns each observation into facts, and passes them to spans and metrics.
2. Labels are bounded: components that routes, the error pages and the build name; at most 200 props.

The packages are checked when the app is created; providers and registries are read at the first response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from litestar import Litestar

from litestar_vite._assets.loader import AssetLoader
from litestar_vite._insight.facts import OTHER, Facts, facts_of
from litestar_vite._routes import named_components
from litestar_vite._ssr.observe.telemetry import given, require_opentelemetry, require_prometheus, tracer_of
from litestar_vite.config import InertiaConfig
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._page.observation import Observation

if TYPE_CHECKING:
    from litestar_vite._insight.spans import PageSpans

# Each pair of component and prop is a time series. Names of props are usually literals, but may be computed.
_MAX_PROPS: Final = 200


class Metrics(Protocol):
    """The metrics of one registry or meter. Labels are as in `_insight.measures`."""

    def page(self, component: str, visit: str, seconds: float) -> None:
        """Record the time of a page until its response started."""
        ...

    def count(self, name: str, *labels: str) -> None:
        """Add one to a counter."""
        ...


class PageTelemetry:
    """The listener that records spans and metrics of pages."""

    def __init__(self, config: InertiaConfig, assets: AssetLoader) -> None:
        """Check the settings, and that the packages that they need are installed.

        Raises:
            MissingDependencyError: A package is not installed.
            ConfigError: `slow_prop_seconds` is invalid.
        """
        given_seconds: Any = config.slow_prop_seconds
        if not isinstance(given_seconds, int | float) or not given_seconds >= 0:
            raise ConfigError(
                f"InertiaConfig.slow_prop_seconds is {given_seconds!r}. It must be a number of seconds, 0 or more."
            )
        self._config = config
        self._assets = assets
        self._components: set[str] = set()
        self._props: set[tuple[str, str]] = set()
        self._metrics: list[Metrics] | None = None
        self.spans: PageSpans | None = None
        if config.opentelemetry:
            require_opentelemetry("InertiaConfig")
            from litestar_vite._insight.spans import PageSpans

            own: Any = None if config.opentelemetry is True else config.opentelemetry
            self.spans = PageSpans(lambda: tracer_of(own), config.slow_prop_seconds)
        if config.prometheus:
            require_prometheus("InertiaConfig")

    def __call__(self, observation: Observation, message: Any) -> None:
        """Record a response."""
        if self._metrics is None:
            self._metrics = self._start(observation.scope["litestar_app"])
        facts = facts_of(observation, message, self._components)
        if self.spans is not None:
            self.spans(observation, facts, message["status"])
        if facts is None:
            return
        slow = self._slow(observation, facts) if observation.props else ()
        for metrics in self._metrics:
            if facts.component or facts.visit == "precognition":
                metrics.page(facts.component, facts.visit, observation.seconds)
            for path in slow:
                metrics.count("slow_props", facts.component, path)
            if facts.conflict is not None:
                metrics.count("conflicts", facts.conflict)
            if facts.invalid_route is not None:
                metrics.count("invalid_forms", facts.invalid_route, facts.visit)
            for section in facts.lost:
                metrics.count("carried_cut", section)

    def _start(self, app: Litestar) -> list[Metrics]:
        """Read the components of the app, and the providers and registries that the user has set."""
        config, manifest = self._config, self._assets.manifest
        self._components = {component for component, _ in named_components(app, config)}
        self._components.update(manifest.pages if manifest is not None else ())
        metrics: list[Metrics] = []
        if config.opentelemetry:
            from litestar_vite._insight.opentelemetry import OpenTelemetryMetrics

            own: Any = None if config.opentelemetry is True else config.opentelemetry
            metrics.append(OpenTelemetryMetrics.of(given(own, "meter_provider"), given(own, "meter")))
        if config.prometheus:
            from litestar_vite._insight.prometheus import PrometheusMetrics

            metrics.append(PrometheusMetrics.of(None if config.prometheus is True else config.prometheus))
        return metrics

    def _slow(self, observation: Observation, facts: Facts) -> list[str]:
        """Return the paths of slow props, as labels."""
        limit = self._config.slow_prop_seconds
        return [self._label(facts.component, path) for path, prop in observation.props.items() if prop.seconds > limit]

    def _label(self, component: str, path: str) -> str:
        pair = (component, path)
        if pair not in self._props:
            if len(self._props) >= _MAX_PROPS:
                return OTHER
            self._props.add(pair)
        return path

    def __repr__(self) -> str:
        found = {"OpenTelemetry": self._config.opentelemetry, "Prometheus": self._config.prometheus}
        return f"<PageTelemetry {' '.join(name for name, is_on in found.items() if is_on)}>"
