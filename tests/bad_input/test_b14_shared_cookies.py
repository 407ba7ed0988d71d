"""B14: no response with `Cache-Control: public` sets a cookie: neither built files, nor redirects and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, Cookie
from litestar.middleware import DefineMiddleware
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import Redirect
from litestar.security.session_auth import SessionAuth
from litestar.stores.memory import MemoryStore
from litestar.testing import TestClient
from typing_extensions import override

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaRedirect, flash
from litestar_vite.inertia.sessions import CookieSessionConfig
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from pathlib import Path

SECRET = bytes(range(16))
SHARED = CacheControlHeader(public=True, max_age=600)
FILE = "/static/assets/app-a1.js"


class CountingStore(MemoryStore):
    """Counts the reads and writes of the sessions."""

    calls = 0

    @override
    async def get(self, key: str, renew_for: Any = None) -> Any:
        self.calls += 1
        return await super().get(key, renew_for)

    @override
    async def set(self, key: str, value: Any, expires_in: Any = None) -> None:
        self.calls += 1
        await super().set(key, value, expires_in)


@get("/login", sync_to_thread=False)
def login(request: Request[Any, Any, Any]) -> str:
    request.session["user"] = "Ada"
    return ""


async def find_user(session: dict[str, Any], _: Any) -> Any:
    return session.get("user")


def server_side(**options: Any) -> Any:
    return ServerSideSessionConfig(renew_on_access=True, **options).middleware


def session_auth(**options: Any) -> Any:
    return SessionAuth[Any, Any](
        retrieve_user_handler=find_user,
        session_backend_config=ServerSideSessionConfig(renew_on_access=True, exclude_opt_key="mine"),
        exclude="^/login",
        **options,
    ).middleware


SESSIONS = {
    "server side": server_side(),
    "server side, own key": server_side(exclude_opt_key="without_session"),
    "cookie": CookieBackendConfig(secret=SECRET).middleware,
    "cookie, own key": CookieBackendConfig(secret=SECRET, exclude_opt_key="without_session").middleware,
    "ours, own key": CookieSessionConfig(secret=SECRET, exclude_opt_key="without_session").middleware,
    "session auth": session_auth(),
    "session auth, own keys": session_auth(exclude_opt_key="public"),
}


@pytest.mark.parametrize("middleware", SESSIONS.values(), ids=SESSIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_built_files_neither_read_nor_send_the_session(site: Path, method: str, middleware: Any) -> None:
    store = CountingStore()
    app = make_app(site, [login], middleware=[middleware], stores={"sessions": store})
    with TestClient(app) as client:
        assert "session" in client.get("/login").headers["set-cookie"]
        store.calls = 0
        for path in (FILE, "/static/gone.js"):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers.get("set-cookie")) == (200 if path == FILE else 404, None)
        assert store.calls == 0


@pytest.mark.parametrize("has_pages", [True, False])
def test_built_files_carry_no_cookie_that_a_middleware_or_the_app_sets(site: Path, has_pages: bool) -> None:
    @get("/plain", sync_to_thread=False)
    def plain() -> str:
        return ""

    def setting(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            async def send_cookie(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"Set-Cookie", b"visitor=7")]
                await send(message)

            await app(scope, receive, send_cookie)

        return middleware

    options: Any = {"middleware": [DefineMiddleware(setting)], "response_cookies": [Cookie(key="a", value="b")]}
    if has_pages:
        app = make_app(site, [plain], **options)
    else:
        plugins = [VitePlugin(ViteConfig(root=site))]
        app = Litestar([plain], plugins=plugins, logging_config=None, openapi_config=None, **options)
    with TestClient(app) as client:
        for path in (FILE, "/static/robots.txt"):
            assert "set-cookie" not in client.get(path).headers
        assert "visitor=7" in client.get("/plain").headers["set-cookie"]


def test_a_guard_of_the_app_that_looks_at_the_session_lets_built_files_pass(site: Path) -> None:
    def guard(connection: Any, _: Any) -> None:
        connection.session.get("user")

    app = make_app(site, [login], middleware=[server_side()], guards=[guard])
    with TestClient(app) as client:
        assert client.get(FILE).status_code == 200


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_a_middleware_of_the_app_that_reads_the_session_lets_built_files_pass(site: Path, session: Any) -> None:
    def reading(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and not scope["path"].startswith("/login"):
                scope["state"]["user"] = Request[Any, Any, Any](scope).session.get("user")
            await app(scope, receive, send)

        return middleware

    app = make_app(site, [login], middleware=[session, DefineMiddleware(reading)], stores={"sessions": MemoryStore()})
    with TestClient(app) as client:
        client.get("/login")
        answer = client.get(FILE)
        assert (answer.status_code, answer.headers.get("set-cookie")) == (200, None)


@get("/data", cache_control=SHARED, sync_to_thread=False)
def data() -> dict[str, int]:
    return {"a": 1}


@get("/response", cache_control=CacheControlHeader(max_age=600), sync_to_thread=False)
def response() -> Response[dict[str, int]]:
    return Response({"a": 1}, cookies={"own": "1"})


@get("/redirect", cache_control=SHARED, sync_to_thread=False)
def redirect() -> Redirect:
    return Redirect("/data")


@get("/page", component="Home", cache_control=SHARED, sync_to_thread=False)
def page() -> dict[str, int]:
    return {}


@pytest.mark.parametrize("path", ["/data", "/response", "/redirect", "/page"])
@pytest.mark.parametrize("is_inertia", [True, False])
def test_the_csrf_cookie_is_never_set_beside_public(site: Path, path: str, is_inertia: bool) -> None:
    app = make_app(site, [data, response, redirect, page, login], csrf_config=CSRFConfig(secret="s" * 32))
    with TestClient(app) as client:
        answer = client.get(path, headers=inertia_headers(app) if is_inertia else {}, follow_redirects=False)
        assert "max-age=600" in answer.headers["cache-control"]
        assert "XSRF-TOKEN" not in answer.headers.get("set-cookie", "")
        assert ("own=1" in answer.headers.get("set-cookie", "")) is (path == "/response"), "the app's own cookies stay"


@pytest.mark.parametrize(
    ("control", "is_set"),
    [("no-cache", True), ("max-age=0, must-revalidate", True), ("private, max-age=60", True), ("no-store", True),
     ("s-maxage=60, max-age=0", False), ("public, no-cache", False), ("max-age=60", False)],
)  # fmt: skip
def test_the_csrf_cookie_is_set_where_no_shared_cache_reuses_it(site: Path, control: str, is_set: bool) -> None:
    @get("/data", sync_to_thread=False)
    def controlled() -> Response[dict[str, int]]:
        return Response({"a": 1}, headers={"Cache-Control": control})

    @get("/page", component="Home", response_headers={"Cache-Control": control}, sync_to_thread=False)
    def controlled_page() -> dict[str, int]:
        return {}

    app = make_app(site, [controlled, controlled_page], csrf_config=CSRFConfig(secret="s" * 32))
    with TestClient(app) as client:
        for path in ("/data", "/page"):
            client.cookies.clear()
            assert ("XSRF-TOKEN" in client.get(path).headers.get("set-cookie", "")) is is_set


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("control", ["public, max-age=600", None])
@pytest.mark.parametrize("is_inertia", [True, False])
def test_an_answer_with_the_cookie_for_flash_is_stored_by_no_cache(
    site: Path, status: Any, control: str | None, is_inertia: bool
) -> None:
    headers = {"Cache-Control": control} if control else {}

    @get("/redirect", sync_to_thread=False)
    def redirects(request: Request[Any, Any, Any]) -> InertiaRedirect:
        flash(request, "Moved.")
        return InertiaRedirect(request, "/page", status_code=status, headers=headers)

    @get("/data", sync_to_thread=False)
    def flashes(request: Request[Any, Any, Any]) -> Response[dict[str, int]]:
        flash(request, "Read.")
        return Response({"a": 1}, headers=headers)

    app = make_app(site, [redirects, flashes, page])
    with TestClient(app) as client:
        for path in ("/redirect", "/data"):
            answer = client.get(path, headers=inertia_headers(app) if is_inertia else {}, follow_redirects=False)
            assert "inertia_carry=" in answer.headers["set-cookie"]
            if control or (path == "/redirect" and status == 301):
                assert "no-store" in answer.headers["cache-control"]
            else:
                assert "cache-control" not in answer.headers
