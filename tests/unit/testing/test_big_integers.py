"""Integers beyond 2^53 in the testing kit: pages show integers, and forms send them as the client does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from litestar.response import Redirect
from msgspec import Struct

from litestar_vite.inertia import InertiaConfig, defer, flash_data
from litestar_vite.testing import InertiaTestClient, inert
from tests.support import make_app, make_site
from tests.unit.testing.conftest import failure_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BIG = 2**53 + 1
# Form values are also accepted as text; msgspec reads integers from text up to 64 bits.
integers = st.integers(-(2**63), 2**64 - 1) | st.sampled_from([2**53 - 1, 2**53, -(2**53), BIG, 2**63, 2**64 - 1])


class Row(Struct):
    id: int
    ids: list[int] = []


shown: dict[str, Any] = {}


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {**shown, "big": BIG, "huge": 2**70, "row": Row(BIG, [1, -BIG]), "later": defer(lambda: BIG)}


@get("/query", component="Home", sync_to_thread=False)
def query(id: FromQuery[int]) -> dict[str, Any]:  # noqa: A002 - the name in the URL
    return {"id": id}


@get("/path/{row_id:int}", component="Home", sync_to_thread=False)
def path(row_id: FromPath[int]) -> dict[str, Any]:
    return {"id": row_id}


@post("/json", sync_to_thread=False)
def json_form(request: Request[Any, Any, Any], data: JSONBody[Row]) -> Redirect:
    flash_data(request, "row", data)
    return Redirect("/")


@post("/multipart", sync_to_thread=False)
def multipart(request: Request[Any, Any, Any], data: MultipartBody[Row]) -> Redirect:
    flash_data(request, "row", data)
    return Redirect("/")


@get("/rounded", component="Home", preserve_big_integers=False, sync_to_thread=False)
def rounded() -> dict[str, Any]:
    return {"big": BIG, "marker": {"$bigint": "5"}}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InertiaTestClient]:
    site = make_site(tmp_path_factory.mktemp("site"))
    handlers = [home, query, path, json_form, multipart, rounded]
    app = make_app(site, handlers, InertiaConfig(preserve_big_integers=True))
    with InertiaTestClient(inert(app)) as client:
        yield client


def test_pages_show_integers_as_the_client_reads_them(client: InertiaTestClient) -> None:
    page = client.open("/").where("big", BIG).where("row", Row(BIG, [1, -BIG])).where("huge", 2**70)
    page.where("row", {"id": BIG, "ids": [1, -BIG]}).where_type("big", int).where_type("big", "integer")
    assert "is 9007199254740993; expected 9007199254740992" in failure_of(lambda: page.where("big", BIG - 1))
    page.load_deferred().where("later", BIG).where("huge", 2**70)
    client.visit("/rounded").where("big", BIG).where("marker", {"$bigint": "5"})


@given(integers)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_form_a_query_and_a_path_send_comes_back(client: InertiaTestClient, number: int) -> None:
    client.submit("/json", {"id": number, "ids": [number, 1]}).has_flash("row", Row(number, [number, 1]))
    client.submit("/json", Row(number)).has_flash("row", Row(number))
    client.submit("/multipart", {"id": number}, files={}).has_flash("row", Row(number))
    client.visit("/query", data={"id": number}).where("id", number)
    client.visit(f"/path/{number}").where("id", number)


def test_integers_beyond_64_bits_come_back_too(client: InertiaTestClient) -> None:
    for number in (2**64, -(2**63) - 1, 2**80):
        client.submit("/json", {"id": number}).has_flash("row.id", number)
        client.visit("/query", data={"id": number}).where("id", number)
        client.visit(f"/path/{number}").where("id", number)
