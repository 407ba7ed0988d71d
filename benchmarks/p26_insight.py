"""P26: the price of Server-Timing, metrics, spans and DevTools, for a plain page and a reload of a deferred prop.

Why: operators need it to decide what to turn on. The floor of the production rows is the same page with everything off,
and that of DevTools is development without DevTools. The SDK records spans and drops them, so exporters cost extra.
"""

from contextlib import AsyncExitStack
from typing import Any

from litestar import get

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.data import PAGE
from benchmarks.harness import REPORTED, Goal, Row, Settings, Side, compare, interleave, latency_ratio
from benchmarks.p17_prop_types import PARTIAL, pages, serve
from benchmarks.project import built_project

PRODUCTION = {"timing": "Server-Timing", "metrics": "Prometheus metrics", "spans": "OpenTelemetry spans and metrics"}
KINDS = (("plain", "XHR page, 5 KB props"), ("deferred", "reload of a deferred prop"))


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    rows: list[Row] = []
    for kind, what in KINDS:
        async with AsyncExitStack() as stack:
            sides: dict[str, Side] = {"floor": await _page(stack, kind)}
            for name in PRODUCTION:
                sides[name] = await _page(stack, kind, **_settings(name))
            sides["development"] = await _page(stack, kind, is_development=True, devtools=False, server_timing=False)
            sides["devtools"] = await _page(stack, kind, is_development=True, devtools=True, server_timing=False)
            rounds = await interleave(sides, settings)
        for name, text in PRODUCTION.items():
            rows.append(_row(f"P26.{name}.{kind}", f"{what}, with {text}", rounds, settings, "floor", name))
        text = f"{what}, with DevTools, against development without"
        rows.append(_row(f"P26.devtools.{kind}", text, rounds, settings, "development", "devtools"))
    return rows


def _row(id_: str, what: str, rounds: Any, settings: Settings, floor: str, ours: str, goal: Goal = REPORTED) -> Row:
    return compare(id_, what, rounds, settings, goal=goal, ratio=latency_ratio, floor=floor, ours=ours, peer=None)


def _settings(name: str) -> dict[str, Any]:
    if name == "timing":
        return {"server_timing": True}
    if name == "metrics":
        from prometheus_client import CollectorRegistry

        return {"prometheus": CollectorRegistry()}
    from litestar.plugins.opentelemetry import OpenTelemetryConfig
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider

    traces = TracerProvider(shutdown_on_exit=False)
    meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
    return {"opentelemetry": OpenTelemetryConfig(tracer_provider=traces, meter_provider=meters)}


async def _page(stack: AsyncExitStack, kind: str, *, is_development: bool = False, **inertia: Any) -> Caller:
    from litestar_vite import ViteConfig, VitePlugin
    from litestar_vite.inertia import InertiaConfig

    @get("/", component="Bench")
    async def plain() -> dict[str, Any]:
        return PAGE

    config = ViteConfig(
        root=stack.enter_context(built_project()),
        inertia=InertiaConfig(**inertia),
        dev_mode=is_development,
        # Vite does not run: pages only contain its address.
        dev_server_url="http://127.0.0.1:1" if is_development else None,
        allowed_hosts=["app.example.org"],
    )
    page = plain if kind == "plain" else pages()
    app = await serve(stack, [page], [VitePlugin(config)], [])
    version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
    caller = Caller(app, (*visit_headers(version or ""), *(PARTIAL if kind == "deferred" else ())))
    await caller.check("application/json")
    return caller
