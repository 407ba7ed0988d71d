"""The PRD's "Lazy Response Tests": LazyInertiaASGIResponse, InertiaResponse and `_render_inertia_ssr`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from litestar import Litestar, Request, get
from litestar.response.base import ASGIResponse
from litestar.testing import RequestFactory, TestClient

from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.outcome import Failed, Rendered
from litestar_vite.exceptions import SSRError
from litestar_vite.inertia import InertiaConfig, InertiaPlugin, InertiaResponse, SSRConfig, defer
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia.response import LazyInertiaASGIResponse, _render_inertia_ssr
from tests.render_server import RenderServer, echo
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path

    from litestar.types import Message

pytestmark = pytest.mark.anyio

PAGE = {"component": "Home", "props": {"errors": {}}, "url": "/", "version": "1"}


def client_for(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


async def lazy_for(
    app: Litestar, response: InertiaResponse[Any]
) -> tuple[LazyInertiaASGIResponse, Request[Any, Any, Any]]:
    """Process a handler's response as Litestar does, up to the point where it is sent."""
    request = RequestFactory(app=app).get("/")
    await response.resolve(InertiaRequest.of(request))
    return response.to_asgi_response(request=request), request


async def send_it(lazy: LazyInertiaASGIResponse, request: Request[Any, Any, Any]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    await lazy(request.scope, receive, send)
    return sent


# Feature 2: LazyInertiaASGIResponse


async def test_prd_2_1_the_body_does_not_exist_and_nothing_is_rendered_before_call(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({"n": 1}, component="Home"))
            assert not hasattr(lazy, "body")
            assert server.pages == []
            sent = await send_it(lazy, request)
            assert len(server.pages) == 1
            assert lazy.body == sent[1]["body"]
            assert b"<h1>SSR Home</h1>" in lazy.body


async def test_prd_2_2_to_asgi_response_returns_the_lazy_response(site: Path) -> None:
    """The PRD says `to_response()`; Litestar's name for it is `to_asgi_response()`."""
    app = make_app(site, [])
    lazy, _ = await lazy_for(app, InertiaResponse({"n": 1}, component="Home"))
    assert isinstance(lazy, LazyInertiaASGIResponse)
    assert isinstance(lazy, ASGIResponse)


async def test_prd_2_3_ssr_waits_in_call_on_the_loop_without_blocking_it(site: Path) -> None:
    """The render server answers only after another task of the loop has run, so a blocked loop would hang."""
    released = asyncio.Event()

    async def wait_for_release(page: dict[str, Any]) -> Any:
        await released.wait()
        return await echo(page)

    async with RenderServer(wait_for_release) as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30)))
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({"n": 1}, component="Home"))
            with anyio.fail_after(20):
                async with anyio.create_task_group() as group:
                    group.start_soon(send_it, lazy, request)
                    while not server.pages:
                        await anyio.lowlevel.checkpoint()
                    assert not hasattr(lazy, "body")
                    released.set()
            assert b"<h1>SSR Home</h1>" in lazy.body


async def test_prd_2_3_the_response_hands_the_shared_client_to_the_render_function(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan():
            shared = app.plugins.get(InertiaPlugin)._ssr_client
            lazy, request = await lazy_for(app, InertiaResponse({"n": 1}, component="Home"))
            await send_it(lazy, request)
            assert shared.pool.opened_total == 1


async def test_prd_2_4_the_lazy_body_is_byte_for_byte_what_eager_rendering_gives(site: Path) -> None:
    """Eager rendering calls the render server and fills the shell in the test."""
    async with RenderServer() as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url)))
        context = app.plugins.get(InertiaPlugin).context
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({"n": "</script>"}, component="Users/Index"))
            outcome = await _render_inertia_ssr(
                lazy.page_json, context.rendering.url, 2.0, client=context.rendering.client
            )
            assert isinstance(outcome, Rendered)
            eager = context.shell.render((context.assets.page_tags("Users/Index"), outcome.head), outcome.body)
            await send_it(lazy, request)
        assert lazy.body == eager


def test_prd_2_4_a_plain_litestar_client_sees_a_complete_response(site: Path) -> None:
    """Backward compatible: existing tests with a sync TestClient need no changes."""

    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"n": 1}

    with TestClient(make_app(site, [home])) as client:
        response = client.get("/")
    assert page_in(response.text)["props"]["n"] == 1
    assert int(response.headers["content-length"]) == len(response.content)


# _render_inertia_ssr


async def test_render_takes_a_page_as_mapping_or_as_json(site: Path) -> None:
    async with RenderServer() as server, open_client(server.url) as client:
        for page in (PAGE, json.dumps(PAGE).encode()):
            outcome = await _render_inertia_ssr(page, f"{server.url}/render", 2.0, client=client)
            assert isinstance(outcome, Rendered)
            assert outcome.head == b"<title>Home</title>"
        assert server.pages == [PAGE, PAGE]
        assert server.targets == ["/render", "/render"]


async def test_render_without_a_client_opens_one_and_closes_it(site: Path) -> None:
    async with RenderServer() as server:
        outcome = await _render_inertia_ssr(PAGE, f"{server.url}/render", 2.0)
        assert isinstance(outcome, Rendered)
        with anyio.fail_after(5):
            while server.open_connections:
                await anyio.sleep(0.01)


async def test_render_accepts_any_httpx_client() -> None:
    """The PRD's parameter is an httpx.AsyncClient, so a client with httpx's transport works too."""
    async with RenderServer() as server, httpx.AsyncClient() as client:
        assert isinstance(await _render_inertia_ssr(PAGE, f"{server.url}/render", 2.0, client), Rendered)


async def test_render_never_raises_when_the_server_is_down() -> None:
    async with RenderServer() as server:
        url = server.url
    outcome = await _render_inertia_ssr(PAGE, f"{url}/render", 2.0)
    assert isinstance(outcome, Failed)
    assert outcome.kind == "connection"


async def test_render_gives_up_at_its_deadline() -> None:
    async def never(_: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    async with RenderServer(never) as server:
        outcome = await _render_inertia_ssr(PAGE, f"{server.url}/render", 0.05)
        assert isinstance(outcome, Failed)
        assert outcome.kind == "timeout"


# When rendering fails


async def test_a_failed_render_is_a_page_that_the_browser_renders(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"n": 1}

    async def wrong_shape(_: dict[str, Any]) -> Any:
        return {"secret": "upstream text"}

    async with RenderServer(wrong_shape) as server:
        app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan(), client_for(app) as browser:
            response = await browser.get("/")
            xhr = await browser.get("/", headers=inertia_headers(app))
    assert response.status_code == 200
    assert page_in(response.text) == xhr.json()
    assert "upstream text" not in response.text
    assert [
        record.message
        for record in caplog.records
        if "Server-side rendering of 'Home' failed (protocol" in record.message
    ]


async def test_raise_on_error_raises_in_tests(site: Path) -> None:
    async def null(_: dict[str, Any]) -> Any:
        return 5

    async with RenderServer(null) as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url, raise_on_error=True)))
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({}, component="Home"))
            with pytest.raises(SSRError) as raised:
                await send_it(lazy, request)
            assert raised.value.kind == "protocol"


@pytest.mark.protocol("K3")
async def test_null_means_that_the_browser_renders_and_is_no_error(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def null(_: dict[str, Any]) -> Any:
        return None

    async with RenderServer(null) as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url, raise_on_error=True)))
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({"n": 1}, component="Home"))
            await send_it(lazy, request)
            assert page_in(lazy.body.decode())["props"]["n"] == 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("status", [404, 500])
async def test_error_pages_are_not_rendered_on_the_server(site: Path, status: int) -> None:
    async with RenderServer() as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({}, component="Error", status_code=status))
            await send_it(lazy, request)
        assert server.pages == []


async def test_a_response_can_opt_out_of_ssr(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(site, [], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan():
            lazy, request = await lazy_for(app, InertiaResponse({}, component="Home", ssr=False))
            await send_it(lazy, request)
        assert server.pages == []


@pytest.mark.protocol("K10")
async def test_inertia_requests_are_never_rendered_on_the_server(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"n": 1}

    async with RenderServer() as server:
        app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan(), client_for(app) as browser:
            assert (await browser.get("/", headers=inertia_headers(app))).json()["component"] == "Home"
        assert server.pages == []


@pytest.mark.protocol("K1")
async def test_the_render_server_gets_the_very_bytes_that_an_inertia_request_gets(site: Path) -> None:
    received: list[bytes] = []

    async def render(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        received.append(await reader.readexactly(length))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnull"
        )
        await writer.drain()
        writer.close()

    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"text": "<é\u2028&>", "late": defer(lambda: 1)}

    server = await asyncio.start_server(render, "127.0.0.1", 0)
    async with server:
        app = make_app(
            site, [home], InertiaConfig(ssr=SSRConfig(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        )
        async with app.lifespan(), client_for(app) as browser:
            html = await browser.get("/")
            xhr = await browser.get("/", headers=inertia_headers(app))
    assert received == [xhr.content]
    assert page_in(html.text) == xhr.json()


# InertiaResponse in handlers and exception handlers


def test_a_component_chosen_at_run_time_answers_html_json_and_partials(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def handler() -> InertiaResponse[dict[str, Any]]:
        return InertiaResponse({"a": 1, "b": lambda: 2}, component="Chosen")

    app = make_app(site, [handler])
    with TestClient(app) as client:
        assert page_in(client.get("/").text)["component"] == "Chosen"
        assert client.get("/", headers=inertia_headers(app)).json()["props"] == {"errors": {}, "a": 1, "b": 2}
        partial = client.get("/", headers=inertia_headers(app, partial_component="Chosen", partial_data="b"))
        assert partial.json()["props"] == {"errors": {}, "b": 2}


def test_a_page_from_an_exception_handler_awaits_its_async_props(site: Path) -> None:
    async def late() -> int:
        await anyio.lowlevel.checkpoint()
        return 5

    def not_found(_: Request[Any, Any, Any], __: Exception) -> InertiaResponse[dict[str, Any]]:
        return InertiaResponse({"late": late}, component="Error", status_code=404)

    app = make_app(site, [], exception_handlers={404: not_found})
    with TestClient(app) as client:
        response = client.get("/nowhere", headers=inertia_headers(app))
        assert response.status_code == 404
        assert response.headers["x-inertia"] == "true"
        assert response.json()["props"]["late"] == 5
        assert page_in(client.get("/nowhere").text)["props"]["late"] == 5


def test_a_page_without_a_component_says_so(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def handler() -> InertiaResponse[dict[str, Any]]:
        return InertiaResponse({"a": 1})

    with TestClient(make_app(site, [handler], debug=True)) as client:
        response = client.get("/")
    assert response.status_code == 500
    assert "No page component" in response.text


def test_a_list_is_no_set_of_props(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler() -> list[int]:
        return [1]

    with TestClient(make_app(site, [handler], debug=True)) as client:
        assert "must be a mapping or an object with fields, not list" in client.get("/").text
