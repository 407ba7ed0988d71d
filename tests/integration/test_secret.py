"""The secret of an app that sets none: derived from other secrets of the app, or shared by a machine's processes."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.config.csrf import CSRFConfig
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import Redirect
from litestar.security.session_auth import SessionAuth
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, flash
from litestar_vite.inertia._carry import CookieSigner
from litestar_vite.inertia.sessions import CookieSessionConfig
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.protocol("G58")


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@get("/save", sync_to_thread=False)
def save(request: Request[Any, Any, Any]) -> Redirect:
    flash(request, "Saved")
    return Redirect("/")


@post("/anything", sync_to_thread=False)
def anything() -> dict[str, int]:
    return {}


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for run-time files, and remove secrets from the environment."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    for name in ("INERTIA_SECRET", "VITE_INERTIA_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return folder


def signed_by(app: Litestar) -> str:
    """Return the carry cookie of an app."""
    cookies = ask(app, "GET", "/save", inertia_headers(app)).all("set-cookie")
    (cookie,) = [each for each in cookies if each.startswith("inertia_carry=")]
    return cookie.split(";")[0]


def shown_by(app: Litestar, cookie: str) -> Any:
    return ask(app, "GET", "/", {**inertia_headers(app), "cookie": cookie}).page.get("flash")


def session_auth(secret: str) -> SessionAuth[Any, Any]:
    config = CookieBackendConfig(secret=secret.encode() * 16)
    return SessionAuth(session_backend_config=config, retrieve_user_handler=lambda *_: None, exclude=["^/$", "^/save$"])


SECRETS: dict[str, Callable[[str], dict[str, Any]]] = {
    "CSRF": lambda secret: {"csrf_config": CSRFConfig(secret=secret)},
    "cookie session": lambda secret: {"middleware": [CookieBackendConfig(secret=secret.encode() * 16).middleware]},
    "our cookie session": lambda secret: {"middleware": [CookieSessionConfig(secret=secret.encode() * 16).middleware]},
    "session auth": lambda secret: {"on_app_init": [session_auth(secret).on_app_init]},
    "machine": lambda _: {},
    "machine, session on the server": lambda _: {"middleware": [ServerSideSessionConfig().middleware]},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_processes_of_an_app_read_each_others_cookies_without_a_secret(
    tmp_path: Path, runtime: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    site, other_site = make_site(tmp_path / "site"), make_site(tmp_path / "other")
    make = SECRETS[kind]
    first, second = make_app(site, [home, save], **make("a")), make_app(site, [home, save], **make("a"))
    cookie = signed_by(first)
    assert shown_by(second, cookie) == {"info": ["Saved"]}
    assert shown_by(make_app(other_site, [home, save], **make("b")), cookie) is None, "another app"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(list(runtime.rglob("*.secret"))) == (2 if "machine" in kind else 0)
    for path in runtime.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_secret_of_its_own_goes_first_and_a_derived_one_tells_nothing_of_the_apps(
    tmp_path: Path, runtime: Path
) -> None:
    site = make_site(tmp_path / "site")
    csrf = CSRFConfig(secret="the app's")
    named = signed_by(make_app(site, [home, save], InertiaConfig(secret="ours"), csrf_config=csrf))
    assert CookieSigner("ours").unsign(named.split("=", 1)[1]) is not None
    derived = signed_by(make_app(site, [home, save], csrf_config=csrf))
    assert CookieSigner("the app's").unsign(derived.split("=", 1)[1]) is None
    assert list(runtime.iterdir()) == []


def test_without_a_folder_each_process_has_its_own_and_warns_once(
    tmp_path: Path, runtime: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(tmp_path / "site")
    for folder in {runtime, *runtime.glob("*")}:
        folder.chmod(0o700)
    app = make_app(site, [home, save])
    signed_by(app)
    (folder,) = runtime.iterdir()
    folder.chmod(0o777)  # Other users could create files in it.
    first, second = make_app(site, [home, save]), make_app(site, [home, save])
    cookie = signed_by(first)
    assert shown_by(first, cookie) == {"info": ["Saved"]}
    assert signed_by(first)
    assert caplog.text.count("Set the environment variable INERTIA_SECRET") == 1
    assert shown_by(second, cookie) is None


def test_an_app_that_carries_nothing_makes_no_file(tmp_path: Path, runtime: Path) -> None:
    app = make_app(make_site(tmp_path / "site"), [home, save, anything])
    assert ask(app, "GET", "/", inertia_headers(app)).status == 200
    assert ask(app, "POST", "/anything", inertia_headers(app)).status == 201
    assert list(runtime.iterdir()) == []


@pytest.mark.slow
def test_processes_that_start_at_once_share_one_secret(tmp_path: Path, runtime: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from litestar.config.app import AppConfig;"
        "from litestar_vite.inertia._secret import find_secret; sys.stdin.read();"
        "print(find_secret(AppConfig(), Path('/srv/app')))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    printed = {process.communicate()[0] for process in processes}
    assert len(printed) == 1
    assert len(printed.pop().strip()) >= 40
    (folder,) = runtime.iterdir()
    assert [path.suffix for path in folder.iterdir()] == [".secret"]


# Rotation


def rotated(site: Path, *secrets: str) -> Litestar:
    return make_app(site, [home, save], InertiaConfig(secret=secrets))


def test_a_listed_old_secret_still_reads_and_the_first_signs(site: Path) -> None:
    before, between, after = rotated(site, "old"), rotated(site, "new", "old"), rotated(site, "new")
    assert shown_by(between, signed_by(before)) == {"info": ["Saved"]}
    assert shown_by(after, signed_by(between)) == {"info": ["Saved"]}
    assert shown_by(before, signed_by(between)) is None, "only the first secret signs"


def test_several_secrets_may_come_from_the_environment(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = rotated(site, "old"), rotated(site, "new")
    monkeypatch.setenv("INERTIA_SECRET", "new, old")
    between = rotated(site)
    assert shown_by(between, signed_by(before)) == {"info": ["Saved"]}
    assert shown_by(after, signed_by(between)) == {"info": ["Saved"]}


def test_a_cookie_of_a_secret_that_is_gone_is_ignored_and_deleted(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    before, after = rotated(site, "old"), rotated(site, "new")
    answer = ask(after, "GET", "/", {**inertia_headers(after), "cookie": signed_by(before)})
    assert (answer.status, answer.page.get("flash")) == (200, None)
    assert not caplog.records
    assert ask(after, "GET", "/save", {**inertia_headers(after), "cookie": signed_by(before)}).status == 302
    assert shown_by(after, signed_by(after)) == {"info": ["Saved"]}


def test_a_changed_csrf_secret_costs_one_message_and_no_visitor_is_locked_out(site: Path) -> None:
    """The cookie's token was signed with the old secret, and Litestar only sets a new one if the cookie is missing."""

    def app_of(secret: str) -> Litestar:
        return make_app(site, [home, save, anything], csrf_config=CSRFConfig(secret=secret))

    before, after = app_of("old"), app_of("new")
    (token,) = [
        each.split(";")[0].partition("=")[2]
        for each in ask(before, "GET", "/").all("set-cookie")
        if each.startswith("XSRF-TOKEN=")
    ]
    with TestClient(after) as client:
        client.cookies.set("XSRF-TOKEN", token)
        headers = inertia_headers(after)
        refused = client.post("/anything", headers={**headers, "X-XSRF-TOKEN": token}, follow_redirects=False)
        assert refused.status_code == 303
        page = client.get("/", headers=headers)
        assert page.json()["flash"] == {"error": [InertiaConfig.csrf_message]}
        fresh = client.cookies["XSRF-TOKEN"]
        assert client.post("/anything", headers={**headers, "X-XSRF-TOKEN": fresh}).status_code == 200


@pytest.mark.parametrize("config", [CookieBackendConfig, CookieSessionConfig])
def test_a_changed_session_secret_gives_a_new_session_and_no_error(site: Path, config: Any) -> None:
    @get("/sign-in", sync_to_thread=False)
    def sign_in(request: Request[Any, Any, Any]) -> Redirect:
        request.session["user"] = "Ada"
        return Redirect("/")

    @get("/who", component="Who", sync_to_thread=False)
    def who(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"user": request.session.get("user")}

    def app_of(secret: bytes) -> Litestar:
        return make_app(site, [home, save, sign_in, who], middleware=[config(secret=secret * 16).middleware])

    before, after = app_of(b"o"), app_of(b"n")
    old = [each.split(";")[0] for each in ask(before, "GET", "/sign-in").all("set-cookie")]
    assert old
    cookie = "; ".join(old)
    assert ask(before, "GET", "/who", {**inertia_headers(before), "cookie": cookie}).page["props"]["user"] == "Ada"
    answer = ask(after, "GET", "/who", {**inertia_headers(after), "cookie": cookie})
    assert (answer.status, answer.page["props"]["user"]) == (200, None)
    assert ask(after, "GET", "/save", {**inertia_headers(after), "cookie": cookie}).status == 302
