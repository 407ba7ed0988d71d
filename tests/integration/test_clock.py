"""Jumps of the wall clock, by NTP or when a suspended machine wakes up: which modules read it, and the effects."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, get
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import Redirect
from litestar.testing import TestClient

import litestar_vite
from litestar_vite.inertia import InertiaConfig, error, flash, once
from litestar_vite.inertia.sessions import CookieSessionConfig
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from litestar import Litestar

HOUR = 3600.0
DAY = 86_400
PACKAGE = Path(litestar_vite.__file__).parent
WALL_CLOCK = {
    "inertia/sessions.py": "Litestar writes the expiry of a cookie session as a date",
    "inertia/_carry.py": "the next request may reach another machine",
    "inertia/_protocol/resolver.py": "the browser compares the expiry of a once-prop with its own clock",
    "inertia/_page/observation.py": "DevTools show the time of a request",
    "_devtools/store.py": "ids begin with the time, and entries expire after a day, also across a restart",
    "_devtools/entry.py": "DevTools show the time of a request",
    "_assets/scan.py": "compared with file times",
    "_ssr/cache.py": "machines share a store",
    "inertia/_live/events.py": "machines compare the times of events",
    "_ssr/tags.py": "machines compare the time of an invalidation",
    "testing/_browser.py": "simulates the browser",
    "_cli/status.py": "shows the date of a file",
    "starters/common/guestbook.py": "a date that visitors see",
    "starters/app/common/backend/account/security.py": "a date that visitors see",
    "starters/app/common/backend/auth/registration.py": "a date in the database",
    "starters/app/common/backend/auth/sessions.py": "sessions are in the database, which machines share",
    "starters/app/common/backend/cleaning.py": "a date in the database",
    "starters/app/common/backend/auth/two_factor.py": "one-time codes are derived from the time",
}
"""The only modules that read the wall clock. All others use the monotonic clock, which never jumps."""


def test_only_what_leaves_this_machine_counts_by_the_wall_clock() -> None:
    reads = re.compile(r"\btime\.time(?:_ns)?\b|\bdatetime\.(?:now|utcnow|today|fromtimestamp)\(|\bdate\.today\(")
    code = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    # A message that recommends `datetime.now` does not read the clock.
    found = {name for name, text in code.items() if reads.search(text.replace("Use datetime.now(", ""))}
    assert found == WALL_CLOCK.keys()


@get("/", component="Home", sync_to_thread=False)
def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"user": request.scope.get("session", {}).get("user")}


@get("/once", component="Once", sync_to_thread=False)
def kept() -> dict[str, Any]:
    return {"plans": once(lambda: ["free"], until=60)}


@get("/save", sync_to_thread=False)
def save(request: Request[Any, Any, Any]) -> Redirect:
    if request.scope.get("session") is not None:
        request.session["user"] = "Ada"
    flash(request, "Saved")
    return Redirect("/")


@get("/many", sync_to_thread=False)
def many(request: Request[Any, Any, Any]) -> Redirect:
    """Report more errors than the cookie can hold. If there is a session, it stores them."""
    for number in range(100):
        error(request, f"rows.{number}", "This field is required, and was left empty.")
    return Redirect("/")


SESSIONS: dict[str, Callable[[], Any]] = {
    "none": list,
    "memory": lambda: [ServerSideSessionConfig().middleware],
    "cookie": lambda: [CookieBackendConfig(secret=b"0" * 32).middleware],
    "our cookie": lambda: [CookieSessionConfig(secret=b"0" * 32).middleware],
}


@pytest.fixture(scope="module", params=SESSIONS)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    site = make_site(tmp_path_factory.mktemp("site"))
    return make_app(
        site, [home, kept, save, many], InertiaConfig(secret="s" * 32), middleware=SESSIONS[request.param]()
    )


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    wall, wall_ns = time.time, time.time_ns

    def by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: wall() + seconds)
        monkeypatch.setattr(time, "time_ns", lambda: wall_ns() + int(seconds * 1e9))

    yield by
    monkeypatch.undo()


class Visitor:
    """A browser whose clock does not jump."""

    def __init__(self, app: Litestar, client: TestClient[Any]) -> None:
        self._client, self._headers, self._cookies = client, inertia_headers(app), {}

    def get(self, path: str) -> Any:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        response = self._client.get(path, headers={**self._headers, "cookie": cookie}, follow_redirects=False)
        for each in response.headers.get_list("set-cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            if "max-age=0" in each.lower():
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = value
        self._client.cookies.clear()
        assert response.status_code in {200, 302, 303}, response.text
        return response

    def page(self) -> Any:
        return self.get("/").json()


@pytest.mark.parametrize("seconds", [-HOUR, -30.0, -2.0, 2.0, 30.0, HOUR])
def test_flash_survives_a_correction_and_is_never_shown_late(
    app: Litestar, jump: Callable[[float], None], seconds: float
) -> None:
    with TestClient(app) as client:
        visitor = Visitor(app, client)
        visitor.get("/save")
        jump(seconds)
        shown = visitor.page()
        # A jump within a minute could be the clock of another machine. After a longer one, a new message looks the same
        # as one from an hour ago.
        assert shown.get("flash") == ({"info": ["Saved"]} if abs(seconds) < 60 else None)
        assert "flash" not in visitor.page()
        visitor.get("/save")
        assert visitor.page()["flash"] == {"info": ["Saved"]}, "the next message arrives"


@pytest.mark.parametrize("seconds", [-HOUR, -30.0, 30.0, HOUR])
def test_errors_that_wait_in_a_session_are_never_shown_late(
    app: Litestar, jump: Callable[[float], None], seconds: float
) -> None:
    with TestClient(app) as client:
        visitor = Visitor(app, client)
        visitor.get("/many")
        jump(seconds)
        assert bool(visitor.page()["props"]["errors"]) is (abs(seconds) < 60)
        assert visitor.page()["props"]["errors"] == {}


@pytest.mark.parametrize("name", [name for name in SESSIONS if name != "none"])
@pytest.mark.parametrize("seconds", [-HOUR, HOUR])
def test_nobody_is_signed_out(name: str, tmp_path: Path, jump: Callable[[float], None], seconds: float) -> None:
    app = make_app(make_site(tmp_path), [home, save], InertiaConfig(secret="s" * 32), middleware=SESSIONS[name]())
    with TestClient(app) as client:
        visitor = Visitor(app, client)
        visitor.get("/save")
        jump(seconds)
        for _ in range(3):
            assert visitor.page()["props"]["user"] == "Ada"


def test_a_once_prop_ends_by_the_clock_that_it_is_sent_with(app: Litestar, jump: Callable[[float], None]) -> None:
    """A jump costs one more evaluation, or keeps the value for that much longer: the browser uses its own clock."""
    with TestClient(app) as client:
        visitor = Visitor(app, client)
        for seconds in (0.0, -HOUR, HOUR):
            jump(seconds)
            page = visitor.get("/once").json()
            ends_in = page["onceProps"]["plans"]["expiresAt"] / 1000 - time.time()
            assert page["props"]["plans"] == ["free"]
            assert 50 < ends_in <= 60
