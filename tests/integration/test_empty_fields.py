"""How empty fields of forms and query strings reach handlers (protocol I66)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypedDict, TypeVar

import attrs
import pydantic
import pytest
from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.dto import DTOConfig, MsgspecDTO
from litestar.params import FromQuery, JSONBody, MultipartBody, QueryParameter, URLEncodedBody
from litestar.testing import TestClient
from msgspec import Meta, Struct

from tests.support import inertia_headers, make_app

pytestmark = pytest.mark.protocol("I66")


class Size(Enum):
    SMALL = "s"


class StructForm(Struct):
    title: str | None
    age: int | None
    born: dt.date | None = dt.date(2000, 1, 1)


@dataclass
class DataclassForm:
    title: str | None
    age: int | None
    born: dt.date | None = dt.date(2000, 1, 1)


@attrs.define
class AttrsForm:
    title: str | None
    age: int | None
    born: dt.date | None = dt.date(2000, 1, 1)


class PydanticForm(pydantic.BaseModel):
    title: str | None
    age: int | None = pydantic.Field(ge=0)
    born: dt.date | None = pydantic.Field(dt.date(2000, 1, 1), alias="bornOn")


class TypedForm(TypedDict):
    title: str | None
    age: int | None
    born: dt.date | None


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


FORMS = [StructForm, DataclassForm, AttrsForm, PydanticForm, TypedForm]


@pytest.mark.parametrize("marker", [MultipartBody, URLEncodedBody], ids=["multipart", "urlencoded"])
@pytest.mark.parametrize("form", FORMS)
def test_an_empty_field_is_none_where_it_cannot_be_a_text(site: Path, form: Any, marker: Any) -> None:
    seen: list[Any] = []

    async def save(data: Any) -> None:
        seen.append(
            dict(data)
            if isinstance(data, (dict, pydantic.BaseModel))
            else {n: getattr(data, n) for n in ("title", "age", "born")}
        )

    save.__annotations__["data"] = marker[form]
    app = make_app(site, [post("/save")(save)])
    with TestClient(app) as client:
        name = "bornOn" if form is PydanticForm else "born"
        sent: dict[str, Any] = {"data": {"title": "", "age": "", name: ""}}
        if marker is MultipartBody:
            sent["files"] = {"unused": b""}
        answer = client.post(
            "/save", headers={**inertia_headers(app), "Referer": "/form"}, follow_redirects=False, **sent
        )
    assert answer.status_code == 303, answer.text
    assert seen == [{"title": "", "age": None, "born": None}]


class Line(Struct):
    count: int | None
    note: str = "none"


class Mixed(Struct):
    lines: list[Line]
    by_name: dict[str, int | None]
    code: Annotated[str, Meta(min_length=2)] | None = "xx"
    choice: Literal["", "a"] | None = "a"
    size: Size | None = Size.SMALL
    document: UploadFile | None = None
    numbers: list[int | None] = []


def test_empty_fields_of_every_depth_and_kind(site: Path) -> None:
    seen: list[Mixed] = []

    @post("/save")
    async def save(data: MultipartBody[Mixed]) -> None:
        seen.append(data)

    app = make_app(site, [save])
    fields = {"lines[0][count]": "", "lines[0][note]": "", "lines[1][count]": "2", "by_name[a]": "", "by_name[b]": "1"}
    blank = dict.fromkeys(("code", "choice", "size", "document"), "")
    with TestClient(app) as client:
        sent = {**fields, **blank, "numbers[]": ["", "3"]}
        answer = client.post(
            "/save", data=sent, files={"unused": b""}, headers=inertia_headers(app), follow_redirects=False
        )
    assert answer.status_code == 303, answer.text
    assert seen == [
        Mixed(
            lines=[Line(None, ""), Line(2)],
            by_name={"a": None, "b": 1},
            code=None,
            choice="",
            size=None,
            document=None,
            numbers=[None, 3],
        )
    ]


class Strict(Struct):
    age: int
    born: dt.date | None = None


def test_an_empty_field_that_must_not_be_none_gets_its_message(site: Path) -> None:
    @post("/save")
    async def save(data: MultipartBody[Strict]) -> None:
        raise AssertionError(data)

    app = make_app(site, [save, home])
    with TestClient(app) as client:
        page = client.post(
            "/save", data={"age": "", "born": ""}, files={"unused": b""}, headers=inertia_headers(app)
        ).json()
    assert page["props"]["errors"] == {"age": "This field is required."}


class Renamed(Struct):
    line_count: int | None = 7
    sent_at: dt.datetime | None = None


class RenamedDTO(MsgspecDTO[Renamed]):
    config = DTOConfig(rename_strategy="camel")


def test_behind_a_dto_the_names_of_the_wire_count(site: Path) -> None:
    seen: list[Renamed] = []

    @post("/save", dto=RenamedDTO, return_dto=None)
    async def save(data: MultipartBody[Renamed]) -> None:
        seen.append(data)

    app = make_app(site, [save])
    with TestClient(app) as client:
        sent = {"lineCount": "", "sentAt": ""}
        client.post("/save", data=sent, files={"unused": b""}, headers=inertia_headers(app), follow_redirects=False)
    assert seen == [Renamed(None, None)]


def test_json_of_other_clients_says_what_it_means(site: Path) -> None:
    @post("/save")
    async def save(data: JSONBody[StructForm]) -> None:
        raise AssertionError(data)

    app = make_app(site, [save])
    with TestClient(app) as client:
        assert client.post("/save", json={"title": "", "age": ""}).status_code == 400


@get("/find", component="Find", sync_to_thread=False)
def find(
    request: Request[Any, Any, Any],
    q: FromQuery[str | None] = None,
    age: FromQuery[int | None] = 18,
    since: Annotated[dt.date | None, QueryParameter(name="filter[since]")] = None,
    page: FromQuery[int] = 1,
) -> dict[str, Any]:
    return {"q": q, "age": age, "since": since, "page": page, "url": request.url.query}


@pytest.mark.parametrize("is_inertia", [True, False])
def test_an_empty_parameter_that_cannot_be_a_text_is_left_out(site: Path, *, is_inertia: bool) -> None:
    app = make_app(site, [find])
    with TestClient(app) as client:
        headers = inertia_headers(app) if is_inertia else {"Accept": "text/html"}
        answer = client.get("/find?q=&age=&filter[since]=&page=2", headers=headers)
    assert answer.status_code == 200, answer.text
    if is_inertia:
        page = answer.json()
        assert page["url"] == "/find?q=&age=&filter[since]=&page=2"
        assert {name: page["props"][name] for name in ("q", "age", "since", "page")} == {
            "q": "",
            "age": 18,
            "since": None,
            "page": 2,
        }


def test_an_empty_parameter_that_must_not_be_none_is_refused_as_before(site: Path) -> None:
    app = make_app(site, [find])
    with TestClient(app) as client:
        assert client.get("/find?page=").status_code == 400


T = TypeVar("T")


class Envelope(Struct, Generic[T]):
    item: T
    count: int


def test_errors_of_a_generic_body_name_every_field(site: Path) -> None:
    @post("/save")
    async def save(data: JSONBody[Envelope[Strict]]) -> None:
        raise AssertionError(data)

    app = make_app(site, [save, home])
    with TestClient(app) as client:
        page = client.post(
            "/save", json={"item": {"age": "x", "born": "y"}, "count": "z"}, headers=inertia_headers(app)
        ).json()
    assert page["props"]["errors"] == {
        "item.age": "Must be a whole number.",
        "item.born": "Must be a date.",
        "count": "Must be a whole number.",
    }


class Ship(Struct, tag="ship"):
    name: str
    tons: int | None
    built: dt.datetime | None


class Plane(Struct, tag="plane"):
    seats: int


class Cash(pydantic.BaseModel):
    kind: Literal["cash"]
    amount: int | None = pydantic.Field(validation_alias=pydantic.AliasChoices("amount", "sum"))
    on: dt.datetime | None = None


class Card(pydantic.BaseModel):
    kind: Literal["card"]
    number: int
    expires: dt.date | None = None


class Bill(pydantic.BaseModel):
    payment: Annotated[Cash | Card, pydantic.Field(discriminator="kind")]
    others: list[Cash | Card] = []
    note: str = pydantic.Field("", validation_alias=pydantic.AliasPath("notes", 0))
    words: list[str] = pydantic.Field([], validation_alias=pydantic.AliasPath("notes"))
    model_config = pydantic.ConfigDict(extra="ignore")


class Travel(Struct):
    by: Ship | Plane | None = None
    legs: list[Ship | Plane] = []


UNIONS: list[tuple[Any, dict[str, Any], Any]] = [
    (
        Travel,
        {"by": {"type": "ship", "name": "", "tons": "", "built": "2026-01-31T10:30"}},
        Travel(Ship("", None, dt.datetime(2026, 1, 31, 10, 30))),  # noqa: DTZ001 - as it was sent
    ),
    (
        Travel,
        {"legs": [{"type": "plane", "seats": "3"}, {"type": "ship", "name": "a", "tons": "", "built": ""}]},
        Travel(None, [Plane(3), Ship("a", None, None)]),
    ),
    (Ship | Plane, {"type": "ship", "name": "a", "tons": "", "built": ""}, Ship("a", None, None)),
    (
        Bill,
        {"payment": {"kind": "cash", "sum": "", "on": ""}, "others": [{"kind": "card", "number": "1", "expires": ""}]},
        Bill(payment=Cash(kind="cash", amount=None), others=[Card(kind="card", number=1)]),
    ),
]


@pytest.mark.parametrize("tag", [[[["cash"]]], {"cash": {}}, None, 1.5, "cheque", ""])
def test_a_tag_that_chooses_no_model_is_an_error_of_its_field(site: Path, tag: Any) -> None:
    @post("/save")
    async def save(data: JSONBody[Bill]) -> None: ...

    app = make_app(site, [save])
    with TestClient(app) as client:
        sent = {"payment": {"kind": tag, "amount": ""}}
        answer = client.post("/save", json=sent, headers={**inertia_headers(app), "Precognition": "true"})
    assert answer.status_code == 422
    assert answer.json()["errors"].keys() == {"payment.kind"}


def in_brackets(value: Any, name: str = "") -> dict[str, str]:
    """Return a nested value as form fields with names in brackets."""
    if isinstance(value, str):
        return {name: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return {
        field: text
        for key, part in parts
        for field, text in in_brackets(part, f"{name}[{key}]" if name else str(key)).items()
    }


@pytest.mark.parametrize("arrived", ["json", "form"])
@pytest.mark.parametrize(("model", "sent", "expected"), UNIONS)
def test_the_tag_of_a_union_chooses_the_model_of_its_inputs(
    site: Path, model: Any, sent: dict[str, Any], expected: Any, arrived: str
) -> None:
    seen: list[Any] = []

    async def save(data: Any) -> None:
        seen.append(data)

    save.__annotations__["data"] = MultipartBody[model]
    app = make_app(site, [post("/save")(save)])
    with TestClient(app) as client:
        body: dict[str, Any] = {"json": sent} if arrived == "json" else {"data": in_brackets(sent)}
        answer = client.post("/save", **body, headers=inertia_headers(app), follow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert seen == [expected]
