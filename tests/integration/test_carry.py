"""Flash, errors and history marks on their way to the next page, with a session and without (protocol D28 to D30, G53
to G58).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from itsdangerous import TimestampSigner
from litestar import Litestar, Request, get, post
from litestar.exceptions import TooManyRequestsException
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.testing import AsyncTestClient, TestClient

from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaRedirect,
    InertiaResponse,
    clear_history,
    error,
    flash,
    flash_data,
    preserve_fragment,
)
from litestar_vite.inertia._carry import COOKIE_MAX_AGE_SECONDS, MAX_COOKIE_BYTES, CookieSigner
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, make_site, page_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Act = Callable[[Request[Any, Any, Any]], Any]

ORIGIN = "http://testserver.local"
SECRET = "a secret that is long enough"
ACT: dict[str, Act] = {}
"""The action that the handlers below run on their request, set by each test."""


@get(["/", "/other"], component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@get("/acting", component="Acting", sync_to_thread=False)
def acting(request: Request[Any, Any, Any]) -> dict[str, Any]:
    ACT["act"](request)
    return {"late": lambda: 1}


@post("/act", sync_to_thread=False)
def act(request: Request[Any, Any, Any]) -> Any:
    return ACT["act"](request) or Redirect("/")


@get("/hop/{left:int}", sync_to_thread=False)
def hop(left: FromPath[int]) -> Redirect:
    return Redirect(f"/hop/{left - 1}" if left else "/")


@get("/json", sync_to_thread=False)
def json_route() -> dict[str, int]:
    return {"a": 1}


@get("/touching", sync_to_thread=False)
def touching(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"session": sorted(request.session)}


@get("/fails", component="Home", sync_to_thread=False)
def fails() -> dict[str, Any]:
    raise RuntimeError("no page")


@get("/error-page", sync_to_thread=False)
def error_page() -> InertiaResponse[None]:
    return InertiaResponse(component="Error", status_code=404)


HANDLERS = [home, acting, act, hop, json_route, touching, fails, error_page]

SESSIONS: dict[str, Callable[[], list[Any]]] = {
    "no session": list,
    "server side": lambda: [ServerSideSessionConfig().middleware],
    "cookie": lambda: [CookieBackendConfig(secret=b"0" * 32).middleware],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module", params=SESSIONS)
def app(request: pytest.FixtureRequest, site: Path) -> Litestar:
    """An app for each place that can store carried values."""
    return make_app(site, HANDLERS, InertiaConfig(secret=SECRET), middleware=SESSIONS[request.param]())


@pytest.fixture(scope="module")
def cookie_app(site: Path) -> Litestar:
    return make_app(site, HANDLERS, InertiaConfig(secret=SECRET))


class Visitor:
    """A browser with cookies. `page` makes an Inertia request, `html` a first visit."""

    def __init__(self, app: Litestar, client: TestClient[Any]) -> None:
        self.headers = inertia_headers(app)
        self.client = client

    def act(self, do: Act, **headers: str) -> Any:
        ACT["act"] = do
        return self.client.post("/act", headers={**self.headers, **headers}, follow_redirects=False)

    def page(self, target: str = "/", **headers: str) -> dict[str, Any]:
        # Browsers send a Referer. Without one, the session would remember this URL.
        response = self.client.get(target, headers={"Referer": f"{ORIGIN}/before", **self.headers, **headers})
        assert response.headers.get("x-inertia") == "true", (response.status_code, response.text[:200])
        page: dict[str, Any] = response.json()
        return page

    def html(self, target: str = "/") -> dict[str, Any]:
        return page_in(self.client.get(target).text)


@pytest.fixture
def visitor(app: Litestar) -> Any:
    with TestClient(app, base_url=ORIGIN) as client:
        yield Visitor(app, client)


@pytest.fixture
def guest(cookie_app: Litestar) -> Any:
    """A visitor of an app without sessions."""
    with TestClient(cookie_app, base_url=ORIGIN) as client:
        yield Visitor(cookie_app, client)


def carry_everything(request: Request[Any, Any, Any]) -> None:
    flash(request, "Saved.", category="success")
    error(request, "name", "Too short")
    clear_history(request)
    preserve_fragment(request)


def carried(page: dict[str, Any]) -> dict[str, Any]:
    keys = ("flash", "clearHistory", "preserveFragment")
    return {key: page[key] for key in keys if key in page} | (
        {"errors": page["props"]["errors"]} if page["props"]["errors"] else {}
    )


EVERYTHING = {
    "flash": {"success": ["Saved."]},
    "clearHistory": True,
    "preserveFragment": True,
    "errors": {"name": "Too short"},
}


# Shown once, by the first page


@pytest.mark.parametrize("first", ["xhr", "html"])
def test_d28_d29_g53_g54_everything_is_shown_by_the_next_page_and_only_by_it(visitor: Visitor, first: str) -> None:
    visitor.act(carry_everything)
    assert carried(visitor.page() if first == "xhr" else visitor.html()) == EVERYTHING
    assert carried(visitor.page()) == {}
    assert carried(visitor.html()) == {}


@pytest.mark.parametrize("first", ["xhr", "html"])
def test_g53_what_a_page_sets_itself_it_shows_itself(visitor: Visitor, first: str) -> None:
    ACT["act"] = carry_everything
    assert carried(visitor.page("/acting") if first == "xhr" else visitor.html("/acting")) == EVERYTHING
    assert carried(visitor.page()) == {}


@pytest.mark.parametrize("hops", [0, 1, 3])
def test_d30_everything_survives_several_redirects(visitor: Visitor, hops: int) -> None:
    visitor.act(carry_everything)
    assert carried(visitor.page(f"/hop/{hops}")) == EVERYTHING


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/json", {}, 200),
        ("/touching", {}, 200),
        ("/no/such/route", {}, 404),
        ("/fails", {}, 500),
        ("/", {"X-Inertia-Version": "old"}, 409),
        ("/", {"Purpose": "prefetch"}, 200),
        ("/", {"X-Inertia-Version": "old", "Purpose": "prefetch"}, 409),
    ],
    ids=["json", "session reader", "404", "500", "409", "prefetch", "409 of a prefetch"],
)
def test_c22_g53_g64_what_is_no_page_and_a_prefetch_consume_nothing(
    visitor: Visitor, target: str, headers: dict[str, str], status: int
) -> None:
    if target == "/touching" and not visitor.client.app.middleware:
        pytest.skip("needs a session")
    visitor.act(carry_everything)
    for _ in range(2):
        response = visitor.client.get(target, headers={**visitor.headers, **headers}, follow_redirects=False)
        assert response.status_code == status
    assert carried(visitor.page()) == EVERYTHING


def test_g64_a_prefetch_shows_and_takes_nothing_that_waits_and_shows_what_its_page_says(visitor: Visitor) -> None:
    """The client may show a prefetched page later, after the message has been shown."""
    visitor.act(carry_everything)
    assert carried(visitor.page(purpose="prefetch")) == {}
    ACT["act"] = lambda request: flash(request, "own")
    assert carried(visitor.page("/acting", purpose="prefetch")) == {"flash": {"info": ["own"]}}
    assert carried(visitor.page()) == EVERYTHING


def test_b11_an_error_page_shows_and_consumes_it_too(visitor: Visitor) -> None:
    visitor.act(carry_everything)
    assert carried(visitor.page("/error-page")) == EVERYTHING
    assert carried(visitor.page()) == {}


RELOADS: dict[str, dict[str, str]] = {
    "partial": {"X-Inertia-Partial-Component": "Home", "X-Inertia-Partial-Data": "x", "Cache-Control": "no-cache"},
    "partial link": {"X-Inertia-Partial-Component": "Home", "X-Inertia-Partial-Data": "x"},
    "of another component": {"X-Inertia-Partial-Component": "Other", "X-Inertia-Partial-Except": "y"},
    "whole": {"Cache-Control": "no-cache"},
}
"""The headers of `router.reload` and `usePoll`, as Inertia's client 3 sends them."""


@pytest.mark.parametrize("reload", RELOADS)
def test_g53_a_poll_leaves_what_is_meant_for_the_page_after_the_redirect(visitor: Visitor, reload: str) -> None:
    visitor.act(carry_everything)
    for _ in range(2):
        assert carried(visitor.page(**RELOADS[reload])) == {}
    assert carried(visitor.page()) == EVERYTHING
    assert carried(visitor.page(**RELOADS[reload])) == {}


@pytest.mark.parametrize("reload", RELOADS)
def test_g53_a_reload_takes_what_a_visit_with_its_own_headers_left(visitor: Visitor, reload: str) -> None:
    """The client repeats its headers when it follows a redirect: `router.post(url, data, {only: [...]})`."""
    visitor.act(carry_everything, **RELOADS[reload])
    other = {**RELOADS[reload], "X-Inertia-Partial-Component": "Home", "X-Inertia-Partial-Data": "z"}
    assert carried(visitor.page(**other)) == {}
    assert carried(visitor.page(**RELOADS[reload])) == EVERYTHING
    assert carried(visitor.page()) == {}


@pytest.mark.parametrize("reload", RELOADS)
def test_g53_a_reload_shows_what_a_scripts_own_request_left_and_what_it_says_itself(
    visitor: Visitor, reload: str
) -> None:
    ACT["act"] = carry_everything
    visitor.client.post("/act", follow_redirects=False)
    assert carried(visitor.page(**RELOADS[reload])) == EVERYTHING
    visitor.act(lambda request: error(request, "name", "waits"))
    ACT["act"] = lambda request: flash(request, "own")
    partial = {**RELOADS[reload], "X-Inertia-Partial-Component": "Acting"}
    assert carried(visitor.page("/acting", **partial)) == {"flash": {"info": ["own"]}}
    assert carried(visitor.page()) == {"errors": {"name": "waits"}}


def test_g53_a_browser_that_caches_nothing_makes_visits_and_no_reloads(visitor: Visitor) -> None:
    visitor.act(carry_everything)
    assert carried(visitor.page(**{"Cache-Control": "no-cache", "Pragma": "no-cache"})) == EVERYTHING


def test_g53_what_a_poll_says_before_its_redirect_and_what_waits_are_shown_together(visitor: Visitor) -> None:
    visitor.act(lambda request: error(request, "name", "waits"))
    visitor.act(lambda request: flash(request, "old"))
    ACT["act"] = lambda request: flash(request, "new")
    visitor.client.post("/act", headers=visitor.headers | RELOADS["whole"], follow_redirects=False)
    assert visitor.page(**RELOADS["whole"])["flash"] == {"info": ["old", "new"]}


# Messages, errors and marks


def test_g53_flash_collects_messages_by_category_over_several_requests(visitor: Visitor) -> None:
    def twice(request: Request[Any, Any, Any]) -> None:
        flash(request, "one")
        flash(request, "two")
        flash(request, "bad", category="error")
        flash(request, "<b>é\u2028</b>", category="html")

    visitor.act(twice)
    visitor.act(lambda request: flash(request, "three"))
    assert visitor.page()["flash"] == {"info": ["one", "two", "three"], "error": ["bad"], "html": ["<b>é\u2028</b>"]}


@pytest.mark.parametrize(
    "value", [1, 0, None, False, "", [], {}, {"n": [1, {"x": None}]}, [1, 2], 1.5, "text"], ids=repr
)
def test_g53_flash_data_carries_any_json_value_under_its_key(visitor: Visitor, value: Any) -> None:
    visitor.act(lambda request: flash_data(request, "key", value))
    assert visitor.page()["flash"] == {"key": value}


def test_g53_flash_data_and_messages_live_side_by_side(visitor: Visitor) -> None:
    def both(request: Request[Any, Any, Any]) -> None:
        flash(request, "hi")
        flash_data(request, "answer", 42)
        flash_data(request, "answer", 43)

    visitor.act(both)
    assert visitor.page()["flash"] == {"info": ["hi"], "answer": 43}


def test_g54_errors_are_the_first_message_of_each_field(visitor: Visitor) -> None:
    def report(request: Request[Any, Any, Any]) -> None:
        error(request, "name", "first")
        error(request, "name", "second")
        error(request, "items.0.name", "nested")

    visitor.act(report)
    assert visitor.page()["props"]["errors"] == {"name": "first", "items.0.name": "nested"}


@pytest.mark.parametrize("session", SESSIONS)
def test_g54_all_messages_can_be_shown(site: Path, session: str) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(all_errors=True), middleware=SESSIONS[session]())

    def report(request: Request[Any, Any, Any]) -> None:
        error(request, "name", "first")
        error(request, "name", "second")
        error(request, "mail", "bad")

    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        visitor.act(report)
        assert visitor.page()["props"]["errors"] == {"name": ["first", "second"], "mail": ["bad"]}
        visitor.act(report, **{"X-Inertia-Error-Bag": "login"})
        assert visitor.page()["props"]["errors"] == {"login": {"name": ["first", "second"], "mail": ["bad"]}}


def test_g55_error_bags_keep_forms_apart_across_the_redirect(visitor: Visitor) -> None:
    visitor.act(lambda request: error(request, "email", "a"), **{"X-Inertia-Error-Bag": "login"})
    visitor.act(lambda request: error(request, "email", "b"), **{"X-Inertia-Error-Bag": "register"})
    visitor.act(lambda request: error(request, "email", "c"), **{"X-Inertia-Error-Bag": "login"})
    assert visitor.page()["props"]["errors"] == {"login": {"email": "c"}, "register": {"email": "b"}}
    assert visitor.page()["props"]["errors"] == {}


def test_g54_errors_that_no_page_has_shown_give_way_to_those_of_the_next_submit(visitor: Visitor) -> None:
    visitor.act(lambda request: error(request, "email", "bag"), **{"X-Inertia-Error-Bag": "login"})
    visitor.act(lambda request: error(request, "name", "old"))
    visitor.act(lambda request: error(request, "mail", "new"))
    assert visitor.page()["props"]["errors"] == {"mail": "new", "login": {"email": "bag"}}
    visitor.act(lambda request: error(request, "name", "old"))
    visitor.act(lambda request: flash(request, "saved"))
    page = visitor.page()
    assert (page["props"]["errors"], page["flash"]) == ({}, {"info": ["saved"]})


def test_g54_a_precognition_leaves_the_errors_that_wait(visitor: Visitor) -> None:
    visitor.act(lambda request: error(request, "name", "waits"))
    visitor.act(lambda _: None, Precognition="true")
    assert visitor.page()["props"]["errors"] == {"name": "waits"}


@pytest.mark.parametrize("bag", ["", "__proto__", "a.b", "é", "errors", "x" * 200])
def test_g55_the_name_of_a_bag_may_be_odd(visitor: Visitor, bag: str) -> None:
    visitor.act(lambda request: error(request, "email", "a"), **{"X-Inertia-Error-Bag": bag.encode()})  # type: ignore[arg-type]
    assert visitor.page()["props"]["errors"] == ({bag: {"email": "a"}} if bag else {"email": "a"})


def test_g54_a_field_and_a_bag_of_one_name_do_not_break_the_page(visitor: Visitor) -> None:
    visitor.act(lambda request: error(request, "login", "field"))
    visitor.act(lambda request: error(request, "email", "bag"), **{"X-Inertia-Error-Bag": "login"})
    assert visitor.page()["props"]["errors"] == {"login": {"email": "bag"}}
    visitor.act(lambda request: error(request, "email", "bag"), **{"X-Inertia-Error-Bag": "login"})
    visitor.act(lambda request: error(request, "login", "field"))
    assert visitor.page()["props"]["errors"] == {"login": "field"}


def test_d29_marks_of_a_response_are_for_this_page_only(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> InertiaResponse[None]:
        marked = "marked" in request.query_params
        return InertiaResponse(component="Home", clear_history=marked, preserve_fragment=marked)

    app = make_app(site, [handler])
    assert carried(ask(app, "GET", "/?marked", inertia_headers(app)).page) == {
        "clearHistory": True,
        "preserveFragment": True,
    }
    assert carried(ask(app, "GET", "/", inertia_headers(app)).page) == {}


def test_d29_clear_history_goes_out_over_a_back_redirect(visitor: Visitor) -> None:
    def leave(request: Request[Any, Any, Any]) -> InertiaBack:
        clear_history(request)
        return InertiaBack(request)

    response = visitor.act(leave, referer=f"{ORIGIN}/other")
    assert response.headers["location"] == "/other"
    assert carried(visitor.page("/other")) == {"clearHistory": True}


def test_i63_history_is_encrypted_per_response_route_and_app_and_a_false_wins(site: Path) -> None:
    @get("/app", component="Home", sync_to_thread=False)
    def by_app() -> None:
        return None

    @get("/route", component="Home", encrypt_history=False, sync_to_thread=False)
    def by_route() -> None:
        return None

    @get("/response", encrypt_history=False, sync_to_thread=False)
    def by_response() -> InertiaResponse[None]:
        return InertiaResponse(component="Home", encrypt_history=True)

    @get("/off", sync_to_thread=False)
    def off() -> InertiaResponse[None]:
        return InertiaResponse(component="Home", encrypt_history=False)

    for setting in (True, False):
        app = make_app(site, [by_app, by_route, by_response, off], InertiaConfig(encrypt_history=setting))
        shown = {
            target: ask(app, "GET", target, inertia_headers(app)).page.get("encryptHistory")
            for target in ("/app", "/route", "/response", "/off")
        }
        assert shown == {"/app": setting or None, "/route": None, "/response": True, "/off": None}


# Sessions that start and end


@pytest.mark.parametrize("session", ["server side", "cookie"])
@pytest.mark.parametrize("order", ["carry first", "session first"])
@pytest.mark.parametrize("change", ["clear", "set", "empty"])
@pytest.mark.parametrize("logged_in", [True, False])
def test_g58_flash_is_not_lost_when_the_handler_logs_in_or_out(
    site: Path, session: str, order: str, change: str, logged_in: bool
) -> None:
    """A logout clears the session and a login replaces it. Both may flash a message before or after."""
    app = make_app(site, HANDLERS, middleware=SESSIONS[session]())

    def switch(request: Request[Any, Any, Any]) -> None:
        if order == "carry first":
            carry_everything(request)
        if change == "clear":
            request.clear_session()
        else:
            request.set_session({"user": 2} if change == "set" else {})
        if order == "session first":
            carry_everything(request)

    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        if logged_in:
            visitor.act(lambda request: request.set_session({"user": 1}))
        visitor.act(switch)
        assert carried(visitor.page()) == EVERYTHING
        assert carried(visitor.page()) == {}
        assert client.get("/touching").json()["session"] == (["user"] if change == "set" else [])
        assert not client.cookies.get("inertia_carry")


@pytest.mark.parametrize("session", ["server side", "cookie"])
def test_what_fits_into_the_cookie_leaves_the_session_alone(site: Path, session: str) -> None:
    app = make_app(site, HANDLERS, middleware=SESSIONS[session]())
    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        response = visitor.act(carry_everything)
        assert "inertia_carry" in response.cookies
        assert client.get("/touching").json()["session"] == []


def test_what_does_not_fit_is_in_the_session_for_a_minute_and_in_one_place_only(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(site, HANDLERS, middleware=SESSIONS["server side"]())

    def large(request: Request[Any, Any, Any]) -> None:
        for number in range(100):
            flash(request, f"message {number} of a hundred, and some words")
        error(request, "name", "kept")

    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        visitor.act(large)
        assert client.get("/touching").json()["session"] == ["_inertia"]
        page = visitor.page()
        assert len(page["flash"]["info"]) == len(set(page["flash"]["info"])) == 100
        assert page["flash"]["info"][:2] == [
            "message 0 of a hundred, and some words",
            "message 1 of a hundred, and some words",
        ]
        assert page["props"]["errors"] == {"name": "kept"}
        assert carried(visitor.page()) == {}
        assert client.get("/touching").json()["session"] == [], "nothing is left in the session"
        visitor.act(large)
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + COOKIE_MAX_AGE_SECONDS + 5)
        assert carried(visitor.page()) == {}, "a later page does not show it"


def limited_app(site: Path, session: str) -> Litestar:
    """Return an app with a limit outside the session middleware, as Litestar's RateLimitMiddleware may be."""

    def limit(app: Any) -> Any:
        async def limited(scope: Any, receive: Any, send: Any) -> None:
            if scope["method"] == "POST":
                raise TooManyRequestsException
            await app(scope, receive, send)

        return limited

    def go_back(request: Request[Any, Any, Any], _: Exception) -> InertiaBack:
        carry_everything(request)
        return InertiaBack(request)

    middleware = [limit, *SESSIONS[session]()]
    return make_app(site, HANDLERS, middleware=middleware, exception_handlers={TooManyRequestsException: go_back})


@pytest.mark.parametrize("session", SESSIONS)
def test_g58_an_exception_handler_outside_of_the_session_may_flash(site: Path, session: str) -> None:
    app = limited_app(site, session)
    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        assert visitor.act(lambda _: None).status_code == 303
        assert carried(visitor.page()) == EVERYTHING
        assert carried(visitor.page()) == {}


def test_g58_a_session_on_some_routes_only_loses_nothing(site: Path) -> None:
    @post("/signed-in", middleware=SESSIONS["server side"](), sync_to_thread=False)
    def signed_in(request: Request[Any, Any, Any]) -> Redirect:
        carry_everything(request)
        return Redirect("/")

    app = make_app(site, [*HANDLERS, signed_in])
    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        client.post("/signed-in", headers=visitor.headers, follow_redirects=False)
        assert carried(visitor.page()) == EVERYTHING


@pytest.mark.parametrize(
    "garbage",
    [None, 1, "x", [], [1], {"flash": 5}, {"flash": [1]}, {"errors": "x"}, {"errors": []}, {"clear": 1}, {"clear": "yes"}, {"fragment": {}}, {"previous": 5}, {"flash": None, "errors": None}, {"unknown": {"x": 1}}],
    ids=repr,
)  # fmt: skip
def test_b5_wrong_types_in_a_session_are_ignored(site: Path, garbage: Any) -> None:
    app = make_app(site, HANDLERS, middleware=SESSIONS["server side"]())
    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        visitor.act(lambda request: request.session.update({"_inertia": garbage, "user": 1}))
        assert carried(visitor.page()) == {}
        assert client.post("/act", headers=visitor.headers, follow_redirects=False).status_code == 302
        visitor.act(lambda request: flash(request, "hi"))
        assert visitor.page()["flash"] == {"info": ["hi"]}


@pytest.mark.parametrize(
    "errors", [{"a": "text"}, {"a": None}, {"a": []}, {"a": {"b": "text"}}, {"a": 5}, {"a": {"b": {"c": []}}}], ids=repr
)
def test_b5_errors_of_wrong_types_in_a_session_do_not_break_the_page(site: Path, errors: Any) -> None:
    app = make_app(site, HANDLERS, middleware=SESSIONS["server side"]())
    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        visitor.act(lambda request: request.session.update({"_inertia": {"errors": {"name": ["good"], **errors}}}))
        assert visitor.page()["props"]["errors"]["name"] == "good"


# The signed cookie


def sign(values: Any, secret: str = SECRET, age_seconds: float = 0) -> str:
    """Return a signed carry cookie of the given age."""

    class Clock(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time() - age_seconds)

    encoded = base64.urlsafe_b64encode(values if isinstance(values, bytes) else msgspec.json.encode(values)).rstrip(
        b"="
    )
    return Clock(secret, salt="litestar-vite.carry", digest_method=hashlib.sha256).sign(encoded).decode()


def page_with(app: Litestar, *cookies: str | bytes) -> dict[str, Any]:
    raw = b"; ".join(cookie.encode("utf-8") if isinstance(cookie, str) else cookie for cookie in cookies)
    headers = [(name.lower().encode(), value.encode()) for name, value in inertia_headers(app).items()]
    return ask(app, "GET", "/", [*headers, (b"cookie", raw)]).page


def test_g58_the_cookie_is_short_lived_http_only_lax_and_of_the_apps_path(guest: Visitor, cookie_app: Litestar) -> None:
    (cookie,) = guest.act(carry_everything).headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("inertia_carry=")
    assert set(attributes) == {f"Max-Age={COOKIE_MAX_AGE_SECONDS}", "Path=/", "HttpOnly", "SameSite=lax"}
    assert COOKIE_MAX_AGE_SECONDS <= 120
    ACT["act"] = carry_everything
    secure = ask(
        cookie_app, "POST", "/act", inertia_headers(cookie_app), scheme="https", root_path="/sub", raw_path=b"/sub/act"
    ).header("set-cookie")
    assert secure is not None
    assert {"Secure", "Path=/sub"} <= set(secure.split("; "))


def test_g58_the_page_that_shows_it_deletes_the_cookie_and_others_set_none(guest: Visitor) -> None:
    guest.act(carry_everything)
    response = guest.client.get("/", headers=guest.headers)
    (cookie,) = response.headers.get_list("set-cookie")
    assert cookie.startswith("inertia_carry=; Max-Age=0; Path=/")
    assert "set-cookie" not in guest.client.get("/", headers=guest.headers).headers
    assert "set-cookie" not in guest.client.get("/json").headers
    guest.act(carry_everything)
    assert "set-cookie" not in guest.client.get("/json").headers
    assert "set-cookie" not in guest.client.get("/hop/0", follow_redirects=False).headers


def test_g58_a_cookie_of_this_app_is_read(cookie_app: Litestar) -> None:
    assert page_with(cookie_app, f"inertia_carry={sign({'flash': {'x': 1}})}")["flash"] == {"x": 1}
    assert page_with(cookie_app, f"inertia_carry={sign({'flash': {'x': 1}}, age_seconds=COOKIE_MAX_AGE_SECONDS - 5)}")[
        "flash"
    ] == {"x": 1}
    assert page_with(cookie_app, "theme=dark", f"inertia_carry={sign({'clear': True})}", "a=b")["clearHistory"] is True


GOOD = {"flash": {"x": 1}, "errors": {"name": ["bad"]}, "clear": True, "fragment": True}


def tampered() -> dict[str, str | bytes]:
    good = sign(GOOD)
    payload, stamp, signature = good.rsplit(".", 2)
    other = sign({"flash": {"x": 2}})
    return {
        "expired": sign(GOOD, age_seconds=COOKIE_MAX_AGE_SECONDS + 5),
        "of the future": sign(GOOD, age_seconds=-3600),
        "of another secret": sign(GOOD, secret="another"),
        "empty secret": sign(GOOD, secret=""),
        "other payload": f"{other.rsplit('.', 2)[0]}.{stamp}.{signature}",
        "other time": f"{payload}.{sign(GOOD, age_seconds=30).rsplit('.', 2)[1]}.{signature}",
        "cut": good[:-1],
        "longer": good + "A",
        "first character": ("A" if good[0] != "A" else "B") + good[1:],
        "no signature": f"{payload}.{stamp}",
        "payload alone": payload,
        "signature alone": signature,
        "unsigned json": base64.urlsafe_b64encode(json.dumps(GOOD).encode()).decode(),
        "plain json": json.dumps(GOOD).replace(" ", ""),
        "empty": "",
        "dots": "....",
        "long": "a" * 8_000,
        "binary": b"\xff\xfe\x00",
        "text": "é\u2028",
        "quoted": f'"{good}"',
    }


@pytest.mark.parametrize("name", tampered())
def test_g58_b5_a_cookie_that_is_not_of_this_app_is_ignored(cookie_app: Litestar, name: str) -> None:
    value = tampered()[name]
    raw = value if isinstance(value, bytes) else value.encode()
    assert carried(page_with(cookie_app, b"inertia_carry=" + raw)) == {}


@pytest.mark.parametrize(
    "values",
    [None, 1, "x", [], [GOOD], {"flash": 5}, {"flash": []}, {"errors": ["x"]}, {"errors": {"a": "x"}}, {"clear": "yes"}, {"previous": 5}, b"", b"\xff", b"{", b"[" * 5_000, b"nul"],
    ids=lambda values: repr(values)[:25],
)  # fmt: skip
def test_b5_wrong_types_in_a_signed_cookie_are_ignored(cookie_app: Litestar, values: Any) -> None:
    assert carried(page_with(cookie_app, f"inertia_carry={sign(values)}")) == {}


def test_g58_ours_is_found_among_cookies_of_the_same_name(cookie_app: Litestar) -> None:
    """Browsers send cookies with a longer path first, such as another app's with another secret."""
    foreign, ours = sign({"flash": {"x": 1}}, secret="other"), sign({"flash": {"x": 2}})
    assert page_with(cookie_app, f"inertia_carry={foreign}", f"inertia_carry={ours}")["flash"] == {"x": 2}
    assert page_with(cookie_app, f"not_inertia_carry={ours}", "x=inertia_carry") is not None
    assert "flash" not in page_with(cookie_app, f"not_inertia_carry={ours}")


def test_g58_the_cookie_holds_what_is_carried_and_nothing_else(guest: Visitor) -> None:
    guest.page()
    cookie = guest.act(lambda request: flash(request, "hi")).cookies["inertia_carry"]
    payload = CookieSigner(SECRET).unsign(cookie)
    assert payload is not None
    assert json.loads(payload) == {"flash": {"info": ["hi"]}}


@pytest.mark.parametrize("rows", [25, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("bag", [{}, {"X-Inertia-Error-Bag": "rows"}], ids=["no bag", "bag"])
@pytest.mark.parametrize("message", ["This field is required.", "é" * 2_000], ids=["short", "long"])
def test_g58_of_many_errors_the_first_are_shown_and_the_others_are_logged(
    guest: Visitor, caplog: pytest.LogCaptureFixture, rows: int, bag: dict[str, str], message: str
) -> None:
    def report(request: Request[Any, Any, Any]) -> None:
        flash(request, "Please look at the rows.")
        for row in range(rows):
            for field in ("name", "street", "city", "amount"):
                error(request, f"rows.{row}.{field}", message)

    with caplog.at_level(logging.ERROR):
        (cookie,) = guest.act(report, **bag).headers.get_list("set-cookie")
    assert len(cookie) <= 3_200
    page = guest.page()
    errors = page["props"]["errors"]["rows"] if bag else page["props"]["errors"]
    assert next(iter(errors)) == "rows.0.name"
    assert message.startswith(errors["rows.0.name"].rstrip("…"))
    assert page["flash"] == {"info": ["Please look at the rows."]}
    assert "Cannot carry errors (" in caplog.text


def test_g58_an_error_of_a_field_with_a_long_name_is_an_error_still(guest: Visitor) -> None:
    guest.act(lambda request: error(request, "x" * 5_000, "Unknown field."))
    assert list(guest.page()["props"]["errors"].values()) == ["Unknown field."]


@pytest.mark.parametrize("size", [10_000, 100_000])
def test_g58_what_does_not_fit_is_logged_with_its_name_and_the_rest_is_carried(
    guest: Visitor, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    def large(request: Request[Any, Any, Any]) -> None:
        flash_data(request, "the_export", "x" * size)
        error(request, "name", "kept")
        clear_history(request)

    with caplog.at_level(logging.ERROR):
        (cookie,) = guest.act(large).headers.get_list("set-cookie")
    assert len(cookie) <= 4_096, "browsers reject longer cookies"
    assert "Cannot carry flash (the_export) to the next page" in caplog.text
    assert "Configure a server-side session." in caplog.text
    assert "xxxxx" not in caplog.text, "the value stays out of the log"
    assert carried(guest.page()) == {"errors": {"name": "kept"}, "clearHistory": True}


def test_g58_what_fits_just_about_is_carried(guest: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    text = "x" * (MAX_COOKIE_BYTES * 3 // 4 - 200)
    (cookie,) = guest.act(lambda request: flash_data(request, "text", text)).headers.get_list("set-cookie")
    assert len(cookie) <= 4_096
    assert guest.page()["flash"] == {"text": text}
    assert not [
        record
        for record in caplog.records
        if record.name.startswith("litestar_vite") and record.levelno >= logging.WARNING
    ]


def test_g58_large_values_need_a_session_and_have_it(site: Path) -> None:
    app = make_app(site, HANDLERS, middleware=SESSIONS["server side"]())
    with TestClient(app, base_url=ORIGIN) as client:
        visitor = Visitor(app, client)
        visitor.act(lambda request: flash_data(request, "text", "x" * 100_000))
        assert len(visitor.page()["flash"]["text"]) == 100_000


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    "value",
    [object(), CYCLE, "\ud800", {1: {object()}}, lambda: 1, 1j],
    ids=["object", "cycle", "surrogate", "nested", "function", "complex"],
)
def test_g58_what_is_no_json_is_logged_with_its_name_and_the_rest_is_carried(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    def odd(request: Request[Any, Any, Any]) -> None:
        error(request, "name", "kept")
        flash(request, "kept")
        flash_data(request, "the_object", value)

    with caplog.at_level(logging.ERROR):
        assert visitor.act(odd).status_code == 302
    assert "Cannot carry flash (info, the_object) to the next page, it is not JSON" in caplog.text
    assert carried(visitor.page()) == {"flash": {"info": ["kept"]}, "errors": {"name": "kept"}}


def test_g58_values_that_json_can_carry_arrive_as_json_shows_them(visitor: Visitor) -> None:
    visitor.act(lambda request: flash_data(request, "at", dt.datetime(2030, 1, 2, tzinfo=dt.UTC)))
    assert visitor.page()["flash"] == {"at": "2030-01-02T00:00:00Z"}


def test_g58_the_secret_of_the_environment_is_shared_by_processes(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITE_INERTIA_SECRET", "of the environment")
    first, second = make_app(site, HANDLERS), make_app(site, HANDLERS)
    ACT["act"] = carry_everything
    cookie = ask(first, "POST", "/act", inertia_headers(first)).header("set-cookie")
    assert cookie is not None
    assert carried(page_with(second, cookie.split(";")[0])) == EVERYTHING
    monkeypatch.delenv("VITE_INERTIA_SECRET")
    assert carried(page_with(make_app(site, HANDLERS), cookie.split(";")[0])) == {}


def test_flash_may_be_set_in_guards_hooks_and_exception_handlers(site: Path) -> None:
    def guard(connection: Any, _: Any) -> None:
        flash(connection, "guard")

    async def before(request: Request[Any, Any, Any]) -> None:
        flash(request, "before")

    def on_error(request: Request[Any, Any, Any], _: Exception) -> InertiaRedirect:
        flash(request, "handler", category="error")
        return InertiaRedirect(request, "/")

    @post("/fails", guards=[guard], before_request=before, sync_to_thread=False)
    def failing() -> dict[str, int]:
        raise LookupError("gone")

    app = make_app(site, [home, failing], exception_handlers={LookupError: on_error, 404: on_error})
    with TestClient(app, base_url=ORIGIN) as client:
        page = client.post("/fails", headers=inertia_headers(app)).json()
        assert page["flash"] == {"info": ["guard", "before"], "error": ["handler"]}
        assert client.get("/no/such/route", headers=inertia_headers(app)).json()["flash"] == {"error": ["handler"]}


@pytest.mark.anyio
async def test_the_async_client_sees_the_same(app: Litestar) -> None:
    ACT["act"] = carry_everything
    async with AsyncTestClient(app, base_url=ORIGIN) as client:
        page = (await client.post("/act", headers=inertia_headers(app), follow_redirects=True)).json()
        assert carried(page) == EVERYTHING
        assert carried((await client.get("/", headers=inertia_headers(app))).json()) == {}
