"""The secret of an app that names none: derived from the app's own, or shared by the processes of a machine."""

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
    """Return the folder of run-time files, empty; no secret is in the environment."""
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
    folder.chmod(0o777)  # Other users could put files there.
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
