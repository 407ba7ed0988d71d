"""Props on the wire: return types, prop types and partial reloads by real headers, sharing, type encoders and DTOs."""

from __future__ import annotations

import collections
import dataclasses
import json
import logging
import time
import types
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypedDict

import anyio
import attrs
import httpx
import msgspec
import pydantic
import pytest
from litestar import Controller, Litestar, Request, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.dto import DataclassDTO, DTOConfig, MsgspecDTO
from litestar.params import FromQuery
from litestar.plugins.pydantic import PydanticDTO, PydanticPlugin
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import (
    InertiaConfig,
    InertiaResponse,
    always,
    defer,
    error,
    flash,
    flash_data,
    merge,
    once,
    optional,
    share,
    share_once,
)
from tests.integration.asgi import Answer, ask, ask_async
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path

RETURNED: dict[str, Any] = {}


@get("/", component="Home", sync_to_thread=False)
def home() -> Any:
    return RETURNED["props"]


def visit(app: Litestar, target: str = "/", **headers: str) -> Answer:
    return ask(app, "GET", target, inertia_headers(app, **headers))


def reload(app: Litestar, only: str = "", target: str = "/", component: str = "Home", **headers: str) -> Answer:
    return visit(app, target, partial_component=component, **({"partial_data": only} if only else {}), **headers)


def returned(site: Path, props: Any, **options: Any) -> Answer:
    """Return the response of a page whose handler returns `props`."""

    # A new handler each time: a handler object keeps what it resolved in its first app, including type encoders.
    @get("/", component="Home", sync_to_thread=False)
    def handler() -> Any:
        return props

    return visit(make_app(site, [handler], **options))


# Return types of handlers


class Camel(msgspec.Struct, rename="camel"):
    first_name: str = "Ada"
    late: Any = msgspec.field(default_factory=lambda: defer(lambda: 1))


@dataclasses.dataclass
class Data:
    firstName: str = "Ada"  # noqa: N815 - the name on the wire
    late: Any = dataclasses.field(default_factory=lambda: defer(lambda: 1))


@attrs.define
class Attrs:
    firstName: str = "Ada"  # noqa: N815
    late: Any = attrs.field(factory=lambda: defer(lambda: 1))


class Model(pydantic.BaseModel):
    firstName: str = "Ada"  # noqa: N815
    late: Any = pydantic.Field(default_factory=lambda: defer(lambda: 1))


class Strict(pydantic.BaseModel):
    """A model with a deferred prop in a field of another type."""

    firstName: str = "Ada"  # noqa: N815
    late: int = pydantic.Field(default_factory=lambda: defer(lambda: 1))


class Typed(TypedDict):
    firstName: str
    late: Any


def fields() -> dict[str, Any]:
    return {"firstName": "Ada", "late": defer(lambda: 1)}


RETURNS: dict[str, Any] = {
    "dict": fields,
    "TypedDict": lambda: Typed(firstName="Ada", late=defer(lambda: 1)),
    "OrderedDict": lambda: collections.OrderedDict(fields()),
    "defaultdict": lambda: collections.defaultdict(list, fields()),
    "mapping proxy": lambda: types.MappingProxyType(fields()),
    "UserDict": lambda: collections.UserDict(fields()),
    "ChainMap": lambda: collections.ChainMap({"firstName": "Ada"}, fields()),
    "Struct with rename": Camel,
    "frozen Struct": msgspec.defstruct("Frozen", [("firstName", str, "Ada"), ("late", Any, msgspec.field(default_factory=lambda: defer(lambda: 1)))], frozen=True),
    "dataclass": Data,
    "attrs": Attrs,
    "pydantic": Model,
    "pydantic with typed kinds": Strict,
}  # fmt: skip


@pytest.mark.parametrize("make", RETURNS.values(), ids=RETURNS)
def test_a_handler_may_return_anything_with_named_fields(site: Path, make: Any) -> None:
    RETURNED["props"] = make()
    app = make_app(site, [home])
    page = visit(app).page
    assert page["props"] == {"errors": {}, "firstName": "Ada"}
    assert page["deferredProps"] == {"default": ["late"]}
    assert reload(app, "late").page["props"] == {"errors": {}, "late": 1}
    assert page_in(ask(app).text) == page


@pytest.mark.parametrize(
    "make", [dict, lambda: None, lambda: types.MappingProxyType({}), msgspec.defstruct("Empty", [])]
)
def test_a_page_may_have_no_props(site: Path, make: Any) -> None:
    assert returned(site, make()).page["props"] == {"errors": {}}


def test_a_mapping_without_kinds_is_sent_too(site: Path) -> None:
    for props in (
        types.MappingProxyType({"a": 1}),
        collections.UserDict(a=1),
        collections.ChainMap({"a": 1}, {"a": 2}),
    ):
        assert returned(site, props).page["props"] == {"errors": {}, "a": 1}


class Point(NamedTuple):
    x: int = 1


@pytest.mark.parametrize(
    "props", [[1, 2], [], "text", 5, True, b"bytes", (1, 2), {1, 2}, Point(), object(), Data, float("nan")], ids=lambda props: repr(props)[:14]
)  # fmt: skip
def test_what_has_no_names_is_refused_with_what_to_return(site: Path, props: Any) -> None:
    assert returned(site, props).body == b'{"status_code":500,"detail":"Internal Server Error"}'
    text = returned(site, props, debug=True).text
    assert "PropError" in text
    assert "must be a mapping or an object with fields" in text


def test_a_name_that_is_no_string_is_refused_with_what_to_return(site: Path) -> None:
    for props in ({1: "a"}, {None: "a"}, {"a": 1, (1, 2): 3}, {"late": defer(lambda: 1), 2: 3}):
        assert returned(site, props).status == 500
        assert "The name of a prop must be a string" in returned(site, props, debug=True).text


class Private(pydantic.BaseModel):
    name: str = "Ada"
    password: str = pydantic.Field("s3cret", exclude=True)
    hidden: Any = pydantic.Field(default_factory=lambda: defer(lambda: "s3cret"), exclude=True)
    late: Any = pydantic.Field(default_factory=lambda: defer(lambda: 1))

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def greeting(self) -> str:
        return f"Hello {self.name}"

    @pydantic.field_serializer("name")
    def shout(self, name: str) -> str:
        return name.upper()


def test_a_pydantic_page_shows_what_pydantic_shows_and_never_an_excluded_field(site: Path) -> None:
    answer = returned(site, Private())
    assert answer.page["props"] == {"errors": {}, "name": "ADA", "greeting": "Hello Ada"}
    assert answer.page["deferredProps"] == {"default": ["late"]}
    assert b"s3cret" not in answer.body
    assert b"hidden" not in answer.body


class Extra(pydantic.BaseModel, extra="allow"):
    name: str = "Ada"


def test_a_pydantic_page_shows_its_extra_fields(site: Path) -> None:
    assert returned(site, Extra(age=36)).page["props"] == {"errors": {}, "name": "Ada", "age": 36}  # type: ignore[call-arg]


class Aliased(pydantic.BaseModel, populate_by_name=True):
    first_name: str = pydantic.Field("Ada", alias="firstName")
    inner: Extra = pydantic.Field(default_factory=Extra, alias="innerModel")
    late: Any = pydantic.Field(default_factory=lambda: defer(lambda: 1), alias="lateOne")


def test_a_pydantic_page_follows_the_plugins_setting_about_aliases_as_models_in_props_do(site: Path) -> None:
    page = returned(site, Aliased()).page
    assert page["props"] == {"errors": {}, "first_name": "Ada", "inner": {"name": "Ada"}}
    assert page["deferredProps"] == {"default": ["late"]}
    aliased = returned(site, Aliased(), plugins=[PydanticPlugin(prefer_alias=True)]).page
    assert aliased["props"] == {"errors": {}, "firstName": "Ada", "innerModel": {"name": "Ada"}}
    assert aliased["deferredProps"] == {"default": ["lateOne"]}
    nested = {"m": Aliased(late=1)}
    assert returned(site, nested).page["props"]["m"] == {"first_name": "Ada", "inner": {"name": "Ada"}, "late": 1}
    inner = returned(site, nested, plugins=[PydanticPlugin(prefer_alias=True)]).page["props"]["m"]
    assert inner == {"firstName": "Ada", "innerModel": {"name": "Ada"}, "lateOne": 1}


class Cat(msgspec.Struct, tag="cat", tag_field="kind"):
    lives: int = 9
    unset: int | msgspec.UnsetType = msgspec.UNSET


def test_a_tagged_struct_keeps_its_tag_and_leaves_out_what_is_unset(site: Path) -> None:
    assert returned(site, Cat()).page["props"] == {"errors": {}, "kind": "cat", "lives": 9}
    assert returned(site, {"pet": Cat()}).page["props"]["pet"] == {"kind": "cat", "lives": 9}


def test_models_inside_props_are_encoded_as_litestar_encodes_them(site: Path) -> None:
    props = {
        "s": Cat(),
        "d": dataclasses.make_dataclass("D", [("x", int)])(1),
        "a": attrs.make_class("A", ["x"])(1),
        "p": Extra(),
        "l": [Cat(), Extra()],
    }
    expected = {
        "s": {"kind": "cat", "lives": 9},
        "d": {"x": 1},
        "a": {"x": 1},
        "p": {"name": "Ada"},
        "l": [{"kind": "cat", "lives": 9}, {"name": "Ada"}],
    }
    assert returned(site, props).page["props"] == {"errors": {}, **expected}


# Return DTOs


@dataclasses.dataclass
class Account:
    name: str
    password: str


class AccountStruct(msgspec.Struct):
    name: str
    password: str


class AccountModel(pydantic.BaseModel):
    name: str
    password: str


CONFIG = DTOConfig(exclude={"password"}, rename_fields={"name": "userName"})
DTOS = {
    "dataclass": (Account, DataclassDTO[Annotated[Account, CONFIG]]),
    "struct": (AccountStruct, MsgspecDTO[Annotated[AccountStruct, CONFIG]]),
    "pydantic": (AccountModel, PydanticDTO[Annotated[AccountModel, CONFIG]]),
}


@pytest.mark.parametrize(("kind", "dto"), DTOS.values(), ids=DTOS)
def test_a_return_dto_decides_about_the_fields_of_a_page(site: Path, kind: Any, dto: Any) -> None:
    def handler() -> Any:
        return kind(name="Ada", password="s3cret")

    handler.__annotations__["return"] = kind
    app = make_app(site, [get("/", component="Home", return_dto=dto, sync_to_thread=False)(handler)])
    for answer in (visit(app), ask(app), reload(app, "userName")):
        assert b"s3cret" not in answer.body
        page = answer.page if answer.header("x-inertia") else page_in(answer.text)
        assert page["props"] == {"errors": {}, "userName": "Ada"}


# Type encoders of every layer


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents


def test_type_encoders_of_app_router_controller_handler_and_response_are_used_the_innermost_wins(site: Path) -> None:
    def named(name: str) -> Any:
        return {Money: lambda money: f"{name}:{money.cents}"}

    @get("/app", component="Home", sync_to_thread=False)
    def by_app() -> dict[str, Any]:
        return {"price": Money(5)}

    @get("/router", component="Home", sync_to_thread=False)
    def by_router() -> dict[str, Any]:
        return {"price": Money(5), "late": lambda: Money(6)}

    class Prices(Controller):
        path = "/c"
        type_encoders = named("controller")

        @get("/controller", component="Home")
        async def by_controller(self) -> dict[str, Any]:
            return {"price": Money(5)}

        @get("/handler", component="Home", type_encoders=named("handler"))
        async def by_handler(self) -> dict[str, Any]:
            return {"price": Money(5)}

        @get("/response")
        async def by_response(self) -> InertiaResponse[Any]:
            return InertiaResponse({"price": Money(5)}, component="Home", type_encoders=named("response"))

    router = Router("/r", route_handlers=[by_router, Prices], type_encoders=named("router"))
    app = make_app(site, [by_app, router], type_encoders=named("app"))
    for target, layer in [
        ("/app", "app"), ("/r/router", "router"), ("/r/c/controller", "controller"), ("/r/c/handler", "handler"), ("/r/c/response", "response"),
    ]:  # fmt: skip
        for _ in range(2):
            assert visit(app, target).page["props"]["price"] == f"{layer}:5"
            assert reload(app, "price", target).page["props"]["price"] == f"{layer}:5"
            assert page_in(ask(app, target=target).text)["props"]["price"] == f"{layer}:5"
    assert visit(app, "/r/router").page["props"]["late"] == "router:6"


def test_type_encoders_serve_parts_of_models_on_partial_reloads(site: Path) -> None:
    class Order(msgspec.Struct):
        price: Any
        note: str = "x"

    @get("/", component="Home", sync_to_thread=False)
    def handler() -> dict[str, Any]:
        return {"order": Order(Money(5)), "b": 1}

    app = make_app(site, [handler], type_encoders={Money: lambda money: {"cents": money.cents, "currency": "EUR"}})
    assert reload(app, "order.price.cents").page["props"] == {"errors": {}, "order": {"price": {"cents": 5}}}


# Prop types and partial reloads by real headers


class Repository:
    async def stats(self, factor: int = 1) -> int:
        return 7 * factor


CALLS: list[str] = []


def called(name: str, result: Any = None) -> Any:
    def call() -> Any:
        CALLS.append(name)
        return name if result is None else result

    return call


@get("/kinds", component="Kinds")
async def kinds() -> dict[str, Any]:
    return {
        "plain": "plain",
        "fn": called("fn"),
        "maybe": optional(called("maybe")),
        "kept": once(called("kept"), key="shared-key", until=timedelta(hours=1)),
        "always": always(called("always")),
        "late": defer(called("late")),
        "side": merge(defer(called("side", [1]), group="side"), match_on="id"),
        "list": merge(called("list", [1, 2])),
        "user": {"name": "Ada", "email": called("email"), "secret": optional(called("secret"))},
    }


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def test_f_a_full_visit_announces_what_it_does_not_send(site: Path) -> None:
    before = time.time_ns() // 1_000_000
    page = visit(make_app(site, [kinds]), "/kinds").page
    after = time.time_ns() // 1_000_000
    expected = {
        "errors": {},
        "plain": "plain",
        "fn": "fn",
        "kept": "kept",
        "always": "always",
        "list": [1, 2],
        "user": {"name": "Ada", "email": "email"},
    }
    assert page["props"] == expected
    assert list(page["props"]) == list(expected)
    assert page["deferredProps"] == {"default": ["late"], "side": ["side"]}
    assert (page["mergeProps"], page["matchPropsOn"]) == (["side", "list"], ["side.id"])
    assert page["onceProps"]["shared-key"]["prop"] == "kept"
    assert before + 3_600_000 <= page["onceProps"]["shared-key"]["expiresAt"] <= after + 3_600_000
    assert sorted(CALLS) == ["always", "email", "fn", "kept", "list"]


PARTIALS: list[tuple[str, dict[str, str], dict[str, Any], list[str]]] = [
    ("E34", {"partial_data": "plain"}, {"plain": "plain"}, []),
    ("E34-deferred", {"partial_data": "late"}, {"late": "late"}, ["late"]),
    ("E34-optional", {"partial_data": "maybe,nope,,"}, {"maybe": "maybe"}, ["maybe"]),
    ("E49-group", {"partial_data": "side"}, {"side": [1]}, ["side"]),
    ("E35", {"partial_except": "plain,fn,kept,list,user,late,side"}, {"maybe": "maybe"}, ["maybe"]),
    ("E36", {"partial_data": "fn,plain", "partial_except": "fn"}, {"plain": "plain"}, []),
    ("E37-leaf", {"partial_data": "user.name"}, {"user": {"name": "Ada"}}, []),
    (
        "E37-tree",
        {"partial_data": "user"},
        {"user": {"name": "Ada", "email": "email", "secret": "secret"}},
        ["email", "secret"],
    ),
    (
        "E37-except",
        {"partial_data": "user", "partial_except": "user.email"},
        {"user": {"name": "Ada", "secret": "secret"}},
        ["secret"],
    ),
    ("E37-index", {"partial_data": "list.1"}, {"list": [2]}, ["list"]),
    ("E39-excepted", {"partial_data": "plain", "partial_except": "always,errors"}, {"plain": "plain"}, []),
    (
        "E45-known-is-for-full-visits",
        {"partial_data": "kept", "except_once_props": "shared-key"},
        {"kept": "kept"},
        ["kept"],
    ),
    ("E40-reset", {"partial_data": "list", "reset": "list"}, {"list": [1, 2]}, ["list"]),
]


@pytest.mark.parametrize(("headers", "props", "calls"), [row[1:] for row in PARTIALS], ids=[row[0] for row in PARTIALS])
def test_e_partial_reloads(site: Path, headers: dict[str, str], props: dict[str, Any], calls: list[str]) -> None:
    page = visit(make_app(site, [kinds]), "/kinds", partial_component="Kinds", **headers).page
    assert page["props"] == {"errors": {}, "always": "always", **props}
    assert sorted(CALLS) == sorted(["always", *calls])
    assert "deferredProps" not in page
    merges = [name for name in ("side", "list") if name in props and headers.get("reset") != name]
    assert page.get("mergeProps", []) == merges
    assert set(page.get("onceProps", {})) == ({"shared-key"} if "kept" in props else set())


@pytest.mark.parametrize("component", ["Other", "kinds", "Kinds/Index", ""])
def test_e33_a_partial_reload_of_another_component_is_a_full_visit(site: Path, component: str) -> None:
    page = visit(make_app(site, [kinds]), "/kinds", partial_component=component, partial_data="plain").page
    assert page["props"]["fn"] == "fn"
    assert "deferredProps" in page


def test_e33_a_browser_is_never_answered_with_a_part(site: Path) -> None:
    app = make_app(site, [kinds])
    html = ask(
        app, target="/kinds", headers={"X-Inertia-Partial-Component": "Kinds", "X-Inertia-Partial-Data": "plain"}
    )
    assert page_in(html.text)["props"]["fn"] == "fn"


def test_e45_the_browsers_first_visit_gets_once_props_whatever_it_claims_to_have(site: Path) -> None:
    app = make_app(site, [kinds])
    html = ask(app, target="/kinds", headers={"X-Inertia-Except-Once-Props": "shared-key"})
    assert page_in(html.text)["props"]["kept"] == "kept"
    page = visit(app, "/kinds", except_once_props="shared-key").page
    assert "kept" not in page["props"]
    assert page["onceProps"]["shared-key"]["prop"] == "kept"
    assert CALLS.count("kept") == 1


def test_e50_a_rescued_prop_is_left_out_logged_and_given_to_the_hook_and_shows_nothing(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reported: list[tuple[str, str]] = []

    async def fails() -> int:
        raise RuntimeError("SELECT secret FROM users")

    RETURNED["props"] = {"a": {"b": defer(fails, rescue=True)}, "c": defer(lambda: 1)}
    app = make_app(site, [home], InertiaConfig(on_rescue=lambda path, exc: reported.append((path, str(exc)))))
    with caplog.at_level(logging.ERROR):
        answer = reload(app, "a,c")
    assert answer.status == 200
    assert answer.page["props"] == {"errors": {}, "a": {}, "c": 1}
    assert answer.page["rescuedProps"] == ["a.b"]
    assert b"SELECT" not in answer.body
    assert reported == [("a.b", "SELECT secret FROM users")]
    assert "Deferred prop 'a.b' failed and was left out of the page" in caplog.text


def test_e50_any_other_failing_prop_is_an_ordinary_error_for_the_users_handlers(site: Path) -> None:
    def fails() -> int:
        raise LookupError("secret")

    RETURNED["props"] = {"a": defer(fails), "b": fails}
    plain, mine = make_app(site, [home]), make_app(site, [home], exception_handlers={LookupError: on_lookup_error})
    for app, status in ((plain, 500), (mine, 410)):
        for answer in (visit(app), ask(app), reload(app, "a")):
            assert answer.status == status
            assert b"secret" not in answer.body


def on_lookup_error(_: Request[Any, Any, Any], __: LookupError) -> InertiaResponse[None]:
    return InertiaResponse(component="Gone", status_code=410)


def test_b16_b17_dotted_names_and_callables_that_return_kinds(site: Path) -> None:
    async def plans() -> Any:
        return merge([1])

    page = returned(site, {"auth": {"a": 1}, "auth.user": "Ada", "auth.late": defer(lambda: 1), "plans": plans}).page
    assert page["props"] == {"errors": {}, "auth": {"a": 1, "user": "Ada"}, "plans": [1]}
    assert page["deferredProps"] == {"default": ["auth.late"]}
    assert page["mergeProps"] == ["plans"]


def test_a_prop_may_be_the_method_of_a_dependency(site: Path) -> None:
    @get("/", component="Home", dependencies={"repo": Provide(Repository, sync_to_thread=False)})
    async def handler(repo: NamedDependency[Repository]) -> dict[str, Any]:
        return {"stats": repo.stats, "late": defer(repo.stats, 3)}

    app = make_app(site, [handler])
    assert visit(app).page["props"]["stats"] == 7
    assert reload(app, "late").page["props"]["late"] == 21


# Sharing


def test_b15_g51_shared_props_come_first_are_named_and_yield_to_page_props(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> dict[str, Any]:
        share(request, "auth.user", "Ada")
        share(request, "n", 0)
        share(request, "late", defer(lambda: 1))
        return {"own": 1, "n": 1}

    app = make_app(
        site,
        [handler],
        InertiaConfig(
            share={"app": "Demo", "path": lambda request: request.url.path, "kept": once(lambda: 2), "n": -1}
        ),
    )
    page = visit(app).page
    assert page["props"] == {
        "errors": {},
        "app": "Demo",
        "path": "/",
        "kept": 2,
        "n": 1,
        "auth": {"user": "Ada"},
        "own": 1,
    }
    assert list(page["props"])[-1] == "own"
    assert page["sharedProps"] == ["errors", "app", "path", "kept", "n", "auth", "late"]
    assert page["deferredProps"] == {"default": ["late"]}
    assert page_in(ask(app).text) == page


def test_g51_names_are_told_on_partials_too_and_for_props_that_were_skipped(site: Path) -> None:
    RETURNED["props"] = {"own": 1}
    app = make_app(site, [home], InertiaConfig(share={"app": "Demo", "kept": once(lambda: 2)}))
    assert reload(app, "own").page["sharedProps"] == ["errors", "app", "kept"]
    page = visit(app, except_once_props="kept").page
    assert "kept" not in page["props"]
    assert page["sharedProps"] == ["errors", "app", "kept"]


@pytest.mark.parametrize("shared", [{}, {"app": "Demo"}])
def test_g51_names_can_be_switched_off(site: Path, shared: dict[str, Any]) -> None:
    RETURNED["props"] = {"own": 1}
    app = make_app(site, [home], InertiaConfig(share=shared, share_names=False))
    for answer in (visit(app), reload(app, "own")):
        assert "sharedProps" not in answer.page


def test_g52_config_shares_values_callables_with_and_without_the_request_and_kinds_of_them(site: Path) -> None:
    async def user(request: Request[Any, Any, Any]) -> str:
        return request.headers["x-user"]

    RETURNED["props"] = {}
    shares = {
        "value": 1, "fn": lambda: 2, "user": user, "always_user": always(user), "late_user": defer(user), "with_args": defer(lambda x: x, 5), "nested": {"fn": lambda: 3},
    }  # fmt: skip
    app = make_app(site, [home], InertiaConfig(share=shares))
    for name in ("Ada", "Bob"):
        page = visit(app, **{"x-user": name}).page
        assert page["props"] == {
            "errors": {},
            "value": 1,
            "fn": 2,
            "user": name,
            "always_user": name,
            "nested": {"fn": 3},
        }
        assert page["deferredProps"] == {"default": ["late_user", "with_args"]}
        late = reload(app, "late_user,with_args", **{"x-user": name}).page["props"]
        assert late == {"errors": {}, "always_user": name, "late_user": name, "with_args": 5}


def test_g52_shared_callables_are_called_only_when_their_prop_is_sent(site: Path) -> None:
    RETURNED["props"] = {"own": 1}
    app = make_app(
        site,
        [home],
        InertiaConfig(share={"costly": called("costly"), "of_request": lambda request: called("of_request")()}),
    )
    assert reload(app, "own").page["props"] == {"errors": {}, "own": 1}
    assert CALLS == []
    visit(app)
    assert CALLS == ["costly", "of_request"]


def test_g52_what_a_request_shares_ends_with_it(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> dict[str, Any]:
        if request.query_params:
            share(request, "seen", dict(request.query_params))
        return {}

    app = make_app(site, [handler])
    assert visit(app, "/?a=1").page["props"]["seen"] == {"a": "1"}
    assert "seen" not in visit(app).page["props"]


def test_g52_guards_dependencies_and_middleware_can_share_too(site: Path) -> None:
    def guard(connection: Any, _: Any) -> None:
        share(connection, "guard", 1)

    def dependency(request: Request[Any, Any, Any]) -> int:
        share(request, "dependency", 2)
        return 0

    async def before(request: Request[Any, Any, Any]) -> None:
        share(request, "before", 3)

    @get(
        "/",
        component="Home",
        guards=[guard],
        dependencies={"dep": Provide(dependency, sync_to_thread=False)},
        before_request=before,
    )
    async def handler(dep: NamedDependency[int]) -> dict[str, Any]:
        return {"own": dep}

    assert visit(make_app(site, [handler])).page["props"] == {
        "errors": {},
        "guard": 1,
        "before": 3,
        "dependency": 2,
        "own": 0,
    }


@pytest.mark.anyio
async def test_r13_g52_two_hundred_interleaved_requests_never_see_each_others_data(site: Path) -> None:
    """Requests switch between all steps, with every kind of state: shares, flash, errors, props, partials and HTML."""
    met = 0
    everybody = anyio.Event()

    @get("/", component="Home")
    async def handler(request: Request[Any, Any, Any]) -> dict[str, Any]:
        nonlocal met
        user = request.query_params["user"]
        share(request, "shared", user)
        flash(request, user)
        met += 1
        if met == 200:
            everybody.set()
        await everybody.wait()  # All requests are inside their handlers now.
        flash_data(request, "data", {"user": user})
        error(request, "name", user)
        share(request, "nested.user", user)

        async def late() -> str:
            await anyio.lowlevel.checkpoint()
            share(request, "too_late", user)
            return user

        return {"late": late, "user": user}

    app = make_app(site, [handler], InertiaConfig(share={"of_config": lambda request: request.query_params["user"]}))
    pages: dict[str, Any] = {}

    async def one(number: int) -> None:
        user = f"u{number}"
        headers = inertia_headers(app)
        if number % 4 == 1:
            headers = {}
        elif number % 4 == 2:
            headers = inertia_headers(app, partial_component="Home", partial_data="late,user,shared,nested,of_config")
        answer = await ask_async(app, "GET", f"/?user={user}", headers)
        pages[user] = answer.page if headers else page_in(answer.text)

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(one, number)
    assert len(pages) == 200
    for user, page in pages.items():
        assert page["props"] == {
            "errors": {"name": user},
            "of_config": user,
            "shared": user,
            "nested": {"user": user},
            "late": user,
            "user": user,
        }
        assert page["flash"] == {"info": [user], "data": {"user": user}}
        assert page["url"] == f"/?user={user}"


@pytest.mark.anyio
async def test_r13_cookies_of_interleaved_visitors_bring_each_their_own_flash(site: Path) -> None:
    @post("/form")
    async def form(request: Request[Any, Any, Any]) -> Redirect:
        user = request.query_params["user"]
        flash(request, user)
        await anyio.lowlevel.checkpoint()
        error(request, "name", user)
        return Redirect("/")

    RETURNED["props"] = {}
    app = make_app(site, [home, form])
    seen: dict[str, Any] = {}

    async def visitor(user: str) -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://testserver.local", follow_redirects=True
        ) as client:
            page = (await client.post(f"/form?user={user}", headers=inertia_headers(app))).json()
            again = (await client.get("/", headers=inertia_headers(app))).json()
            seen[user] = (page["flash"], page["props"]["errors"], "flash" in again)

    async with anyio.create_task_group() as group:
        for number in range(100):
            group.start_soon(visitor, f"u{number}")
    assert seen == {f"u{number}": ({"info": [f"u{number}"]}, {"name": f"u{number}"}, False) for number in range(100)}


def test_the_page_can_be_chosen_at_run_time_and_partials_follow_it(site: Path) -> None:
    @get("/", component="Declared", sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
        return InertiaResponse(
            {"a": called("a"), "b": called("b")}, component=request.query_params.get("as", "Declared")
        )

    app = make_app(site, [handler])
    assert reload(app, "a", "/?as=Chosen", "Chosen").page["props"] == {"errors": {}, "a": "a"}
    assert CALLS == ["a"]
    assert set(reload(app, "a", "/?as=Chosen", "Declared").page["props"]) == {"errors", "a", "b"}


def test_annotations_of_mappings_and_unions_work(site: Path) -> None:
    @get("/mapping", component="Home", sync_to_thread=False)
    def mapping() -> Mapping[str, int]:
        return {"n": 1}

    @get("/union", component="Home", sync_to_thread=False)
    def union(request: Request[Any, Any, Any]) -> dict[str, int] | InertiaResponse[dict[str, int]]:
        return {"n": 1} if not request.query_params else InertiaResponse({"n": 2}, component="Other")

    app = make_app(site, [mapping, union])
    assert visit(app, "/mapping").page["props"]["n"] == 1
    assert visit(app, "/union").page["component"] == "Home"
    assert visit(app, "/union?x=1").page["component"] == "Other"


def test_the_json_of_plain_and_planned_pages_is_the_same(site: Path) -> None:
    data = {"a": [1, "é<"], "b": {"c": None, "d": 1.5}, "e": "x"}
    plain = returned(site, data)
    planned = returned(site, {name: always(value) for name, value in data.items()})
    handmade = make_app(site, [get("/", sync_to_thread=False)(made_by_hand)])
    RETURNED["props"] = data
    assert json.loads(plain.body) == json.loads(planned.body)
    assert plain.body == visit(handmade).body


def made_by_hand() -> InertiaResponse[Any]:
    return InertiaResponse(RETURNED["props"], component="Home")


@pytest.mark.protocol("G52", "F46")
def test_g52_share_once_is_sent_once_under_its_own_key(site: Path) -> None:
    calls: list[str] = []

    async def plans() -> list[str]:
        calls.append("plans")
        return ["free", "pro"]

    @get("/", component="Page", sync_to_thread=False)
    def page(request: Request[Any, Any, Any], fresh: FromQuery[bool] = False) -> dict[str, Any]:
        share_once(request, "billing.plans", plans, until=60, fresh=fresh)
        return {"a": 1}

    app = make_app(site, [page])
    with TestClient(app) as client:
        first = client.get("/", headers=inertia_headers(app)).json()
        again = client.get("/", headers=inertia_headers(app, except_once_props="billing.plans")).json()
        fresh = client.get("/?fresh=1", headers=inertia_headers(app, except_once_props="billing.plans")).json()
    assert first["props"]["billing"] == {"plans": ["free", "pro"]}
    assert first["sharedProps"] == ["errors", "billing"]
    assert first["onceProps"].keys() == {"billing.plans"}
    assert first["onceProps"]["billing.plans"]["prop"] == "billing.plans"
    assert first["onceProps"]["billing.plans"]["expiresAt"] > 1_700_000_000_000
    assert "plans" not in again["props"].get("billing", {})
    assert again["onceProps"].keys() == {"billing.plans"}
    assert fresh["props"]["billing"] == {"plans": ["free", "pro"]}
    assert calls == ["plans", "plans"]
