"""Flash, errors and marks with every session backend: memory, file, Redis, cookie and none (the issue's fourth part;
protocol G58).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.stores.file import FileStore
from litestar.stores.memory import MemoryStore
from litestar.stores.redis import RedisStore
from litestar.stores.registry import StoreRegistry
from litestar.testing import TestClient
from msgspec import Struct

from litestar_vite.inertia import InertiaBack, InertiaConfig, clear_history, error, flash, flash_data, preserve_fragment
from tests.support import inertia_headers, make_app, page_in

pytestmark = pytest.mark.protocol("C22", "D28", "D29", "D30", "G53", "G54", "G55", "G58")


class Form(Struct):
    name: str
    age: int


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"a": 1}


@post("/save", sync_to_thread=False)
def save(request: Request[Any, Any, Any]) -> Redirect:
    flash(request, "Saved")
    flash_data(request, "count", {"n": [1, 2]})
    error(request, "name", "is taken")
    clear_history(request)
    preserve_fragment(request)
    return Redirect("/hop")


@get("/hop", sync_to_thread=False)
def hop() -> Redirect:
    return Redirect("/")


@post("/form", sync_to_thread=False)
def form(data: JSONBody[Form]) -> None: ...


@post("/login", sync_to_thread=False)
def login(request: Request[Any, Any, Any]) -> Redirect:
    if "session" in request.scope:
        request.set_session({"user": 7})
    flash(request, "Welcome")
    return InertiaBack(request)


@post("/logout", sync_to_thread=False)
def logout(request: Request[Any, Any, Any]) -> Redirect:
    flash(request, "Bye")
    if "session" in request.scope:
        request.clear_session()
    return Redirect("/")


BACKENDS = ["none", "memory", "file", pytest.param("redis", marks=pytest.mark.services), "cookie"]


@pytest.fixture(params=BACKENDS)
def app(request: pytest.FixtureRequest, site: Path, tmp_path: Path) -> Iterator[Litestar]:
    handlers = [home, save, hop, form, login, logout]
    config = InertiaConfig(secret="s" * 32)
    if request.param == "none":
        yield make_app(site, handlers, config)
        return
    if request.param == "cookie":
        yield make_app(site, handlers, config, middleware=[CookieBackendConfig(secret=b"k" * 16).middleware])
        return
    store: Any = None
    if request.param == "memory":
        store = MemoryStore()
    elif request.param == "file":
        store = FileStore(tmp_path / "sessions", create_directories=True)
    else:
        from redis.asyncio import Redis

        client = Redis(unix_socket_path=request.getfixturevalue("redis_socket"))
        store = RedisStore(client, namespace=tmp_path.name, handle_client_shutdown=True)
    yield make_app(
        site,
        handlers,
        config,
        stores=StoreRegistry({"sessions": store}),
        middleware=[ServerSideSessionConfig(store="sessions").middleware],
    )


def test_everything_survives_two_redirects_and_is_shown_once(app: Litestar) -> None:
    headers = inertia_headers(app)
    with TestClient(app) as client:
        client.post("/save", headers=headers, follow_redirects=False)
        assert client.get("/hop", headers=headers, follow_redirects=False).status_code == 302
        assert client.get("/", headers={"X-Inertia": "true", "X-Inertia-Version": "old"}).status_code == 409
        assert "flash" not in client.get("/", headers=headers | {"Purpose": "prefetch"}).json()
        page = client.get("/", headers=headers).json()
        again = client.get("/", headers=headers).json()
    assert page["flash"] == {"info": ["Saved"], "count": {"n": [1, 2]}}
    assert page["props"]["errors"] == {"name": "is taken"}
    assert (page["clearHistory"], page["preserveFragment"]) == (True, True)
    assert not {"flash", "clearHistory", "preserveFragment"} & again.keys()
    assert again["props"]["errors"] == {}


def test_a_document_shows_it_too(app: Litestar) -> None:
    with TestClient(app) as client:
        page = page_in(client.post("/save").text)
        assert (page["flash"]["info"], page["props"]["errors"]) == (["Saved"], {"name": "is taken"})
        assert "flash" not in page_in(client.get("/").text)


def test_validation_errors_and_bags_survive(app: Litestar) -> None:
    with TestClient(app) as client:
        errors = client.post("/form", json={"age": "x"}, headers=inertia_headers(app, error_bag="signup")).json()[
            "props"
        ]["errors"]
    assert errors == {"signup": {"name": "This field is required.", "age": "Must be a whole number."}}


@pytest.mark.parametrize(("path", "words"), [("/login", "Welcome"), ("/logout", "Bye")])
def test_a_session_that_begins_or_ends_loses_nothing(app: Litestar, path: str, words: str) -> None:
    with TestClient(app) as client:
        client.post("/login", headers=inertia_headers(app))
        assert client.post(path, headers=inertia_headers(app)).json()["flash"] == {"info": [words]}
        assert "flash" not in client.get("/", headers=inertia_headers(app)).json()


def test_two_visitors_see_their_own(app: Litestar) -> None:
    with TestClient(app) as one:
        cookies: dict[str, dict[str, str]] = {}
        for name in ("ada", "bob"):
            one.cookies.clear()
            one.post("/save" if name == "ada" else "/login", headers=inertia_headers(app), follow_redirects=False)
            cookies[name] = dict(one.cookies)
        shown = {}
        for name in ("bob", "ada"):
            one.cookies.clear()
            one.cookies.update(cookies[name])
            shown[name] = one.get("/", headers=inertia_headers(app)).json()["flash"]
    assert shown["ada"]["info"] == ["Saved"]
    assert shown["bob"] == {"info": ["Welcome"]}
