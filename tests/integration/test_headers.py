"""First visits and Inertia requests on the wire (protocol A1 to A3, B8 to B18, C19 to C23)."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Controller, Litestar, Request, Response, Router, asgi, delete, get, head, patch, post, put, route
from litestar.datastructures import CacheControlHeader, Cookie, ResponseHeader
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.static_files import create_static_files_router
from litestar.testing import TestClient

from litestar_vite.inertia import (
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaResponse,
    clear_history,
    defer,
    error,
    flash,
    merge,
    once,
    preserve_fragment,
)
from tests.integration.asgi import Answer, ask
from tests.support import VARY_OF_KEPT_PAGES, inertia_headers, make_app, make_site, page_in, plugin_of

if TYPE_CHECKING:
    from pathlib import Path


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"n": 1}


@get("/planned", component="Home", sync_to_thread=False)
def planned() -> dict[str, Any]:
    return {"n": lambda: 1, "late": defer(lambda: 2)}


@get("/handmade", sync_to_thread=False)
def handmade() -> InertiaResponse[dict[str, Any]]:
    return InertiaResponse({"n": 1}, component="Home")


PAGES = ["/", "/planned", "/handmade"]
HANDLERS: list[Any] = [home, planned, handmade]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


@functools.cache
def app_of(site: Path) -> Litestar:
    """Return the app with all handlers. It is cached, since hundreds of tests use it."""
    return make_app(site, HANDLERS)


def visit(app: Litestar, target: str = "/", method: str = "GET", **headers: str) -> Answer:
    return ask(app, method, target, inertia_headers(app, **headers))


def vary(answer: Answer) -> list[str]:
    return [item.strip().lower() for value in answer.all("vary") for item in value.split(",")]


# A: first visits


@pytest.mark.parametrize("target", PAGES)
def test_a1_a_first_visit_is_html_that_varies_on_x_inertia_and_has_no_inertia_header(site: Path, target: str) -> None:
    answer = ask(app_of(site), target=target)
    assert answer.status == 200
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert vary(answer) == ["x-inertia"]
    assert not [name for name, _ in answer.headers if name.lower().startswith(b"x-inertia")]
    assert answer.header("content-length") == str(len(answer.body))
    assert answer.body.lower().startswith(b"<!doctype html>")


@pytest.mark.parametrize("target", PAGES)
def test_a2_a_first_visit_has_one_page_script_and_one_empty_app_element(site: Path, target: str) -> None:
    html = ask(app_of(site), target=target).text
    assert html.count('<script data-page="app" type="application/json">') == 1
    assert html.count('<div id="app"></div>') == 1
    assert html.index("data-page") < html.index('<div id="app">')


@pytest.mark.parametrize("element_id", ["root", "my-app", "a1"])
def test_a3_the_element_and_the_script_have_the_configured_id(site: Path, element_id: str) -> None:
    html = ask(make_app(site, HANDLERS, InertiaConfig(root_element_id=element_id))).text
    assert page_in(html, element_id)["component"] == "Home"
    assert f'<div id="{element_id}"></div>' in html
    assert 'data-page="app"' not in html


@pytest.mark.parametrize("target", PAGES)
def test_a5_html_and_xhr_hold_the_very_same_page(site: Path, target: str) -> None:
    app = app_of(site)
    assert page_in(ask(app, target=target).text) == visit(app, target).page


# B: responses to Inertia requests


@pytest.mark.parametrize("target", PAGES)
def test_b8_an_inertia_request_is_answered_with_json(site: Path, target: str) -> None:
    answer = visit(app_of(site), target)
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"
    assert answer.header("x-inertia") == "true"
    assert vary(answer) == ["x-inertia"]
    assert answer.header("content-length") == str(len(answer.body))


@pytest.mark.parametrize("sent", ["", "false", "1", "True!", "null"])
def test_b8_only_the_value_true_makes_an_inertia_request(site: Path, sent: str) -> None:
    answer = ask(app_of(site), headers={"X-Inertia": sent})
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert answer.header("x-inertia") is None


@pytest.mark.parametrize("is_inertia", [True, False])
@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ("Cookie", ["cookie", "x-inertia"]),
        ("Accept, Cookie", ["accept", "cookie", "x-inertia"]),
        ("X-Inertia", ["x-inertia"]),
        ("accept, x-inertia", ["accept", "x-inertia"]),
        ("", ["x-inertia"]),
    ],
)
def test_b8_x_inertia_is_appended_to_what_the_app_varies_on(
    site: Path, users: str, expected: list[str], is_inertia: bool
) -> None:
    @get("/layer", component="Home", response_headers=[ResponseHeader(name="Vary", value=users)], sync_to_thread=False)
    def layer() -> dict[str, Any]:
        return {}

    @get("/own", sync_to_thread=False)
    def own() -> InertiaResponse[None]:
        return InertiaResponse(component="Home", headers={"vary": users})

    app = make_app(site, [layer, own])
    for target in ("/layer", "/own"):
        answer = visit(app, target) if is_inertia else ask(app, target=target)
        assert len(answer.all("vary")) == 1
        assert vary(answer) == expected


@pytest.mark.parametrize("is_inertia", [True, False])
def test_b8_the_users_headers_cookies_and_cache_control_of_every_layer_are_kept(site: Path, is_inertia: bool) -> None:
    @get(
        "/",
        component="Home",
        response_headers=[ResponseHeader(name="X-Handler", value="1")],
        response_cookies=[Cookie(key="seen", value="1")],
        cache_control=CacheControlHeader(private=True, max_age=5),
        sync_to_thread=False,
    )
    def layered() -> dict[str, Any]:
        return {}

    @get("/own", sync_to_thread=False)
    def own() -> InertiaResponse[None]:
        return InertiaResponse(
            component="Home",
            headers={"X-Handler": "1", "Cache-Control": "private, max-age=5"},
            cookies=[Cookie(key="seen", value="1")],
        )

    app = make_app(
        site, [Router("/", route_handlers=[layered, own])], response_headers=[ResponseHeader(name="X-App", value="2")]
    )
    for target in ("/", "/own"):
        answer = visit(app, target) if is_inertia else ask(app, target=target)
        assert answer.header("x-handler") == "1"
        assert answer.header("x-app") == "2"
        assert sorted((answer.header("cache-control") or "").split(", ")) == ["max-age=5", "private"]
        assert any(cookie.startswith("seen=1") for cookie in answer.all("set-cookie"))
        assert vary(answer) == list(VARY_OF_KEPT_PAGES)


@pytest.mark.parametrize("mine", ["text/plain", "application/vnd.api+json"])
def test_b8_content_type_and_inertia_header_agree_whatever_the_user_sets(site: Path, mine: str) -> None:
    @get("/", sync_to_thread=False)
    def own() -> InertiaResponse[None]:
        return InertiaResponse(
            component="Home", headers={"Content-Type": mine, "X-Inertia": "false", "Content-Length": "3"}
        )

    app = make_app(site, [own])
    html, xhr = ask(app), visit(app)
    assert (html.header("content-type"), html.header("x-inertia")) == ("text/html; charset=utf-8", None)
    assert (xhr.header("content-type"), xhr.header("x-inertia")) == ("application/json", "true")
    assert xhr.header("content-length") == str(len(xhr.body))


def others(folder: Path) -> list[Any]:
    """Return a handler of each kind that does not return a page."""
    (folder / "files").mkdir()
    (folder / "files" / "a.txt").write_text("hello")

    @get("/json", sync_to_thread=False)
    def json() -> dict[str, int]:
        return {"a": 1}

    @get("/any", sync_to_thread=False)
    def anything() -> Any:
        return {"a": 1}

    @get("/response", sync_to_thread=False)
    def response() -> Response[dict[str, int]]:
        return Response({"a": 1})

    @get("/stream", sync_to_thread=False)
    def stream() -> Stream:
        return Stream(iter(["a"]))

    @get("/fail", sync_to_thread=False)
    def fail() -> dict[str, int]:
        raise RuntimeError("no")

    @get("/missing", sync_to_thread=False)
    def missing() -> dict[str, int]:
        raise NotFoundException("no")

    @get("/redirect", sync_to_thread=False)
    def redirect() -> Redirect:
        return Redirect("/")

    @get("/outside", sync_to_thread=False)
    def outside(request: Request[Any, Any, Any]) -> InertiaExternalRedirect:
        return InertiaExternalRedirect(request, "https://example.com/")

    @asgi("/asgi", copy_scope=True)
    async def raw(scope: Any, receive: Any, send: Any) -> None:
        await Response(b"a", media_type="text/plain").to_asgi_response(None, Request(scope))(scope, receive, send)

    files = create_static_files_router("/files", [folder / "files"])
    return [json, anything, response, stream, fail, missing, redirect, outside, raw, files]


OTHERS = [
    "/json",
    "/text",
    "/any",
    "/response",
    "/stream",
    "/fail",
    "/missing",
    "/redirect",
    "/outside",
    "/asgi",
    "/files/a.txt",
    "/no/such/route",
]


@pytest.mark.parametrize("as_inertia", [True, False], ids=["inertia", "plain"])
def test_b9_no_other_route_answers_as_a_page_after_pages_were_served(
    site: Path, tmp_path: Path, as_inertia: bool
) -> None:
    """Litestar caches one mapping of headers for all responses of a process. Changing it would leak X-Inertia."""
    app = make_app(site, [*HANDLERS, *others(tmp_path)])
    before = {target: ask(app, target=target) for target in OTHERS}
    for _ in range(3):
        for target in PAGES:
            assert visit(app, target).header("x-inertia") == "true"
    for target in OTHERS:
        answer = visit(app, target) if as_inertia else ask(app, target=target)
        assert answer.header("x-inertia") is None, target
        assert answer.header("content-type") == before[target].header("content-type"), target
        if not as_inertia:
            assert answer.headers == before[target].headers


@pytest.mark.parametrize("accept", ["text/html, application/xhtml+xml", "*/*", "application/json", "text/plain", ""])
@pytest.mark.parametrize("target", PAGES)
def test_b10_the_accept_header_decides_nothing(site: Path, target: str, accept: str) -> None:
    app = app_of(site)
    assert visit(app, target, accept=accept).page == visit(app, target).page
    assert ask(app, target=target, headers={"Accept": accept}).header("content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize("status", [200, 201, 202, 400, 401, 403, 404, 410, 418, 422, 500, 503])
def test_b11_a_page_may_have_any_status(site: Path, status: int) -> None:
    @get("/", sync_to_thread=False)
    def handler() -> InertiaResponse[dict[str, int]]:
        return InertiaResponse({"status": status}, component="Error", status_code=status)

    app = make_app(site, [handler])
    xhr, html = visit(app), ask(app)
    assert (xhr.status, html.status) == (status, status)
    assert xhr.page["props"]["status"] == status
    assert page_in(html.text) == xhr.page


def test_b11_an_exception_handler_answers_with_a_page(site: Path) -> None:
    @get("/fail", sync_to_thread=False)
    def fail() -> dict[str, int]:
        raise NotFoundException("gone")

    def error_page(_: Request[Any, Any, Any], exc: NotFoundException) -> InertiaResponse[dict[str, str]]:
        return InertiaResponse({"detail": exc.detail}, component="Error", status_code=404)

    app = make_app(site, [fail], exception_handlers={NotFoundException: error_page})
    for target in ("/fail", "/no/such/route"):
        answer = visit(app, target)
        assert answer.status == 404
        assert (answer.page["component"], answer.page["url"]) == ("Error", target)
        assert page_in(ask(app, target=target).text) == answer.page


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_b11_other_methods_may_answer_with_a_page(site: Path, method: str) -> None:
    @post("/", component="Home", sync_to_thread=False)
    def on_post() -> dict[str, int]:
        return {"n": 1}

    @put("/", component="Home", sync_to_thread=False)
    def on_put() -> dict[str, int]:
        return {"n": 1}

    @patch("/", component="Home", sync_to_thread=False)
    def on_patch() -> dict[str, int]:
        return {"n": 1}

    @delete("/", component="Home", status_code=200, sync_to_thread=False)
    def on_delete() -> dict[str, int]:
        return {"n": 1}

    answer = visit(make_app(site, [on_post, on_put, on_patch, on_delete]), method=method)
    assert answer.status in {200, 201}
    assert answer.page["props"]["n"] == 1


@pytest.mark.parametrize("target", PAGES)
def test_b12_b14_a_page_has_four_keys_and_more_only_when_they_carry_something(site: Path, target: str) -> None:
    app = app_of(site)
    page = visit(app, target).page
    assert list(page)[:4] == ["component", "props", "url", "version"]
    assert page["props"]["errors"] == {}
    assert page["version"] == plugin_of(app).assets.version
    assert set(page) == {"component", "props", "url", "version", "sharedProps"} | (
        {"deferredProps"} if target == "/planned" else set()
    )


def test_b14_every_optional_key_comes_when_it_carries_something(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def everything(request: Request[Any, Any, Any]) -> InertiaResponse[dict[str, Any]]:
        flash(request, "hi")
        if request.query_params:
            clear_history(request)
        preserve_fragment(request)
        props = {"late": defer(lambda: 1), "m": merge([1], match_on="id"), "kept": once(1)}
        return InertiaResponse(props, encrypt_history=True)

    app = make_app(site, [everything])
    page = visit(app).page
    # A page that clears the history lists no once-props, so the next page sends them again.
    assert {"clearHistory", "onceProps"} & visit(app, "/?clear=1").page.keys() == {"clearHistory"}
    assert page["encryptHistory"] is page["preserveFragment"] is True
    assert page["deferredProps"] == {"default": ["late"]}
    assert (page["mergeProps"], page["matchPropsOn"]) == (["m"], ["m.id"])
    assert page["onceProps"] == {"kept": {"prop": "kept", "expiresAt": None}}
    assert page["flash"] == {"info": ["hi"]}


URLS = [
    ("/", "/"),
    ("/items", "/items"),
    ("/items/", "/items/"),
    ("/items?page=2", "/items?page=2"),
    ("/items/?page=2&x=%20y", "/items/?page=2&x=%20y"),
    ("/items?", "/items"),
    ("/items?a[]=1&a[0]=2", "/items?a[]=1&a[0]=2"),
    ("/items?q=%2F%3F%23", "/items?q=%2F%3F%23"),
    ("/items?q=a+b&q=%C3%A9", "/items?q=a+b&q=%C3%A9"),
    ("/items?b=1&a=2", "/items?b=1&a=2"),
    ("/tags/caf%C3%A9", "/tags/caf%C3%A9"),
    ("/tags/a%20b", "/tags/a%20b"),
    ("/tags/a%3Fb", "/tags/a%3Fb"),
    ("/tags/a%23b", "/tags/a%23b"),
    ("/tags/a%0D%0Ab", "/tags/a%0D%0Ab"),
    ("/tags/a;b=1,c@d:e", "/tags/a;b=1,c@d:e"),
    ("/tags/%E2%80%A8", "/tags/%E2%80%A8"),
]


@pytest.mark.parametrize(("target", "url"), URLS)
def test_b13_the_url_is_path_and_raw_query_as_the_browser_sees_them(site: Path, target: str, url: str) -> None:
    @get(["/items", "/tags/{tag:str}"], component="Home", sync_to_thread=False)
    def handler() -> dict[str, int]:
        return {}

    app = make_app(site, [home, handler])
    answer = visit(app, target)
    assert answer.page["url"] == url
    assert page_in(ask(app, target=target).text)["url"] == url


@pytest.mark.parametrize(
    ("root_path", "raw_path"),
    [("/sub", b"/sub/items/"), ("/sub", b"/items/"), ("/sub/", b"/sub/items/"), ("/a/b", b"/a/b/items/")],
)
def test_b13_the_url_has_the_prefix_under_which_the_app_is_mounted(site: Path, root_path: str, raw_path: bytes) -> None:
    """Servers differ in whether raw_path contains the prefix. The browser's URL always does."""

    @get("/items", component="Home", sync_to_thread=False)
    def handler() -> dict[str, int]:
        return {}

    app = make_app(site, [handler])
    answer = ask(app, "GET", "/items/?x=1", inertia_headers(app), root_path=root_path, raw_path=raw_path)
    assert answer.page["url"] == f"{root_path.rstrip('/')}/items/?x=1"


@pytest.mark.parametrize("raw_path", [b"//evil.com/items", b"///evil.com", b"items", b""])
def test_b13_an_odd_target_never_makes_a_url_of_another_origin(site: Path, raw_path: bytes) -> None:
    app = make_app(site, [home])
    url = ask(app, "GET", "/", inertia_headers(app), raw_path=raw_path).page["url"]
    assert url.startswith("/")
    assert not url.startswith("//")


@pytest.mark.parametrize(
    ("raw_path", "url"), [(b"/caf\xc3\xa9", "/caf%C3%A9"), (b"/a#b", "/a%23b"), (b"/a?b", "/a"), (None, "/")]
)
def test_b13_the_url_is_ascii_and_has_no_fragment(site: Path, raw_path: bytes | None, url: str) -> None:
    app = make_app(site, [home])
    assert ask(app, "GET", "/", inertia_headers(app), raw_path=raw_path).page["url"] == url


def test_b13_a_response_can_name_its_own_url(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def handler() -> InertiaResponse[None]:
        return InertiaResponse(component="Home", url="/shown?as=this")

    assert visit(make_app(site, [handler])).page["url"] == "/shown?as=this"


@pytest.mark.parametrize("is_inertia", [True, False])
def test_b18_head_answers_like_get_without_a_body(site: Path, is_inertia: bool) -> None:
    @route(["/", "/planned"], http_method=["GET", "HEAD"], component="Home", sync_to_thread=False)
    def both(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"n": 1} if request.url.path == "/" else {"n": lambda: 1}

    app = make_app(site, [both])
    headers = inertia_headers(app) if is_inertia else {}
    for target in ("/", "/planned"):
        got, head = ask(app, "GET", target, headers), ask(app, "HEAD", target, headers)
        assert head.body == b""
        assert (head.status, head.headers) == (got.status, got.headers)


def pages_that_answer_head() -> list[Any]:
    @get("/", component="Home", sync_to_thread=False)
    def data() -> dict[str, int]:
        return {"n": 1}

    @get("/lean/{n:int}", component="Home", sync_to_thread=False)
    def with_parameter(n: FromPath[int]) -> dict[str, int]:
        return {"n": n}

    @get("/made", sync_to_thread=False)
    def made() -> InertiaResponse[dict[str, int]]:
        return InertiaResponse({"n": 1}, component="Home")

    @get("/either", sync_to_thread=False)
    def either() -> InertiaResponse[dict[str, int]] | Redirect:
        return InertiaResponse({"n": 1}, component="Home")

    class Pages(Controller):
        path = "/controller"

        @get(component="Home", sync_to_thread=False)
        def index(self) -> dict[str, Any]:
            return {"n": defer(lambda: 1)}

    return [data, with_parameter, made, either, Pages]


@pytest.mark.parametrize("is_inertia", [True, False])
@pytest.mark.parametrize("target", ["/", "/lean/3", "/made", "/either", "/controller"])
def test_b18_a_get_handler_of_a_page_answers_head(site: Path, target: str, *, is_inertia: bool) -> None:
    app = make_app(site, pages_that_answer_head())
    headers = inertia_headers(app) if is_inertia else {}
    got, head = ask(app, "GET", target, headers), ask(app, "HEAD", target, headers)
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


def test_b18_head_keeps_what_the_next_page_shall_show(site: Path) -> None:
    @post("/flash", sync_to_thread=False)
    def flashing(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved.")
        return Redirect("/")

    app = make_app(site, [home, flashing])
    with TestClient(app) as client:
        client.post("/flash", follow_redirects=False)
        assert client.head("/").status_code == 200
        assert client.get("/", headers=inertia_headers(app)).json()["flash"] == {"info": ["Saved."]}


def test_b18_a_stored_answer_to_head_is_none_to_get(site: Path) -> None:
    @get("/", component="Home", cache=60, cache_key_builder=lambda request: request.url.path, sync_to_thread=False)
    def stored() -> dict[str, int]:
        return {"n": 1}

    with TestClient(make_app(site, [stored])) as client:
        assert client.head("/").content == b""
        assert page_in(client.get("/").text)["props"]["n"] == 1
        assert client.head("/").content == b""


def test_b18_head_stays_out_of_the_schema_and_a_handler_of_the_users_own_is_called(site: Path) -> None:
    @get("/own", component="Home", sync_to_thread=False)
    def page() -> dict[str, int]:
        return {}

    @head("/own", status_code=204, sync_to_thread=False)
    def own() -> None:
        return None

    app = make_app(site, [*pages_that_answer_head(), page, own], openapi_config=OpenAPIConfig("Pages", "1"))
    assert ask(app, "HEAD", "/own").status == 204
    paths = json.loads(ask(app, "GET", "/schema/openapi.json").body)["paths"]
    assert {path: sorted(operations) for path, operations in paths.items()} == {
        "/": ["get"],
        "/controller": ["get"],
        "/either": ["get"],
        "/lean/{n}": ["get"],
        "/made": ["get"],
        "/own": ["get", "head"],
    }


def test_b18_what_is_no_page_says_405_as_in_litestar(site: Path) -> None:
    @get("/json", sync_to_thread=False)
    def data() -> dict[str, int]:
        return {}

    assert ask(make_app(site, [data]), "HEAD", "/json").status == 405


def test_b18_options_is_untouched(site: Path) -> None:
    app = app_of(site)
    plain, inertia = ask(app, "OPTIONS", "/"), visit(app, method="OPTIONS")
    assert (plain.status, plain.headers, plain.body) == (inertia.status, inertia.headers, inertia.body)
    assert plain.status == 204


def test_b18_an_options_handler_of_the_users_own_is_untouched(site: Path) -> None:
    @route("/", http_method=["OPTIONS"], status_code=200, sync_to_thread=False)
    def options() -> None:
        return None

    app = make_app(site, [options])
    assert visit(app, method="OPTIONS").status == 200


# C: the asset version

VERSIONS_THAT_DIFFER = {"old": "old", "empty": "", "longer": "54c17fedc349d24f0", "case": "V1"}


def guarded(calls: list[str]) -> list[Any]:
    """Return pages in every style that record the calls of their handlers."""

    @get("/page", component="Home", sync_to_thread=False)
    def page() -> dict[str, Any]:
        calls.append("page")
        return {}

    @get("/made", sync_to_thread=False)
    def made() -> InertiaResponse[None]:
        calls.append("made")
        return InertiaResponse(component="Home")

    class Pages(Controller):
        path = "/controller"

        @get("/", component="Home")
        async def page(self) -> dict[str, Any]:
            calls.append("controller")
            return {}

    return [page, made, Pages]


@pytest.mark.parametrize("sent", VERSIONS_THAT_DIFFER.values(), ids=VERSIONS_THAT_DIFFER)
@pytest.mark.parametrize("target", ["/page", "/made", "/controller"])
def test_c19_another_version_is_answered_409_before_the_handler_runs(site: Path, target: str, sent: str) -> None:
    calls: list[str] = []
    app = make_app(site, guarded(calls), InertiaConfig(asset_version="v1"))
    answer = ask(app, "GET", f"{target}?a=1&b=%20", {"X-Inertia": "true", "X-Inertia-Version": sent})
    assert answer.status == 409
    assert answer.header("x-inertia-location") == f"{target}?a=1&b=%20"
    assert answer.header("x-inertia-version") == "v1"
    assert answer.header("x-inertia") is None
    assert answer.body == b""
    assert calls == []


def test_c19_the_location_keeps_prefix_and_slash_and_reflects_no_host(site: Path) -> None:
    app = make_app(site, guarded([]), InertiaConfig(asset_version="v1"))
    headers = {"X-Inertia": "true", "X-Inertia-Version": "old", "Host": "evil.com"}
    answer = ask(app, "GET", "/page/?x=1", headers, root_path="/sub", raw_path=b"/sub/page/")
    assert answer.header("x-inertia-location") == "/sub/page/?x=1"


def test_c20_a_missing_version_counts_as_empty(site: Path) -> None:
    calls: list[str] = []
    assert (
        ask(
            make_app(site, guarded(calls), InertiaConfig(asset_version="v1")), "GET", "/page", {"X-Inertia": "true"}
        ).status
        == 409
    )
    assert calls == []


@pytest.mark.parametrize("version", ["", lambda: "", lambda: None], ids=["empty", "callable empty", "callable None"])
@pytest.mark.parametrize("sent", [{}, {"X-Inertia-Version": "x"}])
def test_c20_c23_without_a_version_no_check_is_made(site: Path, version: Any, sent: dict[str, str]) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(asset_version=version))
    answer = ask(app, "GET", "/", {"X-Inertia": "true", **sent})
    assert answer.status == 200
    assert answer.page["version"] in {"", None}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_c21_other_methods_never_get_the_409(site: Path, method: str) -> None:
    @route(
        "/",
        http_method=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
        component="Home",
        status_code=200,
        sync_to_thread=False,
    )
    def handler() -> dict[str, Any]:
        return {}

    app = make_app(site, [handler], InertiaConfig(asset_version="v1"))
    old = {"X-Inertia": "true", "X-Inertia-Version": "old"}
    assert ask(app, method, "/", old).status == 200
    assert ask(app, "GET", "/", old).status == 409


def test_c19_a_browser_visit_and_a_route_that_returns_data_are_never_checked(site: Path) -> None:
    @get("/data", sync_to_thread=False)
    def data() -> dict[str, int]:
        return {"a": 1}

    app = make_app(site, [home, data], InertiaConfig(asset_version="v1"))
    assert ask(app, headers={"X-Inertia-Version": "old"}).status == 200
    assert ask(app, "GET", "/data", {"X-Inertia": "true", "X-Inertia-Version": "old"}).status == 200


def test_c22_what_is_carried_survives_the_409(site: Path) -> None:
    @post("/form", sync_to_thread=False)
    def form(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved")
        error(request, "name", "Too short")
        clear_history(request)
        return Redirect("/")

    app = make_app(site, [home, form], InertiaConfig(asset_version="v1"))
    with TestClient(app) as client:
        client.post("/form", headers=inertia_headers(app), follow_redirects=False)
        conflict = client.get("/", headers={"X-Inertia": "true", "X-Inertia-Version": "old"})
        assert conflict.status_code == 409
        assert "set-cookie" not in conflict.headers
        page = page_in(client.get("/").text)
    assert page["flash"] == {"info": ["Saved"]}
    assert page["props"]["errors"] == {"name": "Too short"}
    assert page["clearHistory"] is True


@pytest.mark.parametrize(
    ("configured", "version"),
    [
        ("v1", "v1"),
        (lambda: "v2", "v2"),
        (lambda request: request.headers["x-build"], "b7"),
        (lambda request: None, None),
    ],
    ids=["string", "callable", "callable of the request", "None"],
)
def test_c23_the_version_can_be_configured(site: Path, configured: Any, version: str | None) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(asset_version=configured))
    for target in PAGES:
        page = ask(app, "GET", target, {"X-Inertia": "true", "X-Inertia-Version": version or "", "X-Build": "b7"}).page
        assert page["version"] == version


def test_c23_by_default_the_version_is_made_once_from_the_manifest(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    first, second = make_app(site, HANDLERS), make_app(site, HANDLERS)
    version = visit(first).page["version"]
    assert len(version) >= 8
    assert visit(second).page["version"] == version
    manifest = site / "dist" / "client" / ".vite" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("app-a1.js", "app-zz.js"))
    assert visit(make_app(site, HANDLERS)).page["version"] != version
    assert visit(first).page["version"] == version, "a running app does not read the manifest again"


@pytest.mark.parametrize("pair", [tuple, list], ids=["tuples", "lists"])
def test_a_page_is_checked_whether_the_server_gives_headers_as_tuples_or_lists(site: Path, pair: Any) -> None:
    """ASGI only requires two-item iterables. daphne sends lists."""
    app = make_app(site, HANDLERS, InertiaConfig(asset_version="v1"))
    headers = [
        pair((b"host", b"testserver.local")),
        pair((b"x-inertia", b"true")),
        pair((b"x-inertia-version", b"old")),
    ]
    assert ask(app, "GET", "/", headers).status == 409


@pytest.mark.protocol("B13")
def test_b13_a_resolver_names_the_url_of_every_page_and_a_response_overrides_it(site: Path) -> None:
    @get("/a", component="A", sync_to_thread=False)
    def plain() -> dict[str, int]:
        return {"n": 1}

    @get("/b", sync_to_thread=False)
    def own() -> InertiaResponse[Any]:
        return InertiaResponse({}, component="B", url="/own")

    app = make_app(
        site, [plain, own], InertiaConfig(url_resolver=lambda request: f"/shop{request.url.path}?{request.url.query}")
    )
    answers = [ask(app, target=target, headers=inertia_headers(app)).page["url"] for target in ("/a?x=1", "/b?x=1")]
    assert answers == ["/shop/a?x=1", "/own"]
    assert page_in(ask(app, target="/a?x=1").text)["url"] == "/shop/a?x=1"
    # The client is sent to the URL of the request.
    conflict = ask(app, target="/a?x=1", headers={"X-Inertia": "true", "X-Inertia-Version": "old"})
    assert (conflict.status, conflict.header("x-inertia-location")) == (409, "/a?x=1")
