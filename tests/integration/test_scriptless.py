"""Pages without JavaScript (`hydrate=False`): their document, their error page and their caching."""

from __future__ import annotations

import html
import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from jinja2 import DictLoader, Environment
from litestar import Controller, Request, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from litestar_vite.exceptions import ConfigError, SSRError
from litestar_vite.inertia import CachePolicy, InertiaConfig, InertiaResponse, SSRConfig, defer, flash, optional
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from litestar import Litestar

pytestmark = pytest.mark.anyio

SECRET = "s" * 32


async def shown(page: dict[str, Any]) -> Any:
    """Render a page like a component that shows its props, its flash data and a form with the token."""
    script = json.dumps(page).replace("<", "\\u003c")
    props, token = page["props"], page["props"].get("csrfToken", "")
    field = f'<input type="hidden" name="_csrf_token" value="{token}">' if props.get("form") else ""
    text = html.escape(json.dumps({name: value for name, value in props.items() if name != "csrfToken"}))
    body = (
        f'<script data-page="app" type="application/json">{script}</script><div data-server-rendered="true" id="app">'
        f"<p>{text}</p><i>{html.escape(json.dumps(page.get('flash')))}</i>{field}<script>inline()</script></div>"
    )
    return {"head": [f"<title>{page['component']}</title>"], "body": body}


async def broken(page: dict[str, Any]) -> Any:
    return None


@get("/", component="Home", hydrate=False, sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"name": "Ada </script>"}


@get("/users", component="Users/Index", sync_to_thread=False)
def users() -> dict[str, Any]:
    return {"users": []}


def app_with(
    site: Path, server: RenderServer, *handlers: Any, config: dict[str, Any] | None = None, **more: Any
) -> Litestar:
    ssr = SSRConfig(url=server.url, timeout_seconds=30, **more.pop("ssr", {}))
    return make_app(site, handlers or [home, users], InertiaConfig(ssr=ssr, **(config or {})), **more)


@asynccontextmanager
async def browsing(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://testserver",
            headers={"Accept": "text/html,*/*;q=0.8"},
        ) as browser,
    ):
        yield browser


async def test_the_document_has_the_rendered_page_and_styles_but_no_script_preload_or_page_object(site: Path) -> None:
    async with RenderServer(shown) as server, browsing(app_with(site, server)) as browser:
        answer = await browser.get("/")
        hydrated = await browser.get("/users")
    assert answer.status_code == 200
    assert "<title>Home</title>" in answer.text
    assert "Ada &lt;/script&gt;" in answer.text
    assert re.findall(r'<link rel="stylesheet"[^>]*href="([^"]*)"', answer.text) == [
        "/static/assets/vendor-d4.css",
        "/static/assets/app-c3.css",
    ]
    assert "modulepreload" not in answer.text
    # The component's own script stays.
    assert re.findall(r"<script[^>]*>", answer.text) == ["<script>"]
    assert "data-page" not in answer.text
    assert answer.headers["vary"] == "X-Inertia"
    assert page_in(hydrated.text)["component"] == "Users/Index"
    assert "modulepreload" in hydrated.text


async def test_styles_of_the_pages_own_chunk_are_linked(site: Path) -> None:
    @get("/", component="Users/Index", hydrate=False, sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {}

    async with RenderServer(shown) as server, browsing(app_with(site, server, page)) as browser:
        answer = await browser.get("/")
    assert "assets/Index-a7.css" in answer.text
    assert "assets/Index-e5.js" not in answer.text


async def test_the_built_document_keeps_what_is_not_of_the_front_end(site: Path) -> None:
    client = site / "dist" / "client"
    manifest = json.loads((client / ".vite" / "manifest.json").read_text())
    manifest["index.html"] = {**manifest.pop("src/app.tsx"), "src": "index.html"}
    manifest["src/pages/Users/Index.tsx"]["imports"][0] = manifest["src/pages/Home.tsx"]["imports"][0] = "index.html"
    (client / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    (client / "index.html").write_text(
        "<!doctype html><html><head><script>theme()</script>"
        '<script type="module" crossorigin src="/static/assets/app-a1.js"></script>'
        '<link rel="modulepreload" crossorigin href="/static/assets/vendor-b2.js">'
        '<link rel="preload" as="script" href="/static/assets/legacy.js"><link rel="preload" as="font" href="/f.woff2">'
        '<script nomodule src="/static/assets/legacy.js"></script><script type="module">inlined()</script>'
        '<script type="module" src="https://cdn.example/analytics.js"></script>'
        '<link rel="stylesheet" crossorigin href="/static/assets/app-c3.css"></head>'
        '<body class="dark"><div id="app" class="root">Loading</div></body></html>'
    )
    async with RenderServer(shown) as server, browsing(app_with(site, server)) as browser:
        text = (await browser.get("/")).text
    assert re.findall(r"<script[^>]*>", text.partition("</head>")[0]) == [
        "<script>",
        '<script type="module" src="https://cdn.example/analytics.js">',
    ]
    assert re.findall(r'<link rel="preload" as="(\w+)"', text) == ["font"]
    assert "app-c3.css" in text
    assert '<body class="dark"><div id="app" class="root" data-server-rendered="true">' in text
    assert "Loading" not in text


async def test_an_inertia_visit_gets_the_page_as_ever_and_a_load_if_the_client_lacks_the_component(site: Path) -> None:
    @get("/server-only", component="Legal/Terms", hydrate=False, sync_to_thread=False)
    def server_only() -> dict[str, Any]:
        return {}

    async with RenderServer(shown) as server:
        app = app_with(site, server, home, server_only)
        async with browsing(app) as browser:
            page = await browser.get("/", headers=inertia_headers(app))
            load = await browser.get("/server-only?a=1", headers=inertia_headers(app))
            document = await browser.get("/server-only?a=1")
    assert page.json()["component"] == "Home"
    assert page.headers["x-inertia"] == "true"
    assert (load.status_code, load.headers["x-inertia-location"]) == (409, "/server-only?a=1")
    assert "x-inertia" not in load.headers
    assert document.status_code == 200


async def test_controllers_and_responses_decide_too(site: Path) -> None:
    class Legal(Controller):
        opt = {"hydrate": False}  # noqa: RUF012

        @get("/terms", component="Home", sync_to_thread=False)
        def terms(self) -> dict[str, Any]:
            return {}

        @get("/app", component="Home", hydrate=True, sync_to_thread=False)
        def inner(self) -> dict[str, Any]:
            return {}

    @get("/mixed", component="Home", sync_to_thread=False)
    def mixed(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
        return InertiaResponse({}, hydrate=chosen(request))

    @get("/off", component="Home", hydrate=False, sync_to_thread=False)
    def off(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
        return InertiaResponse({}, hydrate=chosen(request))

    def chosen(request: Request[Any, Any, Any]) -> bool | None:
        return {"true": True, "false": False, None: None}[request.query_params.get("hydrate")]

    wanted = {
        "/terms": False,
        "/app": True,
        "/mixed": True,
        "/mixed?hydrate=false": False,
        "/off": False,
        "/off?hydrate=true": True,
    }
    async with RenderServer(shown) as server, browsing(app_with(site, server, Legal, mixed, off)) as browser:
        found = {path: "app-a1.js" in (await browser.get(path)).text for path in wanted}
    assert found == wanted


async def test_deferred_props_are_in_the_page_and_optional_ones_are_not(site: Path) -> None:
    async def slow() -> str:
        return "arrived"

    async def fails() -> str:
        raise RuntimeError

    @get("/", component="Home", hydrate=False, sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {
            "slow": defer(slow, inline_within_ms=0),
            "rescued": defer(fails, rescue=True),
            "wanted": optional(slow),
        }

    async with RenderServer(shown) as server, browsing(app_with(site, server, page)) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    rendered = server.pages[0]
    assert rendered["props"]["slow"] == "arrived"
    assert "deferredProps" not in rendered
    assert rendered["rescuedProps"] == ["rescued"]
    assert "wanted" not in rendered["props"]


async def test_a_deferred_prop_that_fails_is_an_error_since_nothing_would_fetch_it(site: Path) -> None:
    async def fails() -> str:
        raise NotFoundException("gone")

    @get("/", component="Home", hydrate=False, sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {"late": defer(fails)}

    async with (
        RenderServer(shown) as server,
        browsing(app_with(site, server, page, config={"inline_deferred_ms": 50})) as browser,
    ):
        assert (await browser.get("/")).status_code == 404


@pytest.mark.parametrize(("debug", "shows"), [(False, False), (True, True)])
async def test_a_page_that_cannot_be_rendered_is_an_error_page(site: Path, debug: bool, shows: bool) -> None:
    async def fails(_: dict[str, Any]) -> Any:
        return {"error": "secret is undefined", "type": "render", "sourceLocation": "src/Home.tsx:1:2"}

    @get(
        "/",
        component="Home",
        hydrate=False,
        cache_control=CacheControlHeader(public=True, max_age=3600),
        sync_to_thread=False,
    )
    def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {}

    async with RenderServer(fails) as server:
        server.status = b"500 Internal Server Error"
        async with browsing(app_with(site, server, page, debug=debug)) as browser:
            answer = await browser.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "This page cannot be shown right now" in answer.text
    assert "<script" not in answer.text
    assert ("secret" in answer.text, "Home.tsx" in answer.text, "127.0.0.1" in answer.text) == (shows, shows, False)


async def test_a_render_server_that_is_down_is_a_503_that_may_be_tried_again_and_keeps_the_flash(site: Path) -> None:
    @get("/flash", component="Home", sync_to_thread=False)
    def flashing(request: Request[Any, Any, Any]) -> Response[None]:
        flash(request, "saved", "success")
        return Response(None, status_code=302, headers={"location": "/"})

    async with RenderServer(shown) as server, browsing(app_with(site, server, home, flashing)) as browser:
        server.answer = broken
        failed = await browser.get("/flash", follow_redirects=True)
        assert (failed.status_code, failed.headers["retry-after"]) == (503, "5")
        assert "saved" not in failed.text
        server.answer = shown
        again = await browser.get("/")
        after = await browser.get("/")
    assert "saved" in again.text
    assert "saved" not in after.text


async def test_the_app_may_answer_a_failed_render_itself(site: Path) -> None:
    def own(_: Request[Any, Any, Any], error: SSRError) -> Response[str]:
        return Response(f"Sorry ({error.kind})", status_code=503, media_type="text/html")

    async with RenderServer(broken) as server:
        async with browsing(app_with(site, server, home, exception_handlers={SSRError: own})) as browser:
            answer = await browser.get("/")
    assert (answer.status_code, answer.text) == (503, "Sorry (unavailable)")


async def test_an_error_page_without_scripts_is_rendered_too(site: Path) -> None:
    def page(_: Request[Any, Any, Any], status: int, __: Exception) -> InertiaResponse[Any]:
        return InertiaResponse({"status": status}, component="Home", hydrate=False)

    async with (
        RenderServer(shown) as server,
        browsing(app_with(site, server, home, config={"error_page": page})) as browser,
    ):
        answer = await browser.get("/nowhere")
        server.answer = broken
        failed = await browser.get("/nowhere")
    assert answer.status_code == 404
    assert "&quot;status&quot;: 404" in answer.text
    assert "app-a1.js" not in answer.text
    assert failed.status_code == 404
    assert "cannot be shown" in failed.text


async def test_excluded_paths_do_not_matter_since_the_browser_cannot_render_the_page(site: Path) -> None:
    async with (
        RenderServer(shown) as server,
        browsing(app_with(site, server, ssr={"exclude": ["/", "/users"]})) as browser,
    ):
        assert "Ada" in (await browser.get("/")).text
        assert page_in((await browser.get("/users")).text)
    assert [page["component"] for page in server.pages] == ["Home"]


def test_the_app_does_not_start_if_the_server_cannot_render_the_page(site: Path) -> None:
    @get("/", component="Home", hydrate=False, ssr=False, sync_to_thread=False)
    def neither() -> dict[str, Any]:
        return {}

    with pytest.raises(ConfigError, match=r"home.*has hydrate=False.*InertiaConfig\(ssr=True\)"):
        make_app(site, [home])
    with pytest.raises(ConfigError, match="hydrate=False and ssr=False"):
        make_app(site, [neither], InertiaConfig(ssr=SSRConfig(url="http://127.0.0.1:9")))


async def test_while_rendering_is_turned_off_the_browser_renders_these_pages_too(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with RenderServer(shown) as server, browsing(app_with(site, server, ssr={"enabled": False})) as browser:
        answer = await browser.get("/")
    assert page_in(answer.text)["props"]["name"] == "Ada </script>"
    assert "app-a1.js" in answer.text
    assert "the browser renders the pages with hydrate=False too" in caplog.text


async def test_a_response_without_scripts_in_an_app_without_rendering_is_an_error(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def page() -> InertiaResponse[Any]:
        return InertiaResponse({}, hydrate=False)

    async with browsing(make_app(site, [page], debug=True)) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert "hydrate=False needs server-side rendering" in html.unescape(answer.text)


async def test_one_cached_render_serves_all_visitors_and_each_gets_their_own_token(site: Path) -> None:
    @get("/", component="Home", hydrate=False, ssr_cache=60, sync_to_thread=False)
    def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"form": "form" not in request.query_params}

    tokens, texts = [], []
    async with RenderServer(shown) as server:
        app = app_with(site, server, page, csrf_config=CSRFConfig(secret=SECRET))
        async with browsing(app) as browser:
            for _ in range(2):
                browser.cookies.clear()
                answer = await browser.get("/")
                texts.append(answer.text)
                assert f'value="{browser.cookies["XSRF-TOKEN"]}"' in answer.text
                tokens.append(browser.cookies["XSRF-TOKEN"])
            without = await browser.get("/?form=no")
    assert len(server.pages) == 2
    assert tokens[0] != tokens[1]
    assert texts[0].replace(tokens[0], "") == texts[1].replace(tokens[1], "")
    mark = server.pages[0]["props"]["csrfToken"]
    assert mark not in "".join(texts)
    assert browser.cookies["XSRF-TOKEN"] not in without.text


async def test_a_page_with_a_token_is_not_kept_for_others(site: Path) -> None:
    @get(
        "/",
        component="Home",
        hydrate=False,
        cache=60,
        cache_control=CacheControlHeader(public=True, max_age=60),
        sync_to_thread=False,
    )
    def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"form": "form" not in request.query_params}

    async with RenderServer(shown) as server:
        app = app_with(site, server, page, csrf_config=CSRFConfig(secret=SECRET))
        async with browsing(app) as browser:
            first = await browser.get("/")
            browser.cookies.clear()
            second = await browser.get("/")
            public = await browser.get("/?form=no")
    assert first.headers["cache-control"] == second.headers["cache-control"] == "private, no-store"
    assert first.text != second.text
    assert public.headers["cache-control"] == "max-age=60, public"


async def test_a_forged_csrf_cookie_cannot_write_html(site: Path) -> None:
    @get("/", component="Home", hydrate=False, sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {"form": True}

    async with RenderServer(shown) as server:
        app = app_with(site, server, page, csrf_config=CSRFConfig(secret=SECRET))
        async with browsing(app) as browser:
            answer = await browser.get("/", headers={"cookie": "XSRF-TOKEN=<b>&x"})
    assert 'value="&lt;b&gt;&amp;x"' in answer.text


async def test_styles_and_the_remaining_scripts_have_the_nonce(site: Path) -> None:
    (site / "index.html").write_text(
        '<html><head><script>theme()</script></head><body><div id="app"></div>'
        '<script type="module" src="/src/app.tsx"></script></body></html>'
    )
    async with RenderServer(shown) as server:
        app = app_with(site, server, vite={"csp_nonce": lambda _: "n0nce"})
        async with browsing(app) as browser:
            text = (await browser.get("/")).text
            server.answer = broken
            failed = (await browser.get("/")).text
    head = text.partition("</head>")[0]
    assert '<script nonce="n0nce">theme()</script>' in head
    assert head.count('<link rel="stylesheet" nonce="n0nce"') == 2
    assert 'type="module"' not in text
    assert '<style nonce="n0nce">' in failed


async def test_early_hints_name_styles_only(site: Path) -> None:
    async with RenderServer(shown) as server:
        app = app_with(site, server, config={"early_hints": True})
        async with browsing(app) as browser:
            answer = await browser.get("/")
            hydrated = await browser.get("/users")
    assert answer.headers["link"] == (
        "</static/assets/vendor-d4.css>; rel=preload; as=style, </static/assets/app-c3.css>; rel=preload; as=style"
    )
    assert "modulepreload" in hydrated.headers["link"]


async def test_a_root_template_gets_styles_only(site: Path) -> None:
    template = "<html><head>{{ vite() }}{{ inertia_head }}</head><body>{{ inertia }}</body></html>"
    engine = JinjaTemplateEngine.from_environment(Environment(loader=DictLoader({"base.html": template})))
    async with RenderServer(shown) as server:
        app = app_with(site, server, config={"template": "base.html"}, template_config=TemplateConfig(instance=engine))
        async with browsing(app) as browser:
            text = (await browser.get("/")).text
            hydrated = (await browser.get("/users")).text
    assert re.findall(r"<script[^>]*>", text) == ["<script>"]
    assert "app-c3.css" in text
    assert "<title>Home</title>" in text
    assert "app-a1.js" in hydrated


async def test_head_answers_as_get_without_a_body(site: Path) -> None:
    async with RenderServer(shown) as server, browsing(app_with(site, server)) as browser:
        answer, full = await browser.head("/"), await browser.get("/")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["content-length"] == full.headers["content-length"]


async def test_a_page_cached_by_its_url_does_not_take_the_render_of_the_other_kind(site: Path) -> None:
    @get("/", component="Home", ssr_cache=CachePolicy(60, by="url"), sync_to_thread=False)
    def page(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
        return InertiaResponse({"form": True}, hydrate="x-plain" not in request.headers)

    texts = []
    async with RenderServer(shown) as server:
        app = app_with(site, server, page, csrf_config=CSRFConfig(secret=SECRET))
        async with browsing(app) as browser:
            for headers in ({"x-plain": "1"}, {}, {"x-plain": "1"}, {}):
                browser.cookies.clear()
                texts.append((await browser.get("/", headers=headers)).text)
    assert len(server.pages) == 2
    assert "csrfToken" not in page_in(texts[1])["props"]
    assert texts[1] == texts[3]
    assert all('type="module"' not in text for text in (texts[0], texts[2]))
