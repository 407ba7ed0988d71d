"""Redirects, validation, flash and errors, with and without a session."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, Response, delete, get, patch, post, put
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect
from litestar.testing import TestClient
from msgspec import Struct

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaRedirect,
    clear_history,
    error,
    flash,
    flash_data,
    preserve_fragment,
)
from litestar_vite.inertia._redirect_targets import local_path
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path


class Item(Struct):
    name: str


class Form(Struct):
    name: str
    items: list[Item] = []


TARGET: dict[str, str] = {}


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@get("/get", sync_to_thread=False)
def get_redirect() -> Redirect:
    return Redirect(TARGET["to"])


@post("/form", sync_to_thread=False)
def form(request: Request[Any, Any, Any], data: JSONBody[Form]) -> Redirect:
    flash(request, f"Saved {data.name}", category="success")
    return Redirect("/")


@put("/put", sync_to_thread=False)
def put_redirect() -> Redirect:
    return Redirect("/")


@patch("/patch", sync_to_thread=False)
def patch_redirect() -> Redirect:
    return Redirect("/", status_code=301)


@delete("/delete", status_code=302, sync_to_thread=False)
def delete_redirect() -> Redirect:
    return Redirect("/")


@put("/keep", sync_to_thread=False)
def keep() -> Redirect:
    return Redirect("/", status_code=307)


@post("/empty", status_code=200, sync_to_thread=False)
def empty() -> None:
    return None


@delete("/nothing", sync_to_thread=False)
def nothing() -> None:
    return None


@post("/back", sync_to_thread=False)
def back(request: Request[Any, Any, Any]) -> InertiaBack:
    error(request, "email", "first")
    error(request, "email", "second")
    return InertiaBack(request)


@post("/marks", sync_to_thread=False)
def marks(request: Request[Any, Any, Any]) -> Redirect:
    clear_history(request)
    preserve_fragment(request)
    flash_data(request, "answer", {"n": 42})
    return Redirect("/hop")


@get("/hop", sync_to_thread=False)
def hop() -> Redirect:
    return Redirect("/")


HANDLERS = [
    home,
    get_redirect,
    form,
    put_redirect,
    patch_redirect,
    delete_redirect,
    keep,
    empty,
    nothing,
    back,
    marks,
    hop,
]


def sessions() -> list[Any]:
    return [
        pytest.param(None, id="no session"),
        pytest.param(ServerSideSessionConfig().middleware, id="server-side"),
        pytest.param(CookieBackendConfig(secret=b"0" * 32).middleware, id="cookie session"),
    ]


def app_with(site: Path, session: Any = None, **options: Any) -> Litestar:
    return make_app(site, HANDLERS, middleware=[session] if session else [], **options)


# Redirects


@pytest.mark.parametrize(("method", "path"), [("PUT", "/put"), ("PATCH", "/patch"), ("DELETE", "/delete")])
def test_d24_a_plain_redirect_becomes_303_for_inertia_requests_only(site: Path, method: str, path: str) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        assert client.request(method, path, headers=inertia_headers(app), follow_redirects=False).status_code == 303
        assert client.request(method, path, follow_redirects=False).status_code in {301, 302}


def test_d24_307_and_post_are_kept(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        assert client.put("/keep", headers=inertia_headers(app), follow_redirects=False).status_code == 307
        response = client.post("/form", json={"name": "A"}, headers=inertia_headers(app), follow_redirects=False)
        assert response.status_code == 302


def test_d26_another_origin_becomes_a_browser_visit_and_keeps_its_cookies(site: Path) -> None:
    TARGET["to"] = "https://other.example/a?b=c"
    app = app_with(site)
    with TestClient(app) as client:
        response = client.get("/get", headers=inertia_headers(app), follow_redirects=False)
        plain = client.get("/get", follow_redirects=False)
    assert response.status_code == 409
    assert response.headers["x-inertia-location"] == "https://other.example/a?b=c"
    assert "location" not in response.headers
    assert "x-inertia" not in response.headers
    assert plain.status_code == 302


def test_d27_a_fragment_is_told_to_the_client_but_not_to_a_prefetch(site: Path) -> None:
    TARGET["to"] = "/#section"
    app = app_with(site)
    with TestClient(app) as client:
        response = client.get("/get", headers=inertia_headers(app), follow_redirects=False)
        prefetch = client.get("/get", headers=inertia_headers(app, purpose="prefetch"), follow_redirects=False)
    assert (response.status_code, response.headers["x-inertia-redirect"]) == (409, "/#section")
    assert prefetch.status_code == 302


def test_d31_an_empty_answer_goes_back(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        response = client.post(
            "/empty", headers=inertia_headers(app, referer="http://testserver.local/hop?a=1"), follow_redirects=False
        )
        deleted = client.delete(
            "/nothing", headers=inertia_headers(app, referer="http://testserver.local/hop"), follow_redirects=False
        )
        plain = client.post("/empty", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/hop?a=1")
    assert (deleted.status_code, deleted.headers["location"]) == (303, "/hop")
    assert plain.status_code == 200


def test_redirects_of_exception_handlers_and_guards_are_adapted_too(site: Path) -> None:
    def refuse(*_: Any) -> None:
        raise NotAuthorizedException

    @put("/guarded", guards=[refuse], sync_to_thread=False)
    def guarded() -> None:
        return None

    def login(_: Request[Any, Any, Any], __: Exception) -> Response[Any]:
        return Redirect("/login")

    app = make_app(site, [guarded], exception_handlers={401: login, 404: login})
    with TestClient(app) as client:
        assert client.put("/guarded", headers=inertia_headers(app), follow_redirects=False).status_code == 303
        assert client.put("/nowhere", headers=inertia_headers(app), follow_redirects=False).status_code == 303


HOSTILE = [
    "///evil.com", "//evil.com", "/\\evil.com", "\\\\evil.com", "\\/evil.com", "/\t/evil.com", "\t//evil.com", " //evil.com", "\r\n//evil.com",
    "http:evil.com", "http:/evil.com", "https:///evil.com", "http://testserver.local@evil.com/", "http://testserver.local:80@evil.com/",
    "http://evil.com/http://testserver.local/", "http://testserver.local.evil.com/", "http://evil.com#@testserver.local/",
    "http://evil.com\\@testserver.local/", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
    "https://testserver.local/", "http://testserver.local:8080/", "ftp://testserver.local/", "//testserver.local@evil.com", "/\n/evil.com",
    "http://testserver.local//evil.com", "http://[::1", "http://testserver.local:99999/", "/a\x00b", "\x00//evil.com", "////evil.com",
    "http:\\\\evil.com", "http://\u2215evil.com", "http://evil.com:80", "?x", "#x", "", "mailto:a@b", "//", "/\\/evil.com",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_d32_hostile_targets_never_leave_the_origin(target: str) -> None:
    scope: Any = {"scheme": "http", "headers": [(b"host", b"testserver.local")]}
    path = local_path(target, scope)
    assert path is None or (path.startswith("/") and not path.startswith("//") and "\\" not in path.split("?")[0]), path
    if "evil" in target:
        assert path is None or not path.lstrip("/").startswith("evil")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a?b=c#d", "/a?b=c#d"), ("http://testserver.local/a", "/a"), ("http://TESTSERVER.local:80/a?b", "/a?b"),
        ("http://testserver.local", "/"), ("http://testserver.local?x=1", "/?x=1"), ("relative", "/relative"), ("/a\\b", "/a/b"), ("/?q=\\", "/?q=\\"),
    ],
)  # fmt: skip
def test_d32_targets_of_this_origin_are_kept(target: str, path: str) -> None:
    scope: Any = {"scheme": "http", "headers": [(b"host", b"testserver.local")]}
    assert local_path(target, scope) == path


def test_back_ignores_a_foreign_referer_and_uses_the_session(site: Path) -> None:
    app = app_with(site, ServerSideSessionConfig().middleware)
    with TestClient(app) as client:
        client.post("/form", json={"name": "A"}, headers=inertia_headers(app), follow_redirects=False)
        client.get("/?page=2", headers=inertia_headers(app))
        client.post("/form", json={"name": "A"}, headers=inertia_headers(app), follow_redirects=False)
        client.get("/?page=3", headers=inertia_headers(app))
        response = client.post(
            "/back", headers=inertia_headers(app, referer="http://evil.com/x"), follow_redirects=False
        )
    assert response.headers["location"] in {"/?page=2", "/?page=3"}


def test_redirect_helpers_refuse_what_they_should(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    @get("/inside", sync_to_thread=False)
    def inside(request: Request[Any, Any, Any]) -> InertiaRedirect:
        return InertiaRedirect(request, "//evil.com")

    @get("/outside", sync_to_thread=False)
    def outside(request: Request[Any, Any, Any]) -> InertiaExternalRedirect:
        with pytest.raises(ConfigError):
            InertiaExternalRedirect(request, "javascript:alert(1)")
        with pytest.raises(ConfigError):
            InertiaExternalRedirect(request, "https://a\r\nb")
        return InertiaExternalRedirect(request, "/logout")

    app = make_app(site, [inside, outside])
    with TestClient(app) as client:
        assert client.get("/inside", follow_redirects=False).headers["location"] == "/"
        response = client.get("/outside", headers=inertia_headers(app), follow_redirects=False)
    assert "Refused to redirect to '//evil.com'" in caplog.text
    assert (response.status_code, response.headers["x-inertia-location"]) == (409, "/logout")


# Flash, errors and marks


@pytest.mark.parametrize("session", sessions())
def test_g53_flash_survives_its_redirect_and_shows_once(site: Path, session: Any) -> None:
    app = app_with(site, session)
    headers = inertia_headers(app)
    with TestClient(app) as client:
        client.post("/form", json={"name": "Ada"}, headers=headers, follow_redirects=False)
        assert client.get("/", headers={**headers, "X-Inertia-Version": "old"}).status_code == 409
        assert "flash" not in client.get("/", headers={**headers, "Purpose": "prefetch"}).json()
        assert client.get("/", headers=headers).json()["flash"] == {"success": ["Saved Ada"]}
        assert "flash" not in client.get("/", headers=headers).json()


@pytest.mark.parametrize("session", sessions())
def test_d28_d30_marks_survive_several_hops(site: Path, session: Any) -> None:
    app = app_with(site, session)
    headers = inertia_headers(app)
    with TestClient(app) as client:
        page = client.post("/marks", headers=headers).json()
        assert (page["clearHistory"], page["preserveFragment"], page["flash"]) == (True, True, {"answer": {"n": 42}})
        again = client.get("/", headers=headers).json()
    assert not {"clearHistory", "preserveFragment", "flash"} & again.keys()


@pytest.mark.parametrize("session", sessions())
def test_g54_g55_errors_bags_and_all_messages(site: Path, session: Any) -> None:
    app = app_with(site, session)
    with TestClient(app) as client:
        assert client.post("/back", headers=inertia_headers(app)).json()["props"]["errors"] == {"email": "first"}
        assert client.get("/", headers=inertia_headers(app)).json()["props"]["errors"] == {}
        bag = client.post("/back", headers=inertia_headers(app, error_bag="login")).json()
        assert bag["props"]["errors"] == {"login": {"email": "first"}}
    every = make_app(site, HANDLERS, InertiaConfig(all_errors=True), middleware=[session] if session else [])
    with TestClient(every) as client:
        assert client.post("/back", headers=inertia_headers(every)).json()["props"]["errors"] == {
            "email": ["first", "second"]
        }


def test_g58_a_forged_cookie_is_ignored(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        response = client.post("/form", json={"name": "Ada"}, headers=inertia_headers(app), follow_redirects=False)
        cookie = response.cookies["inertia_carry"]
    for forged in (cookie[:-2] + "xx", "x" + cookie[1:], "", "....", "a" * 5000, "é"):
        with TestClient(app) as client:
            page = client.get(
                "/", headers=[*inertia_headers(app).items(), ("Cookie", f"inertia_carry={forged}".encode("latin-1"))]
            ).json()
            assert "flash" not in page


def test_g58_what_cannot_be_carried_is_logged_with_its_name(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    @post("/large", sync_to_thread=False)
    def large(request: Request[Any, Any, Any]) -> Redirect:
        flash_data(request, "too_large", "x" * 10_000)
        flash_data(request, "no_json", object())
        error(request, "kept", "message")
        return Redirect("/")

    app = make_app(site, [home, large])
    with caplog.at_level(logging.ERROR), TestClient(app) as client:
        page = client.post("/large", headers=inertia_headers(app)).json()
    assert page["props"]["errors"] == {"kept": "message"}
    assert "too_large" in caplog.text
    assert "no_json" in caplog.text


# Validation


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": 5}, "name"),
        ({"name": "A", "items": [{"name": "x"}, {"name": 5}]}, "items.1.name"),
        ([], "form"),
    ],
    ids=["missing", "wrong type", "nested", "no object"],
)
def test_g56_g57_validation_errors_go_back_under_the_forms_names(site: Path, body: Any, field: str) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        response = client.post("/form", json=body, headers=inertia_headers(app), follow_redirects=False)
        assert response.status_code == 303
        errors = client.get("/", headers=inertia_headers(app)).json()["props"]["errors"]
    assert list(errors) == [field]
    assert errors[field]


def test_g56_other_requests_get_litestars_own_answer_or_the_users(site: Path) -> None:
    def mine(_: Request[Any, Any, Any], exc: HTTPException) -> Response[Any]:
        return Response({"mine": exc.status_code}, status_code=418)

    with TestClient(app_with(site)) as client:
        response = client.post("/form", json={})
        assert response.status_code == 400
        assert response.json()["detail"].startswith("Validation failed")
    app = app_with(site, exception_handlers={HTTPException: mine})
    with TestClient(app) as client:
        assert client.post("/form", json={}).status_code == 418
        assert client.post("/form", json={}, headers=inertia_headers(app), follow_redirects=False).status_code == 303


def test_a_get_that_would_be_sent_back_to_itself_is_answered(site: Path) -> None:
    @get("/list", component="Home", sync_to_thread=False)
    def listing(page: FromQuery[int]) -> dict[str, int]:
        return {"page": page}

    app = make_app(site, [listing])
    with TestClient(app) as client:
        loop = client.get(
            "/list?page=x",
            headers=inertia_headers(app, referer="http://testserver.local/list?page=x"),
            follow_redirects=False,
        )
        away = client.get(
            "/list?page=x",
            headers=inertia_headers(app, referer="http://testserver.local/list?page=1"),
            follow_redirects=False,
        )
    assert loop.status_code == 400
    assert (away.status_code, away.headers["location"]) == (302, "/list?page=1")


@pytest.mark.parametrize(
    ("extra", "errors"),
    [
        ({"email": "taken"}, {"email": "taken"}),
        ({"email": ["a", "b"]}, {"email": "a"}),
        ([{"key": "email", "message": "bad", "source": "body"}], {"email": "bad"}),
        (None, {"form": "Not so"}),
    ],
)
def test_a_validation_exception_raised_by_hand_is_shown(site: Path, extra: Any, errors: Any) -> None:
    @post("/raise", sync_to_thread=False)
    def raises() -> None:
        raise ValidationException("Not so", extra=extra)

    app = make_app(site, [home, raises])
    with TestClient(app) as client:
        assert client.post("/raise", headers=inertia_headers(app)).json()["props"]["errors"] == errors


def test_flash_shows_in_the_html_of_a_plain_form_too(site: Path) -> None:
    with TestClient(app_with(site)) as client:
        assert page_in(client.post("/form", json={"name": "Ada"}).text)["flash"] == {"success": ["Saved Ada"]}
