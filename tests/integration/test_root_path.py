"""An app under a path prefix, on a real uvicorn behind a proxy: every link in its pages works."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import NotAuthorizedException
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaBack, InertiaConfig, InertiaRedirect
from tests.integration.asgi import ask
from tests.prefix_proxy import PrefixProxy
from tests.support import MANIFEST, inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE_SECONDS = 30.0
VITE = {"root_path": "/shop"}


@get("/users", component="Users/Index", name="users", sync_to_thread=False)
def users() -> dict[str, int]:
    return {"n": 1}


@get("/admin/shop/users", component="Home", sync_to_thread=False)
def deep() -> dict[str, int]:
    """A page with the prefix in the middle of its path."""
    return {"n": 2}


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, int]:
    return {"n": 0}


@post("/nothing", status_code=204, sync_to_thread=False)
def nothing() -> None: ...


@post("/back", sync_to_thread=False)
def back(request: Request[Any, Any, Any]) -> InertiaBack:
    return InertiaBack(request)


@post("/far", sync_to_thread=False)
def far(request: Request[Any, Any, Any]) -> InertiaRedirect:
    return InertiaRedirect(request, "https://evil.example/")


@post("/named", sync_to_thread=False)
def named(request: Request[Any, Any, Any]) -> InertiaRedirect:
    return InertiaRedirect(request, str(request.url_for("users")))


@post("/by-hand", sync_to_thread=False)
def by_hand(request: Request[Any, Any, Any]) -> InertiaRedirect:
    return InertiaRedirect(request, "/users")


@post("/plain", status_code=303, sync_to_thread=False)
def plain() -> Redirect:
    return Redirect("/users")


@get("/secret", component="Home", sync_to_thread=False)
def secret() -> None:
    raise NotAuthorizedException


@get("/login", component="Home", sync_to_thread=False)
def login() -> None:
    raise NotAuthorizedException


HANDLERS = [home, users, deep, nothing, back, far, named, by_hand, plain, secret, login]


@contextlib.contextmanager
def served(app: Any, **options: Any) -> Iterator[int]:
    """Serve an app with uvicorn, and yield its port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, **options))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # Signals belong to pytest's main thread.
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()


def naming(app: Any) -> Any:
    """A server that sets `root_path` but does not change the path, as granian and hypercorn do."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": "/shop"} if scope["type"] != "lifespan" else scope, receive, send)

    return serve


@pytest.fixture
def built(site: Path) -> Path:
    """A site with every file in its manifest."""
    for chunk in MANIFEST.values():
        for file in (chunk["file"], *chunk.get("css", ())):
            (site / "dist" / "client" / file).write_text("/* built */")
    return site


SERVERS = {
    "the proxy strips the prefix and uvicorn restores it": ({"root_path": "/shop"}, False, True),
    "the proxy strips the prefix and the server does not set it": ({}, False, True),
    "the proxy keeps the prefix and the server does not set it": ({}, False, False),
    "the proxy strips the prefix and the server sets it": ({}, True, True),
    "the proxy keeps the prefix and the server sets it": ({}, True, False),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_every_url_of_a_document_is_there(built: Path, kind: str) -> None:
    options, names, strips = SERVERS[kind]
    app = make_app(built, HANDLERS, vite=VITE)
    with (
        served(naming(app) if names else app, **options) as port,
        PrefixProxy(port, "/shop", strips=strips) as proxy,
        httpx.Client(base_url=proxy.origin, trust_env=False) as browser,
    ):
        for path, component in (
            ("/shop/users?a=1", "Users/Index"),
            ("/shop/admin/shop/users", "Home"),
            ("/shop/", "Home"),
        ):
            document = browser.get(path)
            assert document.status_code == 200
            page = page_in(document.text)
            assert page["url"] == path
            assert page["component"] == component
            links = re.findall(r'(?:src|href)="([^"]+)"', document.text)
            assert len(links) >= 5
            for link in links:
                assert link.startswith("/shop/static/assets/")
                assert browser.get(link).status_code == 200, link
        assert browser.get("/static/assets/app-a1.js").status_code == 404
        headers = inertia_headers(app)
        assert browser.get("/shop/users", headers=headers).json()["url"] == "/shop/users"
        answer = browser.post("/shop/nothing", headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/shop/")


def test_an_app_with_a_path_of_its_own_has_the_prefix_in_its_routes(built: Path) -> None:
    app = make_app(built, HANDLERS, vite=VITE, path="/shop")
    with (
        served(app) as port,
        PrefixProxy(port, "/shop", strips=False) as proxy,
        httpx.Client(base_url=proxy.origin, trust_env=False) as browser,
    ):
        document = browser.get("/shop/users")
        assert page_in(document.text)["url"] == "/shop/users"
        for link in re.findall(r'(?:src|href)="([^"]+)"', document.text):
            assert link.startswith("/shop/static/")
            assert browser.get(link).status_code == 200, link
        answer = browser.post("/shop/nothing", headers=inertia_headers(app))
        assert (answer.status_code, answer.headers["location"]) == (303, "/shop/")


# Redirects


WAYS_BACK = {
    "back": "/sub/",
    "nothing": "/sub/",
    "far": "/sub/",
    "named": "/sub/users",
    "by-hand": "/users",
    "plain": "/users",
}


@pytest.mark.parametrize("path", WAYS_BACK)
@pytest.mark.parametrize("root_path", ["/sub", "/sub/"])
def test_our_own_targets_lie_under_the_prefix_and_those_of_handlers_stay_as_written(
    site: Path, path: str, root_path: str
) -> None:
    app = make_app(site, HANDLERS)
    answer = ask(app, "POST", f"/{path}", inertia_headers(app), root_path=root_path)
    assert answer.header("location") == WAYS_BACK[path]


@pytest.mark.parametrize("configured", ["/login", "/sub/login", "/login?next=1"])
def test_the_login_lies_under_the_prefix_once(site: Path, configured: str) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(redirect_unauthorized_to=configured))
    answer = ask(app, "GET", "/secret", inertia_headers(app), root_path="/sub")
    assert answer.redirect == (302, f"/sub/{configured.rpartition('/')[2]}")


def test_a_login_that_wants_a_login_does_not_lead_to_itself(site: Path) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(redirect_unauthorized_to="/login"))
    assert ask(app, "GET", "/login", inertia_headers(app), root_path="/sub").status == 401


def test_a_path_that_only_begins_like_the_prefix_gets_it(site: Path) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(redirect_unauthorized_to="/subscribe"))
    assert ask(app, "GET", "/secret", inertia_headers(app), root_path="/sub").redirect == (302, "/sub/subscribe")


# A prefix that is not configured


@get("/health", sync_to_thread=False)
def health() -> Response[str]:
    return Response("well")


def warnings_of(app: Litestar, caplog: pytest.LogCaptureFixture, *root_paths: str) -> list[str]:
    caplog.set_level(logging.WARNING, "litestar_vite")
    with TestClient(app):
        for root_path in root_paths:
            assert ask(app, "GET", "/health", root_path=root_path).status == 200
    return [record.getMessage() for record in caplog.records if "root_path" in record.getMessage()]


@pytest.mark.parametrize(("vite", "configured"), [({}, "''"), ({"root_path": "/shop"}, "'/shop'")])
def test_a_prefix_that_is_not_configured_is_logged_once(
    site: Path, caplog: pytest.LogCaptureFixture, vite: dict[str, Any], configured: str
) -> None:
    (message,) = warnings_of(make_app(site, [health], vite=vite), caplog, "/store", "/store")
    assert message.startswith(f"The server's root_path is '/store', but ViteConfig.root_path is {configured}")
    assert "Set ViteConfig.root_path (or VITE_ROOT_PATH)" in message


@pytest.mark.parametrize(
    ("vite", "root_path"),
    [
        ({}, ""),
        ({}, "/"),
        ({"root_path": "/shop"}, ""),
        ({"root_path": "/shop"}, "/shop"),
        ({"root_path": "/shop"}, "/shop/"),
        # Mounted at /app in an app that is itself under /shop.
        ({"root_path": "/shop/app"}, "/app"),
        ({"asset_url": "https://cdn.example/"}, "/shop"),
    ],
)
def test_a_compatible_prefix_is_not_logged(
    site: Path, caplog: pytest.LogCaptureFixture, vite: dict[str, Any], root_path: str
) -> None:
    assert warnings_of(make_app(site, [health], vite=vite), caplog, root_path) == []


def test_after_the_first_request_nothing_stands_before_the_app(site: Path) -> None:
    app = make_app(site, [health])
    inner = app.asgi_handler
    with TestClient(app):
        assert app.asgi_handler is not inner
        assert ask(app, "GET", "/health").status == 200
        assert app.asgi_handler is inner


@pytest.mark.parametrize("vite", [{}, {"root_path": "/shop"}])
def test_the_app_is_as_it_was_when_it_has_ended(site: Path, vite: dict[str, Any]) -> None:
    app = make_app(site, [health], vite=vite)
    inner = app.asgi_handler
    with TestClient(app):
        pass
    assert app.asgi_handler is inner
