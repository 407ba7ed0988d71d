"""B12: long links, flash messages and errors with every session backend. Stored data never locks a visitor out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect
from litestar.stores.file import FileStore
from litestar.testing import TestClient
from msgspec import Struct

from litestar_vite.inertia import InertiaBack, error, flash
from tests.support import inertia_headers, make_app

# nginx reads 4 kB of response headers by default, and a Cookie header of 8 kB; the app's own session needs some of it.
COOKIES_AT_MOST = 3_400
LONG_QUERY = "?q=" + "x" * 7_900

SESSIONS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "none": lambda folder: {},
    "memory": lambda folder: {"middleware": [ServerSideSessionConfig().middleware]},
    "file": lambda folder: {
        "middleware": [ServerSideSessionConfig().middleware],
        "stores": {"sessions": FileStore(folder / "sessions", create_directories=True)},
    },
    "cookie": lambda folder: {"middleware": [CookieBackendConfig(secret=b"0" * 32).middleware]},
}


class Strict(Struct, forbid_unknown_fields=True):
    name: str


@get("/", component="Home", sync_to_thread=False)
def home(q: FromQuery[str] = "") -> dict[str, Any]:
    return {}


@get("/lazy", component="Home", sync_to_thread=False)
def lazy(q: FromQuery[str] = "") -> dict[str, Any]:
    return {"called": lambda: q[:1]}


@get("/back", sync_to_thread=False)
def back(request: Request[Any, Any, Any]) -> InertiaBack:
    return InertiaBack(request)


@get("/sign-in", component="Home", sync_to_thread=False)
def sign_in(request: Request[Any, Any, Any]) -> dict[str, Any]:
    request.session["user"] = 1
    return {}


@post("/flash", sync_to_thread=False)
def long_flash(request: Request[Any, Any, Any]) -> Redirect:
    flash(request, "short", category="info")
    flash(request, "x" * 9_000, category="export")
    return Redirect("/")


@post("/errors", sync_to_thread=False)
def many_errors(request: Request[Any, Any, Any]) -> InertiaBack:
    for index in range(300):
        error(request, f"field_{index:03}", "Is not what it should be.")
    return InertiaBack(request)


@post("/strict", sync_to_thread=False)
def strict(data: JSONBody[Strict]) -> None: ...


HANDLERS = [home, lazy, back, sign_in, long_flash, many_errors, strict]


@pytest.fixture(params=SESSIONS)
def app(request: pytest.FixtureRequest, site: Path) -> Litestar:
    return make_app(site, HANDLERS, **SESSIONS[request.param](site))


def cookie_header(client: TestClient[Any]) -> str:
    """Return the Cookie header of the visitor's next request."""
    return client.build_request("GET", "/").headers.get("cookie", "")


def signed_in(app: Litestar, client: TestClient[Any]) -> dict[str, str]:
    if app.middleware:
        client.get("/sign-in")
    return inertia_headers(app)


@pytest.mark.parametrize("path", ["/", "/lazy"])
def test_a_long_link_does_not_lock_a_visitor_out(app: Litestar, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(app) as client, caplog.at_level(logging.WARNING):
        headers = signed_in(app, client)
        for query in (LONG_QUERY, "?q=" + "é" * 2_000, "?q=short", LONG_QUERY):
            assert client.get(path + query).status_code == 200
            assert client.get(path + query, headers=headers).status_code == 200
            assert len(cookie_header(client)) <= COOKIES_AT_MOST
        # Sessions do not store the long link, and keep the previous one.
        assert len(str(client.get("/back", headers=headers).url)) < 100
        assert client.get(path, headers={**headers, "Referer": path + LONG_QUERY}).status_code == 200
        assert not caplog.records


@pytest.mark.parametrize(
    ("target", "body"),
    [("/flash", None), ("/errors", None), ("/strict", {"name": "x", "y" * 50_000: 1})],
    ids=["flash", "errors", "unknown field"],
)
def test_long_flash_messages_and_many_errors_do_not_lock_a_visitor_out(
    app: Litestar, caplog: pytest.LogCaptureFixture, target: str, body: Any
) -> None:
    with TestClient(app) as client, caplog.at_level(logging.ERROR):
        headers = signed_in(app, client)
        for _ in range(2):
            client.get("/?q=" + "x" * 1_900)
            client.post(target, json=body, headers=headers, follow_redirects=False)
            assert len(cookie_header(client)) <= COOKIES_AT_MOST
        page = client.get("/", headers=headers).json()
    assert page["props"]["errors"] if target != "/flash" else page["flash"]["info"] == ["short"]
    assert all(len(record.getMessage()) < 1_000 for record in caplog.records)


def test_what_a_cookie_session_cannot_hold_is_logged_and_the_rest_is_shown(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(site, HANDLERS, **SESSIONS["cookie"](site))
    with TestClient(app) as client, caplog.at_level(logging.ERROR):
        headers = signed_in(app, client)
        assert client.post("/flash", headers=headers).json()["flash"] == {"info": ["short"]}
        assert "Cannot carry flash (export) to the next page" in caplog.text
        caplog.clear()
        errors = client.post("/errors", headers=headers).json()["props"]["errors"]
    assert 30 < len(errors) < 100
    assert "Cannot carry errors (" in caplog.text
    assert "server-side session" in caplog.text


def test_a_server_side_session_holds_all_of_it(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(site, HANDLERS, **SESSIONS["memory"](site))
    with TestClient(app) as client, caplog.at_level(logging.ERROR):
        headers = signed_in(app, client)
        assert len(client.post("/errors", headers=headers).json()["props"]["errors"]) == 300
        assert client.post("/flash", headers=headers).json()["flash"]["export"] == ["x" * 9_000]
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_url_of_two_kilobytes_is_remembered_and_a_longer_one_is_not(site: Path) -> None:
    app = make_app(site, HANDLERS, **SESSIONS["cookie"](site))
    with TestClient(app) as client:
        headers = signed_in(app, client)
        link = "/?q=" + "x" * 1_900
        client.get(link)
        client.get(f"/{LONG_QUERY}")
        answer = client.post("/strict", json={}, headers=headers, follow_redirects=False)
    assert answer.headers["location"] == link
