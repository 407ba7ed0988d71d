"""No data of one visitor reaches another: caches of every kind, error messages, and steps that the early exit of plain
pages must not skip.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from litestar import Request, get, post
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency, Provide
from litestar.exceptions import PermissionDeniedException
from litestar.middleware import DefineMiddleware
from litestar.params import FromPath, JSONBody
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, InertiaResponse, defer, flash, share
from litestar_vite.inertia._page.request import _remembered_url, page_url
from tests.support import VARY_OF_KEPT_PAGES, inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path

    from litestar.types import ASGIApp, Message, Receive, Scope, Send

SECRET = "dsn=postgres://app:s3cret@db/prod"


@get("/flash", component="Flash")
async def set_flash(request: Request[Any, Any, Any]) -> dict[str, Any]:
    flash(request, "Ada paid invoice 17")
    return {}


@get("/news", component="News", cache=60)
async def cached_news() -> dict[str, Any]:
    return {"news": [1]}


@get("/public", component="News", cache_control=CacheControlHeader(max_age=60, public=True))
async def public_news() -> dict[str, Any]:
    return {"news": [1]}


@get("/max-age", component="News", cache_control=CacheControlHeader(max_age=60))
async def aging_news(request: Request[Any, Any, Any]) -> dict[str, Any]:
    if request.query_params.get("flash"):
        flash(request, "Ada paid invoice 17")
    return {"news": [1]}


def test_a_prefetch_that_shows_flash_is_not_kept_for_others(site: Path) -> None:
    app = make_app(site, [cached_news, public_news, aging_news, leave_flash])
    with TestClient(app, base_url="http://testserver.local") as client:
        headers = inertia_headers(app)
        client.get("/leave", headers=headers, follow_redirects=False)
        for path in ("/news", "/public"):
            assert "flash" not in client.get(path, headers={**headers, "Purpose": "prefetch"}).json()
        own = client.get("/max-age?flash=1", headers={**headers, "Purpose": "prefetch"})
        assert own.json()["flash"] == {"info": ["Ada paid invoice 17"]}
        assert own.headers["cache-control"] == "private, no-store"
        client.cookies.clear()  # Another visitor.
        assert "flash" not in client.get("/news", headers=headers).json()


@get("/leave")
async def leave_flash(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
    from litestar_vite.inertia import InertiaRedirect

    flash(request, "Ada paid invoice 17")
    return InertiaRedirect(request, "/")  # type: ignore[return-value]


def test_a_page_with_flash_is_never_kept_by_any_cache(site: Path) -> None:
    app = make_app(site, [aging_news])
    with TestClient(app) as client:
        assert client.get("/max-age").headers["cache-control"] == "max-age=60"
        answer = client.get("/max-age?flash=1")
        assert page_in(answer.text)["flash"] == {"info": ["Ada paid invoice 17"]}
        assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("cache_control", ["public, max-age=60", "max-age=60", "s-maxage=60, max-age=0"])
def test_the_csrf_cookie_is_not_set_beside_headers_that_let_shared_caches_keep_it(
    site: Path, cache_control: str
) -> None:
    class Caching:
        """A middleware of the app that adds the header after the page was created."""

        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def sender(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"cache-control", cache_control.encode())]
                await send(message)

            await self.app(scope, receive, sender)

    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {"a": 1}

    app = make_app(site, [home], csrf_config=CSRFConfig(secret="s" * 32), middleware=[DefineMiddleware(Caching)])
    with TestClient(app) as client:
        for _ in range(2):  # The early exit inspects a route on its first request.
            answer = client.get("/")
            assert answer.headers["cache-control"] == cache_control
            assert "set-cookie" not in answer.headers


def test_an_answer_that_may_be_kept_names_all_that_changes_it(site: Path) -> None:
    app = make_app(site, [aging_news, set_flash])
    with TestClient(app) as client:
        vary = {name.strip().lower() for name in client.get("/max-age").headers["vary"].split(",")}
        assert vary >= set(VARY_OF_KEPT_PAGES)
        assert client.get("/flash").headers["vary"] == "X-Inertia"


class Refusing(msgspec.Struct):
    street: str

    def __post_init__(self) -> None:
        msg = f"SELECT * FROM zips WHERE {SECRET}"
        raise RuntimeError(msg)


class Order(msgspec.Struct):
    qty: int
    address: Refusing


@post("/orders")
async def order(data: JSONBody[Order]) -> InertiaResponse[Any]:
    return InertiaResponse({"qty": data.qty}, component="Order")


@get("/", component="Home")
async def home() -> dict[str, Any]:
    return {}


def test_an_exception_in_a_model_is_no_message_of_a_field(site: Path) -> None:
    app = make_app(site, [order, home])
    with TestClient(app, base_url="http://testserver.local") as client:
        body = {"qty": "x", "address": {"street": "a"}}
        assert (
            client.post("/orders", json=body, headers=inertia_headers(app), follow_redirects=False).status_code == 303
        )
        errors = client.get("/", headers=inertia_headers(app)).json()["props"]["errors"]
        assert errors == {"qty": "Must be a whole number."}


@post("/numbers")
async def numbers(data: JSONBody[list[int]]) -> InertiaResponse[Any]:
    return InertiaResponse({"count": len(data)}, component="Order")


def test_a_large_form_with_one_error_is_not_searched_for_ever(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conversions = 0
    convert = msgspec.convert

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal conversions
        conversions += 1
        return convert(*args, **kwargs)

    app = make_app(site, [numbers, home])
    with TestClient(app, base_url="http://testserver.local") as client:
        monkeypatch.setattr(msgspec, "convert", counted)
        body = [*range(200_000), "x"]
        assert (
            client.post("/numbers", json=body, headers=inertia_headers(app), follow_redirects=False).status_code == 303
        )
        assert conversions < 5_000
        errors = client.get("/", headers=inertia_headers(app)).json()["props"]["errors"]
        assert len(errors) == 1


class TenantRequest(Request[Any, Any, Any]):
    @property
    def tenant(self) -> str:
        return self.headers.get("host", "")


async def body_length(request: Request[Any, Any, Any]) -> int:
    # Litestar reads the maximum body size from the route.
    return len(await request.body()) if "route_handler" in request.scope else 0


@pytest.mark.parametrize("debug", [True, False])
def test_shares_get_the_apps_own_request_on_every_page(site: Path, debug: bool) -> None:
    @get("/plain", component="Plain")
    async def plain() -> dict[str, Any]:
        return {}

    @get("/flashed", component="Plain")
    async def flashed(request: Request[Any, Any, Any]) -> dict[str, Any]:
        flash(request, "hello")
        return {}

    @get("/made")
    async def made() -> InertiaResponse[Any]:
        return InertiaResponse({}, component="Plain")

    @get("/fails")
    async def fails() -> None:
        raise PermissionDeniedException

    inertia = InertiaConfig(
        share={"tenant": lambda request: request.tenant, "length": body_length},
        error_page="Error",
        asset_version=lambda r: r.tenant,
    )
    app = make_app(site, [plain, flashed, made, fails], inertia, request_class=TenantRequest, debug=debug)
    with TestClient(app, base_url="http://tenant.example") as client:
        for path in ("/plain", "/flashed", "/made", "/fails", "/nowhere"):
            page = page_in(client.get(path, headers={"Accept": "text/html"}).text)
            assert (path, page["props"]["tenant"]) == (path, "tenant.example")
            assert (path, page["props"]["length"], page["version"]) == (path, 0, "tenant.example")


def test_flash_set_by_a_share_is_shown_on_a_plain_page(site: Path) -> None:
    def greet(request: Request[Any, Any, Any]) -> str:
        flash(request, "Welcome")
        share(request, "more", 1)
        return "Ada"

    app = make_app(site, [home], InertiaConfig(share={"user": greet}))
    with TestClient(app) as client:
        for _ in range(2):
            page = client.get("/", headers=inertia_headers(app)).json()
            assert page["flash"] == {"info": ["Welcome"]}
            assert page["props"]["user"] == "Ada"
            assert page["props"]["more"] == 1


def test_a_dependency_that_takes_a_body_that_is_not_there_gets_its_default(site: Path) -> None:
    async def payload(data: JSONBody[dict[str, Any] | None] = None) -> str:
        return f"data={data}"

    @get("/", component="Home", dependencies={"payload": Provide(payload)})
    async def with_payload(payload: NamedDependency[str]) -> dict[str, Any]:
        return {"payload": payload}

    app = make_app(site, [with_payload])
    with TestClient(app) as client:
        for _ in range(2):
            assert client.get("/", headers=inertia_headers(app)).json()["props"]["payload"] == "data=None"


def test_encoders_of_one_response_are_not_kept(site: Path) -> None:
    @get("/")
    async def made() -> InertiaResponse[Any]:
        return InertiaResponse({"x": dataclasses.make_dataclass("X", [])()}, component="X", type_encoders={int: str})

    app = make_app(site, [made])
    with TestClient(app) as client:
        for _ in range(20):
            client.get("/")
        context = app.state["litestar_vite.inertia"]
        assert len(context.recipes) < 5


def test_names_of_props_that_are_made_up_for_each_request_are_not_kept(site: Path) -> None:
    @get("/{number:int}", component="X")
    async def page(number: FromPath[int]) -> dict[str, Any]:
        return {f"{number}-{index}": defer(lambda: 1) for index in range(300)}

    app = make_app(site, [page])
    with TestClient(app) as client:
        for number in range(10):
            deferred = client.get(f"/{number}", headers=inertia_headers(app)).json()["deferredProps"]["default"]
            assert deferred == [f"{number}-{index}" for index in range(300)]
        recipes = app.state["litestar_vite.inertia"].recipes.values()
    assert sum(len(recipe.known or ()) for recipe in recipes) <= 2048


def test_long_urls_are_not_remembered() -> None:
    before = _remembered_url.cache_info().currsize
    for number in range(50):
        assert page_url(b"/", "/", "", b"q=" + b"%d" % number * 30_000).startswith("/?q=")
    assert _remembered_url.cache_info().currsize == before


def test_precognition_is_exactly_what_the_client_sends(site: Path) -> None:
    ran: list[str] = []

    @post("/json")
    async def save() -> dict[str, int]:
        ran.append("ran")
        return {"a": 1}

    app = make_app(site, [save])
    with TestClient(app) as client:
        assert client.post("/json", headers={"Precognition": "true"}).status_code == 204
        assert not ran
        answer = client.post("/json", headers={"Precognition": "True"})
        assert (answer.status_code, ran) == (201, ["ran"])
        assert "precognition" not in answer.headers
