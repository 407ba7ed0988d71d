"""Optional tracing and metrics. Imported only when enabled, so that other apps pay nothing.

Rules: missing packages are reported when the app is created. Registries and meters are read when the app starts, since
a provider may be set until then."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, cast

from litestar_vite._ssr.gateway import RenderGateway
from litestar_vite.exceptions import MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from opentelemetry.trace import Tracer

    from litestar_vite._ssr.cache import RenderCache
    from litestar_vite._ssr.observe.metrics import Sources
    from litestar_vite._ssr.observe.prometheus import Copies
    from litestar_vite._ssr.report import GatewayStats
    from litestar_vite.config._ssr import SSRConfig


# Prometheus scrapes every 15 s or less often. Copying takes 0.1 ms.
_COPY_SECONDS: Final = 1.0


class Telemetry:
    """The spans and metrics of one app."""

    def __init__(self, config: SSRConfig) -> None:
        """Check that the packages required by the settings are installed.

        Raises:
            MissingDependencyError: A package is not installed.
        """
        self._opentelemetry: Any = None if config.opentelemetry is True else config.opentelemetry
        self._has_opentelemetry = bool(config.opentelemetry)
        self._registry: Any = None if config.prometheus is True else config.prometheus
        self._has_prometheus = bool(config.prometheus)
        self._watched: list[tuple[Sources, Callable[[], GatewayStats | None]]] = []
        self._copying: asyncio.Task[None] | None = None
        self._copies: Copies | None = None
        if self._has_opentelemetry:
            require_opentelemetry("SSRConfig")
        if self._has_prometheus:
            require_prometheus("SSRConfig")

    def gateway(
        self, client: httpx.AsyncClient, url: str, config: SSRConfig, cache: RenderCache | None
    ) -> RenderGateway:
        """Return a gateway, a TracedGateway if OpenTelemetry is enabled."""
        if not self._has_opentelemetry:
            return RenderGateway(client, url, config, cache)
        from litestar_vite._ssr.observe.spans import TracedGateway

        return TracedGateway(client, url, config, cache, tracer_of(self._opentelemetry))

    def start(self, source: Callable[[], GatewayStats | None]) -> None:
        """Export the counters that `source` returns (None while the gateway is closed). Called on the app's loop."""
        if self._has_opentelemetry:
            from litestar_vite._ssr.observe.instruments import observed_by

            provider, meter = given(self._opentelemetry, "meter_provider"), given(self._opentelemetry, "meter")
            self._watch(observed_by(provider, meter), source)
        if self._has_prometheus:
            from litestar_vite._ssr.observe.prometheus import Copies, collected_in, is_multi_process

            if is_multi_process():
                self._copies = Copies.of(self._registry)
                self._watch(self._copies.sources, source)
                self._copying = asyncio.get_running_loop().create_task(
                    self._copy(self._copies), name="litestar-vite-ssr-prometheus"
                )
            else:
                self._watch(collected_in(self._registry), source)

    def _watch(self, sources: Sources, source: Callable[[], GatewayStats | None]) -> None:
        sources.add(source)
        self._watched.append((sources, source))

    @staticmethod
    async def _copy(copies: Copies) -> None:
        while True:
            copies.update()
            await asyncio.sleep(_COPY_SECONDS)

    async def stop(self) -> None:
        """Copy the open gateway's final counters, then stop the export."""
        if self._copying is not None:
            self._copying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._copying
            self._copying = None
        if self._copies is not None:
            self._copies.update()
            self._copies = None
        for sources, source in self._watched:
            sources.remove(source)
        self._watched.clear()


def given(config: Any, name: str) -> Any:
    """Return a provider, tracer or meter of the user's configuration; None for the global one."""
    return getattr(config, name, None)


def tracer_of(config: Any) -> Tracer:
    """Return the tracer for an OpenTelemetryConfig; None stands for the global provider."""
    from opentelemetry.trace import get_tracer

    provider, tracer = given(config, "tracer_provider"), given(config, "tracer")
    if provider is not None or tracer is None:
        return get_tracer("litestar_vite", tracer_provider=provider)
    return cast("Tracer", tracer)


def require_opentelemetry(config: str) -> None:
    """Raise MissingDependencyError without opentelemetry-api. `config` is the class with the setting."""
    _require("opentelemetry", "opentelemetry-api", f"{config}.opentelemetry")


def require_prometheus(config: str) -> None:
    """Raise MissingDependencyError without prometheus_client. `config` is the class with the setting."""
    _require("prometheus_client", "prometheus-client", f"{config}.prometheus")


def _require(module: str, package: str, setting: str) -> None:
    from importlib import import_module

    try:
        import_module(module)
    except ImportError as error:
        raise MissingDependencyError(package, setting.partition(".")[2], setting) from error
