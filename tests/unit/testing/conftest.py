"""The app for the tests of the testing kit, as users would write it: without a build or Node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery, JSONBody, MultipartBody
from litestar.response import Redirect
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaResponse,
    always,
    clear_history,
    deep_merge,
    defer,
    error,
    flash,
    flash_data,
    merge,
    once,
    optional,
    prepend,
    preserve_fragment,
)
from litestar_vite.testing import InertiaTestClient, LivePage

USERS = [{"id": 1, "name": "Ada", "admin": True}, {"id": 2, "name": "Grace", "admin": False}]


class NewUser(Struct):
    name: str
    age: int


@get("/users", component="Users/Index")
async def users() -> dict[str, Any]:
    return {
        "users": USERS,
        "user": {"name": "Ada", "email": None, "tags": ["a", "b"]},
        "total": 2,
        "ratio": 0.5,
        "empty": [],
        "plans": once(lambda: ["free"], key="all-plans", until=3600),
        "feed": merge(lambda: [{"id": 1}], match_on="id"),
        "log": prepend(lambda: ["x"]),
        "tree": deep_merge(lambda: {"a": {}}),
        "secret": optional(lambda: "hidden"),
        "unread": always(lambda: 3),
        "stats": defer(lambda: {"visits": 9}),
        "teams": defer(lambda: ["red"], group="side"),
        "chart": {"points": defer(lambda: [1, 2], group="side")},
    }


@get("/broken", component="Broken")
async def broken() -> dict[str, Any]:
    def fail() -> None:
        raise ConnectionError

    return {"news": defer(fail, rescue=True), "weather": defer(lambda: "sun")}


@get("/form", component="Form")
async def form() -> dict[str, Any]:
    return {"ready": True}


@post("/form")
async def send(request: Request[Any, Any, Any], data: JSONBody[NewUser]) -> Redirect:
    if data.name == "Ada":
        error(request, "name", "Already taken.")
        return InertiaBack(request)
    flash(request, f"{data.name} was added.", "success")
    flash_data(request, "user", {"id": 7})
    return Redirect("/users")


@put("/form")
async def replace(data: JSONBody[NewUser]) -> Redirect:
    return Redirect(f"/hop?name={data.name}", status_code=302)


@delete("/form", status_code=303)
async def destroy() -> Redirect:
    return Redirect("/form")


@post("/upload")
async def upload(request: Request[Any, Any, Any], data: MultipartBody[UploadFile]) -> Redirect:
    flash(request, f"{data.filename}: {len(await data.read())} bytes")
    return Redirect("/form")


@get("/hop")
async def hop() -> Redirect:
    return Redirect("/users")


@get("/away")
async def away(request: Request[Any, Any, Any]) -> InertiaExternalRedirect:
    return InertiaExternalRedirect(request, "https://example.org/login")


@get("/section")
async def section(request: Request[Any, Any, Any]) -> Redirect:
    preserve_fragment(request)
    return Redirect("/users#second")


@get("/logout")
async def logout(request: Request[Any, Any, Any]) -> InertiaResponse[dict[str, Any]]:
    clear_history(request)
    return InertiaResponse({}, component="Bye", encrypt_history=True, status_code=200)


@get("/search", component="Search")
async def search(q: FromQuery[str] = "") -> dict[str, Any]:
    return {"q": q}


@get("/api")
async def api() -> dict[str, Any]:
    return {"plain": True}


@get("/loop")
async def loop() -> Redirect:
    return Redirect("/loop")


@get("/scroll", component="Scroll")
async def scroll_page() -> dict[str, Any]:
    return {"posts": {"data": [1]}}


def not_found(_: Request[Any, Any, Any], __: NotFoundException) -> Response[Any]:
    return InertiaResponse({"status": 404}, component="Errors/Error", status_code=404)


def make_app(root: Path, inertia: InertiaConfig | None = None, **options: Any) -> Litestar:
    config = inertia or InertiaConfig(share={"auth": lambda: {"user": "Ada"}}, asset_version="v1")
    return Litestar(
        [
            users,
            broken,
            form,
            send,
            replace,
            destroy,
            upload,
            hop,
            away,
            section,
            logout,
            search,
            api,
            loop,
            scroll_page,
        ],
        plugins=[VitePlugin(ViteConfig(root=root, inertia=config))],
        exception_handlers={NotFoundException: not_found},
        logging_config=None,
        openapi_config=None,
        **options,
    )


@pytest.fixture
def app(tmp_path: Path) -> Litestar:
    return make_app(tmp_path)


@pytest.fixture
def client(app: Litestar) -> Iterator[InertiaTestClient]:
    with InertiaTestClient(app) as client:
        yield client


@pytest.fixture
def page(client: InertiaTestClient) -> LivePage:
    return client.visit("/users")


def failure_of(assertion: Callable[[], object]) -> str:
    """Run an assertion that must fail, and return its message without the page below it."""
    with pytest.raises(AssertionError) as failed:
        assertion()
    return str(failed.value).split("\n\n", 1)[0]


def answer(body: str, headers: dict[str, str] | None = None, status: int = 200) -> httpx.Response:
    """Return a handmade response, for cases that the server never sends."""
    request = httpx.Request("GET", "http://testserver.local/page?a=1")
    return httpx.Response(status, text=body, headers=headers or {}, request=request)
