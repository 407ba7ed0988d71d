"""Server-side rendering through a whole app: the browser's page for each behaviour of the render server."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import HttpMethod, Litestar, MediaType, Request, Response, get, route
from litestar.exceptions import NotFoundException
from litestar.testing import TestClient

from litestar_vite.exceptions import ConfigError, SSRError
from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app, page_in, plugin_of
from tests.unit.ssr.servers import answering, hang, reply, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.unit.ssr.servers import Script

pytestmark = pytest.mark.anyio

SECRET = "UPSTREAM-SECRET"


@get("/", component="Home", sync_to_thread=False)
def home(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"name": request.query_params.get("who", "Ada"), "markup": "</script><b>"}


@get("/plain", sync_to_thread=False)
def plain() -> InertiaResponse[dict[str, Any]]:
    return InertiaResponse({}, component="Plain", ssr=False)


def with_ssr(site: Path, url: str, *handlers: Any, **ssr: Any) -> Litestar:
    ssr = {"timeout_seconds": 30.0, "queue_seconds": 30.0, **ssr}
    return make_app(
        site,
        [home, plain, *handlers],
        InertiaConfig(ssr=SSRConfig(url=url, **ssr)),
        exception_handlers={NotFoundException: gone},
    )


def gone(_: Request[Any, Any, Any], __: Exception) -> Response[Any]:
    return InertiaResponse({"status": 404}, component="Errors/Error", status_code=404)


@asynccontextmanager
async def browsing(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        yield browser


@pytest.mark.protocol("K2")
async def test_a_page_is_the_shell_around_what_the_render_server_gave(site: Path) -> None:
    async with RenderServer() as server, browsing(with_ssr(site, server.url)) as browser:
        response = await browser.get("/?who=%C3%9C")
    html = response.text
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "X-Inertia" in response.headers["vary"]
    assert '<div id="app"><h1>SSR Home</h1></div>' in html
    assert html.index("<title>Home</title>") < html.index("</head>") < html.index("SSR Home")
    assert html.count('id="app"') == 1
    assert html.count("data-page=") == 1
    page = page_in(html)
    assert page["props"]["name"] == "Ü"
    assert page["props"]["markup"] == "</script><b>"
    assert server.pages == [page]
    assert server.targets == ["/render"]
    assert '<script type="module" crossorigin src="/static/assets/app-a1.js"></script>' in html


@pytest.mark.protocol("K2")
async def test_the_titles_of_shell_and_page_do_not_both_stand_in_the_head(site: Path) -> None:
    (site / "index.html").write_text('<html><head><title>Shell</title></head><body><div id="app"></div></body></html>')

    async def untitled(_: dict[str, Any]) -> dict[str, Any]:
        return {"head": ['<meta name="description" content="x">'], "body": "<p>"}

    async with RenderServer() as server, browsing(with_ssr(site, server.url)) as browser:
        html = (await browser.get("/")).text
        assert html.count("<title>") == 1
        assert "<title>Home</title>" in html
        server.answer = untitled
        html = (await browser.get("/")).text
        assert "<title>Shell</title>" in html
        assert '<meta name="description" content="x"></head>' in html


async def test_one_connection_serves_one_page_after_the_other(site: Path) -> None:
    async with RenderServer() as server, browsing(with_ssr(site, server.url)) as browser:
        for number in range(20):
            assert page_in((await browser.get(f"/?who=u{number}")).text)["props"]["name"] == f"u{number}"
        assert server.connections == 1


async def test_many_at_a_time_each_get_their_own_page_over_few_connections(site: Path) -> None:
    async def slow(page: dict[str, Any]) -> Any:
        await asyncio.sleep(0.002)
        name = page["props"]["name"]
        return {"head": [f"<title>{name}</title>"], "body": f"<h1>{name}</h1>"}

    async with RenderServer(slow) as server, browsing(with_ssr(site, server.url, max_connections=3)) as browser:
        answers = await asyncio.gather(*(browser.get(f"/?who=u{number}") for number in range(60)))
        assert server.connections == 3
    for number, answer in enumerate(answers):
        assert f"<title>u{number}</title></head>" in answer.text
        assert f"<h1>u{number}</h1>" in answer.text


async def test_an_app_on_another_loop_renders_too(site: Path) -> None:
    """Litestar's TestClient runs the app in a thread with a separate loop."""
    async with RenderServer() as server:

        def browse() -> str:
            with TestClient(with_ssr(site, server.url)) as client:
                return client.get("/").text

        assert "SSR Home" in await asyncio.to_thread(browse)


@pytest.mark.protocol("K1")
async def test_the_url_may_have_a_path(site: Path) -> None:
    async with RenderServer() as server, browsing(with_ssr(site, f"{server.url}/base/")) as browser:
        assert "SSR Home" in (await browser.get("/")).text
        assert server.targets == ["/base/render"]


# When the render server is not called


@pytest.mark.protocol("K10")
async def test_the_render_server_is_asked_for_html_pages_only(site: Path) -> None:
    async with RenderServer() as server:
        app = with_ssr(site, server.url)
        async with browsing(app) as browser:
            visit = await browser.get("/", headers=inertia_headers(app))
            assert visit.json()["component"] == "Home"
            stale = await browser.get("/", headers={"X-Inertia": "true", "X-Inertia-Version": "old"})
            assert stale.status_code == 409
            assert (await browser.get("/static/assets/app-a1.js")).status_code == 200
        assert not server.connections


@pytest.mark.protocol("K11")
async def test_a_response_can_opt_out(site: Path) -> None:
    async with RenderServer() as server, browsing(with_ssr(site, server.url)) as browser:
        assert page_in((await browser.get("/plain")).text)["component"] == "Plain"
        assert not server.connections


@pytest.mark.protocol("K11")
async def test_a_route_and_a_path_can_opt_out(site: Path) -> None:
    @get("/opted", component="Opted", ssr=False, sync_to_thread=False)
    def opted() -> dict[str, Any]:
        return {}

    @get(["/admin/users", "/public"], component="Page", sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {}

    async with (
        RenderServer() as server,
        browsing(with_ssr(site, server.url, opted, page, exclude=["/admin/*"])) as browser,
    ):
        for path in ("/opted", "/admin/users"):
            assert page_in((await browser.get(path)).text)["url"] == path
        assert not server.pages
        assert "SSR Page" in (await browser.get("/public")).text


@pytest.mark.protocol("K10")
async def test_an_error_page_is_left_to_the_browser(site: Path) -> None:
    async with RenderServer() as server, browsing(with_ssr(site, server.url)) as browser:
        response = await browser.get("/gone")
        assert response.status_code == 404
        assert page_in(response.text)["component"] == "Errors/Error"
        assert not server.connections


@pytest.mark.protocol("K10")
async def test_a_page_with_an_error_status_is_left_to_the_browser_and_other_statuses_are_not(site: Path) -> None:
    @get("/status/{code:int}", sync_to_thread=False)
    def status(request: Request[Any, Any, Any]) -> InertiaResponse[dict[str, Any]]:
        return InertiaResponse({}, component="Status", status_code=request.path_params["code"])

    async with RenderServer() as server, browsing(with_ssr(site, server.url, status)) as browser:
        for code, asks in ((200, True), (203, True), (400, False), (403, False), (500, False), (503, False)):
            server.pages.clear()
            response = await browser.get(f"/status/{code}")
            assert response.status_code == code
            assert bool(server.pages) == asks


async def test_head_has_the_headers_of_get_and_no_body(site: Path) -> None:
    @route("/both", http_method=[HttpMethod.GET, HttpMethod.HEAD], component="Home", sync_to_thread=False)
    def both() -> dict[str, str]:
        return {"name": "Ada"}

    async with RenderServer() as server, browsing(with_ssr(site, server.url, both)) as browser:
        head, whole = await browser.head("/both"), await browser.get("/both")
    assert head.content == b""
    assert "SSR Home" in whole.text
    assert head.headers.items() >= {
        ("content-length", str(len(whole.content))),
        ("content-type", "text/html; charset=utf-8"),
    }
    assert head.headers == whole.headers


@pytest.mark.protocol("K11")
async def test_the_environment_can_turn_it_off_and_name_the_server(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with RenderServer() as server, RenderServer() as other:
        monkeypatch.setenv("VITE_SSR_URL", other.url)
        async with browsing(with_ssr(site, server.url)) as browser:
            assert "SSR Home" in (await browser.get("/")).text
        monkeypatch.setenv("VITE_SSR_ENABLED", "false")
        async with browsing(with_ssr(site, server.url)) as browser:
            assert "SSR Home" not in (await browser.get("/")).text
        assert (server.connections, other.connections) == (0, 1)


# When rendering fails

ERROR = json.dumps(
    {"error": SECRET, "type": "render", "hint": SECRET, "stack": SECRET, "sourceLocation": SECRET}
).encode()
FAULTS = {
    "null": reply(b"null"),
    "classified": reply(ERROR, 500),
    "unclassified": reply(b'{"error":"%b"}' % SECRET.encode(), 500),
    "500 as HTML": reply(f"<h1>{SECRET}</h1>".encode(), 500, "text/html"),
    "500 cut": reply(ERROR[:-5], 500),
    "not JSON": reply(f"<h1>{SECRET}</h1>".encode()),
    "wrong content type": reply(f'{{"head":[],"body":"{SECRET}"}}'.encode(), content_type="text/html"),
    "wrong shape": reply(f'{{"head":"{SECRET}","body":"{SECRET}"}}'.encode()),
    "other JSON": reply(f'{{"status":"NOT_FOUND","body":"{SECRET}"}}'.encode()),
    "empty": reply(b""),
    "invalid UTF-8": reply(b'{"head":[],"body":"' + SECRET.encode() + b'\xff"}'),
    "deep": reply(b"[" * 200_000),
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/"
    + SECRET.encode()
    + b"\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": SECRET.encode() + b"\r\n\r\n",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n" + SECRET.encode(),
    "too large": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
    + SECRET.encode(),
    "nothing": b"",
}


def assert_is_client_side(response: httpx.Response, name: str = "Ada") -> None:
    assert response.status_code == 200
    assert "X-Inertia" in response.headers["vary"]
    assert SECRET not in response.text + str(response.headers)
    assert "127.0.0.1" not in response.text
    page = page_in(response.text)
    assert page["component"] == "Home"
    assert page["props"]["name"] == name
    assert page["props"]["markup"] == "</script><b>"
    assert response.text.count('id="app"') == 1
    assert '<div id="app"></div>' in response.text
    assert response.text.rstrip().endswith("</html>")
    assert "/static/assets/app-a1.js" in response.text


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.protocol("K4")
async def test_the_browser_renders_and_learns_nothing_when_the_render_server_fails(
    site: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(answering(FAULTS[fault], close_after=1)) as (peer, _):
        async with browsing(with_ssr(site, f"http://127.0.0.1:{peer.port}", max_connections=1)) as browser:
            for number in range(3):
                assert_is_client_side(await browser.get(f"/?who=u{number}"), f"u{number}")
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(records) == (0 if fault == "null" else 1), "logged once"


@pytest.mark.protocol("K4")
async def test_the_browser_renders_when_the_render_server_is_down(site: Path) -> None:
    async with serving(answering(b"")) as (peer, _):
        pass
    app = with_ssr(site, f"http://127.0.0.1:{peer.port}")
    async with browsing(app) as browser:
        answers = await asyncio.gather(*(browser.get("/") for _ in range(32)))
    for answer in answers:
        assert_is_client_side(answer)


@pytest.mark.parametrize("script", [hang], ids=["hangs"])
@pytest.mark.protocol("K4")
async def test_the_browser_renders_when_the_render_server_takes_too_long(site: Path, script: Script) -> None:
    async with serving(script) as (peer, _):
        app = with_ssr(site, f"http://127.0.0.1:{peer.port}", timeout_seconds=0.1, max_connections=4)
        async with browsing(app) as browser:
            answers = await asyncio.gather(*(browser.get("/") for _ in range(16)))
            client = plugin_of(app).inertia
            assert client is not None
            assert "running=0/4 waiting=0" in repr(client)
    for answer in answers:
        assert_is_client_side(answer)


async def test_pages_are_rendered_again_as_soon_as_the_render_server_is_back(site: Path) -> None:
    async def throw(_: dict[str, Any]) -> Any:
        raise ConnectionError

    async with RenderServer(throw) as server, browsing(with_ssr(site, server.url)) as browser:
        assert_is_client_side(await browser.get("/"))

        async def fine(_: dict[str, Any]) -> dict[str, Any]:
            return {"head": [], "body": "<p>back</p>"}

        server.answer = fine
        assert "<p>back</p>" in (await browser.get("/")).text


async def test_a_browser_that_goes_away_leaves_no_slot_taken(site: Path) -> None:
    async with serving(hang) as (peer, served):
        app = with_ssr(site, f"http://127.0.0.1:{peer.port}", max_connections=2)
        async with browsing(app) as browser:
            tasks = [asyncio.create_task(browser.get("/")) for _ in range(6)]
            while served.connections < 2:
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert "open=0/2 idle=0 waiting=0" in repr(plugin_of(app).inertia)


# raise_on_error


@pytest.mark.parametrize(("fault", "kind"), [("classified", "render"), ("not JSON", "protocol"), ("cut", "connection")])
@pytest.mark.protocol("K4")
async def test_raise_on_error_gives_the_failure_to_the_apps_error_handling(site: Path, fault: str, kind: str) -> None:
    seen: list[Exception] = []

    def handle(_: Request[Any, Any, Any], error: Exception) -> Response[str]:
        seen.append(error)
        return Response("mine", status_code=500, media_type=MediaType.TEXT)

    async with serving(answering(FAULTS[fault], close_after=1)) as (peer, _):
        ssr = SSRConfig(url=f"http://127.0.0.1:{peer.port}", timeout_seconds=30.0, raise_on_error=True)
        for handlers, expected in (({SSRError: handle}, "mine"), ({}, "Internal Server Error")):
            async with browsing(make_app(site, [home], InertiaConfig(ssr=ssr), exception_handlers=handlers)) as browser:
                response = await browser.get("/")
                assert response.status_code == 500
                assert expected in response.text
                assert SECRET not in response.text
    (error,) = seen
    assert isinstance(error, SSRError)
    assert error.kind == kind


@pytest.mark.protocol("K3")
async def test_raise_on_error_leaves_null_to_the_browser(site: Path) -> None:
    async with serving(answering(reply(b"null"))) as (peer, _):
        app = with_ssr(site, f"http://127.0.0.1:{peer.port}", raise_on_error=True)
        async with browsing(app) as browser:
            assert_is_client_side(await browser.get("/"))


# Settings


async def test_the_client_is_there_from_start_up_to_shutdown(site: Path) -> None:
    async with RenderServer() as server:
        app = with_ssr(site, server.url)
        inertia = plugin_of(app).inertia
        assert inertia is not None
        assert inertia._ssr_client is None
        async with browsing(app) as browser:
            client = inertia._ssr_client
            assert isinstance(client, httpx.AsyncClient)
            await browser.get("/")
            assert server.open_connections == 1
            assert repr(client) in repr(plugin_of(app).inertia)
        assert inertia._ssr_client is None
        assert client.is_closed
        while server.open_connections:
            await asyncio.sleep(0)


@pytest.mark.parametrize("url", ["localhost:13714", "http://", "ftp://h", "http://h:99999"])
def test_an_invalid_url_is_rejected_when_the_app_is_created(site: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"SSRConfig\.url is"):
        with_ssr(site, url)
