"""Bodies are read by their content type, whatever the handler declares, for every kind of model (protocol I66)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict
from urllib.parse import urlencode

import attrs
import pydantic
import pytest
from litestar import Litestar, Request, post
from litestar.datastructures import UploadFile
from litestar.dto import DataclassDTO, DTOConfig, MsgspecDTO
from litestar.params import JSONBody, MultipartBody, URLEncodedBody
from litestar.plugins.pydantic import PydanticDTO
from msgspec import Struct

from tests.integration.asgi import Answer, ask
from tests.support import make_app, make_site

pytestmark = pytest.mark.protocol("I66")

Pairs = list[tuple[str, Any]]
DECLARED: dict[str, Any] = {"json": JSONBody, "urlencoded": URLEncodedBody, "multipart": MultipartBody}
TYPES = {
    "json": "application/json",
    "urlencoded": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=b",
}
USE_HTTP = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
NO_FILE = ("", "")


class StructProfile(Struct, forbid_unknown_fields=True):
    name: str
    avatar: UploadFile | None
    age: int | None
    due: dt.date | None
    starts: dt.datetime | None
    at: dt.time | None
    news: bool = False
    tags: list[str] = []
    photos: list[UploadFile] = []


@dataclass
class DataclassProfile:
    name: str
    avatar: UploadFile | None
    age: int | None
    due: dt.date | None
    starts: dt.datetime | None
    at: dt.time | None
    news: bool = False
    tags: list[str] = field(default_factory=list)
    photos: list[UploadFile] = field(default_factory=list)


@attrs.define
class AttrsProfile:
    name: str
    avatar: UploadFile | None
    age: int | None
    due: dt.date | None
    starts: dt.datetime | None
    at: dt.time | None
    news: bool = False
    tags: list[str] = attrs.field(factory=list)
    photos: list[UploadFile] = attrs.field(factory=list)


class PydanticProfile(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    name: str
    avatar: UploadFile | None
    age: int | None
    due: dt.date | None
    starts: dt.datetime | None
    at: dt.time | None
    news: bool = False
    tags: list[str] = []
    photos: list[UploadFile] = []


class TypedProfile(TypedDict):
    name: str
    avatar: UploadFile | None
    age: int | None
    due: dt.date | None
    starts: dt.datetime | None
    at: dt.time | None
    news: NotRequired[bool]
    tags: NotRequired[list[str]]
    photos: NotRequired[list[UploadFile]]


class StructDTO(MsgspecDTO[StructProfile]):
    config = DTOConfig()


class ClassDTO(DataclassDTO[DataclassProfile]):
    config = DTOConfig()


class ModelDTO(PydanticDTO[PydanticProfile]):
    config = DTOConfig()


PROFILES: dict[str, tuple[Any, Any]] = {
    "struct": (StructProfile, None),
    "dataclass": (DataclassProfile, None),
    "attrs": (AttrsProfile, None),
    "pydantic": (PydanticProfile, None),
    "typed-dict": (TypedProfile, None),
    "struct-dto": (StructProfile, StructDTO),
    "dataclass-dto": (DataclassProfile, ClassDTO),
    "pydantic-dto": (PydanticProfile, ModelDTO),
}


class StructOrder(Struct):
    cover: UploadFile
    count: int
    due: dt.date
    size: Literal["s", "m"]
    paid: bool
    limit: int = 3


@dataclass
class DataclassOrder:
    cover: UploadFile
    count: int
    due: dt.date
    size: Literal["s", "m"]
    paid: bool
    limit: int = 3


class OrderDTO(DataclassDTO[DataclassOrder]):
    config = DTOConfig()


class PydanticOrder(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    cover: UploadFile
    count: int
    due: dt.date
    size: Literal["s", "m"]
    paid: bool
    limit: int = 3


ORDERS: dict[str, tuple[Any, Any]] = {
    "struct": (StructOrder, None),
    "dataclass": (DataclassOrder, None),
    "pydantic": (PydanticOrder, None),
    "dataclass-dto": (DataclassOrder, OrderDTO),
}


class Item(Struct, forbid_unknown_fields=True):
    title: str
    photo: UploadFile | None
    count: int = 1


class Album(Struct, forbid_unknown_fields=True):
    items: list[Item]
    qty: dict[int, int | None] = {}
    marks: tuple[int, ...] = ()


def shown(value: Any) -> Any:
    """Return a value in a form that JSON can encode."""
    if isinstance(value, UploadFile):
        return f"file {value.filename}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {str(name): shown(part) for name, part in value.items()}
    names = getattr(type(value), "__annotations__", {})
    return {name: shown(getattr(value, name)) for name in names if name != "model_config"} if names else value


def taking(path: str, annotation: Any, *, dto: Any = None) -> Any:
    async def take(data: Any) -> dict[str, Any]:
        return {"data": shown(data)}

    take.__annotations__ = {"data": annotation, "return": dict[str, Any]}
    return post(path, **({"dto": dto, "return_dto": None} if dto else {}))(take)


@post("/both")
async def both(request: Request[Any, Any, Any], data: JSONBody[StructProfile]) -> dict[str, Any]:
    return {"age": data.age, "json": await request.json()}


@post("/own")
async def own(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> dict[str, Any]:
    return {"data": data, "form": dict((await request.form()).items())}


@post("/numbers")
async def numbers(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, int | None]]) -> dict[str, Any]:
    return {"data": data, "form": dict((await request.form()).items())}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    handlers = [
        taking(f"/{room}/{name}/{declared}", marker[model], dto=dto)
        for room, models in (("profile", PROFILES), ("order", ORDERS), ("album", {"struct": (Album, None)}))
        for name, (model, dto) in models.items()
        for declared, marker in DECLARED.items()
    ]
    others = {
        "dict": dict[str, Any],
        "file": UploadFile,
        "file-or-none": UploadFile | None,
        "files": list[UploadFile],
        "file-map": dict[str, UploadFile],
        "texts": list[str],
    }
    handlers += [taking(f"/{name}", MultipartBody[each]) for name, each in others.items()]  # type: ignore[valid-type]
    return make_app(make_site(tmp_path_factory.mktemp("site")), [*handlers, both, own, numbers])


def part(name: str, value: Any) -> str:
    filename, kind, text = "", "", value
    if isinstance(value, tuple):
        filename, text = f'; filename="{value[0]}"', value[1]
        kind = "Content-Type: application/octet-stream\r\n"
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n{kind}\r\n{text}\r\n'


def texts(pairs: Pairs) -> Pairs:
    return [(name, value) for name, value in pairs if not isinstance(value, tuple)]


# How a form without nested names is encoded.
BODIES: dict[str, Callable[[Pairs], bytes]] = {
    "json": lambda pairs: json.dumps(dict(texts(pairs))).encode(),
    "urlencoded": lambda pairs: urlencode(texts(pairs)).encode(),
    "multipart": lambda pairs: ("".join(part(name, value) for name, value in pairs) + "--b--\r\n").encode(),
}


def send(app: Litestar, target: str, kind: str, sent: Pairs | bytes, headers: dict[str, str] = USE_HTTP) -> Answer:
    body = sent if isinstance(sent, bytes) else BODIES[kind](sent)
    return ask(app, "POST", target, {**headers, "Content-Type": TYPES[kind]}, body)


def data_of(answer: Answer) -> Any:
    assert answer.status == 201, answer.text
    return json.loads(answer.body)["data"]


def errors_of(answer: Answer) -> dict[str, list[str]]:
    assert answer.status == 422, answer.text
    errors: dict[str, list[str]] = json.loads(answer.body)["errors"]
    return errors


FULL: Pairs = [
    ("name", ""),
    ("age", ""),
    ("due", ""),
    ("starts", "2026-01-31T10:30"),
    ("at", "10:30"),
    ("news", "on"),
    ("avatar", NO_FILE),
    ("photos", NO_FILE),
]
TAKEN = {
    "name": "",
    "avatar": None,
    "age": None,
    "due": None,
    "starts": "2026-01-31T10:30:00",
    "at": "10:30:00",
    "news": True,
    "tags": [],
    "photos": [],
}


@pytest.mark.parametrize("arrived", TYPES)
@pytest.mark.parametrize("model", PROFILES)
def test_every_body_reaches_every_model_whatever_its_handler_declares(app: Litestar, model: str, arrived: str) -> None:
    for declared in DECLARED:
        data = data_of(send(app, f"/profile/{model}/{declared}", arrived, FULL))
        defaults = {"tags": [], "photos": []} if model == "typed-dict" else {}
        assert {**defaults, **data} == TAKEN, declared


@pytest.mark.parametrize("model", PROFILES)
def test_a_form_with_files_reaches_a_handler_that_declares_json(app: Litestar, model: str) -> None:
    files: Pairs = [("avatar", ("a.png", "A")), ("photos", ("b.png", "B")), ("tags", "one")]
    texts = [(name, "" if value == "on" else value) for name, value in FULL if name not in {"avatar", "photos", "news"}]
    data = data_of(send(app, f"/profile/{model}/json", "multipart", [*texts, *files]))
    assert (data["avatar"], data["photos"], data["tags"]) == ("file a.png", ["file b.png"], ["one"])


@pytest.mark.parametrize("arrived", TYPES)
@pytest.mark.parametrize("model", ORDERS)
def test_empty_required_fields_are_required(app: Litestar, model: str, arrived: str) -> None:
    names = ("count", "due", "size", "paid", "limit")
    for declared in DECLARED:
        answer = send(app, f"/order/{model}/{declared}", arrived, [("cover", NO_FILE), *((name, "") for name in names)])
        errors = errors_of(answer)
        assert set(errors) == {"cover", *names}
        if model != "pydantic":  # pydantic has its own messages.
            assert set(map(tuple, errors.values())) == {("This field is required.",)}


def test_a_required_file_that_json_has_as_null_or_text_is_required(app: Litestar) -> None:
    for nothing in (None, ""):
        sent = json.dumps({"cover": nothing, "count": 1, "due": "2026-01-01", "size": "s", "paid": True}).encode()
        for model in ("struct", "dataclass", "dataclass-dto"):
            answer = send(app, f"/order/{model}/multipart", "json", sent)
            assert errors_of(answer) == {"cover": ["This field is required."]}


@pytest.mark.parametrize(
    "headers", [{"X-Inertia": "true"}, {"Precognition": "true"}, USE_HTTP], ids=["visit", "precognition", "use-http"]
)
def test_the_client_is_known_by_headers_that_a_form_of_another_site_cannot_set(
    app: Litestar, headers: dict[str, str]
) -> None:
    assert send(app, "/profile/struct/json", "urlencoded", FULL, headers).status in {201, 204}
    assert send(app, "/profile/struct/json", "json", FULL, headers).status in {201, 204}


def test_json_handlers_read_other_clients_as_litestar_does(app: Litestar) -> None:
    for kind in ("urlencoded", "multipart"):
        answer = send(app, "/profile/struct/json", kind, FULL, {})
        assert (answer.status, "JSON is malformed" in answer.text) == (400, True)
    assert "Expected `int | null`, got `str`" in send(app, "/profile/struct/json", "json", FULL, {}).text
    assert data_of(send(app, "/profile/struct/multipart", "json", FULL, {})) == TAKEN


@pytest.mark.parametrize(
    ("declared", "kind", "body", "detail"),
    [
        ("multipart", "multipart", b"garbage", "Invalid multipart/form-data"),
        ("json", "multipart", b"garbage", "Invalid multipart/form-data"),
        ("json", "json", b'{"name":', "could not be read"),
        ("multipart", "json", b'{"name":', "could not be read"),
        ("urlencoded", "json", b"name=x", "could not be read"),
        ("multipart", "json", b"[1]", "Must be an object"),
        ("json", "urlencoded", b"a[b]=1&a=2", "conflicts"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(
    app: Litestar, declared: str, kind: str, body: bytes, detail: str
) -> None:
    answer = send(app, f"/profile/struct/{declared}", kind, body)
    assert (answer.status in {400, 422}, detail in answer.text) == (True, True), answer.text


def test_other_content_types_are_left_to_litestar(app: Litestar) -> None:
    answer = ask(app, "POST", "/profile/struct/json", {**USE_HTTP, "Content-Type": "text/plain"}, b'{"name": 1}')
    assert set(errors_of(answer)) == {"name", "avatar", "age", "due", "starts", "at"}


@pytest.mark.parametrize("declared", DECLARED)
def test_a_file_in_a_row_stands_beside_its_fields(app: Litestar, declared: str) -> None:
    sent: Pairs = [
        ("items[0][title]", "a"),
        ("items[0][photo]", ("p.png", "P")),
        ("items[4][title]", "b"),
        ("items[4][count]", "2"),
        ("items[4][photo]", NO_FILE),
    ]
    first = {"title": "a", "photo": "file p.png", "count": 1}
    second = {"title": "b", "photo": None, "count": 2}
    data = data_of(send(app, f"/album/struct/{declared}", "multipart", sent))
    assert data["items"] == [first, second]


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([("qty[101]", "2"), ("qty[205]", "")], {"qty": {"101": 2, "205": None}}),
        ([("qty[0]", "2"), ("qty[1]", "1")], {"qty": {"0": 2, "1": 1}}),
        ([("marks[7]", "2"), ("marks[3]", "1")], {"marks": [1, 2]}),
        ([("marks[]", "2"), ("marks[]", "1")], {"marks": [2, 1]}),
        ([("marks", "2"), ("marks", "1")], {"marks": [2, 1]}),
        ([("marks", "2")], {"marks": [2]}),
        ([("items[5][title]", "x")], {"items": [{"title": "x", "photo": None, "count": 1}]}),
    ],
)
def test_the_field_decides_what_numbers_in_brackets_are(
    app: Litestar, kind: str, sent: Pairs, expected: dict[str, Any]
) -> None:
    for declared in DECLARED:
        data = data_of(send(app, f"/album/struct/{declared}", kind, sent))
        assert data == {"items": [], "qty": {}, "marks": [], **expected}


def test_pushed_values_are_no_mapping(app: Litestar) -> None:
    assert errors_of(send(app, "/album/struct/json", "urlencoded", [("qty[]", "2")])) == {"qty": ["Must be an object."]}


def test_without_a_type_the_shape_is_the_same_in_both_kinds_of_forms(app: Litestar) -> None:
    sent: Pairs = [("q[101]", "2"), ("q[205]", "1"), ("l[1]", "b"), ("l[0]", "a"), ("t", ""), ("t", "1"), ("x[]", "1")]
    for kind in ("urlencoded", "multipart"):
        data = data_of(send(app, "/dict", kind, sent))
        assert data == {"q": {"101": "2", "205": "1"}, "l": ["a", "b"], "t": ["", "1"], "x": ["1"]}


@pytest.mark.parametrize(
    ("target", "kind", "sent", "expected"),
    [
        ("/file", "multipart", [("f[x]", ("a", "A"))], "file a"),
        ("/file-or-none", "multipart", [("f", NO_FILE)], None),
        ("/file-or-none", "json", [("f", None)], None),
        (
            "/files",
            "multipart",
            [("f[0]", ("a", "A")), ("g", ("b", "B")), ("g", ("c", "C"))],
            ["file a", "file b", "file c"],
        ),
        ("/files", "multipart", [("f", NO_FILE)], []),
        ("/files", "json", [], []),
        ("/file-map", "multipart", [("f[0]", ("a", "A")), ("g", NO_FILE)], {"f[0]": "file a"}),
        ("/texts", "multipart", [("a[]", "1"), ("a[]", "2"), ("b", "3")], ["1", "2", "3"]),
    ],
)
def test_a_body_that_is_all_files_takes_them_under_any_name(
    app: Litestar, target: str, kind: str, sent: Pairs, expected: Any
) -> None:
    assert data_of(send(app, target, kind, sent)) == expected


def test_a_body_that_is_a_file_is_required(app: Litestar) -> None:
    assert errors_of(send(app, "/file", "multipart", [("f", NO_FILE)])) == {"f": ["This field is required."]}
    assert errors_of(send(app, "/file", "json", [])) == {"form": ["This field is required."]}


def test_the_request_keeps_what_the_browser_has_sent(app: Litestar) -> None:
    sent = {"name": "x", "age": "", "avatar": "", "due": None, "starts": None, "at": None}
    answer = send(app, "/both", "json", json.dumps(sent).encode())
    assert json.loads(answer.body) == {"age": None, "json": sent}
    for _ in range(2):  # Litestar caches parsed bodies across requests.
        answer = send(app, "/own", "urlencoded", [("a[b]", "1"), ("c[]", "2"), ("c[]", "")])
        assert json.loads(answer.body)["data"] == {"a": {"b": "1"}, "c": ["2", ""]}
        assert "a[b]" in json.loads(answer.body)["form"]
        answer = send(app, "/numbers", "urlencoded", [("a", ""), ("b", "1")])
        assert json.loads(answer.body) == {"data": {"a": None, "b": 1}, "form": {"a": "", "b": "1"}}


def test_a_json_body_that_no_form_sends_stays_as_it_is(app: Litestar) -> None:
    rows = [{"title": "", "photo": None, "count": ""} for _ in range(10_000)]
    answer = send(app, "/album/struct/json", "json", json.dumps({"items": rows}).encode())
    # The empty text is left unchanged and rejected. The visitor sees the same message.
    assert errors_of(answer)["items.0.count"] == ["This field is required."]
    answer = send(app, "/album/struct/json", "json", json.dumps({"items": rows[:10]}).encode())
    assert errors_of(answer)["items.0.count"] == ["This field is required."]


class Import(Struct):
    rows: list[int]
    news: bool = False


@pytest.mark.parametrize(("count", "is_converted"), [(19_990, True), (20_001, False)])
def test_json_of_many_values_is_data_and_no_form(tmp_path: Path, count: int, is_converted: bool) -> None:
    @post("/import")
    async def import_rows(data: JSONBody[Import]) -> dict[str, Any]:
        return {"news": data.news, "rows": len(data.rows)}

    app = make_app(make_site(tmp_path), [import_rows])
    body = json.dumps({"rows": [0] * count, "news": "on"}).encode()
    answer = ask(app, "POST", "/import", {"content-type": TYPES["json"], **USE_HTTP}, body)
    if is_converted:
        assert (answer.status, json.loads(answer.body)) == (201, {"news": True, "rows": count})
    else:
        assert json.loads(answer.body)["errors"] == {"news": ["Must be true or false."]}
