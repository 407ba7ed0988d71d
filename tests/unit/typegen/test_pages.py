"""Page props from handlers: by annotation, by dict literal, by prop helper; shared props, flash, forms and routes."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import pytest
from litestar import Controller, Litestar, Request, Response, Router, get, post, put
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.pagination import OffsetPagination
from litestar.response import Redirect
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite._typegen.generate import AppTypes, pages_module, read_types
from litestar_vite._typegen.public_routes import public_routes
from litestar_vite._typegen.route_module import route_module
from litestar_vite._typegen.sources import Sources
from litestar_vite._typegen.typescript import Writer
from litestar_vite.config import TypesConfig
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaRedirect,
    InertiaResponse,
    Prop,
    always,
    defer,
    flash,
    flash_data,
    merge,
    once,
    optional,
    scroll,
)

# Most apps declare parameters without FromPath and JSONBody.
pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")

STATUSES: tuple[Literal["new", "old"], ...] = ("new", "old")


class User(Struct, rename="camel"):
    id: int
    full_name: str
    manager: User | None = None


class Stats(TypedDict):
    total: int
    share: NotRequired[float]


class UsersPage(Struct):
    users: list[User]
    stats: Prop[Stats]


class Repository:
    def __init__(self, prefix: str) -> None:
        self.rows: list[User] = []
        self.prefix = prefix
        self.limit = 20

    async def all(self) -> list[User]:
        return self.rows

    async def page(self) -> OffsetPagination[User]:
        return OffsetPagination(self.rows, 1, 0, 1)

    @property
    def count(self) -> int:
        return len(self.rows)

    async def summary(self) -> dict[str, object]:
        return {"count": len(self.rows), "first": self.rows[0].full_name if self.rows else None}


repository = Repository("x")


KEPT: list[Litestar] = []
"""Keeps all apps alive. Litestar looks up DTOs by the `id` of layers, which may be reused after they are freed."""


def app_of(*handlers: Any, config: InertiaConfig | None = None, **options: Any) -> Litestar:
    plugin = VitePlugin(ViteConfig(root=Path(__file__).parent, inertia=config or InertiaConfig(), inert=True))
    app = Litestar(list(handlers), plugins=[plugin], openapi_config=None, logging_config=None, **options)
    KEPT.append(app)
    return app


def types_of(*handlers: Any, config: InertiaConfig | None = None, **options: Any) -> AppTypes:
    return read_types(app_of(*handlers, config=config, **options), config or InertiaConfig(), TypesConfig())


def props_of(fn: Any, component: str = "X") -> str:
    """Return the type of a page on one line."""
    page = types_of(get("/x", component="X")(fn)).pages[component]
    return text_of(page.shape)


def text_of(shape: Any) -> str:
    writer = Writer()
    writer.shape(shape)
    lines = [re.sub(r" // .*", "", line.strip()) for line in str(writer).splitlines()]
    return "; ".join(lines).replace("{;", "{").replace("; }", " }")


async def by_annotation() -> UsersPage:
    return UsersPage([], defer(repository.summary))  # type: ignore[arg-type]


async def union_of_pages(flag: bool) -> Stats | Redirect:
    return Redirect("/") if flag else {"total": 1}


async def literal(q: str, page: int = 1) -> dict[str, Any]:
    return {"users": await repository.all(), "filters": {"q": q, "page": max(page, 1)}, "statuses": STATUSES}


async def helpers() -> dict[str, Any]:
    return {
        "now": always(repository.all),
        "later": defer(repository.summary),
        "asked": optional(lambda: repository.count),
        "kept": once(repository.all),
        "merged": merge(defer(repository.all)),
        "plain_merge": merge([1, 2]),
        "partial": defer(functools.partial(repository.all)),
        "nested": {"inner": defer(repository.all)},
        "keyed": defer("keyed", repository.all),
        "scrolled": scroll(await repository.page()),
        "rows": scroll(repository.all, wrapper=None),
        "argument": defer(twice, 1),
        "called": repository.all,
    }


def twice(number: int) -> int:
    return number * 2


async def attributes() -> dict[str, object]:
    return {"rows": repository.rows, "limit": repository.limit, "prefix": repository.prefix, "count": repository.count}


async def conditional(flag: bool) -> dict[str, Any]:
    if flag:
        return {"state": "a"}
    return {"state": None, "more": [user.full_name for user in repository.rows]}


async def assigned(flag: bool) -> dict[str, Any]:
    props: dict[str, Any] = {"one": 1}
    props["two"] = "2"
    if flag:
        props["three"] = True
    return props


async def merged(q: str) -> dict[str, Any]:
    base = {"a": 1}
    return {**base, "b": q} | dict(c=2.5)  # noqa: C408 - dict() is tested


async def unknown_keys(request: Request) -> dict[str, Any]:
    return {"known": 1, **request.query_params.dict()}


async def guarded(user_id: int) -> dict[str, Any]:
    user = find(user_id)
    if user is None:
        raise HTTPException(status_code=404)
    return {"user": user, "by_id": {user.id: user for user in repository.rows}}


def find(user_id: int) -> User | None:
    return None


async def local_function() -> dict[str, Any]:
    def rows() -> list[int]:
        return [1]

    total = sum(rows())
    return {"rows": rows(), "total": total, "text": f"{total}", "pair": (1, "a"), "yes": total > 1}


async def nothing_known(thing) -> dict[str, Any]:
    return {"thing": thing, "call": json.loads("1")}


@pytest.mark.parametrize(
    ("fn", "expected"),
    [
        (by_annotation, "UsersPage"),
        (union_of_pages, "Stats"),
        (literal, "{ users: User[]; filters: { q: string; page: number }; statuses: ('new' | 'old')[] }"),
        (
            helpers,
            (
                "{ now: User[]; later?: { count: number; first: string | null }; asked?: number; kept?: User[]; "
                "merged?: User[]; plain_merge: number[]; partial?: User[]; nested: { inner?: User[] }; keyed?: User[]; "
                "scrolled: { data: User[]; limit: number; offset: number; total: number }; rows: User[]; "
                "argument?: number; called: User[] }"
            ),
        ),
        (attributes, "{ rows: User[]; limit: number; prefix: string; count: number }"),
        (conditional, "{ state: string } | { state: null; more: string[] }"),
        (assigned, "{ one: number; two: string; three?: boolean }"),
        (merged, "{ a: number; b: string; c: number }"),
        (unknown_keys, "{ known: number; [key: string]: unknown }"),
        (guarded, "{ user: User; by_id: { [key: string]: User } }"),
        (
            local_function,
            "{ rows: number[]; total: number; text: string; pair: [number, string]; yes: boolean }",
        ),
    ],
)
def test_the_props_of_a_page(fn: Any, expected: str) -> None:
    assert props_of(fn) == expected


def test_what_is_not_known_has_a_reason() -> None:
    writer = Writer()
    writer.shape(types_of(get("/x", component="X")(conditional), get("/y", component="Y")(unread)).pages["Y"].shape)
    assert str(writer) == (
        "{\n  call: unknown /* json.loads lacks a precise return annotation, and its source was not understood */\n"
        "  other: unknown /* json.loads lacks a precise return annotation, and its source was not understood */\n}"
    )


async def unread() -> dict[str, Any]:
    return {"call": json.loads("1"), "other": decoded()}


def decoded() -> Any:
    return json.loads("1")


@get("/show", component="Users/Show")
async def show() -> dict[str, Any]:
    return {"user": 1}


@get("/show/{user_id:int}", component="Users/Show", name="users.show")
async def show_one(user_id: int) -> dict[str, Any]:
    return {"user": "text"}


@get("/chosen")
async def chosen(flag: bool) -> InertiaResponse[Any]:
    return InertiaResponse({"a": 1}, component="One" if flag else "Two")


def on_error(_: Request, exc: HTTPException) -> Response:
    return InertiaResponse({"status": exc.status_code}, component="Error")


def test_several_handlers_of_one_component_make_a_union_and_names_in_the_source_are_found() -> None:
    types = types_of(show, show_one, chosen, exception_handlers={HTTPException: on_error})
    assert {name: text_of(page.shape) for name, page in types.pages.items()} == {
        "Error": "{ status: number }",
        "One": "{ a: number }",
        "Two": "{ a: number }",
        "Users/Show": "{ user: number } | { user: string }",
    }


async def shared_user(request: Request) -> User | None:
    return None


def test_shared_props_by_value_callable_prop_and_dotted_name() -> None:
    config = InertiaConfig(
        share={"site": "Name", "auth.user": shared_user, "menu": once(lambda: [1]), "limits": {"a": 1}},
        extra_session_page_props=["locale"],
    )
    assert text_of(types_of(show, config=config).shared) == (
        "{ site: string; auth: { user: User | null }; menu?: number[]; limits: { a: number }; "
        "locale?: unknown /* a value of the session */ }"
    )


class UserForm(Struct, rename="camel"):
    full_name: str
    age: int | None = None
    photo: UploadFile | None = None


@post("/users", name="users.create")
async def create(request: Request, data: UserForm) -> InertiaBack | InertiaRedirect:
    flash(request, "Saved.", category="success")
    flash_data(request, "receipt", {"id": 1})
    return InertiaRedirect(request, "/")


@put("/users/{user_id:int}")
async def update(request: Request, user_id: int, data: UserForm) -> Response:
    flash(request, "Changed.")
    return InertiaBack(request)


@get("/private")
async def private() -> dict[str, int]:
    return {}


@post("/api")
async def api(data: UserForm) -> User:
    return User(1, "a")


@get(["/search", "/search/{term:str}"], component="Search", tags=["admin"])
async def search(term: str = "", sizes: list[int] | None = None, sort: Literal["a", "b"] = "a") -> dict[str, Any]:
    return {}


class PeopleController(Controller):
    path = "/people"

    rows: list[User]

    @get("/", component="People/Index")
    async def index(self) -> dict[str, Any]:
        return {"people": self.rows}


def test_inputs_and_flash() -> None:
    types = types_of(create, update, show)
    module = __name__.rpartition(".")[2]
    assert text_of(types.inputs) == f"{{ '{module}.update': UserForm; 'users.create': UserForm }}"
    form = next(each for each in types.declarations if each.name == "UserForm")
    assert text_of(form.shape) == "{ fullName: string; age: number | null; photo: File | null }"
    assert text_of(types.flash) == (
        "{ error?: string[]; info?: string[]; receipt?: { id: number }; success?: string[] }"
    )


def test_a_controllers_handler_knows_its_self() -> None:
    assert text_of(types_of(PeopleController).pages["People/Index"].shape) == "{ people: User[] }"


def test_routes_are_constants_with_method_component_and_query() -> None:
    app = app_of(Router("/app", route_handlers=[create, update, show_one, private, api, search, PeopleController]))
    module = __name__.rpartition(".")[2]
    prefix = "".join(word.capitalize() if index else word for index, word in enumerate(module.split("_")))
    text = route_module(public_routes(app, TypesConfig(), Sources(), "/shop"))
    assert text.split("\n", 2)[1] == "import { query, route } from 'litestar-vite/route'"
    rows = re.findall(r"export const (\w+) = (route\(.*?\))\n", re.sub(r"\n\s+", " ", text.replace("\n}>", " }>")))
    assert dict(rows) == {
        "peopleIndex": "route('/shop/app/people', 'get', 'People/Index')",
        f"{prefix}Search": "route(['/shop/app/search', '/shop/app/search/{term:str}'], 'get', 'Search', "
        "query<{ sizes?: number[] | null sort?: 'a' | 'b' }>())",
        f"{prefix}Update": "route('/shop/app/users/{user_id:int}', 'put')",
        "usersCreate": "route('/shop/app/users', 'post')",
        "usersShow": "route('/shop/app/show/{user_id:int}', 'get', 'Users/Show')",
    }


def stop(*_: Any) -> None:
    """Guard."""


@pytest.mark.parametrize(
    "config",
    [
        TypesConfig(exclude=["users.*"]),
        TypesConfig(include=["search"]),
        TypesConfig(exclude_tags=["user"]),
        TypesConfig(exclude_guards=[stop]),
    ],
)
def test_routes_stay_private_by_name_tag_and_guard(config: TypesConfig) -> None:
    @get("/secret", name="users.secret", component="Secret", tags=["user"], guards=[stop])
    async def secret() -> dict[str, Any]:
        return {}

    names = [route.name for route in public_routes(app_of(secret), config, Sources())]
    assert names == []


@pytest.mark.parametrize("name", ["delete", "a-b", "1x", "__proto__", "größe", "route", "Pages"])
def test_odd_route_names_become_identifiers(name: str) -> None:
    @get("/odd", name=name)
    async def odd() -> dict[str, Any]:
        return {}

    text = route_module(public_routes(app_of(odd), TypesConfig(), Sources()))
    identifier = re.search(r"export const (\S+) =", text)
    assert identifier is not None
    assert identifier.group(1) == {
        "delete": "delete_", "a-b": "aB", "1x": "_1x", "__proto__": "proto", "route": "route_", "Pages": "pages",
    }.get(name, name)  # fmt: skip


def test_two_types_of_one_name_and_names_of_the_language() -> None:
    first = type("Thing", (Struct,), {"__annotations__": {"a": int}, "__module__": "shop.items"})
    second = type("Thing", (Struct,), {"__annotations__": {"b": int}, "__module__": "admin.items"})
    array = type("Array", (Struct,), {"__annotations__": {"c": int}, "__module__": "shop.items"})

    @get("/things", component="Things")
    async def things() -> dict[str, Any]:
        return {"first": first(1), "second": second(1), "array": array(1)}

    assert [each.name for each in types_of(things).declarations] == ["ArrayModel", "ItemsThing", "ShopItemsThing"]


@get("/odd-keys", component="Odd/*/Keys")
async def odd_keys() -> dict[str, Any]:
    return {"a-b": 1, "it's": 1, "new\nline": 1, "class": 1, "__proto__": 1}


def test_the_file_has_no_absolute_paths_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    def texts() -> tuple[str, str]:
        return pages_module(types_of(show, show_one, create, odd_keys, literal_route), tmp_path / "pages.gen.d.ts")

    text, places = texts()
    assert (text, places) == texts()
    assert "'Odd/*/Keys': {" in text
    assert "'new\\nline': number" in text
    assert str(Path(__file__).parent) not in re.sub(r'"sources": \[.*?\]|\(\.\./\S+\)', "", text + places)
    assert not any(source.startswith("/") for source in json.loads(places)["sources"])


literal_route = get("/literal", component="Literal")(literal)


class Order(Struct):
    id: int
    price: float
    lines: list[int]
    paid: bool = False


@get("/big", component="Big", preserve_big_integers=True)
async def big_page() -> dict[str, Any]:
    return {"order": Order(1, 1.0, []), "count": len(STATUSES), "status": 200}


@get("/small", component="Small", preserve_big_integers=False)
async def small_page() -> dict[str, Any]:
    return {"count": len(STATUSES)}


@post("/orders", name="orders.store")
async def store_order(data: Order) -> Redirect:
    return Redirect("/")


def test_integers_are_numbers_or_big_integers_where_the_client_reads_them() -> None:
    config = InertiaConfig(preserve_big_integers=True, share={"visits": 1})
    types = types_of(big_page, small_page, store_order, config=config)
    assert text_of(types.pages["Big"].shape) == ("{ order: Order; count: number | bigint; status: number | bigint }")
    assert text_of(types.pages["Small"].shape) == "{ count: number }"
    assert text_of(types.shared) == "{ visits: number | bigint }"
    [order] = [each for each in types.declarations if each.name == "Order"]
    assert text_of(order.shape) == ("{ id: number | bigint; price: number; lines: (number | bigint)[]; paid: boolean }")
    [form] = [each for each in types.declarations if each.name == "OrderInput"]
    assert "id: number | bigint" in text_of(form.shape)
    off = types_of(big_page, store_order)
    [form] = [each for each in off.declarations if each.name == "OrderInput"]
    assert "id: number;" in text_of(form.shape)
