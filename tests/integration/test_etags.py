"""ETags and shared caches never mix documents, pages and partial responses (protocol J69)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import CacheControlHeader, ETag, ResponseHeader
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, InertiaResponse, error, flash
from tests.support import inertia_headers, make_app

pytestmark = pytest.mark.protocol("J69")


@get("/users", sync_to_thread=False, opt={"component": "Users"})
def users(request: Request[Any, Any, Any]) -> Response[Any]:
    if request.headers.get("if-none-match") == '"v7"':
        return Response(None, status_code=304, media_type="text/plain")
    return InertiaResponse({"a": 1, "b": 2}, headers={"ETag": '"v7"'})


def app_of(site: Path, version: str = "1") -> Litestar:
    return make_app(site, [users], InertiaConfig(asset_version=version))


def variants(app: Litestar) -> dict[str, dict[str, str]]:
    version = {"X-Inertia": "true", "X-Inertia-Version": "1"}
    part = {"X-Inertia-Partial-Component": "Users", "X-Inertia-Partial-Data": "a"}
    return {
        "html": {},
        "page": version,
        "part": version | part,
        "other part": version | part | {"X-Inertia-Partial-Data": "b"},
    }


def test_each_variant_has_its_own_etag_and_is_validated_by_it(site: Path) -> None:
    app = app_of(site)
    with TestClient(app) as client:
        etags = {name: client.get("/users", headers=headers).headers["etag"] for name, headers in variants(app).items()}
        assert len(set(etags.values())) == 4
        assert all(etag.startswith('"v7-lv') and etag.endswith('"') for etag in etags.values())
        for name, headers in variants(app).items():
            for other, etag in etags.items():
                answer = client.get("/users", headers={**headers, "If-None-Match": etag})
                assert answer.status_code == (304 if name == other else 200), (name, other)


def test_another_build_has_other_etags(site: Path) -> None:
    with TestClient(app_of(site)) as client:
        etag = client.get("/users").headers["etag"]
    with TestClient(app_of(site, "2")) as client:
        assert client.get("/users").headers["etag"] != etag
        assert client.get("/users", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("given", ['W/"v7"', '"v7", "v8-lv00000000"', "*", "garbage", '"v7'])
def test_other_validators_reach_the_handler_as_they_are(site: Path, given: str) -> None:
    seen: list[str] = []

    @get("/", component="Home", sync_to_thread=False)
    def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        seen.append(request.headers["if-none-match"])
        return {}

    with TestClient(make_app(site, [home])) as client:
        client.get("/", headers={"If-None-Match": given})
    assert seen == [given]


def test_an_etag_of_a_layer_is_tagged_and_one_of_no_page_is_not(site: Path) -> None:
    @get("/", component="Home", etag=ETag(value="x", weak=True), sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {}

    @get("/api", response_headers=[ResponseHeader(name="ETag", value='"y"')], sync_to_thread=False)
    def api() -> dict[str, Any]:
        return {}

    with TestClient(make_app(site, [home, api])) as client:
        assert client.get("/").headers["etag"].startswith('W/"x-lv')
        assert client.get("/api").headers["etag"] == '"y"'


def test_what_one_visitor_saw_is_never_public(site: Path) -> None:
    @get("/", component="Home", cache_control=CacheControlHeader(public=True, max_age=60), sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {}

    @post("/flash", sync_to_thread=False)
    def flashes(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved")
        error(request, "name", "is taken")
        return Redirect("/")

    app = make_app(site, [home, flashes])
    for headers in ({}, inertia_headers(app)):
        with TestClient(app) as client:
            client.post("/flash", headers=headers, follow_redirects=False)
            shown = client.get("/", headers=headers)
            assert "Saved" in shown.text
            assert shown.headers["cache-control"] == "private, no-store"
            usual = client.get("/", headers=headers)
            assert usual.headers["cache-control"] == "max-age=60, public"
            assert "set-cookie" not in usual.headers
