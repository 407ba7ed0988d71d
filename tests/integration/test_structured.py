"""Objects with fields as pages: fields hold prop types, and names are those on the wire (the issue's third part)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import msgspec
import pytest
from attrs import define
from litestar import Litestar, get
from litestar.openapi import OpenAPIConfig
from litestar.plugins.pydantic import PydanticPlugin
from litestar.testing import TestClient
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from litestar_vite.inertia import InertiaConfig, InertiaResponse, Prop, always, defer, merge, once, optional
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, page_in

pytestmark = pytest.mark.protocol("B17", "E34", "F43")


class Money(Struct, rename="camel"):
    total_cents: int


async def load() -> Money:
    return Money(5)


class StructPage(Struct):
    title: str
    stats: Prop[Money]
    names: Prop[list[str]]
    plans: Prop[int]
    extra: Prop[int]
    unread: Prop[int]


@dataclass
class DataPage:
    title: str
    stats: Prop[Money]
    names: Prop[list[str]]
    plans: Prop[int]
    extra: Prop[int]
    unread: Prop[int]


@define
class AttrsPage:
    title: str
    stats: Prop[Money]
    names: Prop[list[str]]
    plans: Prop[int]
    extra: Prop[int]
    unread: Prop[int]


class ModelPage(BaseModel):
    title: str
    stats: Prop[int]
    names: Prop[list[str]]
    plans: Prop[int]
    extra: Prop[int]
    unread: Prop[int]


class DictPage(TypedDict):
    title: str
    stats: Prop[Money]
    names: Prop[list[str]]
    plans: Prop[int]
    extra: Prop[int]
    unread: Prop[int]


KINDS: list[Any] = [StructPage, DataPage, AttrsPage, ModelPage, DictPage, dict]


def app_of(site: Path, kind: Any, how: str) -> Litestar:
    def make() -> Any:
        return kind(
            title="T",
            stats=defer(load, group="side"),
            names=merge(["a"], match_on="id"),
            plans=once(lambda: 3),
            extra=optional(lambda: 4),
            unread=always(5),
        )

    async def page() -> Any:
        return make() if how == "data" else InertiaResponse(make(), component="Page")

    page.__annotations__["return"] = kind if how == "data" else InertiaResponse[Any]
    return make_app(site, [get("/", component="Page")(page)])


@pytest.mark.parametrize("how", ["data", "response"])
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_in_fields_are_sent_as_in_a_dict(site: Path, kind: Any, how: str) -> None:
    app = app_of(site, kind, how)
    full = ask(app, headers=inertia_headers(app)).page
    assert full["props"] == {"errors": {}, "title": "T", "names": ["a"], "plans": 3, "unread": 5}
    assert list(full["props"]) == ["errors", "title", "names", "plans", "unread"]
    assert (full["deferredProps"], full["mergeProps"], full["matchPropsOn"]) == (
        {"side": ["stats"]},
        ["names"],
        ["names.id"],
    )
    assert full["onceProps"] == {"plans": {"prop": "plans", "expiresAt": None}}
    part = ask(app, headers=inertia_headers(app, partial_component="Page", partial_data="stats,extra")).page
    assert part["props"] == {"errors": {}, "stats": {"totalCents": 5}, "extra": 4, "unread": 5}


class Renamed(Struct, rename="camel"):
    user_names: Prop[list[str]]
    page_title: str


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    user_names: Prop[list[str]] = Field(serialization_alias="userNames")
    page_title: str = Field(serialization_alias="pageTitle")


@pytest.mark.protocol("E37")
@pytest.mark.parametrize("kind", [Renamed, Aliased])
def test_names_of_the_wire_name_props_and_metadata(site: Path, kind: Any) -> None:
    @get("/", component="Page", sync_to_thread=False)
    def page() -> Any:
        return kind(user_names=merge(["a"]), page_title="T")

    app = make_app(site, [page], plugins=[PydanticPlugin(prefer_alias=True)])
    answer = ask(app, headers=inertia_headers(app)).page
    assert answer["props"] == {"errors": {}, "userNames": ["a"], "pageTitle": "T"}
    assert answer["mergeProps"] == ["userNames"]
    part = ask(app, headers=inertia_headers(app, partial_component="Page", partial_data="userNames.0")).page
    assert part["props"] == {"errors": {}, "userNames": ["a"]}


class Price:
    """A type that only a type encoder can encode."""

    def __init__(self, amount: float) -> None:
        self.amount = amount


@dataclass
class Priced:
    price: Price
    late: Prop[Price]
    parts: list[Price] = field(default_factory=list)


@pytest.mark.parametrize("layer", ["app", "handler", "response"])
def test_type_encoders_of_every_layer_reach_kinds_and_values(site: Path, layer: str) -> None:
    encoders: Any = {Price: lambda price: f"{price.amount} EUR"}

    async def page() -> Any:
        made = Priced(Price(1.5), defer(lambda: Price(2)), [Price(3)])
        return InertiaResponse(made, component="Page", type_encoders=encoders) if layer == "response" else made

    page.__annotations__["return"] = Any
    handler = get("/", component="Page", **({"type_encoders": encoders} if layer == "handler" else {}))(page)
    app = make_app(site, [handler], InertiaConfig(), **({"type_encoders": encoders} if layer == "app" else {}))
    full = ask(app, headers=inertia_headers(app)).page["props"]
    assert full == {"errors": {}, "price": "1.5 EUR", "parts": ["3 EUR"]}
    part = ask(app, headers=inertia_headers(app, partial_component="Page", partial_data="late,parts.0")).page["props"]
    assert part == {"errors": {}, "late": "2 EUR", "parts": ["3 EUR"]}


def test_openapi_of_such_pages_can_be_made(site: Path) -> None:
    @get("/s", component="Page")
    async def s() -> StructPage: ...  # type: ignore[empty-body]

    @get("/m", component="Page")
    async def m() -> ModelPage: ...  # type: ignore[empty-body]

    app = make_app(site, [s, m], openapi_config=OpenAPIConfig("Pages", "1"))
    with TestClient(app) as client:
        schemas = client.get("/schema/openapi.json").json()["components"]["schemas"]
    assert {"StructPage", "ModelPage"} <= {name.rsplit("_", 1)[-1] for name in schemas}


def test_a_pydantic_field_of_a_kind_takes_kinds_only() -> None:
    with pytest.raises(ValueError, match="instance of Prop"):
        ModelPage(title="T", stats=1, names=[], plans=1, extra=1, unread=1)  # type: ignore[arg-type]
    assert ModelPage.model_json_schema()["properties"]["stats"] == {"title": "Stats", "type": "integer"}


@define
class PrivateAttrs:
    title: str = "Ada"
    _secret: str = "s"


@dataclass
class PrivateData:
    title: str = "Ada"
    _shown_as_in_json: int = 1


class Omitting(Struct, omit_defaults=True, rename="camel", tag="page"):
    first_name: str = "Ada"
    given: str = "x"
    rows: list[int] = msgspec.field(default_factory=lambda: [0])
    ids: list[int] = msgspec.field(default_factory=list)
    by_id: dict[str, int] = msgspec.field(default_factory=dict)
    made: list[int] = msgspec.field(default_factory=lambda: [1])
    nothing: int | None = None
    unset: int | msgspec.UnsetType = msgspec.UNSET
    late: Prop[int] | None = None


NESTED_TWINS: dict[str, Any] = {
    "attrs": PrivateAttrs,
    "dataclass": PrivateData,
    "defaults": lambda: Omitting(rows=[]),
    "other values": lambda: Omitting(first_name="Eva", rows=[], ids=[1], by_id={"a": 1}, nothing=0, unset=1),
    "equal but not the default": lambda: Omitting(given="-x-".strip("-"), rows=[], made=[1]),
}


@pytest.mark.parametrize("client", ["xhr", "html"])
@pytest.mark.parametrize("name", NESTED_TWINS)
def test_a_page_is_encoded_like_the_same_object_inside_a_page(site: Path, name: str, client: str) -> None:
    @get("/page", component="Home", sync_to_thread=False)
    def page() -> Any:
        return NESTED_TWINS[name]()

    @get("/nested", component="Home", sync_to_thread=False)
    def nested() -> dict[str, Any]:
        return {"model": NESTED_TWINS[name]()}

    app = make_app(site, [page, nested])

    def props(path: str) -> dict[str, Any]:
        answer = ask(app, "GET", path, inertia_headers(app) if client == "xhr" else {})
        found: dict[str, Any] = (answer.page if client == "xhr" else page_in(answer.text))["props"]
        return found

    assert props("/page") == {"errors": {}, **props("/nested")["model"]}


def test_a_prop_type_in_a_struct_that_omits_defaults_is_kept(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def page() -> Omitting:
        return Omitting(rows=[], late=defer(lambda: 1))

    app = make_app(site, [page])
    assert ask(app, "GET", "/", inertia_headers(app)).page["deferredProps"] == {"default": ["late"]}
