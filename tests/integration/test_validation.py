"""All errors of a form at once, with the form's own field names, for every kind of model (protocol G56, G57)."""

from __future__ import annotations

import enum
import gc
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

import msgspec
import pytest
from attrs import define
from attrs import field as attrs_field
from attrs.validators import ge, min_len
from litestar import Controller, Litestar, Request, Response, get, post, route
from litestar.dto import DTOConfig, MsgspecDTO
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter, URLEncodedBody
from litestar.plugins.pydantic import PydanticDTO
from litestar.testing import TestClient
from msgspec import Meta, Struct
from pydantic import BaseModel, Field

from litestar_vite.inertia import InertiaConfig
from litestar_vite.inertia._forms.body_errors import collect as collect_errors
from litestar_vite.inertia._forms.messages import by_path
from litestar_vite.inertia._forms.msgspec_errors import read
from tests.support import inertia_headers, make_app, make_site

Name = Annotated[str, Meta(min_length=2)]
Age = Annotated[int, Meta(ge=18)]


class Item(Struct):
    name: Name
    count: Annotated[int, Meta(ge=1)] = 1


class StructForm(Struct):
    name: Name
    age: Age
    items: list[Item] = []


@dataclass
class DataItem:
    name: Name
    count: Annotated[int, Meta(ge=1)] = 1


@dataclass
class DataForm:
    name: Name
    age: Age
    items: list[DataItem] = field(default_factory=list)


class DictItem(TypedDict):
    name: Name
    count: NotRequired[Annotated[int, Meta(ge=1)]]


class DictForm(TypedDict):
    name: Name
    age: Age
    items: NotRequired[list[DictItem]]


@define
class AttrsItem:
    name: Name
    count: Annotated[int, Meta(ge=1)] = 1


@define
class AttrsForm:
    name: Name
    age: Age
    items: list[AttrsItem] = attrs_field(factory=list)


class ModelItem(BaseModel):
    name: str = Field(min_length=2)
    count: int = Field(default=1, ge=1)


class ModelForm(BaseModel):
    name: str = Field(min_length=2)
    age: int = Field(ge=18)
    items: list[ModelItem] = []


FORMS = [StructForm, DataForm, DictForm, AttrsForm, ModelForm]


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


def form_of(kind: Any, marker: Any = JSONBody, path: str = "/form") -> Any:
    async def save(data: Any) -> None: ...

    save.__annotations__["data"] = marker[kind]
    return post(path)(save)


@pytest.fixture(scope="module")
def forms_app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """An app with a form for each kind of model, at the model's name."""
    forms = [form_of(kind, path=f"/{kind.__name__}") for kind in FORMS]
    return make_app(make_site(tmp_path_factory.mktemp("site")), [home, *forms])


def errors_of(
    app: Litestar, target: str = "/form", headers: dict[str, str] | None = None, **request: Any
) -> dict[str, Any]:
    """Send a form and return the errors that the next page shows."""
    with TestClient(app) as client:
        answer = client.post(target, headers=inertia_headers(app) | (headers or {}), follow_redirects=False, **request)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        errors: dict[str, Any] = client.get("/", headers=inertia_headers(app)).json()["props"]["errors"]
    return errors


BODIES: dict[str, tuple[Any, set[str]]] = {
    "nothing": ({}, {"name", "age"}),
    "two wrong": ({"name": "A", "age": 3}, {"name", "age"}),
    "wrong types": ({"name": 5, "age": "x"}, {"name", "age"}),
    "one missing, one wrong": ({"age": 3}, {"name", "age"}),
    "in a list": ({"name": "Ada", "age": 18, "items": [{"name": "ab"}, {"name": "b", "count": 0}, {}]}, {"items.1.name", "items.1.count", "items.2.name"}),
    "a list of the wrong type": ({"name": "A", "age": 18, "items": "x"}, {"name", "items"}),
    "an item of the wrong type": ({"name": "Ada", "age": 18, "items": [5]}, {"items.0"}),
    "null": ({"name": None, "age": None}, {"name", "age"}),
    "no object": ([], {"form"}),
}  # fmt: skip


@pytest.mark.protocol("G56", "G57")
@pytest.mark.parametrize("case", BODIES)
@pytest.mark.parametrize("kind", FORMS)
def test_every_wrong_field_is_named_at_once(forms_app: Litestar, kind: Any, case: str) -> None:
    body, fields = BODIES[case]
    errors = errors_of(forms_app, f"/{kind.__name__}", json=body)
    assert errors.keys() == fields
    assert all(isinstance(message, str) and message for message in errors.values())


@pytest.mark.protocol("G57")
@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("marker", [MultipartBody, URLEncodedBody])
def test_form_bodies_are_named_as_json_bodies_are(site: Path, kind: Any, marker: Any) -> None:
    request: dict[str, Any] = {
        "data": {"name": "A", "age": "3", "items[0][name]": "ok", "items[1][name]": "b", "items[1][count]": "0"}
    }
    if marker is MultipartBody:
        request["files"] = {"unused": b""}
    errors = errors_of(make_app(site, [home, form_of(kind, marker)]), **request)
    assert errors.keys() == {"name", "age", "items.1.name", "items.1.count"}


class Renamed(Struct, rename="camel"):
    first_name: Name
    last_seen: date


@define
class Private:
    _token: Name


@pytest.mark.protocol("G57")
def test_names_are_those_of_the_wire(site: Path) -> None:
    assert errors_of(make_app(site, [home, form_of(Renamed)]), json={"firstName": "A"}).keys() == {
        "firstName",
        "lastSeen",
    }
    assert collect(Private, {"_token": "A"}, _no_decoder) == {"_token": ["Must have at least 2 characters."]}


@pytest.mark.protocol("G56")
def test_query_path_and_body_are_reported_together(site: Path) -> None:
    @post("/form/{team:int}")
    async def save(
        team: FromPath[int],
        data: JSONBody[StructForm],
        page: FromQuery[int],
        size: Annotated[int, QueryParameter(le=9)] = 1,
    ) -> None: ...

    app = make_app(site, [home, save])
    assert errors_of(app, "/form/1?page=x&size=10", json={"name": "A", "age": 18}) == {
        "page": "Must be a whole number.",
        "size": "Must be at most 9.",
        "name": "Must have at least 2 characters.",
    }
    assert errors_of(app, "/form/1?size=", json={"name": "A", "age": 18}) == {
        "page": "This field is required.",
        "name": "Must have at least 2 characters.",
    }
    assert errors_of(app, "/form/1?page=1&size=", json={"name": "Ada", "age": 18}) == {
        "size": "This field is required."
    }


@pytest.mark.protocol("G54")
def test_all_messages_and_bags_hold_what_was_found(site: Path) -> None:
    app = make_app(site, [home, form_of(StructForm)], InertiaConfig(all_errors=True))
    errors = errors_of(app, json={"name": "A"}, headers={"X-Inertia-Error-Bag": "signup"})
    assert errors == {"signup": {"name": ["Must have at least 2 characters."], "age": ["This field is required."]}}


@pytest.mark.protocol("G56", "G57")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"name": 5, "age": 18}, {"name": "Must be text."}),
        ({"age": 18}, {"name": "This field is required."}),
        ({"name": "Ada", "age": 18, "items": [{"name": 5}]}, {"items.0.name": "Must be text."}),
        ([], {"form": "Must be an object."}),
    ],
)
def test_what_a_dto_refuses_goes_back_too(site: Path, body: Any, errors: dict[str, str]) -> None:
    @post("/form", dto=MsgspecDTO[StructForm])
    async def save(data: JSONBody[StructForm]) -> None: ...

    assert errors_of(make_app(site, [home, save]), json=body) == errors


class CamelItem(BaseModel):
    unit_price: int = Field(ge=1)


class CamelModel(BaseModel):
    full_name: str = Field(min_length=2)
    line_items: list[CamelItem] = []
    by_code: dict[str, CamelItem] = {}


class CamelStruct(Struct):
    full_name: Name
    home_age: Age
    line_items: list[Item] = []


CAMEL = DTOConfig(rename_strategy="camel", max_nested_depth=2)


class StructDTO(MsgspecDTO[CamelStruct]):
    config = CAMEL


class ModelDTO(PydanticDTO[CamelModel]):
    config = CAMEL


def dto_form(dto: Any, kind: Any, marker: Any = JSONBody) -> Any:
    async def save(data: Any) -> None: ...

    save.__annotations__["data"] = marker[kind]
    return post("/form", dto=dto)(save)


@pytest.mark.protocol("G56", "G57")
def test_all_that_a_dto_refuses_goes_back_under_the_names_of_the_form(site: Path) -> None:
    app = make_app(site, [home, dto_form(StructDTO, CamelStruct)])
    assert errors_of(app, json={"fullName": "A", "lineItems": [{"name": 5}, {"count": 0}]}) == {
        "fullName": "Must have at least 2 characters.",
        "homeAge": "This field is required.",
        "lineItems.0.name": "Must be text.",
        "lineItems.1.name": "This field is required.",
        "lineItems.1.count": "Must be at least 1.",
    }


@pytest.mark.protocol("G56", "G57")
def test_what_a_pydantic_model_behind_a_dto_refuses_has_the_names_of_the_form(site: Path) -> None:
    app = make_app(site, [home, dto_form(ModelDTO, CamelModel)])
    body = {"fullName": "A", "lineItems": [{"unitPrice": 1}, {"unitPrice": 0}], "byCode": {"x": {"unitPrice": 0}}}
    errors = errors_of(app, json=body)
    assert errors.keys() == {"fullName", "lineItems.1.unitPrice", "byCode.x.unitPrice"}
    assert "at least 2 characters" in errors["fullName"]


@pytest.mark.protocol("G56", "G57")
@pytest.mark.parametrize("marker", [URLEncodedBody, MultipartBody])
def test_a_form_that_a_dto_refuses_goes_back_with_all_its_errors(site: Path, marker: Any) -> None:
    # Litestar responds with a 500 here, and still does to requests without Inertia.
    app = make_app(site, [home, dto_form(StructDTO, CamelStruct, marker)])
    form: dict[str, Any] = {"data": {"fullName": "A", "homeAge": "old"}}
    if marker is MultipartBody:
        form["files"] = {"photo": b"1"}
    assert errors_of(app, **form) == {
        "fullName": "Must have at least 2 characters.",
        "homeAge": "Must be a whole number.",
    }
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/form", **form).status_code == 500


@pytest.mark.protocol("G56")
@pytest.mark.parametrize("handlers", [{}, {Exception: lambda *_: Response("mine", status_code=500)}])
def test_what_msgspec_refuses_in_a_page_or_for_others_is_the_servers_error(site: Path, handlers: Any) -> None:
    @route("/form", http_method=["GET", "POST"], exception_handlers=handlers)
    async def form() -> None:
        msgspec.json.decode(b'{"answer": "of another service"}', type=StructForm)

    app = make_app(site, [home, form])
    with TestClient(app, raise_server_exceptions=False) as client:
        for answer in (client.get("/form", headers=inertia_headers(app)), client.post("/form")):
            assert answer.status_code == 500
            assert (answer.text == "mine") == bool(handlers)


@pytest.mark.protocol("G56")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (b"{", {"form": "The form could not be read."}),
        (b"\xff", {"form": "The form could not be read."}),
        (b'{"name": NaN}', {"form": "The form could not be read."}),
        (b"", {"form": "This field is required."}),
    ],
)
def test_a_body_that_is_no_json_is_one_error_of_the_form(site: Path, body: bytes, errors: Any) -> None:
    app = make_app(site, [home, form_of(StructForm)])
    assert errors_of(app, content=body, headers={"content-type": "application/json"}) == errors


USE_HTTP = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}


@pytest.mark.protocol("G56")
def test_use_http_gets_422_with_lists_and_any_other_client_litestars_answer(site: Path) -> None:
    app = make_app(site, [home, form_of(StructForm)])
    with TestClient(app) as client:
        answer = client.post("/form", json={"name": "A", "age": 18}, headers=USE_HTTP)
        assert answer.status_code == 422
        assert answer.json() == {
            "message": "Must have at least 2 characters.",
            "errors": {"name": ["Must have at least 2 characters."]},
        }
        assert "precognition" not in answer.headers
        for headers in ({}, {"Accept": "application/json"}, {"X-Requested-With": "XMLHttpRequest"}):
            assert client.post("/form", json={"name": "A"}, headers=headers).status_code == 400


def mine(request: Request[Any, Any, Any], exc: HTTPException) -> Response[Any]:
    return Response("mine", status_code=418)


@pytest.mark.protocol("G56")
@pytest.mark.parametrize("layer", ["app", "controller"])
@pytest.mark.parametrize(("key", "goes_back"), [(400, True), (HTTPException, True), (ClientException, True), (Exception, True), (ValidationException, False)])  # fmt: skip
def test_a_general_handler_of_the_users_keeps_the_redirect_and_one_of_its_own_wins(
    site: Path, layer: str, key: Any, goes_back: bool
) -> None:
    handlers: dict[Any, Any] = {key: mine}

    class Forms(Controller):
        exception_handlers = handlers if layer == "controller" else {}

        @post("/form")
        async def save(self, data: JSONBody[StructForm]) -> None: ...

    app = make_app(site, [home, Forms], exception_handlers=handlers if layer == "app" else {})
    with TestClient(app) as client:
        assert client.post("/form", json={}).status_code == 418, "the app's handler gets plain requests"
        answer = client.post("/form", json={}, headers=inertia_headers(app), follow_redirects=False)
    assert answer.status_code == (303 if goes_back else 418)


@pytest.mark.protocol("G56")
@pytest.mark.parametrize(
    ("config", "opt", "status"), [(False, None, 418), (True, False, 418), (False, True, 303), (True, None, 303)]
)
def test_the_redirect_can_be_turned_off_for_the_app_or_a_route(
    site: Path, config: bool, opt: bool | None, status: int
) -> None:
    @post("/form", opt={} if opt is None else {"redirect_validation_errors": opt})
    async def save(data: JSONBody[StructForm]) -> None: ...

    app = make_app(site, [save], InertiaConfig(redirect_validation_errors=config), exception_handlers={400: mine})
    with TestClient(app) as client:
        assert client.post("/form", json={}, headers=inertia_headers(app), follow_redirects=False).status_code == status


# Messages and parts of models


def _no_decoder(kind: Any, value: Any) -> Any:
    raise TypeError(kind)


def collect(kind: Any, value: Any, decode: Any) -> dict[str, list[str]]:
    """Return the messages of all errors by path."""
    return by_path(collect_errors(kind, value, decode), lambda error: error.message)


class Colour(enum.Enum):
    RED = "red"


class Tree(Struct):
    children: list[Tree] = []
    size: Annotated[int, Meta(ge=1)] = 1


class Refuses(Struct):
    a: int
    b: int

    def __post_init__(self) -> None:
        if self.a > self.b:
            msg = "a must not be more than b"
            raise ValueError(msg)


class Reads(Struct):
    """Converts other data, with unrelated paths of errors."""

    numbers: list[Any]

    def __post_init__(self) -> None:
        msgspec.convert(self.numbers, list[int])


class Strict(Struct, forbid_unknown_fields=True):
    a: int = 1


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    legs: int


WORDS: list[tuple[Any, Any, dict[str, list[str]]]] = [
    (str, 5, {"": ["Must be text."]}),
    (int, "x", {"": ["Must be a whole number."]}),
    (float, "x", {"": ["Must be a number."]}),
    (bool, "x", {"": ["Must be true or false."]}),
    (str, None, {"": ["This field is required."]}),
    (Annotated[str, Meta(min_length=1)], "", {"": ["This field is required."]}),
    (Annotated[str, Meta(max_length=1)], "ab", {"": ["Must have at most 1 character."]}),
    (Annotated[str, Meta(pattern="^a$")], "b", {"": ["Has the wrong format."]}),
    (Annotated[float, Meta(gt=1)], 1, {"": ["Must be more than 1."]}),
    (Annotated[float, Meta(lt=1)], 1, {"": ["Must be less than 1."]}),
    (Annotated[float, Meta(ge=1.5)], 1, {"": ["Must be at least 1.5."]}),
    (Annotated[int, Meta(multiple_of=2)], 1, {"": ["Must be a multiple of 2."]}),
    (Annotated[list[int], Meta(min_length=1)], [], {"": ["Must have at least 1 item."]}),
    (Annotated[list[int], Meta(max_length=1)], [1, 2], {"": ["Must have at most 1 item."]}),
    (Colour, "blue", {"": ["Must be one of the choices."]}),
    (Literal["a", "b"], "c", {"": ["Must be one of the choices."]}),
    (Cat | Dog, {"type": "cow"}, {"type": ["Must be one of the choices."]}),
    (UUID, "x", {"": ["Must be a UUID."]}),
    (datetime, "x", {"": ["Must be a date with a time."]}),
    (date, "x", {"": ["Must be a date."]}),
    (list[int], 5, {"": ["Must be a list."]}),
    (Item, 5, {"": ["Must be an object."]}),
    (list[int], [1, "x", "y"], {"1": ["Must be a whole number."], "2": ["Must be a whole number."]}),
    (list[int], [1, 2, "x", 3, 4, "y", 5, "z"], {"2": ["Must be a whole number."], "5": ["Must be a whole number."], "7": ["Must be a whole number."]}),
    (Annotated[list[int], Meta(min_length=3)], [1, "x"], {"1": ["Must be a whole number."]}),
    (list[list[int]], [[1], [2, "x"], [], ["y"]], {"1.1": ["Must be a whole number."], "3.0": ["Must be a whole number."]}),
    (list[Reads], [{"numbers": [1]}, {"numbers": [1, 2, 3, "x"]}, {"numbers": []}, {"numbers": ["y"]}], {"1.3": ["Must be a whole number."], "3.0": ["Must be a whole number."]}),
    (set[int], [1, "x"], {"1": ["Must be a whole number."]}),
    (tuple[int, ...], ["x"], {"0": ["Must be a whole number."]}),
    (tuple[int, str], ["x", 5], {"0": ["Must be a whole number."], "1": ["Must be text."]}),
    (dict[str, int], {"a": "x", "b": 1, "c": "y"}, {"a": ["Must be a whole number."], "c": ["Must be a whole number."]}),
    (Item | None, {"name": "A"}, {"name": ["Must have at least 2 characters."]}),
    (list[Item | None], [None, {"name": "A"}], {"1.name": ["Must have at least 2 characters."]}),
    (Tree, {"children": [{"size": 0}, {"children": [{"size": 0}]}]}, {"children.0.size": ["Must be at least 1."], "children.1.children.0.size": ["Must be at least 1."]}),
    (Refuses, {"a": 2, "b": 1}, {"": ["a must not be more than b"]}),
    (Strict, {"b": 1}, {"": ["Unknown field: b."]}),
    (dict[str, Item], {"x": {}}, {"x.name": ["This field is required."]}),
    (list, 5, {"": ["Must be a list."]}),
    (StructForm, {"name": "Ada", "age": 18}, {}),
    (ModelItem, {}, {"": ["Is not valid."]}),
]  # fmt: skip


@pytest.mark.protocol("G57")
@pytest.mark.parametrize(("kind", "value", "errors"), WORDS)
def test_parts_of_models_are_found_and_named(kind: Any, value: Any, errors: dict[str, list[str]]) -> None:
    assert collect(kind, value, _no_decoder) == errors


def test_a_search_for_errors_leaves_nothing_to_the_garbage_collector() -> None:
    value = [{"name": "A"}, {"name": "Ada"}, {}]
    assert collect(list[Item], value, _no_decoder)
    gc.collect()
    gc.disable()
    try:
        collect(list[Item], value, _no_decoder)
        assert gc.collect() == 0
    finally:
        gc.enable()


@define
class Validated:
    name: str = attrs_field(validator=min_len(3))
    age: int = attrs_field(validator=ge(18))
    again: str = attrs_field(default="")

    @again.validator
    def _same(self, _: Any, value: str) -> None:
        if value and value != self.name:
            msg = "The names differ."
            raise ValueError(msg)


@pytest.mark.protocol("G57")
def test_what_the_validators_of_attrs_refuse_has_the_name_of_its_field(site: Path) -> None:
    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {}

    @post("/save")
    async def save(data: JSONBody[Validated]) -> None: ...

    app = make_app(site, [home, save])
    with TestClient(app) as client:

        def errors(body: dict[str, Any]) -> dict[str, str]:
            shown: dict[str, str] = client.post("/save", json=body, headers=inertia_headers(app)).json()["props"][
                "errors"
            ]
            return shown

        assert errors({"name": "A", "age": 7}).keys() == {"name", "age"}
        assert errors({"name": "A", "age": "x"}) == {
            "name": "Must have at least 3 characters.",
            "age": "Must be a whole number.",
        }
        assert errors({"name": "Ada", "age": 18, "again": "Eve"}) == {"form": "The names differ."}
        assert errors({"name": "Ada", "age": 18, "again": "Ada"}) == {}


class Tagged(Struct, tag=True):
    a: int
    b: int


class Owner(Struct):
    name: Name
    pet: Cat | Dog


class Team(Struct):
    lead: ModelItem
    others: list[ModelItem]


def test_the_error_in_a_union_of_models_has_the_name_of_its_field() -> None:
    assert collect(Cat | Dog, {"type": "cat"}, _no_decoder).keys() == {"lives"}
    both = collect(list[Cat | Dog | None], [None, {"type": "dog"}, {"type": "cat", "lives": "x"}], _no_decoder)
    assert both.keys() == {"1.legs", "2.lives"}
    assert collect(Tagged | Cat, {"type": "Tagged", "a": "x", "b": "y"}, _no_decoder).keys() == {"a", "b"}
    assert collect(Owner, {"name": "A", "pet": {"type": "cat", "lives": "x"}}, _no_decoder).keys() == {
        "name",
        "pet.lives",
    }
    assert collect(Owner, {"name": "Ada", "pet": {"type": "fish"}}, _no_decoder).keys() == {"pet.type"}


@pytest.mark.protocol("G57")
def test_a_pydantic_model_inside_another_model_keeps_the_path_to_it(site: Path) -> None:
    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {}

    @post("/team")
    async def team(data: JSONBody[Team]) -> None: ...

    @post("/list")
    async def several(data: JSONBody[list[ModelItem]]) -> None: ...

    app = make_app(site, [home, team, several])
    body = {"lead": {"name": "A"}, "others": [{"name": "Ada"}, {"name": "B"}]}
    with TestClient(app) as client:
        headers = inertia_headers(app)
        assert client.post("/team", json=body, headers=headers).json()["props"]["errors"].keys() == {
            "lead.name",
            "others.1.name",
        }
        assert client.post("/list", json=body["others"], headers=headers).json()["props"]["errors"].keys() == {"1.name"}


def test_a_body_of_a_thousand_wrong_items_gives_a_hundred_messages() -> None:
    assert len(collect(list[int], ["x"] * 1000, _no_decoder)) == 100


def test_the_apps_own_words_are_left_as_they_are() -> None:
    error = read("Name is taken - at `$.name`")
    assert (error.path, error.rule, error.message) == ("name", "custom", "Name is taken")
    assert read("Name is taken", is_msgspecs=True).message == "Is not valid."


def test_a_type_alias_of_msgspec_unset_is_seen_through() -> None:
    class Patch(Struct):
        name: Name | msgspec.UnsetType = msgspec.UNSET
        item: Item | msgspec.UnsetType = msgspec.UNSET

    assert collect(Patch, {"name": "A", "item": {"name": "B"}}, _no_decoder).keys() == {"name", "item.name"}
