"""The tree of a page's spans: SQL statements and renders are children of the page, the page of the request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.response import Redirect
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig, defer
from tests.integration.asgi import ask_async
from tests.support import inertia_headers, make_app
from tests.unit.ssr.servers import answering, hang, reply, serving, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from litestar import Litestar
    from opentelemetry.sdk.trace import ReadableSpan

pytestmark = pytest.mark.anyio

RENDERED = reply(b'{"head":[],"body":"<b>rendered</b>"}')
BROWSER = {"accept": "text/html"}

Connected = NamedDependency[AsyncConnection]


class Traced:
    """The spans of an app and of its SQL statements, recorded by SQLAlchemy's instrumentation."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self._provider = TracerProvider(shutdown_on_exit=False)
        self._provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self._meters = MeterProvider(shutdown_on_exit=False)
        self.config = OpenTelemetryConfig(tracer_provider=self._provider, meter_provider=self._meters)
        self.engine = create_async_engine("sqlite+aiosqlite://")
        self.sync_engine = create_engine("sqlite://", connect_args={"check_same_thread": False})
        # It requires SQLAlchemy up to 2.0, but works with later versions.
        SQLAlchemyInstrumentor().instrument(
            engines=[self.engine.sync_engine, self.sync_engine],
            tracer_provider=self._provider,
            meter_provider=self._meters,
            skip_dep_check=True,
        )

    async def connect(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 'dependency'"))
            yield connection

    async def aclose(self) -> None:
        SQLAlchemyInstrumentor().uninstrument()
        await self.engine.dispose()
        self.sync_engine.dispose()
        self._provider.shutdown()
        self._meters.shutdown()

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def one(self, name: str) -> ReadableSpan:
        [found] = [span for span in self.spans if span.name == name]
        return found

    @property
    def server(self) -> ReadableSpan:
        [found] = [span for span in self.spans if span.kind is SpanKind.SERVER]
        return found

    def statements(self) -> dict[str, str]:
        """Return the name of the parent span of each statement."""
        names = {span.context.span_id: span.name for span in self.spans}
        return {
            str((span.attributes or {})["db.statement"]).split("'")[1]: names[span.parent.span_id]
            if span.parent
            else ""
            for span in self.spans
            if "db.statement" in (span.attributes or {})
        }


@pytest.fixture
async def traced() -> AsyncIterator[Traced]:
    made = Traced()
    yield made
    await made.aclose()


def app_of(
    traced: Traced, site: Path, *handlers: Any, handles: Any = None, vite: Any = None, **settings: Any
) -> Litestar:
    return make_app(
        site,
        list(handlers),
        InertiaConfig(opentelemetry=traced.config, **settings),
        plugins=[OpenTelemetryPlugin(traced.config)],
        dependencies={"connection": Provide(traced.connect)},
        exception_handlers=handles or {},
        vite=vite or {},
    )


async def said(connection: AsyncConnection, word: str) -> int:
    return len((await connection.execute(text(f"SELECT '{word}'"))).scalar_one())


@get("/", component="Home")
async def home(connection: Connected) -> dict[str, Any]:
    async def prop() -> int:
        return await said(connection, "prop")

    return {"handler": await said(connection, "handler"), "prop": prop, "later": defer(prop)}


@get("/response")
async def response(connection: Connected) -> InertiaResponse[Any]:
    return InertiaResponse({"n": await said(connection, "handler")}, component="Home")


# With response headers, a route takes Litestar's own path to its response.
@get("/slow-path", component="Home", response_headers={"x-own": "1"})
async def slow_path(connection: Connected) -> dict[str, Any]:
    return {"handler": await said(connection, "handler")}


@get("/leave", component="Home")
async def leave(connection: Connected) -> Redirect:
    await said(connection, "handler")
    return Redirect("/")


@get("/fails", component="Home")
async def fails(connection: Connected) -> dict[str, Any]:
    await said(connection, "handler")
    raise RuntimeError("SECRET of Ada")


@post("/form")
async def form(connection: Connected) -> Redirect:
    await said(connection, "handler")
    return Redirect("/")


@pytest.mark.parametrize("path", ["/", "/response", "/slow-path"])
async def test_statements_of_dependency_handler_and_props_are_below_the_page(
    site: Path, traced: Traced, path: str
) -> None:
    app = app_of(traced, site, home, response, slow_path)
    async with app.lifespan():
        await ask_async(app, "GET", path, inertia_headers(app))
    page = traced.one("inertia.page")
    assert page.parent is not None
    assert page.parent.span_id == traced.server.context.span_id
    assert page.attributes is not None
    assert (page.attributes["inertia.component"], page.attributes["inertia.visit"]) == ("Home", "visit")
    expected = {"dependency", "handler", *(["prop"] if path == "/" else [])}
    assert traced.statements() == dict.fromkeys(expected, "inertia.page")
    for span in traced.spans:
        if "db.statement" in (span.attributes or {}):
            assert span.parent is not None
            assert span.parent.span_id == page.context.span_id
            assert page.start_time <= span.start_time <= span.end_time <= page.end_time


async def test_statements_of_a_handler_in_a_thread_are_below_the_page(site: Path, traced: Traced) -> None:
    @get("/thread", component="Home", sync_to_thread=True)
    def thread() -> dict[str, Any]:
        with traced.sync_engine.connect() as connection:
            return {"n": len(connection.execute(text("SELECT 'thread'")).scalar_one())}

    app = app_of(traced, site, thread)
    async with app.lifespan():
        await ask_async(app, "GET", "/thread", inertia_headers(app))
    assert traced.statements() == {"thread": "inertia.page"}


@pytest.mark.parametrize("path", ["/", "/slow-path"])
async def test_the_render_is_below_the_page(site: Path, traced: Traced, path: str) -> None:
    async with serving(answering(RENDERED)) as (peer, _):
        app = app_of(traced, site, home, slow_path, ssr=ssr_at(traced, peer.port))
        async with app.lifespan():
            answer = await ask_async(app, "GET", path, BROWSER)
    assert b"<b>rendered</b>" in answer.body
    page, render = traced.one("inertia.page"), traced.one("ssr.render")
    assert render.parent is not None
    assert render.parent.span_id == page.context.span_id
    assert page.start_time <= render.start_time <= render.end_time <= page.end_time
    assert page.attributes is not None
    assert page.attributes["ssr.outcome"] == "rendered"


def ssr_at(traced: Traced, port: int) -> SSRConfig:
    return SSRConfig(url=f"http://127.0.0.1:{port}", timeout_seconds=30.0, opentelemetry=traced.config)


async def test_the_page_for_an_exception_is_the_span_of_the_handler_that_raised(site: Path, traced: Traced) -> None:
    app = app_of(traced, site, fails, error_page="Home")
    async with app.lifespan():
        answer = await ask_async(app, "GET", "/fails", BROWSER)
    assert answer.status == 500
    page = traced.one("inertia.page")
    assert page.attributes is not None
    assert page.attributes["inertia.component"] == "Home"
    assert page.attributes["error.type"] == "RuntimeError"
    assert page.status.status_code is StatusCode.ERROR
    assert traced.statements() == {"dependency": "inertia.page", "handler": "inertia.page"}
    assert "SECRET" not in page.to_json()


class AwayError(Exception):
    """Turned into a page by an exception handler, outside the route."""


@get("/away")
async def away() -> None:
    raise AwayError


def gone(request: Request[Any, Any, State], exc: AwayError) -> InertiaResponse[Any]:
    return InertiaResponse({"n": 1}, component="Home", status_code=200)


async def test_the_render_of_a_page_from_an_exception_handler_is_below_its_page(site: Path, traced: Traced) -> None:
    async with serving(answering(RENDERED)) as (peer, _):
        app = app_of(traced, site, away, ssr=ssr_at(traced, peer.port), handles={AwayError: gone})
        async with app.lifespan():
            answer = await ask_async(app, "GET", "/away", BROWSER)
    assert b"<b>rendered</b>" in answer.body
    page, render = traced.one("inertia.page"), traced.one("ssr.render")
    assert page.parent is not None
    assert render.parent is not None
    assert page.parent.span_id == traced.server.context.span_id
    assert render.parent.span_id == page.context.span_id
    assert page.status.status_code is StatusCode.UNSET


async def test_a_page_handler_that_redirects_has_a_span_without_a_component(site: Path, traced: Traced) -> None:
    app = app_of(traced, site, leave)
    async with app.lifespan():
        await ask_async(app, "GET", "/leave", inertia_headers(app))
    page = traced.one("inertia.page")
    assert page.attributes is not None
    assert "inertia.component" not in page.attributes
    assert traced.statements() == {"dependency": "inertia.page", "handler": "inertia.page"}


async def test_statements_of_other_requests_are_below_the_request(site: Path, traced: Traced) -> None:
    app = app_of(traced, site, form)
    async with app.lifespan():
        await ask_async(app, "POST", "/form", {**inertia_headers(app), "content-type": "application/json"}, b"{}")
    assert traced.statements() == dict.fromkeys(["dependency", "handler"], traced.server.name)
    assert not [span for span in traced.spans if span.name == "inertia.page"]


async def test_the_span_of_a_page_that_nobody_waits_for_ends(site: Path, traced: Traced) -> None:
    async with serving(hang) as (peer, served):
        app = app_of(traced, site, home, ssr=ssr_at(traced, peer.port))
        async with app.lifespan():
            visitor = asyncio.create_task(ask_async(app, "GET", "/", BROWSER))
            await until(lambda: served.connections)
            visitor.cancel()
            await asyncio.wait([visitor])
    page, render = traced.one("inertia.page"), traced.one("ssr.render")
    assert render.parent is not None
    assert render.parent.span_id == page.context.span_id


async def test_the_next_request_of_a_connection_is_not_in_the_span_of_the_last(site: Path, traced: Traced) -> None:
    app = app_of(traced, site, home, fails, form)
    async with app.lifespan():
        # All in one task, as on a keep-alive connection.
        for path in ("/", "/fails", "/"):
            await ask_async(app, "GET", path, inertia_headers(app))
    servers = {span.context.span_id for span in traced.spans if span.kind is SpanKind.SERVER}
    pages = [span for span in traced.spans if span.name == "inertia.page"]
    assert len(servers) == 3
    assert {span.parent.span_id for span in pages if span.parent} == servers


async def test_in_development_statements_are_below_the_page_too(site: Path, traced: Traced) -> None:
    app = app_of(traced, site, home, response, vite={"dev_mode": True, "entry": "src/app.tsx"})
    async with app.lifespan():
        await ask_async(app, "GET", "/response", inertia_headers(app))
    assert set(traced.statements().values()) == {"inertia.page"}
