"""`CookieSessionConfig`: Litestar's cookie session, sent only when it changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, get
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.params import FromPath
from litestar.security.session_auth import SessionAuth
from litestar.testing import TestClient

from litestar_vite.inertia import flash
from litestar_vite.inertia.sessions import CookieSessionConfig
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

SECRET = b"0123456789abcdef"
DAY = 24 * 60 * 60


@get("/read", component="Read")
async def read(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return dict(request.session)


@get("/put/{value:str}")
async def put(request: Request[Any, Any, Any], value: FromPath[str]) -> None:
    request.session.setdefault("nested", {"list": []})["list"].append(value)


@get("/long")
async def long(request: Request[Any, Any, Any]) -> None:
    request.session["long"] = "x" * 9_000


@get("/clear")
async def clear(request: Request[Any, Any, Any]) -> None:
    request.clear_session()


@get("/empty")
async def empty(request: Request[Any, Any, Any]) -> None:
    request.session.clear()


@get("/flash")
async def flashes(request: Request[Any, Any, Any]) -> None:
    flash(request, "Saved")


HANDLERS = [read, put, long, clear, empty, flashes]


def build(site: Path, config: CookieBackendConfig | None = None) -> Litestar:
    config = config or CookieSessionConfig(secret=SECRET)
    return make_app(site, HANDLERS, middleware=[config.middleware])


def cookies_of(response: Any) -> list[str]:
    """Return the session cookies that a response sets, without their expiry dates."""
    found = [value for value in response.headers.get_list("set-cookie") if value.startswith("session")]
    return [re.sub(r"expires=[^;]+", "expires=…", value) for value in found]


def test_a_session_that_did_not_change_is_not_sent_again(site: Path) -> None:
    with TestClient(build(site)) as client:
        assert not cookies_of(client.get("/read", headers={"Referer": "http://testserver.local/before"}))
        assert len(cookies_of(client.get("/put/a"))) == 1
        for _ in range(3):
            answer = client.get(
                "/read", headers={"Referer": "http://testserver.local/before", **inertia_headers(client.app)}
            )
            assert answer.json()["props"]["nested"] == {"list": ["a"]}
            assert not cookies_of(answer)


def test_a_change_inside_a_nested_value_is_sent(site: Path) -> None:
    with TestClient(build(site)) as client:
        for count, value in enumerate("abc", 1):
            assert len(cookies_of(client.get(f"/put/{value}"))) == 1
            props = client.get("/read", headers=inertia_headers(client.app)).json()["props"]
            assert len(props["nested"]["list"]) == count


def test_what_one_request_changes_no_other_request_sees_in_its_old_cookie(site: Path) -> None:
    """Recent cookies are cached, but not the dicts decoded from them."""
    with TestClient(build(site)) as client:
        old = cookies_of(client.get("/put/a"))[0].partition(";")[0]
        client.get("/put/b")
        client.cookies.clear()
        for _ in range(2):
            answer = client.get("/read", headers={"Cookie": old, **inertia_headers(client.app)})
            assert answer.json()["props"]["nested"] == {"list": ["a"]}


@pytest.mark.parametrize("path", ["/clear", "/empty"])
def test_a_cleared_session_deletes_its_cookie(site: Path, path: str) -> None:
    with TestClient(build(site)) as client:
        client.get("/put/a")
        answer = client.get(path)
        assert cookies_of(answer)[0].startswith("session=null")
        assert not client.cookies.get("session")


def test_a_page_may_clear_the_session_and_shows_nothing_of_it(site: Path) -> None:
    with TestClient(build(site)) as client:
        client.get("/flash")
        assert client.get("/read", headers=inertia_headers(client.app)).json()["flash"] == {"info": ["Saved"]}
        assert "flash" not in client.get("/read", headers=inertia_headers(client.app)).json()


@pytest.mark.parametrize("cookie", ["session=forged", "session=", 'session="AAAA"', "session=%00", "session=null"])
def test_a_cookie_that_holds_no_session_is_an_empty_session_and_is_deleted(site: Path, cookie: str) -> None:
    def answer_of(config: CookieBackendConfig) -> tuple[Any, list[str]]:
        with TestClient(build(site, config)) as client:
            headers = {"Cookie": cookie, "Referer": "http://testserver.local/before", **inertia_headers(client.app)}
            answer = client.get("/read", headers=headers)
            return answer.json()["props"], cookies_of(answer)

    ours = answer_of(CookieSessionConfig(secret=SECRET))
    assert ours == answer_of(CookieBackendConfig(secret=SECRET))
    assert ours[0] == {"errors": {}}


@pytest.mark.parametrize(("passed_days", "is_sent"), [(0, False), (6, False), (8, True)])
def test_a_session_in_use_gets_a_new_cookie_after_half_of_its_time(
    site: Path, passed_days: int, is_sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    with TestClient(build(site, CookieSessionConfig(secret=SECRET, max_age=14 * DAY))) as client:
        cookie = cookies_of(client.get("/put/a"))[0].partition(";")[0]
        then = time.time() + passed_days * DAY
        monkeypatch.setattr(time, "time", lambda: then)
        client.cookies.clear()
        headers = {"Cookie": cookie, "Referer": "http://testserver.local/before", **inertia_headers(client.app)}
        answer = client.get("/read", headers=headers)
        assert answer.json()["props"]["nested"] == {"list": ["a"]}
        assert bool(cookies_of(answer)) is is_sent


def test_a_session_ends_with_its_time(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    with TestClient(build(site, CookieSessionConfig(secret=SECRET, max_age=DAY))) as client:
        cookie = cookies_of(client.get("/put/a"))[0].partition(";")[0]
        headers = {"Cookie": cookie, **inertia_headers(client.app)}
        client.cookies.clear()
        assert "nested" in client.get("/read", headers=headers).json()["props"]
        then = time.time() + DAY + 1
        monkeypatch.setattr(time, "time", lambda: then)
        assert "nested" not in client.get("/read", headers=headers).json()["props"]


def test_a_session_of_several_cookies_is_litestars(site: Path) -> None:
    with TestClient(build(site)) as client:
        assert len(cookies_of(client.get("/long"))) > 1
        assert len(client.get("/read", headers=inertia_headers(client.app)).json()["props"]["long"]) == 9_000
        client.get("/clear")
        assert not client.cookies


@pytest.mark.parametrize("ours_first", [True, False])
def test_either_backend_reads_what_the_other_one_wrote(site: Path, ours_first: bool) -> None:
    configs = [CookieSessionConfig(secret=SECRET), CookieBackendConfig(secret=SECRET)]
    writer, reader = configs if ours_first else reversed(configs)
    with TestClient(build(site, writer)) as client:
        cookie = cookies_of(client.get("/put/a"))[0].partition(";")[0]
    with TestClient(build(site, reader)) as client:
        props = client.get("/read", headers={"Cookie": cookie, **inertia_headers(client.app)}).json()["props"]
        assert props["nested"] == {"list": ["a"]}


def test_litestars_session_auth_takes_the_backend(site: Path) -> None:
    async def user_of(session: dict[str, Any], _: Any) -> Any:
        return session.get("nested")

    auth = SessionAuth[Any, Any](
        retrieve_user_handler=user_of, session_backend_config=CookieSessionConfig(secret=SECRET), exclude=["/put"]
    )
    app = make_app(site, HANDLERS, on_app_init=[auth.on_app_init], middleware=[])
    with TestClient(app) as client:
        assert client.get("/read").status_code == 401
        with TestClient(build(site)) as other:
            cookie = cookies_of(other.get("/put/a"))[0].partition(";")[0]
        assert client.get("/read", headers={"Cookie": cookie}).status_code == 200
