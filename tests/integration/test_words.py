"""Visitors never see a library's messages: every error has a rule, limits and its own message (protocol G56, G57)."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, get_args
from uuid import UUID

import msgspec
import pydantic
import pydantic.v1 as old
import pytest
from attrs import define
from attrs import field as attrs_field
from attrs import validators as attrs_validators
from litestar import Litestar, Request, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromQuery, JSONBody, MultipartBody, QueryParameter, URLEncodedBody
from litestar.plugins.pydantic import PydanticDTO
from litestar.testing import TestClient
from msgspec import Meta, Struct
from pydantic import BaseModel, Field
from pydantic_core import PydanticCustomError, PydanticKnownError
from pydantic_core._pydantic_core import list_all_errors
from pydantic_core.core_schema import ErrorType

from litestar_vite.inertia import FieldError, InertiaConfig
from litestar_vite.inertia._forms.body_errors import collect
from litestar_vite.inertia._forms.messages import ENGLISH, found
from litestar_vite.inertia.german import GERMAN
from tests.support import make_app, make_site

pytestmark = pytest.mark.protocol("G56", "G57")


def decode(kind: Any, value: Any) -> Any:
    if kind is ipaddress.IPv4Address:
        return ipaddress.IPv4Address(
            value
        )  # A ValueError with a message from Python's library, which the app passes on.
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_validate(value)
    msg = f"Unsupported type: {type(value)!r}"
    raise TypeError(msg)


def errors_of(kind: Any, value: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the path, the rule and the limits of all errors."""
    return [(error.path, error.rule, dict(error.limits)) for error in collect(kind, value, decode)]


def is_ours(error: FieldError) -> bool:
    """Return whether a message consists of the English template and the limits only."""
    return error.in_words(ENGLISH) == error.message and error.rule in ENGLISH


# msgspec


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(NamedTuple):
    x: int
    y: int


class Pair(Struct, array_like=True):
    x: int
    y: int = 0


class LongPair(Struct, array_like=True, forbid_unknown_fields=True):
    x: int
    y: int = 0


class Strict(Struct, forbid_unknown_fields=True):
    a: int = 1


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    legs: int


class Typed(TypedDict):
    a: int


@dataclass
class Data:
    a: int


OBJECT: dict[str, Any] = {"types": ("object",)}
MSGSPEC: list[tuple[Any, Any, str, dict[str, Any]]] = [
    (Annotated[str, Meta(min_length=3)], "ab", "min_length", {"min": 3}),
    (Annotated[str, Meta(min_length=3)], "", "required", {}),
    (Annotated[str, Meta(max_length=1)], "ab", "max_length", {"max": 1}),
    (Annotated[str, Meta(pattern="^a$")], "b", "pattern", {"pattern": "^a$"}),
    (Annotated[bytes, Meta(min_length=3)], "YQ==", "min_length", {"min": 3}),
    (Annotated[bytes, Meta(max_length=1)], "YWFh", "max_length", {"max": 1}),
    (Annotated[list[int], Meta(min_length=1)], [], "min_items", {"min": 1}),
    (Annotated[list[int], Meta(max_length=1)], [1, 2], "max_items", {"max": 1}),
    (Annotated[set[int], Meta(min_length=1)], [], "min_items", {"min": 1}),
    (Annotated[dict[str, int], Meta(min_length=1)], {}, "min_items", {"min": 1}),
    (Annotated[dict[str, int], Meta(max_length=1)], {"a": 1, "b": 2}, "max_items", {"max": 1}),
    (Annotated[int, Meta(ge=2)], 1, "min", {"min": 2}),
    (Annotated[int, Meta(le=2)], 3, "max", {"max": 2}),
    (Annotated[int, Meta(gt=2)], 2, "min", {"min": 3}),
    (Annotated[int, Meta(lt=2)], 2, "max", {"max": 1}),
    (Annotated[int, Meta(multiple_of=2)], 1, "multiple_of", {"multiple_of": 2}),
    (Annotated[float, Meta(ge=1.5)], 1, "min", {"min": 1.5}),
    (Annotated[float, Meta(le=1.5)], 2, "max", {"max": 1.5}),
    (Annotated[float, Meta(gt=1)], 1, "more_than", {"min": 1}),
    (Annotated[float, Meta(lt=1)], 1, "less_than", {"max": 1}),
    (Annotated[float, Meta(multiple_of=0.5)], 0.7, "multiple_of", {"multiple_of": 0.5}),
    (Annotated[datetime, Meta(tz=True)], "2026-01-01T00:00:00", "timezone", {}),
    (Annotated[datetime, Meta(tz=False)], "2026-01-01T00:00:00Z", "no_timezone", {}),
    (Annotated[time, Meta(tz=True)], "00:00:00", "timezone", {}),
    (str, 5, "type", {"types": ("text",)}),
    (str, None, "required", {}),
    (int, "x", "type", {"types": ("integer",)}),
    (int, "", "required", {}),
    (int, 1.5, "type", {"types": ("integer",)}),
    (int | None, "x", "type", {"types": ("integer",)}),
    (float, [], "type", {"types": ("number",)}),
    (bool, "x", "type", {"types": ("boolean",)}),
    (Decimal, "x", "type", {"types": ("number",)}),
    (Decimal, [], "type", {"types": ("number",)}),
    (bytes, "%", "type", {"types": ("base64",)}),
    (UUID, "x", "type", {"types": ("uuid",)}),
    (date, "x", "type", {"types": ("date",)}),
    (date, 5, "type", {"types": ("date",)}),
    (datetime, "x", "type", {"types": ("datetime",)}),
    (datetime, 1e300, "out_of_range", {}),
    (time, "x", "type", {"types": ("time",)}),
    (timedelta, "x", "type", {"types": ("duration",)}),
    (timedelta, "P1Y", "type", {"types": ("duration",)}),
    (timedelta, 1e300, "out_of_range", {}),
    (list[int], 5, "type", {"types": ("list",)}),
    (tuple[int, int], [1, 2, 3], "items", {"count": 2}),
    (tuple[int, int], [1], "items", {"count": 2}),
    (Point, [1], "items", {"count": 2}),
    (Pair, [], "min_items", {"min": 1}),
    (LongPair, [1, 2, 3], "max_items", {"max": 2}),
    (dict[str, int], 5, "type", OBJECT),
    (Strict, {"b": 1}, "unknown", {"name": "b"}),
    (Strict, [], "type", OBJECT),
    (Data, [], "type", OBJECT),
    (Typed, [], "type", OBJECT),
    (Colour, "green", "choice", {"choices": ["red", "blue"]}),
    (Colour, 5, "choice", {"choices": ["red", "blue"]}),
    (Colour | None, "green", "choice", {"choices": ["red", "blue"]}),
    (Literal["a", 1], "b", "choice", {"choices": ["a", 1]}),
    (Cat | Dog, 5, "type", OBJECT),
    (int | str, [], "type", {"types": ("integer", "text")}),
    (int | list[int] | None, {}, "type", {"types": ("integer", "list")}),
    (complex, "x", "invalid", {}),
    (UploadFile, "x", "type", {"types": ("file",)}),
    (UploadFile, "", "required", {}),
    (ModuleNotFoundError, "x", "invalid", {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "rule", "limits"), MSGSPEC)
def test_each_constraint_and_type_of_msgspec_is_a_rule_with_its_limits(
    kind: Any, value: Any, rule: str, limits: Any
) -> None:
    model = msgspec.defstruct("Model", [("field", kind)])
    (error,) = collect(model, {"field": value}, decode)
    assert (error.path, error.rule, dict(error.limits)) == ("field", rule, limits)
    assert is_ours(error)
    assert error.value == (None if rule == "required" and value != "" else value)


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        (dict[int, int], {"x": 1}, ""),
        (dict[int, int], {"1": "x"}, "1"),
        (dict[str, list[int]], {"a": [1, "x"]}, "a.1"),
        (list[Cat | Dog], [{"type": "cow"}], "0.type"),
        (list[Cat | Dog], [{"type": "cat", "lives": "x"}], "0.lives"),
        (list[list[Point]], [[[1, "x"]]], "0.0.1"),
    ],
)
def test_paths_name_the_fields_of_the_form(kind: Any, value: Any, path: str) -> None:
    (error,) = collect(kind, value, decode)
    assert error.path == path
    assert is_ours(error)


class Comparing(Struct):
    a: int | None
    error: str = ""

    def __post_init__(self) -> None:
        if self.error:
            raise ValueError(self.error)
        if self.a > 1:  # type: ignore[operator]
            raise ValueError


def test_a_value_error_of_the_app_is_said_in_its_words_and_a_type_error_of_python_is_not() -> None:
    own, empty, pythons = (
        collect(Comparing, value, decode) for value in ({"a": 1, "error": "No - way."}, {"a": 2}, {"a": None})
    )
    assert [(error.rule, error.message) for error in own] == [("custom", "No - way.")]
    assert [error.message for error in [*empty, *pythons]] == ["Is not valid.", "Is not valid."]


# pydantic

ALL_PYDANTIC = {entry["type"]: entry for entry in list_all_errors()}
LEFT_TO_THE_APP = {"value_error", "assertion_error"}


@pytest.mark.parametrize("kind", sorted(get_args(ErrorType)))
def test_no_error_of_pydantic_keeps_its_words(kind: Any) -> None:
    context = dict(ALL_PYDANTIC[kind].get("example_context") or {})
    if "error" in context and context["error"] is None:
        context["error"] = ValueError("Words of the app.")

    def refuse(_: Any) -> Any:
        raise PydanticKnownError(kind, context or None)

    model = pydantic.create_model("Model", field=(Annotated[Any, pydantic.BeforeValidator(refuse)], ...))
    (error,) = collect(model, {"field": "x"}, decode)
    if kind in LEFT_TO_THE_APP:
        assert (error.path, error.rule, error.message) == ("field", "custom", "Words of the app.")
    else:
        assert is_ours(error), error
        assert error.path.partition(".")[0] in ("", "field")


class Address(BaseModel):
    street: str = Field(min_length=1)


class Kitten(BaseModel):
    kind: Literal["cat"]
    lives: int


class Puppy(BaseModel):
    kind: Literal["dog"]
    legs: int


def positive(value: int) -> int:
    if value < 0:
        raise AssertionError("Give us more.")
    return value


def unique(value: str) -> str:
    if value == "taken":
        raise PydanticCustomError("taken", "{name} is taken.", {"name": value})
    return value


class Order(BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    pet: Annotated[Kitten | Puppy, Field(discriminator="kind")] = Kitten(kind="cat", lives=9)
    pets: list[Annotated[Kitten | Puppy, Field(discriminator="kind")]] = []
    plain: Kitten | Puppy | None = None
    prices: dict[int, Decimal] = {}
    by_kind: dict[str, Annotated[Kitten | Puppy, Field(discriminator="kind")]] = {}
    several: int | list[int] | None = None
    when: date | None = None
    wrapped: Annotated[int, pydantic.AfterValidator(positive)] | None = None
    nick: Annotated[str, pydantic.AfterValidator(unique)] = ""
    address: Address | None = None
    alias: int = Field(default=1, validation_alias=pydantic.AliasChoices("one", "two"))
    deep: int = Field(default=1, validation_alias=pydantic.AliasPath("nested", 0))
    email: pydantic.EmailStr = "ada@example.org"
    link: pydantic.HttpUrl = pydantic.HttpUrl("https://example.org")
    ip: pydantic.IPvAnyAddress | None = None
    price: Decimal = Field(default=Decimal(1), max_digits=4, decimal_places=2)
    born: pydantic.PastDate | None = None
    wanted: pydantic.conlist(int, min_length=1, max_length=2) = [1]  # type: ignore[valid-type]
    code: str = Field(default="a", pattern="^a")
    colour: Colour = Colour.RED
    size: Literal["s", 2] = "s"
    again: str = ""

    @pydantic.field_validator("when", mode="wrap")
    @classmethod
    def _when(cls, value: Any, handler: Any) -> Any:
        return handler(value)

    @pydantic.model_validator(mode="after")
    def _same(self) -> Order:
        if self.again and self.again != self.nick:
            msg = "The names differ."
            raise ValueError(msg)
        return self


PYDANTIC: list[tuple[dict[str, Any], list[tuple[str, str, dict[str, Any]]]]] = [
    ({"pet": {"kind": "cat", "lives": "x"}}, [("pet.lives", "type", {"types": ("integer",)})]),
    ({"pet": {"kind": "cat"}}, [("pet.lives", "required", {})]),
    ({"pet": {"kind": "cat", "cat": {"lives": 1}, "lives": "x"}}, [("pet.lives", "type", {"types": ("integer",)})]),
    ({"pet": {"kind": "cow"}}, [("pet.kind", "choice", {"choices": ["cat", "dog"]})]),
    ({"pet": {}}, [("pet.kind", "required", {})]),
    ({"pet": 5}, [("pet", "type", OBJECT)]),
    ({"pets": [{"kind": "cat", "lives": 1}, {"kind": "dog", "legs": ""}]}, [("pets.1.legs", "required", {})]),
    ({"by_kind": {"cat": {"kind": "cat", "lives": "x"}}}, [("by_kind.cat.lives", "type", {"types": ("integer",)})]),
    ({"plain": 5}, [("plain", "type", OBJECT)]),
    ({"prices": {"x": 1}}, [("prices.x", "type", {"types": ("integer",)})]),
    ({"prices": {"1": "x"}}, [("prices.1", "type", {"types": ("number",)})]),
    ({"several": {}}, [("several", "type", {"types": ("integer", "list")})]),
    ({"several": ["x"]}, [("several", "type", {"types": ("integer",)}), ("several.0", "type", {"types": ("integer",)})]),
    ({"when": "x"}, [("when", "type", {"types": ("date",)})]),
    ({"wrapped": "x"}, [("wrapped", "type", {"types": ("integer",)})]),
    ({"wrapped": -1}, [("wrapped", "custom", {})]),
    ({"nick": "taken"}, [("nick", "taken", {"name": "taken"})]),
    ({"address": {"street": ""}}, [("address.street", "required", {})]),
    ({"address": {}}, [("address.street", "required", {})]),
    ({"address": {"street": None}}, [("address.street", "required", {})]),
    ({"one": "x"}, [("one", "type", {"types": ("integer",)})]),
    ({"two": "x"}, [("two", "type", {"types": ("integer",)})]),
    ({"nested": ["x"]}, [("nested.0", "type", {"types": ("integer",)})]),
    ({"email": "x"}, [("email", "type", {"types": ("email",)})]),
    ({"link": "x"}, [("link", "type", {"types": ("url",)})]),
    ({"link": "ftp://x"}, [("link", "url_scheme", {"schemes": ["http://", "https://"]})]),
    ({"ip": "x"}, [("ip", "type", {"types": ("ip",)})]),
    ({"price": "12345"}, [("price", "max_digits", {"max": 4})]),
    ({"price": "1.234"}, [("price", "max_decimal_places", {"max": 2})]),
    ({"born": "2999-01-01"}, [("born", "past", {})]),
    ({"wanted": []}, [("wanted", "min_items", {"min": 1})]),
    ({"wanted": [1, 2, 3]}, [("wanted", "max_items", {"max": 2})]),
    ({"code": "b"}, [("code", "pattern", {"pattern": "^a"})]),
    ({"colour": "green"}, [("colour", "choice", {"choices": ["red", "blue"]})]),
    ({"size": "x"}, [("size", "choice", {"choices": ["s", 2]})]),
    ({"more": 1}, [("more", "unknown", {"name": "more"})]),
    ({"again": "x"}, [("", "custom", {})]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "errors"), PYDANTIC)
def test_places_of_pydantic_are_paths_and_its_types_rules(value: Any, errors: Any) -> None:
    assert errors_of(Order, value) == errors
    assert errors_of(msgspec.defstruct("Outer", [("order", list[Order])]), {"order": [value]}) == [
        (f"order.0.{path}".removesuffix("."), rule, limits) for path, rule, limits in errors
    ]
    for error in collect(Order, value, decode):
        assert is_ours(error) or error.message in ("Give us more.", "taken is taken.", "The names differ."), error


class Checked(Struct):
    street: str = ""

    def __post_init__(self) -> None:
        Address.model_validate({"street": self.street})


def test_what_pydantic_refuses_inside_another_model_has_our_words() -> None:
    assert errors_of(msgspec.defstruct("Outer", [("it", Checked)]), {"it": {}}) == [("it.street", "required", {})]


class OldModel(old.BaseModel):
    name: old.constr(min_length=2)  # type: ignore[valid-type]
    age: old.conint(ge=18)  # type: ignore[valid-type]
    born: date
    tags: old.conlist(int, min_items=1)  # type: ignore[valid-type]
    code: old.constr(regex="^a")  # type: ignore[valid-type]
    colour: Colour
    missing: int

    @old.validator("name")
    def _name(cls, value: str) -> str:  # noqa: N805
        if value == "taken":
            msg = "Taken."
            raise ValueError(msg)
        return value


def test_models_of_pydantic_1_are_read_too(site: Path) -> None:
    @post("/old")
    async def save(data: JSONBody[OldModel]) -> None: ...

    with TestClient(make_app(site, [save])) as client:
        body = {"name": "A", "age": 3, "born": "x", "tags": [], "code": "b", "colour": "green"}
        found = client.post("/old", json=body, headers=USE_HTTP).json()["errors"]
        taken = client.post("/old", json={**body, "name": "taken"}, headers=USE_HTTP).json()["errors"]["name"]
    assert found == {
        "name": ["Must have at least 2 characters."],
        "age": ["Must be at least 18."],
        "born": ["Must be a date."],
        "tags": ["Must have at least 1 item."],
        "code": ["Has the wrong format."],
        "colour": ["Is not valid."],
        "missing": ["This field is required."],
    }
    assert taken == ["Taken."]


# attrs


@define
class Attrs:
    name: str = attrs_field(default="Ada", validator=attrs_validators.min_len(3))
    short: str = attrs_field(default="", validator=attrs_validators.max_len(1))
    tags: list[int] = attrs_field(factory=lambda: [1], validator=attrs_validators.min_len(1))
    low: int = attrs_field(default=9, validator=attrs_validators.ge(2))
    high: int = attrs_field(default=1, validator=attrs_validators.lt(2))
    code: str = attrs_field(default="a", validator=attrs_validators.matches_re("a.*"))
    size: str = attrs_field(default="s", validator=attrs_validators.in_(["s", "m"]))
    either: Any = attrs_field(default="s", validator=attrs_validators.instance_of(str))
    own: int = attrs_field(default=1)

    @own.validator
    def _own(self, _: Any, value: int) -> None:
        if value > 1:
            msg = "Too many for us."
            raise ValueError(msg)


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        ({"name": "A", "short": "ab"}, [("name", "min_length", {"min": 3}), ("short", "max_length", {"max": 1})]),
        ({"name": ""}, [("name", "required", {})]),
        ({"tags": []}, [("tags", "min_items", {"min": 1})]),
        ({"low": 1, "high": 2}, [("low", "min", {"min": "2"}), ("high", "less_than", {"max": "2"})]),
        ({"code": "b"}, [("code", "pattern", {"pattern": "a.*"})]),
        ({"size": "x"}, [("size", "choice", {"choices": ["s", "m"]})]),
        ({"either": 5}, [("either", "invalid", {})]),
        ({"own": 2}, [("own", "custom", {})]),
    ],
)
def test_validators_of_attrs_are_rules_too(value: Any, errors: Any) -> None:
    assert errors_of(Attrs, value) == errors
    assert all(is_ours(error) or error.message == "Too many for us." for error in collect(Attrs, value, decode))


# Apps

USE_HTTP = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}


class Name(Struct):
    name: Annotated[str, Meta(min_length=3)]
    age: int = 1


class NameModel(BaseModel):
    name: str = Field(min_length=3)

    @pydantic.field_validator("name")
    @classmethod
    def _taken(cls, value: str) -> str:
        if value == "taken":
            msg = "Taken."
            raise ValueError(msg)
        return value


class Owner(NameModel):
    pet: Annotated[Kitten | Puppy, Field(discriminator="kind")] | None = None


def german(error: FieldError, request: Request[Any, Any, Any]) -> str:
    """Return an error message in the visitor's language."""
    return error.in_words(GERMAN) if request.headers.get("accept-language", "").startswith("de") else error.message


def make_words_app(site: Path) -> Litestar:
    handlers: list[Any] = []
    for number, (marker, path) in enumerate(
        [(JSONBody, "json"), (URLEncodedBody, "form"), (MultipartBody, "multipart")]
    ):

        async def save(data: Any) -> None: ...

        async def save_model(data: Any) -> None: ...

        async def save_dto(data: Any) -> None: ...

        save.__annotations__["data"] = marker[Name]
        save_model.__annotations__["data"] = marker[Owner]
        save_dto.__annotations__["data"] = marker[NameModel]
        dto = type(f"NameDTO{number}", (PydanticDTO[NameModel],), {})
        handlers += [post(f"/{path}/struct")(save), post(f"/{path}/model")(save_model)]
        handlers.append(post(f"/{path}/dto", dto=dto)(save_dto))

    @get("/query")
    async def query(
        page: FromQuery[int],
        day: FromQuery[date],
        key: FromQuery[UUID],
        colour: FromQuery[Colour],
        amount: Annotated[str, QueryParameter(name="the-amount", min_length=3)] = "abc",
    ) -> None: ...

    return make_app(site, [*handlers, query], InertiaConfig(validation_message=german))


@pytest.fixture(scope="module")
def words_client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with TestClient(make_words_app(make_site(tmp_path_factory.mktemp("words")))) as client:
        yield client


@pytest.mark.parametrize("kind", ["struct", "model", "dto"])
@pytest.mark.parametrize("way", ["json", "form", "multipart"])
def test_an_empty_text_is_missing_whatever_the_body(words_client: Any, way: str, kind: str) -> None:
    request: dict[str, Any] = {"json" if way == "json" else "data": {"name": ""}}
    if way == "multipart":
        request["files"] = {"unused": b""}
    answer = words_client.post(f"/{way}/{kind}", headers=USE_HTTP, **request)
    assert answer.json()["errors"] == {"name": ["This field is required."]}
    answer = words_client.post(f"/{way}/{kind}", headers=USE_HTTP | {"Accept-Language": "de"}, **request)
    assert answer.json()["errors"] == {"name": ["Bitte füllen Sie dieses Feld aus."]}


@pytest.mark.parametrize("kind", ["model", "dto"])
def test_the_apps_words_reach_people_without_pydantics(words_client: Any, kind: str) -> None:
    answer = words_client.post(f"/json/{kind}", json={"name": "taken"}, headers=USE_HTTP)
    assert answer.json()["errors"] == {"name": ["Taken."]}


def test_precognition_and_the_form_agree_on_paths_inside_unions(words_client: Any) -> None:
    body = {"name": "A", "pet": {"kind": "cat", "lives": "x"}}
    headers = {"Precognition": "true", "Precognition-Validate-Only": "pet.lives"}
    for field in ("pet.lives", "pet"):
        headers["Precognition-Validate-Only"] = field
        answer = words_client.post("/json/model", json=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"]) == (422, {"pet.lives": ["Must be a whole number."]})


def test_parameters_have_our_words_too(words_client: Any) -> None:
    answer = words_client.get("/query?page=x&day=x&key=x&colour=x&the-amount=", headers=USE_HTTP)
    assert answer.json()["errors"] == {
        "page": ["Must be a whole number."],
        "day": ["Must be a date."],
        "key": ["Must be a UUID."],
        "colour": ["Must be one of the choices."],
        "the-amount": ["This field is required."],
    }


# Catalogues


def test_german_has_every_word_and_every_limit() -> None:
    assert {key for key in ENGLISH if not key.endswith(".one")} <= GERMAN.keys() <= ENGLISH.keys()
    for key, template in GERMAN.items():
        names = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert names == {name for _, name, _, _ in Formatter().parse(ENGLISH[key]) if name}, key


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (found("a", "min_length", "x", min=1), "Muss mindestens 1 Zeichen haben."),
        (found("a", "min_items", min=1), "Muss mindestens einen Eintrag haben."),
        (found("a", "max_items", max=2), "Darf höchstens 2 Einträge haben."),
        (found("a", "type", types=("integer", "list")), "Muss eine ganze Zahl oder eine Liste sein."),
        (found("a", "min", min=date(2026, 1, 2)), "Muss mindestens 2026-01-02 sein."),
        (FieldError("a", "custom", "Own words."), "Own words."),
        (FieldError("a", "taken", "Ada is taken.", {"name": "Ada"}), "Ada is taken."),
    ],
)
def test_a_catalogue_words_an_error(error: FieldError, message: str) -> None:
    assert error.in_words(GERMAN) == message


def test_a_catalogue_that_asks_for_unknown_limits_leaves_the_message() -> None:
    error = found("a", "min", min=3)
    assert error.in_words({"min": "{minimum}"}) == error.in_words({}) == "Must be at least 3."


def test_a_catalogue_may_be_the_setting(site: Path) -> None:
    @post("/form")
    async def save(data: JSONBody[Name]) -> None: ...

    app = make_app(site, [save], InertiaConfig(validation_message={"min_length": "{min}+"}))
    with TestClient(app) as client:
        answer = client.post("/form", json={"name": "ab", "age": "x"}, headers=USE_HTTP)
    assert answer.json()["errors"] == {"name": ["3+"], "age": ["Must be a whole number."]}


def test_the_function_gets_all_that_is_known(site: Path) -> None:
    seen: list[FieldError] = []

    def keep(error: FieldError, request: Request[Any, Any, Any]) -> str:
        seen.append(error)
        return f"{request.url.path} {error.path}"

    @post("/form")
    async def save(data: JSONBody[Name]) -> None: ...

    with TestClient(make_app(site, [save], InertiaConfig(validation_message=keep))) as client:
        answer = client.post("/form", json={"name": "ab"}, headers=USE_HTTP)
    assert answer.json()["errors"] == {"name": ["/form name"]}
    assert seen == [FieldError("name", "min_length", "Must have at least 3 characters.", {"min": 3}, "ab")]
