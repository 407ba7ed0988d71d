"""Spans and metrics of pages, with the real SDK and a real registry."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath, JSONBody
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from msgspec import Struct
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry

from litestar_vite._insight.facts import OTHER
from litestar_vite.exceptions import ConfigError, MissingDependencyError
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaResponse,
    defer,
    error,
    flash,
    optional,
)
from tests.integration.asgi import ask_async
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from litestar import Litestar

pytestmark = pytest.mark.anyio


class Named(Struct):
    name: str


async def count() -> int:
    return 1


async def broken() -> int:
    raise RuntimeError("SECRET of Ada")


@get("/", component="Home")
async def home() -> dict[str, Any]:
    return {"n": 1, "now": count, "later": defer(count), "asked": optional(count)}


@get("/plain", component="Users/Index", sync_to_thread=False)
def plain() -> dict[str, Any]:
    return {"n": 1}


@get("/rescued", component="Home")
async def rescued() -> dict[str, Any]:
    return {"later": defer(broken, rescue=True)}


@get("/unknown/{name:str}", sync_to_thread=False)
def unknown(name: FromPath[str]) -> InertiaResponse[Any]:
    return InertiaResponse({"n": 1}, component=f"Made/{name}")


@get("/names/{name:str}", component="Home", sync_to_thread=False)
def names(name: FromPath[str]) -> dict[str, Any]:
    return {name: lambda: 1}


@get("/leave", sync_to_thread=False)
def leave(request: Request[Any, Any, State]) -> InertiaExternalRedirect:
    return InertiaExternalRedirect(request, "https://example.org/")


@get("/conflict", sync_to_thread=False)
def own_conflict() -> Response[str]:
    return Response("the app's own", status_code=409)


@post("/names/{name:str}")
async def save(data: JSONBody[Named]) -> None:
    return None


@post("/own")
async def own(request: Request[Any, Any, State]) -> InertiaBack:
    error(request, "name", "Taken")
    return InertiaBack(request)


@post("/forbidden")
async def forbidden() -> None:
    raise PermissionDeniedException


@post("/long")
async def long(request: Request[Any, Any, State]) -> InertiaBack:
    flash(request, "x" * 9_000, "info")
    return InertiaBack(request)


@get("/data", sync_to_thread=False)
def data() -> dict[str, int]:
    return {"n": 1}


HANDLERS = [home, plain, rescued, unknown, names, leave, own_conflict, save, own, forbidden, long, data]


class Seen(Struct):
    """The data of an app in both systems."""

    app: Any
    registry: CollectorRegistry
    reader: InMemoryMetricReader

    def counted(self, name: str, suffix: str = "") -> dict[tuple[str, ...], float]:
        """Return the values of a metric by its labels, and check that both systems agree."""
        [family] = [each for each in self.registry.collect() if each.name == f"litestar_vite_{name}"]
        prometheus = {
            tuple(sample.labels.values()): sample.value
            for sample in family.samples
            if sample.name.endswith(suffix or "_total")
        }
        data = self.reader.get_metrics_data()
        metrics = [each for one in data.resource_metrics for scope in one.scope_metrics for each in scope.metrics]
        points = [
            point
            for each in metrics
            if each.name == f"litestar_vite.{name.removesuffix('_seconds')}"
            for point in each.data.data_points
        ]
        opentelemetry = {
            tuple(point.attributes.values()): getattr(point, "value", None) or point.count for point in points
        }
        assert prometheus == opentelemetry
        return prometheus

    async def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
        return await ask_async(self.app, method, path, headers or {"accept": "text/html"}, body)

    def visit(self, **extra: str) -> dict[str, str]:
        return inertia_headers(self.app, **extra)


@asynccontextmanager
async def recording(site: Path, **settings: Any) -> AsyncIterator[Seen]:
    registry, reader = CollectorRegistry(), InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    exported = OpenTelemetryConfig(tracer_provider=TracerProvider(shutdown_on_exit=False), meter_provider=meters)
    config = InertiaConfig(opentelemetry=exported, prometheus=registry, **{"slow_prop_seconds": 0, **settings})
    app = make_app(site, HANDLERS, config)
    async with app.lifespan():
        yield Seen(app, registry, reader)
    meters.shutdown()


FORM = {"content-type": "application/json", "referer": "http://testserver/plain"}


async def test_pages_are_counted_by_component_and_kind_of_visit(site: Path) -> None:
    async with recording(site) as seen:
        await seen.ask("GET", "/")
        await seen.ask("GET", "/plain")
        await seen.ask("GET", "/plain", seen.visit())
        await seen.ask("GET", "/plain", seen.visit(purpose="prefetch"))
        await seen.ask("GET", "/", seen.visit(partial_component="Home", partial_data="later"))
        await seen.ask("GET", "/", seen.visit(partial_component="Home", partial_data="later,n"))
        await seen.ask("GET", "/", seen.visit(partial_component="Home", partial_data="asked"))
        await seen.ask("GET", "/", seen.visit(partial_component="Other", partial_data="later"))
        await seen.ask("POST", "/names/a", {**FORM, "precognition": "true"}, b'{"name": "Ada"}')
        for path in ("/data", "/none", "/conflict"):
            await seen.ask("GET", path)
    assert seen.counted("page_time_seconds", "_count") == {
        ("Home", "first"): 1,
        ("Users/Index", "first"): 1,
        ("Users/Index", "visit"): 1,
        ("Users/Index", "prefetch"): 1,
        ("Home", "deferred"): 1,
        ("Home", "partial"): 2,
        ("Home", "visit"): 1,
        ("", "precognition"): 1,
    }
    [family] = [each for each in seen.registry.collect() if each.name == "litestar_vite_page_time_seconds"]
    total = next(s.value for s in family.samples if s.name.endswith("_sum") and s.labels["component"] == "Home")
    assert 0 < total < 60
    assert seen.counted("conflicts") == {}


async def test_components_that_were_unknown_at_start_up_share_a_label(site: Path) -> None:
    async with recording(site) as seen:
        for name in "abc":
            await seen.ask("GET", f"/unknown/{name}", seen.visit())
    assert seen.counted("page_time_seconds", "_count") == {(OTHER, "visit"): 3}


async def test_slow_props_are_counted_by_name_and_their_number_is_limited(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recording(site) as seen:
        await seen.ask("GET", "/", seen.visit())
        await seen.ask("GET", "/", seen.visit(partial_component="Home", partial_data="later"))
    assert seen.counted("slow_props") == {("Home", "now"): 1, ("Home", "later"): 1}
    monkeypatch.setattr("litestar_vite._insight.telemetry._MAX_PROPS", 2)
    async with recording(site) as seen:
        for name in ("a", "b", "c", "d", "a"):
            await seen.ask("GET", f"/names/{name}", seen.visit())
    assert seen.counted("slow_props") == {("Home", "a"): 2, ("Home", "b"): 1, ("Home", OTHER): 2}
    async with recording(site, slow_prop_seconds=60) as seen:
        await seen.ask("GET", "/", seen.visit())
    assert seen.counted("slow_props") == {}


async def test_conflicts_are_counted_by_reason(site: Path) -> None:
    async with recording(site) as seen:
        answer = await seen.ask("GET", "/", {**seen.visit(), "X-Inertia-Version": "old"})
        assert answer.status == 409
        assert (await seen.ask("GET", "/leave", seen.visit())).status == 409
        assert (await seen.ask("GET", "/conflict", seen.visit())).status == 409
    assert seen.counted("conflicts") == {("version",): 1, ("location",): 1}


async def test_forms_with_errors_are_counted_by_route_and_refusals_are_not(site: Path) -> None:
    async with recording(site) as seen:
        for name in "ab":
            assert (await seen.ask("POST", f"/names/{name}", {**FORM, **seen.visit()}, b"{}")).status == 303
        assert (await seen.ask("POST", "/names/a", {**FORM, "precognition": "true"}, b"{}")).status == 422
        http = {**FORM, "x-requested-with": "XMLHttpRequest", "accept": "application/json"}
        assert (await seen.ask("POST", "/names/a", http, b"{}")).status == 422
        assert (await seen.ask("POST", "/own", {**FORM, **seen.visit()})).status == 303
        assert (await seen.ask("POST", "/forbidden", {**FORM, **seen.visit()})).status == 303
        await seen.ask("POST", "/names/a", {**FORM, **seen.visit()}, b'{"name": "Ada"}')
    assert seen.counted("invalid_forms") == {
        ("/names/{name}", "visit"): 2,
        ("/names/{name}", "precognition"): 1,
        ("/names/{name}", "http"): 1,
        ("/own", "visit"): 1,
    }


async def test_carried_data_that_was_cut_is_counted(site: Path) -> None:
    async with recording(site) as seen:
        assert (await seen.ask("POST", "/long", {**FORM, **seen.visit()})).status == 303
        assert (await seen.ask("POST", "/own", {**FORM, **seen.visit()})).status == 303
    assert seen.counted("carried_cut") == {("flash",): 1}


@pytest.fixture
def exported() -> Iterator[tuple[InMemorySpanExporter, OpenTelemetryConfig]]:
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider(shutdown_on_exit=False)
    yield exporter, OpenTelemetryConfig(tracer_provider=provider, meter_provider=meters)
    provider.shutdown()
    meters.shutdown()


def traced(site: Path, config: OpenTelemetryConfig, *, by_litestar: bool = True, **settings: Any) -> Litestar:
    plugins = [OpenTelemetryPlugin(config)] if by_litestar else []
    return make_app(site, HANDLERS, InertiaConfig(opentelemetry=config, **settings), plugins=plugins)


@pytest.mark.parametrize("path", ["/", "/plain"])
async def test_a_page_is_a_span_below_the_requests_with_component_visit_and_times(
    site: Path, exported: Any, path: str
) -> None:
    exporter, config = exported
    app = traced(site, config)
    before = time.time_ns()
    async with app.lifespan():
        await ask_async(app, "GET", path, inertia_headers(app))
    spans = exporter.get_finished_spans()
    [server] = [span for span in spans if span.kind is SpanKind.SERVER]
    [page] = [span for span in spans if span.name == "inertia.page"]
    component = "Home" if path == "/" else "Users/Index"
    assert page.parent.span_id == server.context.span_id
    assert before <= server.start_time <= page.start_time <= page.end_time <= server.end_time
    attributes = dict(page.attributes)
    durations = {name: attributes.pop(name) for name in list(attributes) if name.endswith(".duration")}
    assert attributes == {"inertia.component": component, "inertia.visit": "visit"}
    props = {"inertia.props.duration"} if path == "/" else set()
    assert durations.keys() == {
        "inertia.dependencies.duration",
        "inertia.handler.duration",
        "inertia.encode.duration",
        *props,
    }
    assert all(0 < seconds < 60 for seconds in durations.values())
    assert (server.attributes["inertia.component"], server.attributes["inertia.visit"]) == (component, "visit")
    assert not [span for span in spans if span.name == "inertia.prop"]


async def test_slow_props_and_props_that_failed_are_spans_below_the_pages(site: Path, exported: Any) -> None:
    exporter, config = exported
    app = traced(site, config, slow_prop_seconds=0)
    async with app.lifespan():
        await ask_async(app, "GET", "/", inertia_headers(app))
    [page] = [span for span in exporter.get_finished_spans() if span.name == "inertia.page"]
    [prop] = [span for span in exporter.get_finished_spans() if span.name == "inertia.prop"]
    assert prop.parent.span_id == page.context.span_id
    assert dict(prop.attributes) == {"inertia.prop": "now", "inertia.component": "Home"}
    assert page.start_time <= prop.start_time <= prop.end_time <= page.end_time
    exporter.clear()
    app = traced(site, config)
    async with app.lifespan():
        headers = inertia_headers(app, partial_component="Home", partial_data="later")
        await ask_async(app, "GET", "/rescued", headers)
    [failed] = [span for span in exporter.get_finished_spans() if span.name == "inertia.prop"]
    assert failed.attributes["error.type"] == "RuntimeError"
    assert failed.status.status_code is StatusCode.ERROR
    assert "SECRET" not in "".join(span.to_json() for span in exporter.get_finished_spans())


async def test_without_a_requests_span_a_page_is_a_span_of_its_own(site: Path, exported: Any) -> None:
    exporter, config = exported
    app = traced(site, config, by_litestar=False)
    async with app.lifespan():
        await ask_async(app, "GET", "/plain", {"accept": "text/html"})
        await ask_async(app, "GET", "/data")
    [page] = exporter.get_finished_spans()
    assert page.parent is None
    assert page.attributes["inertia.visit"] == "first"


async def test_the_requests_span_says_why_there_is_no_page(site: Path, exported: Any) -> None:
    exporter, config = exported
    app = traced(site, config)
    async with app.lifespan():
        await ask_async(app, "GET", "/", {**inertia_headers(app), "X-Inertia-Version": "old"})
        await ask_async(app, "POST", "/names/a", {**FORM, **inertia_headers(app)}, b"{}")
    conflict, invalid = [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert conflict.attributes["inertia.conflict"] == "version"
    assert invalid.attributes["inertia.invalid"] is True


def test_a_missing_package_and_an_invalid_setting_are_reported_when_the_app_is_made(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "prometheus_client", None)
        with pytest.raises(MissingDependencyError, match=r"InertiaConfig\.prometheus .*litestar-vite\[prometheus\]"):
            make_app(site, [], InertiaConfig(prometheus=True))
        patch.setitem(sys.modules, "opentelemetry", None)
        with pytest.raises(MissingDependencyError, match=r"InertiaConfig\.opentelemetry"):
            make_app(site, [], InertiaConfig(opentelemetry=True))
    wrong: Any = {"prometheus": "yes", "opentelemetry": "yes"}
    for name, value in wrong.items():
        with pytest.raises(ConfigError, match=rf"InertiaConfig\.{name} is 'yes'"):
            make_app(site, [], InertiaConfig(**{name: value}))
    for seconds in (-1, "1", float("nan")):
        with pytest.raises(ConfigError, match=r"InertiaConfig\.slow_prop_seconds is .*0 or more"):
            make_app(site, [], InertiaConfig(prometheus=CollectorRegistry(), slow_prop_seconds=seconds))  # type: ignore[arg-type]


async def test_two_apps_share_the_metrics_of_a_registry(site: Path) -> None:
    registry = CollectorRegistry()
    for _ in range(2):
        app = make_app(site, [plain], InertiaConfig(prometheus=registry))
        async with app.lifespan():
            await ask_async(app, "GET", "/plain", inertia_headers(app))
    labels = {"component": "Users/Index", "visit": "visit"}
    assert registry.get_sample_value("litestar_vite_page_time_seconds_count", labels) == 2


@pytest.mark.slow
def test_values_of_all_processes_are_scraped(site: Path, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from litestar import get; from litestar_vite.inertia import InertiaConfig\n"
        "from pathlib import Path\n"
        "from tests.integration.asgi import ask_async; from tests.support import inertia_headers, make_app\n"
        "@get('/', component='Home', sync_to_thread=False)\n"
        "def home() -> dict[str, int]: return {}\n"
        f"app = make_app(Path({str(site)!r}), [home], InertiaConfig(prometheus=True))\n"
        "async def main():\n"
        "    async with app.lifespan(): await ask_async(app, 'GET', '/', inertia_headers(app))\n"
        "asyncio.run(main())\n"
        "from prometheus_client import CollectorRegistry, generate_latest\n"
        "from prometheus_client.multiprocess import MultiProcessCollector\n"
        "registry = CollectorRegistry(); MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())\n"
    )
    env = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": ".", "PATH": ""}
    for count in (1, 2):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env)
        line = 'litestar_vite_page_time_seconds_count{component="Home",visit="visit"}'
        assert f"{line} {count}.0" in done.stdout
