"""Spans and metrics of renders, with the real SDK, a real registry, and Litestar's own plugins."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Litestar, get
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_span_id, format_trace_id
from prometheus_client import CollectorRegistry, generate_latest

from litestar_vite._ssr.gateway import RenderGateway
from litestar_vite._ssr.observe.metrics import METRICS
from litestar_vite._ssr.observe.prometheus import Copies
from litestar_vite._ssr.report import GatewayStats, Tally
from litestar_vite.exceptions import MissingDependencyError
from litestar_vite.inertia import InertiaConfig, SSRConfig
from litestar_vite.inertia._page.context import InertiaContext
from tests.support import make_app, make_site
from tests.unit.ssr.servers import answering, hang, read_request, reply, serving, until, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from opentelemetry.sdk.trace import ReadableSpan

pytestmark = pytest.mark.anyio

PAGE = reply(b'{"head":[],"body":"<b>rendered</b>"}')
THROWS = reply(b'{"error":"SECRET of Ada","type":"render","hint":"SECRET","component":"SECRET"}', 500)


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, str]:
    return {"secret": "SECRET"}


@pytest.fixture
def spans() -> Iterator[tuple[InMemorySpanExporter, OpenTelemetryConfig]]:
    exporter, provider, meters = (
        InMemorySpanExporter(),
        TracerProvider(shutdown_on_exit=False),
        MeterProvider(shutdown_on_exit=False),
    )
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter, OpenTelemetryConfig(tracer_provider=provider, meter_provider=meters)
    provider.shutdown()
    meters.shutdown()


def renders(exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == "ssr.render"]


def app_at(site: Path, where: int | list[str], *handlers: Any, plugins: tuple[Any, ...] = (), **ssr: Any) -> Litestar:
    url = f"http://127.0.0.1:{where}" if isinstance(where, int) else where
    config = InertiaConfig(ssr=SSRConfig(url=url, **{"timeout_seconds": 30.0, **ssr}))
    return make_app(site, [home, *handlers], config, plugins=plugins)


@asynccontextmanager
async def browsing(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        yield browser


async def test_a_render_is_a_span_below_the_requests_and_is_propagated_to_the_render_server(
    site: Path, spans: Any
) -> None:
    exporter, config = spans
    heads: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await read_request(reader))
            writer.write(PAGE)

    async with serving(script) as (peer, _):
        app = app_at(site, peer.port, plugins=(OpenTelemetryPlugin(config),), opentelemetry=config)
        async with browsing(app) as browser:
            first, second = [(await browser.get("/")).text for _ in range(2)]
    assert "<b>rendered</b>" in first
    assert "<b>rendered</b>" in second
    servers = [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]
    for server, render, head in zip(servers, renders(exporter), heads, strict=True):
        assert render.kind is SpanKind.CLIENT
        assert render.parent.span_id == server.context.span_id
        assert dict(render.attributes) == {"inertia.component": "Home", "ssr.outcome": "rendered"}
        assert render.status.status_code is StatusCode.UNSET
        sent = f"traceparent: 00-{format_trace_id(render.context.trace_id)}-{format_span_id(render.context.span_id)}-0"
        assert sent.encode() in head
        assert b"Content-Type: application/json" in head


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(THROWS, "render"), (reply(b"SECRET"), "protocol"), (b"SECRET\r\n\r\n", "connection")],
    ids=lambda value: str(value)[:9],
)
@pytest.mark.parametrize("raises", [False, True])
async def test_the_span_of_a_failure_has_its_kind_and_nothing_that_a_user_wrote(
    site: Path, spans: Any, answer: bytes, kind: str, raises: bool
) -> None:
    exporter, config = spans
    async with serving(answering(answer)) as (peer, _):
        async with browsing(app_at(site, peer.port, opentelemetry=config, raise_on_error=raises)) as browser:
            assert (await browser.get("/")).status_code == (500 if raises else 200)
    [span] = renders(exporter)
    assert dict(span.attributes) == {"inertia.component": "Home", "ssr.outcome": kind, "error.type": kind}
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, kind)
    assert "SECRET" not in span.to_json()
    assert not span.events


async def test_what_is_left_to_the_browser_is_no_failure_and_a_cancelled_render_ends_its_span(
    site: Path, spans: Any
) -> None:
    exporter, config = spans
    async with serving(answering(reply(b"null"))) as (peer, _):
        async with browsing(app_at(site, peer.port, opentelemetry=config)) as browser:
            await browser.get("/")
    async with serving(hang) as (peer, served):
        app = app_at(site, peer.port, opentelemetry=config)
        async with app.lifespan():
            gateway = InertiaContext.of(app).rendering.gateway
            assert gateway is not None
            task = asyncio.create_task(gateway.render(b"{}", "Home"))
            await until(lambda: served.connections)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    left, cancelled = renders(exporter)
    assert left.attributes["ssr.outcome"] == "client-side"
    assert cancelled.attributes["ssr.outcome"] == "cancelled"
    assert {span.status.status_code for span in (left, cancelled)} == {StatusCode.UNSET}


async def test_headers_that_would_break_a_request_are_left_out(
    site: Path, spans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users can set propagators, which may pass on values that a visitor has sent."""
    from opentelemetry import propagate

    from litestar_vite._ssr.observe import spans as module

    def inject(carrier: dict[str, str]) -> None:
        carrier.update({"x-good": "good", "x-split": "a\r\nX-Evil: 1", "x-other": "é\u2028"})

    monkeypatch.setattr(propagate, "inject", inject)
    assert module.propagate is propagate
    heads: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(PAGE)

    async with serving(script) as (peer, _), browsing(app_at(site, peer.port, opentelemetry=spans[1])) as browser:
        assert "<b>rendered</b>" in (await browser.get("/")).text
    assert b"x-good: good" in heads[0]
    assert b"Evil" not in heads[0]
    assert b"x-other" not in heads[0]


async def test_the_breakers_probe_is_in_no_visitors_trace(site: Path, spans: Any) -> None:
    heads: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await read_request(reader))
            if heads[-1].startswith(b"POST") and sum(head.startswith(b"POST") for head in heads) <= 5:
                return
            writer.write(PAGE)

    async with serving(script) as (peer, _):
        app = app_at(site, peer.port, opentelemetry=spans[1])
        async with browsing(app) as browser:
            gateway = InertiaContext.of(app).rendering.gateway
            assert isinstance(gateway, RenderGateway)
            for _ in range(6):
                await browser.get("/")
            assert gateway.breaker.state != "closed"
            gateway.breaker.try_again()
            await until(lambda: gateway.breaker.state == "closed")
            await browser.get("/")
    posts = [head for head in heads if head.startswith(b"POST")]
    assert [b"traceparent" in head for head in posts] == [True] * 5 + [False, True]
    assert [span.attributes["ssr.outcome"] for span in renders(spans[0]) if span.attributes] == ["connection"] * 5 + [
        "open",
        "rendered",
    ]


def numbers_of(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line.startswith("litestar_vite_")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_litestars_prometheus_controller_shows_our_numbers_beside_its_own(site: Path) -> None:
    @get("/other", component="Other", sync_to_thread=False)
    def other() -> dict[str, str]:
        return {}

    async with serving(answering(PAGE, THROWS, THROWS, reply(b"null"))) as (peer, _):
        app = make_app(
            site,
            [home, other, PrometheusController],
            InertiaConfig(
                ssr=SSRConfig(url=f"http://127.0.0.1:{peer.port}", timeout_seconds=30.0, prometheus=True, cache=60)
            ),
            middleware=[PrometheusConfig().middleware],
        )
        async with browsing(app) as browser:
            for path in ("/", "/", "/other", "/other", "/other"):
                assert (await browser.get(path)).status_code == 200
            text = (await browser.get("/metrics")).text
    numbers = numbers_of(text)
    assert numbers["litestar_vite_ssr_rendered_total"] == 1
    assert numbers["litestar_vite_ssr_client_side_total"] == 1
    assert numbers['litestar_vite_ssr_failed_total{kind="render"}'] == 2
    assert numbers['litestar_vite_ssr_page_errors_total{component="Other"}'] == 2
    assert numbers["litestar_vite_ssr_render_time_seconds_total"] > 0
    assert numbers["litestar_vite_ssr_breaker_opened_total"] == 0
    assert [numbers[f'litestar_vite_ssr_breaker{{state="{state}"}}'] for state in ("closed", "half-open", "open")] == [
        1,
        0,
        0,
    ]
    assert (numbers["litestar_vite_ssr_running"], numbers["litestar_vite_ssr_waiting"]) == (0, 0)
    assert (numbers['litestar_vite_ssr_cache_total{event="hits"}'], numbers["litestar_vite_ssr_cache_pages"]) == (1, 1)
    assert numbers["litestar_vite_ssr_cache_size_bytes"] > 0
    assert "litestar_requests_total" in text


async def test_apps_of_one_process_are_added_up_and_one_that_has_ended_is_gone(site: Path) -> None:
    registry = CollectorRegistry()
    async with serving(answering(PAGE)) as (peer, _):
        apps = [app_at(site, peer.port, prometheus=registry) for _ in range(2)]
        async with browsing(apps[0]) as first:
            await first.get("/")
            async with browsing(apps[1]) as second:
                await second.get("/")
                assert registry.get_sample_value("litestar_vite_ssr_rendered_total") == 2
                assert registry.get_sample_value("litestar_vite_ssr_breaker", {"state": "closed"}) == 2
            assert registry.get_sample_value("litestar_vite_ssr_rendered_total") == 1
        assert registry.get_sample_value("litestar_vite_ssr_rendered_total") is None
        async with browsing(apps[0]) as again:
            await again.get("/")
            assert registry.get_sample_value("litestar_vite_ssr_rendered_total") == 1
    assert b"# HELP litestar_vite_ssr_rendered_total" in generate_latest(registry)


async def test_each_of_several_render_servers_has_a_number_of_its_own(site: Path) -> None:
    registry = CollectorRegistry()
    async with serving(answering(b"")) as (gone, _):
        pass
    async with serving(answering(PAGE)) as (peer, _):
        urls = [url_of(peer), url_of(gone)]
        async with browsing(app_at(site, urls, prometheus=registry)) as client:
            for _ in range(2):
                await client.get("/")
            numbers = [registry.get_sample_value("litestar_vite_ssr_upstream", {"url": url}) for url in urls]
    assert numbers == [1, 0]


async def test_opentelemetry_reads_the_same_numbers_when_it_collects(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    config = OpenTelemetryConfig(meter_provider=meters)

    def collected() -> dict[tuple[str, Any], float]:
        data = reader.get_metrics_data()
        metrics = (
            [metric for one in data.resource_metrics for scope in one.scope_metrics for metric in scope.metrics]
            if data
            else []
        )
        return {
            (metric.name, *dict(point.attributes).values()): point.value
            for metric in metrics
            for point in metric.data.data_points
        }

    for _ in range(2):  # A second start in the same process must not create the instruments again.
        async with (
            serving(answering(PAGE, THROWS)) as (peer, _),
            browsing(app_at(site, peer.port, opentelemetry=config)) as browser,
        ):
            await browser.get("/")
            await browser.get("/")
            numbers = collected()
            assert numbers["litestar_vite.ssr.rendered",] == 1
            assert numbers["litestar_vite.ssr.failed", "render"] == 1
            assert numbers["litestar_vite.ssr.page_errors", "Home"] == 1
            assert numbers["litestar_vite.ssr.breaker", "closed"] == 1
            assert {name for name, *_ in numbers} == {metric.name for metric in METRICS} - {
                "litestar_vite.ssr.upstream"
            }, "not reported for a single server"
        assert not collected()
    assert not caplog.records or all("instrument" not in record.message for record in caplog.records)
    meters.shutdown()


async def test_the_process_wide_providers_are_used_where_none_is_given(site: Path) -> None:
    """Without an SDK, the providers do nothing, and pages are still rendered."""
    async with serving(answering(PAGE)) as (peer, _), browsing(app_at(site, peer.port, opentelemetry=True)) as browser:
        assert "<b>rendered</b>" in (await browser.get("/")).text


async def test_a_tracer_and_a_meter_of_the_users_own_are_used(site: Path, spans: Any) -> None:
    exporter, config = spans
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    own = OpenTelemetryConfig(tracer=config.tracer_provider.get_tracer("mine"), meter=meters.get_meter("mine"))
    async with serving(answering(PAGE)) as (peer, _), browsing(app_at(site, peer.port, opentelemetry=own)) as browser:
        await browser.get("/")
        data = reader.get_metrics_data()
    [span] = renders(exporter)
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "mine"
    assert data is not None
    assert data.resource_metrics[0].scope_metrics[0].scope.name == "mine"
    meters.shutdown()


async def test_without_telemetry_the_gateway_is_the_plain_one(site: Path, spans: Any) -> None:
    heads: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(PAGE)

    async with serving(script) as (peer, _):
        app = app_at(site, peer.port, plugins=(OpenTelemetryPlugin(spans[1]),))
        async with browsing(app) as browser:
            await browser.get("/")
            assert type(InertiaContext.of(app).rendering.gateway) is RenderGateway
    assert b"traceparent" not in heads[0]
    assert not renders(spans[0])


def test_telemetry_packages_are_not_imported_by_default(tmp_path: Path) -> None:
    script = """
import sys
from litestar import Litestar
from litestar.testing import TestClient
from tests.support import make_app
with TestClient(Litestar([])):
    before = set(sys.modules)  # Litestar itself looks for OpenTelemetry.
from litestar_vite.inertia import InertiaConfig, SSRConfig
with TestClient(make_app(__import__("pathlib").Path(sys.argv[1]), [], InertiaConfig(ssr=SSRConfig(url="http://127.0.0.1:1")))):
    print([name for name in set(sys.modules) - before if name.startswith(("opentelemetry", "prometheus_client", "litestar_vite._ssr.observe.", "litestar_vite._insight."))])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(make_site(tmp_path))],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path.cwd(),
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("setting", "module", "command"),
    [
        ("opentelemetry", "opentelemetry", "pip install 'litestar-vite[opentelemetry]'"),
        ("prometheus", "prometheus_client", "pip install 'litestar-vite[prometheus]'"),
    ],
)
def test_a_missing_package_is_reported_when_the_app_is_created(
    site: Path, monkeypatch: pytest.MonkeyPatch, setting: str, module: str, command: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=f"SSRConfig.{setting} needs the package") as raised:
        app_at(site, 1, **{setting: True})
    assert command in str(raised.value)


def test_copies_grow_by_the_difference_and_keep_the_counts_of_closed_gateways() -> None:
    registry = CollectorRegistry()
    copies = Copies(registry)
    gateways = [Tally()]

    def source() -> GatewayStats:
        return GatewayStats(gateways[-1].rendered, 0, {}, {}, 0.0, len(gateways), 0, "closed", 0, {}, {})

    copies.sources.add(source)
    for rendered in (3, 3, 5):
        gateways[-1].rendered = rendered
        copies.update()
        copies.update()
        assert registry.get_sample_value("litestar_vite_ssr_rendered_total") == rendered
    gateways.append(Tally())
    gateways[-1].rendered = 2
    copies.update()
    copies.update()
    assert registry.get_sample_value("litestar_vite_ssr_rendered_total") == 7
    assert registry.get_sample_value("litestar_vite_ssr_running") == 2


PROCESS = """
import asyncio, os, sys
from pathlib import Path
import httpx
from litestar.plugins.prometheus import PrometheusController
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from tests.unit.ssr.test_telemetry import PAGE, THROWS, app_at, browsing
from tests.unit.ssr.servers import answering, serving

async def main(site):
    async with serving(answering(PAGE, PAGE, THROWS)) as (peer, _):
        async with browsing(app_at(site, peer.port, PrometheusController, prometheus=True)) as browser:
            for _ in range(3):
                await browser.get("/")
            print("visited", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            print((await browser.get("/metrics")).text, flush=True)
    print("ended", flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.slow
def test_in_multi_process_mode_each_process_shows_the_numbers_of_all(tmp_path: Path) -> None:
    """Two processes, as with `uvicorn --workers 2`. Litestar's controller in one reports the metrics of both."""
    (tmp_path / "prometheus").mkdir()
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "prometheus")}
    command = [sys.executable, "-c", PROCESS, str(make_site(tmp_path))]
    first, second = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "visited\n"
        out, _ = first.communicate("\n", timeout=60)
        assert out.endswith("ended\n")
        # The counts of the first process are kept. The second copies its own once a second, and when it ends.
        out, _ = second.communicate("\n", timeout=60)
    finally:
        for process in (first, second):
            process.kill()
            process.wait()
    numbers = numbers_of(out)
    assert numbers["litestar_vite_ssr_rendered_total"] in {2, 4}
    files = subprocess.run(
        [sys.executable, "-c", AGGREGATE], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert numbers_of(files)["litestar_vite_ssr_rendered_total"] == 4
    assert numbers_of(files)['litestar_vite_ssr_failed_total{kind="render"}'] == 2


AGGREGATE = """
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""
