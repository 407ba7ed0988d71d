"""How the client's forms and query strings reach handlers (protocol I66)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from litestar import Litestar, Request, delete, get, patch, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.params import Body, FromQuery, JSONBody, MultipartBody, QueryParameter, URLEncodedBody
from litestar.testing import TestClient
from msgspec import Struct

from tests.support import inertia_headers, make_app

pytestmark = pytest.mark.protocol("I66")


class Line(Struct):
    sku: str
    count: int = 1


class Order(Struct):
    customer: str
    lines: list[Line] = []
    tags: list[str] = []


@get("/list", component="List", sync_to_thread=False)
def listing(
    request: Request[Any, Any, Any],
    tags: FromQuery[list[str] | None] = None,
    status: Annotated[str | None, QueryParameter(name="filter[status]")] = None,
) -> dict[str, Any]:
    return {"tags": tags or [], "status": status, "raw": str(request.query_params.get("tags[0]"))}


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("tags[]=a&tags[]=b", ["a", "b"]),
        ("tags[0]=a&tags[1]=b", ["a", "b"]),
        ("tags%5B0%5D=a&tags%5B1%5D=b", ["a", "b"]),
        ("tags%5B%5D=a", ["a"]),
        ("tags=a&tags=b", ["a", "b"]),
        ("", []),
    ],
)
def test_lists_of_a_query_string_reach_the_handler_and_the_url_stays_as_it_came(
    site: Path, query: str, tags: list[str]
) -> None:
    app = make_app(site, [listing])
    with TestClient(app) as client:
        page = client.get(f"/list?{query}" if query else "/list", headers=inertia_headers(app))
    assert page.json()["props"]["tags"] == tags
    assert page.json()["url"] == (f"/list?{query}" if query else "/list")


def test_other_brackets_keep_their_names(site: Path) -> None:
    app = make_app(site, [listing])
    with TestClient(app) as client:
        props = client.get("/list?filter[status]=open&tags[0]=x", headers=inertia_headers(app)).json()["props"]
    assert (props["status"], props["raw"]) == ("open", "x")


async def filters(
    age: FromQuery[int | None] = 7,
    since: FromQuery[dt.datetime | None] = None,
    at: FromQuery[dt.time | None] = None,
    archived: FromQuery[bool] = False,
    ids: FromQuery[list[int] | None] = None,
) -> dict[str, Any]:
    return {"age": age, "since": str(since), "at": str(at), "archived": archived, "ids": ids or []}


def links(request: Request[Any, Any, Any], numbers: list[int], found: dict[str, Any]) -> dict[str, Any]:
    pairs = [f"{name}={value}" for name, value in request.query_params.items()]
    query = request.scope["query_string"].decode()
    return {**found, "numbers": numbers, "sent": [str(request.url), request.url.query, query, "&".join(pairs)]}


@get("/links", component="Links", dependencies={"found": Provide(filters)})
async def linked_page(
    request: Request[Any, Any, Any], found: NamedDependency[dict[str, Any]], a: FromQuery[list[int] | None] = None
) -> dict[str, Any]:
    return links(request, a or [], found)


@get("/hooked", component="Links", dependencies={"found": Provide(filters)}, after_request=lambda response: response)
async def hooked_page(
    request: Request[Any, Any, Any], found: NamedDependency[dict[str, Any]], a: FromQuery[list[int] | None] = None
) -> dict[str, Any]:
    return links(request, a or [], found)


@post("/act", dependencies={"found": Provide(filters)}, status_code=200)
async def action(
    request: Request[Any, Any, Any], found: NamedDependency[dict[str, Any]], a: FromQuery[list[int] | None] = None
) -> dict[str, Any]:
    return links(request, a or [], found)


def test_the_request_keeps_the_query_string_that_the_browser_has_sent(site: Path) -> None:
    app = make_app(site, [linked_page, hooked_page, action])
    query = "a[]=1&a[]=2&ids[3]=4&age=&since=2026-01-31T10:30&at=10:30&archived=on"
    found = {"age": 7, "since": "2026-01-31 10:30:00", "at": "10:30:00", "archived": True, "ids": [4]}
    with TestClient(app) as client:
        for method, path in (("GET", "/links"), ("GET", "/hooked"), ("POST", "/act")):
            answer = client.request(method, f"{path}?{query}", headers=inertia_headers(app)).json()
            props = answer.get("props", answer)
            sent = props.pop("sent")
            props.pop("errors", None)
            assert props == {**found, "numbers": [1, 2]}
            assert sent == [f"http://testserver.local{path}?{query}", query, query, query]
            assert answer.get("url", f"{path}?{query}") == f"{path}?{query}"


def test_an_invalid_item_of_a_bracketed_list_is_reported_by_the_parameters_name(site: Path) -> None:
    app = make_app(site, [linked_page, action])
    headers = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
    with TestClient(app) as client:
        answer = client.post("/act?a[]=1&a[]=x", headers=headers)
    assert {name.partition(".")[0] for name in answer.json()["errors"]} == {"a"}


ORDER = {"customer": "Ada", "lines": [{"sku": "x", "count": 2}, {"sku": "y"}], "tags": ["new", "gift"]}
FLAT = {
    "customer": "Ada",
    "lines[0][sku]": "x",
    "lines[0][count]": "2",
    "lines[1][sku]": "y",
    "tags[0]": "new",
    "tags[1]": "gift",
}


def handlers(marker: Any) -> list[Any]:
    async def take(data: Any) -> dict[str, Any]:
        assert isinstance(data, Order)
        return {"customer": data.customer, "lines": [[line.sku, line.count] for line in data.lines], "tags": data.tags}

    made = []
    for decorator in (post, put, patch, delete):
        fn = _copy(take)
        fn.__annotations__ = {"data": marker[Order], "return": dict[str, Any]}
        made.append(decorator("/order", status_code=200)(fn))
    return made


def _copy(fn: Any) -> Any:
    import types

    return types.FunctionType(fn.__code__, fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("marker", [JSONBody, MultipartBody, URLEncodedBody], ids=["json", "multipart", "urlencoded"])
def test_bodies_of_every_kind_and_method_reach_the_handler(site: Path, marker: Any, method: str) -> None:
    body: dict[str, Any] = {"json": ORDER} if marker is JSONBody else {"data": FLAT}
    if marker is MultipartBody:
        body["files"] = {"unused": b""}
    app = make_app(site, handlers(marker))
    with TestClient(app) as client:
        answer = client.request(method, "/order", headers=inertia_headers(app), **body)
    assert answer.json() == {"customer": "Ada", "lines": [["x", 2], ["y", 1]], "tags": ["new", "gift"]}


@dataclass
class Gallery:
    title: str
    cover: UploadFile
    photos: list[UploadFile]


def test_files_reach_the_handler_in_nested_places_and_are_closed(site: Path) -> None:
    seen: list[UploadFile] = []

    @post("/gallery")
    async def save(data: MultipartBody[Gallery]) -> dict[str, Any]:
        seen.extend([data.cover, *data.photos])
        return {
            "title": data.title,
            "cover": (await data.cover.read()).decode(),
            "photos": [(await photo.read()).decode() for photo in data.photos],
        }

    app = make_app(site, [save])
    files = [("cover", ("c.txt", b"cover")), ("photos[0]", ("a.txt", b"one")), ("photos[1]", ("b.txt", b"two"))]
    with TestClient(app) as client:
        answer = client.post("/gallery", data={"title": "Trip"}, files=files, headers=inertia_headers(app))
    assert answer.json() == {"title": "Trip", "cover": "cover", "photos": ["one", "two"]}
    assert [file.file.closed for file in seen] == [True] * 3


def test_a_body_that_is_a_list_of_files_takes_those_the_client_has_numbered(site: Path) -> None:
    @post("/files")
    async def save(data: MultipartBody[list[UploadFile]]) -> list[str]:
        return [file.filename for file in data]

    app = make_app(site, [save])
    files = [("files[0]", ("a.txt", b"one")), ("files[1]", ("b.txt", b"two"))]
    with TestClient(app) as client:
        assert client.post("/files", files=files, headers=inertia_headers(app)).json() == ["a.txt", "b.txt"]


def test_a_form_that_a_handler_reads_itself_keeps_its_names(site: Path) -> None:
    @post("/raw")
    async def raw(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return dict((await request.form()).items())

    app = make_app(site, [raw])
    with TestClient(app) as client:
        assert client.post("/raw", data={"a[0]": "x"}, headers=inertia_headers(app)).json() == {"a[0]": "x"}


def test_the_limit_of_one_body_counts_its_parts_and_names_are_nested(site: Path) -> None:
    @post("/few", status_code=200)
    async def few(data: Annotated[Order, Body(media_type="multipart/form-data", multipart_form_part_limit=6)]) -> str:
        return ",".join(line.sku for line in data.lines)

    app = make_app(site, [few])
    with TestClient(app) as client:
        files = [(name, (None, value)) for name, value in FLAT.items()]
        assert client.post("/few", files=files).text == "x,y"
        assert client.post("/few", files=[*files, ("more", (None, "1"))]).status_code == 400


def test_a_form_of_too_many_parts_is_refused_as_litestar_refuses_it(site: Path) -> None:
    answers = []
    for make in (
        lambda made: make_app(site, made, multipart_form_part_limit=3),
        lambda made: Litestar(made, multipart_form_part_limit=3),
    ):
        with TestClient(make(handlers(MultipartBody))) as client:
            answer = client.post("/order", data=FLAT, files={"f": b""})
            answers.append((answer.status_code, answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] in {400, 413}
