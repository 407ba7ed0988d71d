"""Handlers with a component that return another response, and routes of the app at the URL of the built files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Controller, Litestar, Response, Router, asgi, get
from litestar.params import FromPath
from litestar.response import File, Redirect
from litestar.static_files import create_static_files_router
from litestar.testing import TestClient

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import InertiaResponse
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


class Mine(Response[Any]):
    """A response class that is not a page."""


# A page's response_class


def test_a_response_class_of_a_page_that_makes_no_page_is_refused(site: Path) -> None:
    @get("/", component="Home", response_class=Mine, sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {}

    with pytest.raises(ConfigError, match=r"response_class Mine.*inherit from InertiaResponse"):
        make_app(site, [home])


def test_a_response_class_of_a_layer_is_for_the_handlers_without_a_component(site: Path) -> None:
    @get("/page", component="Home", sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {}

    @get("/data", sync_to_thread=False)
    def data() -> dict[str, Any]:
        return {"n": 1}

    class Marked(Response[Any]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.headers["x-mine"] = "yes"

    app = make_app(site, [Router("/", route_handlers=[page, data], response_class=Marked)])
    with TestClient(app) as client:
        assert client.get("/page", headers=inertia_headers(app)).json()["component"] == "Home"
        assert client.get("/data").headers["x-mine"] == "yes"


# Handlers with a component that return a Response


class Returning(Controller):
    @get("/data", component="Home", sync_to_thread=False)
    def data(self) -> Response[dict[str, int]]:
        return Response({"n": 1}, headers={"x-mine": "yes"})

    @get("/text", component="Home", status_code=202, sync_to_thread=False)
    def text(self) -> Any:
        return Response("text", media_type="text/plain")

    @get("/error", component="Home", sync_to_thread=False)
    def error(self) -> Response[Any]:
        return Response({"detail": "gone"}, status_code=410)

    @get("/empty", component="Home", sync_to_thread=False)
    def empty(self) -> Response[Any]:
        return Response(None, status_code=204)

    @get("/away", component="Home", sync_to_thread=False)
    def away(self) -> Redirect:
        return Redirect("/data")

    @get("/file", component="Home", sync_to_thread=False)
    def file(self) -> File:
        return File(__file__, filename="a.py")

    @get("/download", component="Home", sync_to_thread=False)
    def download(self) -> Response[bytes]:
        return Response(b"a,b", headers={"Content-Disposition": "attachment"})

    @get("/page", component="Home", sync_to_thread=False)
    def page(self) -> InertiaResponse[Any]:
        return InertiaResponse({"n": 1})

    @get("/plain", sync_to_thread=False)
    def plain(self) -> Response[Any]:
        return Response({"n": 1})


@pytest.fixture
def client(site: Path) -> TestClient[Litestar]:
    return TestClient(make_app(site, [Returning]))


@pytest.mark.parametrize("path", ["/data", "/text"])
def test_a_response_of_data_to_an_inertia_visit_is_sent_and_named_once(
    client: TestClient[Litestar], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    for _ in range(2):
        assert "x-inertia" not in client.get(path, headers=inertia_headers(client.app)).headers
    (message,) = [each.getMessage() for each in caplog.records if each.name == "litestar_vite.inertia"]
    assert f"Returning.{path[1:]}" in message
    assert "returned a Response" in message
    assert "Return the props, or InertiaResponse(props" in message


@pytest.mark.parametrize("path", ["/error", "/empty", "/away", "/file", "/download", "/page", "/plain"])
def test_what_the_client_can_follow_is_not_named(
    client: TestClient[Litestar], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client.get(path, headers=inertia_headers(client.app), follow_redirects=False)
    assert not [each for each in caplog.records if each.name == "litestar_vite.inertia"]


def test_a_browser_gets_the_response_and_nothing_is_logged(
    client: TestClient[Litestar], caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/data")
    assert (answer.json(), answer.headers["x-mine"]) == ({"n": 1}, "yes")
    assert not [each for each in caplog.records if each.name == "litestar_vite.inertia"]


# Routes of the app at the URL of the built files


@get("/{name:str}", sync_to_thread=False)
def by_name(name: FromPath[str]) -> str:
    return name


@asgi("/static", is_mount=True, copy_scope=True)
async def mounted(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(scope, receive, send)


def files_of(path: str) -> Callable[[Path], Any]:
    return lambda folder: create_static_files_router(path=path, directories=[folder])


TAKEN: dict[str, Callable[[Path], Any]] = {
    "files": files_of("/static"),
    "parameter": lambda _: Router("/static", route_handlers=[by_name]),
    "mounted": lambda _: mounted,
}
VITE: dict[str, dict[str, Any]] = {"production": {}, "development": {"dev_mode": True, "entry": "src/app.tsx"}}


@pytest.mark.parametrize("mode", VITE)
@pytest.mark.parametrize("kind", TAKEN)
def test_a_router_at_the_url_of_the_built_files_is_refused_in_production_and_development(
    site: Path, kind: str, mode: str
) -> None:
    with pytest.raises(ConfigError, match=r"'/static.* and the built files .* ViteConfig\.asset_url"):
        make_app(site, [TAKEN[kind](site)], vite=VITE[mode])


def test_a_router_at_static_is_served_when_the_built_files_have_another_url(site: Path) -> None:
    (site / "own").mkdir()
    (site / "own" / "mine.txt").write_text("mine")
    for path, vite in (("/static", {"asset_url": "/built/"}), ("/static/own", {}), ("/", {})):
        app = make_app(site, [files_of(path)(site / "own")], vite=vite)
        with TestClient(app) as client:
            assert client.get(f"{path}/mine.txt".replace("//", "/")).text == "mine"
            assert client.get(f"{vite.get('asset_url', '/static/')}assets/app-a1.js").status_code == 200
