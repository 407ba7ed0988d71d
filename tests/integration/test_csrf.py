"""Litestar's CSRF protection with Inertia's names, and the response to a wrong token (protocol J67, J68)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Response, get, post
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig
from tests.support import inertia_headers, make_app

SECRET = "s" * 32
RAN: list[str] = []


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@get("/public", component="Home", cache_control=CacheControlHeader(public=True, max_age=60), sync_to_thread=False)
def public() -> dict[str, Any]:
    return {}


@post("/save", sync_to_thread=False)
def save() -> Redirect:
    RAN.append("save")
    return Redirect("/")


def app_with(site: Path, config: CSRFConfig | None = None, **options: Any) -> Litestar:
    RAN.clear()
    return make_app(site, [home, public, save], csrf_config=config or CSRFConfig(secret=SECRET), **options)


@pytest.mark.protocol("J67")
def test_the_clients_names_work_without_being_set(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        first = client.get("/")
        cookie = first.headers["set-cookie"]
        assert cookie.startswith("XSRF-TOKEN=")
        assert "path=/" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert "httponly" not in cookie.lower()
        headers = inertia_headers(app) | {"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"]}
        assert client.post("/save", headers=headers, follow_redirects=False).status_code == 302
    assert RAN == ["save"]


@pytest.mark.protocol("J67")
def test_the_cookie_is_set_only_when_it_is_missing(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        assert "set-cookie" in client.get("/").headers
        assert "set-cookie" not in client.get("/").headers
        assert "set-cookie" not in client.get("/", headers=inertia_headers(app)).headers


@pytest.mark.protocol("J67")
@pytest.mark.parametrize("inertia", [True, False])
def test_a_public_page_sets_no_cookie(site: Path, inertia: bool) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        answer = client.get("/public", headers=inertia_headers(app) if inertia else {})
    assert answer.headers["cache-control"] == "max-age=60, public"
    assert "set-cookie" not in answer.headers


@pytest.mark.protocol("J67")
@pytest.mark.parametrize(
    ("config", "words"),
    [
        (CSRFConfig(secret=SECRET, cookie_name="mine"), "CSRFConfig(cookie_name='mine'"),
        (
            CSRFConfig(secret=SECRET, header_name="x-mine"),
            "createInertiaApp({ http: { xsrfCookieName: 'csrftoken', xsrfHeaderName: 'x-mine'",
        ),
        (CSRFConfig(secret=SECRET, cookie_httponly=True), "cookie_httponly=True"),
    ],
)
def test_names_of_the_users_own_are_kept_and_warned_of(
    site: Path, caplog: pytest.LogCaptureFixture, config: CSRFConfig, words: str
) -> None:
    with caplog.at_level(logging.WARNING, "litestar_vite.inertia"):
        app = app_with(site, config)
    assert words in caplog.text
    with TestClient(app) as client:
        name = "XSRF-TOKEN" if config.cookie_httponly else config.cookie_name
        assert client.get("/").headers["set-cookie"].startswith(f"{name}=")


@pytest.mark.protocol("J67")
@pytest.mark.parametrize(
    "config",
    [CSRFConfig(secret=SECRET), CSRFConfig(secret=SECRET, cookie_name="XSRF-TOKEN", header_name="X-XSRF-TOKEN")],
)
def test_the_clients_names_are_not_warned_of(site: Path, caplog: pytest.LogCaptureFixture, config: CSRFConfig) -> None:
    with caplog.at_level(logging.WARNING, "litestar_vite.inertia"):
        app_with(site, config)
    assert caplog.text == ""


SESSIONS: dict[str, Any] = {
    "none": None,
    "memory": ServerSideSessionConfig(),
    "cookie": CookieBackendConfig(secret=b"k" * 16),
}


@pytest.mark.protocol("J68")
@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("token", [None, "forged", "of another secret"])
def test_a_wrong_token_goes_back_with_a_message_and_the_next_try_works(
    site: Path, session: str, token: str | None
) -> None:
    backend = SESSIONS[session]
    app = app_with(site, middleware=[backend.middleware] if backend else [])
    with TestClient(app, base_url="http://testserver.local") as client:
        headers = inertia_headers(app) | {"Referer": "http://testserver.local/?tab=2"}
        if token is not None:
            client.cookies.set("XSRF-TOKEN", token, domain="testserver.local")
            headers["X-XSRF-TOKEN"] = token
        refused = client.post("/save", headers=headers, follow_redirects=False)
        assert (refused.status_code, refused.headers["location"]) == (303, "/?tab=2")
        page = client.get("/?tab=2", headers=inertia_headers(app)).json()
        assert page["flash"] == {"error": ["The page has expired. Please try again."]}
        assert "flash" not in client.get("/", headers=inertia_headers(app)).json()
        again = client.post(
            "/save",
            headers=inertia_headers(app) | {"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"]},
            follow_redirects=False,
        )
        assert again.headers["location"] == "/"
    assert RAN == ["save"]


@pytest.mark.protocol("J68")
def test_other_clients_get_litestars_403(site: Path) -> None:
    with TestClient(app_with(site)) as client:
        answer = client.post("/save")
    assert (answer.status_code, answer.json()["detail"]) == (403, "CSRF token verification failed")


def mine(*_: Any) -> Response[Any]:
    return Response("mine", status_code=418)


@pytest.mark.protocol("J68")
@pytest.mark.parametrize("key", [403, PermissionDeniedException, HTTPException, Exception])
def test_a_handler_of_the_users_for_403_sees_all_but_the_inertia_failure(site: Path, key: Any) -> None:
    app = app_with(site, exception_handlers={key: mine})
    with TestClient(app) as client:
        assert client.post("/save").status_code == 418
        assert client.post("/save", headers=inertia_headers(app), follow_redirects=False).status_code == 303


@pytest.mark.protocol("J68")
def test_the_message_can_be_said_in_the_apps_words(site: Path) -> None:
    app = make_app(
        site, [home, save], InertiaConfig(csrf_message="Nochmal, bitte."), csrf_config=CSRFConfig(secret=SECRET)
    )
    with TestClient(app) as client:
        assert client.post("/save", headers=inertia_headers(app)).json()["flash"] == {"error": ["Nochmal, bitte."]}


@pytest.mark.protocol("J68")
def test_a_403_of_the_apps_own_is_no_csrf_failure(site: Path) -> None:
    @get("/secret", component="Home", sync_to_thread=False)
    def secret() -> dict[str, Any]:
        raise PermissionDeniedException("Not for you")

    app = make_app(site, [secret], csrf_config=CSRFConfig(secret=SECRET))
    with TestClient(app) as client:
        assert client.get("/secret", headers=inertia_headers(app)).status_code == 403
