"""Litestar's response cache and pages: HTML, JSON and partial responses of one URL never mix (protocol J69)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, Response, get, post
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaBack, error, flash, optional
from litestar_vite.inertia.sessions import CookieSessionConfig
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path


def by_path(request: Request[Any, Any, Any]) -> str:
    return request.url.path


@pytest.mark.parametrize("key_builder", [None, by_path], ids=["default key", "handler's own key"])
def test_a_cached_handler_answers_each_kind_of_visit_with_its_own_entry(site: Path, key_builder: Any) -> None:
    calls: list[int] = []

    @get("/", component="Home", cache=60, cache_key_builder=key_builder, sync_to_thread=False)
    def home() -> dict[str, Any]:
        calls.append(1)
        return {"a": len(calls), "b": optional(lambda: "late")}

    app = make_app(site, [home])
    full = inertia_headers(app)
    partial = inertia_headers(app, partial_component="Home", partial_data="b")
    with TestClient(app) as client:
        for _ in range(2):
            assert page_in(client.get("/").text)["props"] == {"errors": {}, "a": 1}
            answer = client.get("/", headers=full)
            assert answer.headers["x-inertia"] == "true"
            assert answer.json()["props"] == {"errors": {}, "a": 2}
            assert client.get("/", headers=partial).json()["props"] == {"errors": {}, "b": "late"}
    assert len(calls) == 3, "each kind was computed once and then cached"


def test_a_version_mismatch_is_answered_by_409_although_the_page_is_cached(site: Path) -> None:
    @get("/", component="Home", cache=60, sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"a": 1}

    app = make_app(site, [home])
    with TestClient(app) as client:
        assert client.get("/", headers=inertia_headers(app)).status_code == 200
        for _ in range(2):
            assert client.get("/", headers={**inertia_headers(app), "X-Inertia-Version": "old"}).status_code == 409


def test_a_page_that_showed_flash_is_not_cached_for_others(site: Path) -> None:
    @get("/", component="Home", cache=60, sync_to_thread=False)
    def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        if "ada" in request.headers.get("user", ""):
            flash(request, "Hello Ada")
        return {}

    app = make_app(site, [home])
    with TestClient(app) as client:
        assert client.get("/", headers=inertia_headers(app, user="ada")).json()["flash"] == {"info": ["Hello Ada"]}
        assert "flash" not in client.get("/", headers=inertia_headers(app)).json()


@pytest.mark.parametrize("way", ["flash", "error"])
def test_a_cached_page_shows_what_is_carried_to_it(site: Path, way: str) -> None:
    calls: list[int] = []

    @get("/", component="Home", cache=60, sync_to_thread=False)
    def home() -> dict[str, Any]:
        calls.append(1)
        return {}

    @post("/save", sync_to_thread=False)
    def save(request: Request[Any, Any, Any]) -> InertiaBack:
        if way == "flash":
            flash(request, "Saved.")
        else:
            error(request, "name", "Taken.")
        return InertiaBack(request)

    app = make_app(site, [home, save])
    with TestClient(app) as client:
        headers = inertia_headers(app)
        plain = client.get("/", headers=headers).json()
        for _ in range(2):
            page = client.post("/save", headers=headers).json()
            assert page.get("flash") == ({"info": ["Saved."]} if way == "flash" else None)
            assert page["props"]["errors"] == ({"name": "Taken."} if way == "error" else {})
        assert client.get("/", headers=headers).json() == plain
    assert len(calls) == 3, "the first page, and one for each visitor with a message"


@pytest.mark.protocol("J67")
def test_the_csrf_token_of_the_first_visitor_is_not_given_to_others(site: Path) -> None:
    @get("/", component="Home", cache=60, sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {}

    @get(
        "/public",
        component="Home",
        cache=60,
        cache_control=CacheControlHeader(public=True, max_age=60),
        sync_to_thread=False,
    )
    def public() -> dict[str, Any]:
        return {}

    app = make_app(site, [home, public], csrf_config=CSRFConfig(secret="s" * 32))
    with TestClient(app) as client:
        others = client.get("/").cookies["XSRF-TOKEN"]
        client.cookies.clear()
        (cookie,) = client.get("/").headers.get_list("set-cookie")
        assert others not in cookie
        assert "set-cookie" not in client.get("/").headers, "a visitor with a token keeps it"
        for _ in range(2):
            client.cookies.clear()
            assert "set-cookie" not in client.get("/public").headers


def test_a_users_cache_filter_is_asked_too(site: Path) -> None:
    from litestar.config.response_cache import ResponseCacheConfig

    calls: list[int] = []

    @get("/", component="Home", cache=60, sync_to_thread=False)
    def home() -> dict[str, Any]:
        calls.append(1)
        return {}

    app = make_app(site, [home], response_cache_config=ResponseCacheConfig(cache_response_filter=lambda *_: False))
    with TestClient(app) as client:
        for _ in range(2):
            client.get("/")
    assert len(calls) == 2


def test_a_plain_cached_route_keeps_its_entry(site: Path) -> None:
    calls: list[int] = []

    @get("/", cache=60, sync_to_thread=False)
    def plain() -> Response[int]:
        calls.append(1)
        return Response(len(calls))

    with TestClient(make_app(site, [plain])) as client:
        assert [client.get("/").json() for _ in range(3)] == [1, 1, 1]


SESSIONS = {
    "server side": lambda: ServerSideSessionConfig().middleware,
    "cookie": lambda: CookieBackendConfig(secret=b"0" * 32).middleware,
    "our cookie session": lambda: CookieSessionConfig(secret=b"0" * 32, key="mine").middleware,
}


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("path", ["/data", "/page"])
def test_the_cookies_of_one_visitor_are_never_stored_for_another(site: Path, session: str, path: str) -> None:
    calls: list[int] = []

    def count(request: Request[Any, Any, Any]) -> None:
        calls.append(1)
        request.session["user"] = len(calls)

    @get("/data", cache=60, sync_to_thread=False)
    def data(request: Request[Any, Any, Any]) -> dict[str, int]:
        count(request)
        return {"a": 1}

    @get("/page", component="Home", cache=60, response_cookies={"theme": "dark"}, sync_to_thread=False)
    def page(request: Request[Any, Any, Any]) -> dict[str, int]:
        count(request)
        return {"a": 1}

    app = make_app(site, [data, page], middleware=[SESSIONS[session]()])
    for headers in ({}, inertia_headers(app)):
        calls.clear()
        # Not `TestClient`: some servers and tools read the headers of a response after its body.
        first, second = (ask(app, "GET", path, headers).all("set-cookie") for _ in range(2))
        assert len(calls) == 1, "the second response came from the cache"
        (ada,) = [cookie for cookie in first if cookie.startswith(("session", "mine"))]
        assert ada not in second
        # Litestar creates a session for each new visitor.
        assert len([cookie for cookie in second if cookie.startswith(("session", "mine"))]) <= 1
        assert any(cookie.startswith("theme") for cookie in second) == (path == "/page")


def test_an_answer_that_carries_flash_is_not_stored(site: Path) -> None:
    @get("/", cache=60, sync_to_thread=False)
    def flashing(request: Request[Any, Any, Any]) -> dict[str, int]:
        flash(request, "for one visitor")
        return {"a": 1}

    app = make_app(site, [flashing])
    for headers in ({}, inertia_headers(app)):
        for _ in range(2):
            with TestClient(app) as client:
                answer = client.get("/", headers=headers, follow_redirects=False)
                (cookie,) = answer.headers.get_list("set-cookie")
                assert cookie.startswith("inertia_carry=")


def test_a_poll_that_takes_nothing_is_answered_from_the_cache(site: Path) -> None:
    calls: list[int] = []

    @get("/", component="Home", cache=60, sync_to_thread=False)
    def home() -> dict[str, Any]:
        calls.append(1)
        return {}

    @post("/save", sync_to_thread=False)
    def save(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved")
        return Redirect("/")

    app = make_app(site, [home, save])
    poll = {**inertia_headers(app), "Cache-Control": "no-cache"}
    with TestClient(app) as client:
        client.get("/", headers=poll)
        client.post("/save", headers=inertia_headers(app), follow_redirects=False)
        assert "flash" not in client.get("/", headers=poll).json()
        assert len(calls) == 1
        assert client.get("/", headers=inertia_headers(app)).json()["flash"] == {"info": ["Saved"]}
