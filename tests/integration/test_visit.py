"""`visit(request)`: what a client requests. Prefetches by browsers neither show nor consume flash messages."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, InertiaRedirect, Visit, flash, visit
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, make_site, page_in

SEEN: list[Visit] = []


def look(request: Request[Any, Any, Any], _: Any) -> None:
    SEEN.append(visit(request))


@get("/page", component="Home", guards=[look], sync_to_thread=False)
def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
    SEEN.append(visit(request))
    return {}


@get("/data", guards=[look], sync_to_thread=False)
def data(request: Request[Any, Any, Any]) -> dict[str, Any]:
    SEEN.append(visit(request))
    return {}


@post("/save", sync_to_thread=False)
def save(request: Request[Any, Any, Any]) -> InertiaRedirect:
    flash(request, "Saved")
    return InertiaRedirect(request, "/page")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    return make_app(make_site(tmp_path_factory.mktemp("site")), [page, data, save], InertiaConfig(secret="s"))


CASES: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {"is_inertia": False, "partial_component": None, "only": (), "is_prefetch": False, "error_bag": None}),
    ({"inertia": ""}, {"is_inertia": True, "is_prefetch": False, "is_precognition": False}),
    ({"inertia": "", "Purpose": "prefetch"}, {"is_inertia": True, "is_prefetch": True}),
    (
        {"inertia": "", "X-Inertia-Partial-Component": "Home", "X-Inertia-Partial-Data": "a,b.c"},
        {"partial_component": "Home", "only": ("a", "b.c"), "except_": ()},
    ),
    ({"inertia": "", "X-Inertia-Error-Bag": "login"}, {"error_bag": "login"}),
    ({"Sec-Purpose": "prefetch"}, {"is_inertia": False, "is_prefetch": True}),
    ({"Sec-Purpose": "prefetch;prerender"}, {"is_prefetch": True}),
    ({"Sec-Purpose": "prefetch; anonymous-client-ip"}, {"is_prefetch": True}),
    ({"Purpose": "Prefetch"}, {"is_prefetch": True}),
    ({"X-Moz": "prefetch"}, {"is_prefetch": True}),
    ({"Sec-Purpose": "navigate"}, {"is_prefetch": False}),
]


@pytest.mark.parametrize("target", ["/page", "/data"])
@pytest.mark.parametrize(("headers", "expected"), CASES)
def test_guards_and_handlers_learn_what_is_asked_for(
    app: Litestar, headers: dict[str, str], expected: dict[str, Any], target: str
) -> None:
    SEEN.clear()
    own = {**(inertia_headers(app) if "inertia" in headers else {}), **headers}
    own.pop("inertia", None)
    assert ask(app, "GET", target, own).status == 200
    assert len(SEEN) == 2
    for seen in SEEN:
        assert {name: getattr(seen, name) for name in expected} == expected


@pytest.mark.parametrize(
    "prefetch", [{"Sec-Purpose": "prefetch;prerender"}, {"X-Moz": "prefetch"}, {"Purpose": "prefetch"}]
)
def test_a_prefetched_document_neither_shows_nor_consumes_the_flash_message(
    app: Litestar, prefetch: dict[str, str]
) -> None:
    with TestClient(app) as client:
        client.post("/save", headers=inertia_headers(app), follow_redirects=False)
        assert "flash" not in page_in(client.get("/page", headers=prefetch).text)
        again = {**inertia_headers(app), "Purpose": "prefetch"}
        assert "flash" not in client.get("/page", headers=again).json(), "nor the client's own prefetch"
        assert page_in(client.get("/page").text)["flash"] == {"info": ["Saved"]}
        assert "flash" not in page_in(client.get("/page").text)
