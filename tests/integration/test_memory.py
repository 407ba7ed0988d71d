"""Memory: apps, requests and pages are freed once nothing uses them.

A reference cycle through a Struct with `gc=False` is never collected. These tests would find it.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.params import JSONBody
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, InertiaResponse, always, defer, merge, optional, scroll, share
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_logging() -> Iterator[None]:
    """Disable logging: pytest's log records would keep the HTTP client's requests alive."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def _living(*types: type) -> int:
    gc.collect()
    return sum(isinstance(thing, types) for thing in gc.get_objects())


def _app(site: Path) -> Litestar:
    async def later() -> list[int]:
        return [1, 2, 3]

    @get("/", component="Home")
    async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        share(request, "who", lambda: request.url.path)
        return {
            "now": 1,
            "later": defer(later),
            "some": merge([request.url.path]),
            "lazy": lambda: request.method,
            "on": optional(lambda: request),
            "all": always(lambda: {"url": request.url.path}),
            "rows": scroll({"data": [1]}, metadata={"current_page": 1}),
        }

    @get("/made")
    async def made(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
        return InertiaResponse({"lazy": lambda: request.method}, component="Made")

    @get("/plain", component="Plain")
    async def plain() -> dict[str, Any]:
        return {"a": 1}

    @post("/save", component="Home")
    async def save(data: JSONBody[dict[str, int]]) -> dict[str, Any]:
        return data

    sessions = CookieBackendConfig(secret=b"0" * 32)
    return make_app(
        site,
        [home, made, plain, save],
        InertiaConfig(share={"version": lambda: 1}),
        middleware=[sessions.middleware],
    )


def _visit(app: Litestar) -> None:
    with TestClient(app) as client:
        for path in ("/", "/made", "/plain"):
            assert client.get(path).status_code == 200
            assert client.get(path, headers=inertia_headers(app)).status_code == 200
        partial = inertia_headers(app, partial_component="Home", partial_data="later,rows")
        assert client.get("/", headers=partial).json()["props"]["later"] == [1, 2, 3]
        refused = client.post("/save", json={"a": "x"}, headers=inertia_headers(app), follow_redirects=False)
        assert refused.status_code == 303


def test_an_app_that_nothing_uses_is_collected(site: Path) -> None:
    _visit(_app(site))  # The first app fills the libraries' caches.
    before = _living(Litestar)
    for _ in range(3):
        _visit(_app(site))
    kept = _living(Litestar) - before
    assert kept <= _kept_by_litestar()


def _kept_by_litestar() -> int:
    """Return how many of three apps without the plugin are not freed: none, but all of them with Litestar 2.22."""
    before = _living(Litestar)
    for _ in range(3):

        @get("/")
        async def plain() -> dict[str, int]:
            return {}

        with TestClient(Litestar([plain], logging_config=None)) as client:
            assert client.get("/").status_code == 200
    return _living(Litestar) - before


def test_requests_leave_nothing_behind(site: Path) -> None:
    app = _app(site)
    with TestClient(app) as client:

        def run(times: int) -> None:
            for _ in range(times):
                client.get("/")
                client.get("/", headers=inertia_headers(app))
                client.get("/made")
                partial = inertia_headers(app, partial_component="Home", partial_data="later,rows")
                client.get("/", headers=partial)
                client.post("/save", json={"a": "x"}, headers=inertia_headers(app), follow_redirects=False)

        rounds = 60
        run(5)
        gc.collect()
        before = Counter(type(thing).__qualname__ for thing in gc.get_objects())
        run(rounds)
        gc.collect()
        after = Counter(type(thing).__qualname__ for thing in gc.get_objects())
    # Caches may gain a few entries. A leak would add at least one object per round.
    grown = {name: count for name, count in (after - before).items() if count >= rounds}
    assert not grown, grown
