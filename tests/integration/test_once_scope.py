"""Once-props when the visitor becomes another one: after a login, a logout, and in another tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, InertiaResponse, clear_history, defer, once, optional, share_once
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.protocol("D29", "E45")

AnyRequest = Request[Any, Any, Any]


def user_of(request: AnyRequest) -> str | None:
    return request.headers.get("x-user")


def menu(request: AnyRequest) -> str:
    return f"menu of {user_of(request)}"


@get("/", component="Home", sync_to_thread=False)
def home(request: AnyRequest) -> dict[str, Any]:
    name = user_of(request)
    share_once(request, "tips", lambda: f"tips for {name}")
    return {
        "cart": once(lambda: f"cart of {name}"),
        "plans": once(lambda: f"plans of {name}", key="plans", until=60),
        "orders": once(defer(lambda: f"orders of {name}"), key="orders"),
        "late": once(optional(lambda: f"late of {name}")),
    }


@post("/login", sync_to_thread=False)
def login(request: AnyRequest) -> Redirect:
    clear_history(request)
    return Redirect("/")


@get("/left", sync_to_thread=False)
def left(request: AnyRequest) -> InertiaResponse[Any]:
    return InertiaResponse(home.fn(request), component="Home", clear_history=True)


@get("/broken", sync_to_thread=False)
def broken() -> None:
    raise RuntimeError


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Litestar]:
    folder: Path = make_site(tmp_path_factory.mktemp("site"))
    share = {"menu": once(menu)}

    def make(**inertia: Any) -> Litestar:
        config = InertiaConfig(share=share, error_page="Error", **inertia)
        return make_app(folder, [home, login, left, broken], config)

    return make


def page(client: TestClient[Litestar], known: list[str], user: str | None, path: str = "/") -> dict[str, Any]:
    headers = inertia_headers(client.app, except_once_props=",".join(known)) | ({"x-user": user} if user else {})
    found: dict[str, Any] = client.get(path, headers=headers).json()
    return found


EAGER = {"menu", "tips", "cart", "plans"}


def test_once_props_with_a_scope_are_kept_by_one_user_only(make: Callable[..., Litestar]) -> None:
    with TestClient(make(once_scope=user_of)) as client:
        first = page(client, [], "ada")
        keys = [*first["onceProps"]]
        assert {each["prop"] for each in first["onceProps"].values()} == {*EAGER, "orders"}
        assert page(client, keys, "ada")["props"] == {"errors": {}}
        assert "deferredProps" not in page(client, keys, "ada")
        for other in ("bob", None):
            found = page(client, keys, other)
            assert {name: found["props"][name] for name in EAGER} == {
                "menu": f"menu of {other}",
                "tips": f"tips for {other}",
                "cart": f"cart of {other}",
                "plans": f"plans of {other}",
            }
            assert not found["onceProps"].keys() & set(keys), "the client would insert the values that it has"
            assert found["deferredProps"] == {"default": ["orders"]}


def test_the_key_of_a_partial_reload_is_that_of_the_page(make: Callable[..., Litestar]) -> None:
    with TestClient(make(once_scope=user_of)) as client:
        keys = page(client, [], "ada")["onceProps"].keys()
        headers = inertia_headers(client.app, partial_component="Home", partial_data="orders,late") | {"x-user": "ada"}
        partial = client.get("/", headers=headers).json()
        assert partial["props"]["orders"] == "orders of ada"
        scope = next(key.partition("@")[2] for key in keys)
        assert partial["onceProps"].keys() == {f"orders@{scope}", f"late@{scope}"}


def test_the_scope_shows_nothing_of_the_user(make: Callable[..., Litestar]) -> None:
    with TestClient(make(once_scope=lambda _: "ada,@example.org")) as client:
        assert all(key.partition("@")[2].isalnum() for key in page(client, [], None)["onceProps"])


@pytest.mark.parametrize("path", ["/login", "/left"])
@pytest.mark.parametrize("inertia", [{}, {"once_scope": user_of}])
def test_the_page_that_clears_the_history_sends_all_once_props_and_names_none(
    make: Callable[..., Litestar], inertia: dict[str, Any], path: str
) -> None:
    with TestClient(make(**inertia)) as client:
        keys = [*page(client, [], "ada")["onceProps"]]
        if path == "/login":
            client.post(path, headers=inertia_headers(client.app), follow_redirects=False)
        found = page(client, keys, "ada", "/" if path == "/login" else path)
        assert found["clearHistory"] is True
        assert found["props"].keys() == {"errors", *EAGER}
        assert "onceProps" not in found
        assert found["deferredProps"] == {"default": ["orders"]}
        assert page(client, [], "ada")["onceProps"].keys() == set(keys)


def test_a_scope_that_fails_fails_the_page_but_not_an_error_page(make: Callable[..., Litestar]) -> None:
    def no_user(request: AnyRequest) -> Any:
        return request.user

    with TestClient(make(once_scope=no_user), raise_server_exceptions=False) as client:
        assert page(client, [], None)["component"] == "Error"
        for path in ("/unknown", "/broken"):
            found = page(client, [], None, path)
            assert found["component"] == "Error"
            assert found["props"]["menu"] == "menu of None"


def test_without_once_props_the_scope_is_not_asked(make: Callable[..., Litestar]) -> None:
    asked: list[Any] = []
    with TestClient(make(once_scope=asked.append)) as client:
        client.post("/login", headers=inertia_headers(client.app), follow_redirects=False)
        assert not asked
        page(client, [], None)
        page(client, [], None)
        assert asked
