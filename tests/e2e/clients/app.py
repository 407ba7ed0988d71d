"""One page for each feature of the protocol. CLIENT selects the React, Vue or Svelte client.

How it works: each test sets a unique `visitor` cookie, and pages count per visitor. The asset version is a cookie too,
so a test can deploy a new build without affecting other tests."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.pagination import CursorPagination, OffsetPagination
from litestar.params import Body, FromPath, FromQuery, JSONBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaResponse,
    SSRConfig,
    always,
    clear_history,
    deep_merge,
    defer,
    error,
    flash,
    head,
    merge,
    once,
    optional,
    prepend,
    preserve_fragment,
    scroll,
)

CLIENT = os.environ["CLIENT"]
PAGE_SIZE = 15
ROWS = 60
Props = dict[str, Any]
AnyRequest = Request[Any, Any, Any]

counters: Counter[tuple[str, str]] = Counter()


def count(request: AnyRequest, what: str) -> int:
    """Increment one of the visitor's counters and return its value."""
    key = (request.cookies.get("visitor", ""), what)
    counters[key] += 1
    return counters[key]


@get("/", component="Home")
async def home() -> Props:
    return {"client": CLIENT}


@get("/partial", component="Partial")
async def partial(request: AnyRequest) -> Props:
    return {
        "a": lambda: count(request, "a"),
        "b": lambda: count(request, "b"),
        "always": always(lambda: count(request, "always")),
        "user": {"name": lambda: f"name {count(request, 'name')}", "email": lambda: f"email {count(request, 'email')}"},
        "hidden": optional(lambda: "shown"),
    }


@get("/deferred", component="Deferred")
async def deferred(request: AnyRequest) -> Props:
    def shaky() -> str:
        if count(request, "shaky") == 1:
            raise ConnectionError("out of order")
        return "works again"

    return {
        "slow": defer(lambda: "slow is here"),
        "left": defer(lambda: "left", group="pair"),
        "right": defer(lambda: "right", group="pair"),
        "shaky": defer(shaky, group="shaky", rescue=True),
    }


@get("/quick", component="Deferred")
async def quick() -> Props:
    limit = 60_000
    return {
        "slow": defer(lambda: "slow is here", inline_within_ms=limit),
        "left": defer(lambda: "left", group="pair", inline_within_ms=limit),
        "right": defer(lambda: "right", group="pair", inline_within_ms=limit),
        "shaky": defer(lambda: "steady", group="shaky"),
    }


@get("/scroll", component="Scroll")
async def scroll_page(page: FromQuery[int] = 1, word: FromQuery[str] = "") -> Props:
    rows = [
        {"id": number, "text": f"Row {number}"} for number in range(1, ROWS + 1) if word != "even" or number % 2 == 0
    ]
    start = (page - 1) * PAGE_SIZE
    return {
        "rows": scroll(
            OffsetPagination(items=rows[start : start + PAGE_SIZE], limit=PAGE_SIZE, offset=start, total=len(rows)),
            wrapper="data",
        )
    }


@get("/scroll/cursors", component="Cursors")
async def cursors(cursor: FromQuery[str] = "after-0") -> Props:
    first = int(cursor.removeprefix("after-")) + 1
    last = first + PAGE_SIZE - 1
    rows = [{"id": number, "text": f"Row {number}"} for number in range(first, last + 1)]
    return {
        "rows": scroll(
            CursorPagination(rows, results_per_page=PAGE_SIZE, cursor=f"after-{last}" if last < ROWS else None)
        )
    }


@get("/scroll/two", component="TwoScrolls")
async def two_scrolls(page: FromQuery[int] = 1, other: FromQuery[int] = 1) -> Props:
    def rows(name: str, number: int) -> OffsetPagination[dict[str, Any]]:
        start = (number - 1) * PAGE_SIZE
        items = [{"id": row, "text": f"{name} {row}"} for row in range(start + 1, start + PAGE_SIZE + 1)]
        return OffsetPagination(items=items, limit=PAGE_SIZE, offset=start, total=ROWS)

    return {
        "left": scroll(lambda: rows("Left", page)),
        "right": scroll(lambda: rows("Right", other), page_name="other"),
    }


@get("/merge", component="Merge")
async def merge_page(page: FromQuery[int] = 1) -> Props:
    return {
        "page": page,
        "total": page,
        "items": merge([{"id": 0, "text": f"v{page}"}, {"id": page, "text": "new"}], match_on="id"),
        "log": prepend([f"log{page}"]),
        "tree": deep_merge({"branches": {"shared": [page], f"own{page}": [page]}}),
    }


def once_props(request: AnyRequest) -> Props:
    return {
        "plans": once(lambda: f"plans {count(request, 'plans')}", key="plans"),
        "short": once(lambda: f"short {count(request, 'short')}", key="short", until=600),
        "visit": count(request, "visit"),
    }


@get("/once/a", component="OnceA")
async def once_a(request: AnyRequest) -> Props:
    return once_props(request)


@get("/once/b", component="OnceB")
async def once_b(request: AnyRequest) -> Props:
    return once_props(request)


@get("/prefetch", component="Prefetch")
async def prefetch() -> Props:
    return {}


@get("/prefetch/fragment")
async def prefetch_fragment() -> Redirect:
    return Redirect("/fragments?from=prefetch#two")


@get("/detail/{number:int}", component="Detail")
async def detail(request: AnyRequest, number: FromPath[int]) -> Props:
    return {"number": number, "visit": count(request, f"detail {number}")}


@get("/poll", component="Poll")
async def poll(request: AnyRequest) -> Props:
    return {"ticks": lambda: count(request, "ticks")}


@get("/secret", component="Secret", encrypt_history=True)
async def secret(request: AnyRequest) -> Props:
    return {"secret": "the salary is 4711", "visit": count(request, "secret")}


@post("/logout")
async def logout(request: AnyRequest) -> Redirect:
    clear_history(request)
    return Redirect("/")


@get("/fragments", component="Fragments")
async def fragments(request: AnyRequest) -> Props:
    return {"from": request.query_params.get("from", "")}


@get("/fragments/go")
async def fragment_go() -> Redirect:
    return Redirect("/fragments?from=go#two")


@get("/fragments/keep")
async def fragment_keep(request: AnyRequest) -> Redirect:
    preserve_fragment(request)
    return Redirect("/fragments?from=keep")


class Named(Struct):
    name: Annotated[str, Meta(min_length=3)]


@get("/bags", component="Bags")
async def bags() -> Props:
    return {}


@post("/bags")
async def send_bag(request: AnyRequest, data: JSONBody[Named]) -> Redirect:
    flash(request, f"{data.name} was sent.")
    return Redirect("/bags")


class SignUp(Struct):
    name: Annotated[str, Meta(min_length=3)]
    email: Annotated[str, Meta(pattern="@")]


@get("/precognition", component="Precognition")
async def precognition() -> Props:
    return {}


@post("/precognition")
async def sign_up(request: AnyRequest, data: JSONBody[SignUp]) -> Redirect:
    flash(request, f"{data.name} signed up, {count(request, 'sign-up')}.")
    return Redirect("/precognition")


class UploadForm(Struct):
    title: str
    file: UploadFile


@get("/upload", component="Upload")
async def upload() -> Props:
    return {}


@post("/upload")
async def receive_upload(
    request: AnyRequest, data: Annotated[UploadForm, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Redirect:
    flash(request, f"{data.title}: {data.file.filename}, {len(await data.file.read())} bytes")
    return Redirect("/upload")


class Word(Struct):
    word: Annotated[str, Meta(min_length=3)]


@get("/http", component="Http")
async def http() -> Props:
    return {}


@post("/api/echo", status_code=200)
async def echo(data: JSONBody[Word]) -> dict[str, str]:
    return {"echo": data.word.upper()}


@get("/optimistic", component="Optimistic")
async def optimistic(request: AnyRequest) -> Props:
    return {"likes": counters[request.cookies.get("visitor", ""), "likes"]}


@post("/optimistic/like")
async def like(request: AnyRequest) -> Redirect:
    count(request, "likes")
    return Redirect("/optimistic")


@post("/optimistic/refused")
async def refuse(request: AnyRequest) -> InertiaBack:
    error(request, "likes", "You may not.")
    return InertiaBack(request)


@get("/instant", component="Instant")
async def instant() -> Props:
    return {}


@get("/instant/target", component="InstantTarget")
async def instant_target() -> Props:
    return {"data": "here now"}


def head_of(name: str) -> list[str]:
    return [head.title(name), head.meta(name="description", content=f'The "{name.rsplit(maxsplit=1)[-1]}" & <others>')]


@get("/instant/head", component="InstantHead", ssr=False)
async def instant_head() -> Props:
    return {"data": "here now", "head": head_of("Instant head")}


@get("/head/plain", component="Head", ssr=False)
async def head_of_a_page_that_the_browser_renders() -> Props:
    return {"number": 0, "head": head_of("Head 0")}


@get("/head/{number:int}", component="Head")
async def head_page(number: FromPath[int]) -> Props:
    return {"number": number, "head": head_of(f"Head {number}")}


async def late() -> str:
    return "in the document"


class Signature(Struct):
    name: Annotated[str, Meta(min_length=3)]


@get("/native", component="Native", hydrate=False)
async def native() -> Props:
    return {"late": defer(late)}


@post("/native")
async def send_native(request: AnyRequest, data: JSONBody[Signature]) -> Redirect:
    flash(request, f"Thank you, {data.name}", "success")
    return Redirect("/native", status_code=303)


@get("/xss")
async def xss(q: FromQuery[str], ssr: FromQuery[bool] = True) -> InertiaResponse[Props]:
    return InertiaResponse({"text": q}, component="Xss", ssr=ssr)


def error_page(_: AnyRequest, failure: HTTPException) -> Response[Any]:
    return InertiaResponse({"status": failure.status_code}, component="Error", status_code=failure.status_code)


HERE = Path(__file__).parent
INERTIA = InertiaConfig(
    ssr=SSRConfig(),
    server_head=True,
    share={"auth": lambda request: {"user": f"visitor {request.cookies.get('visitor', 'nobody')}"}},
    asset_version=lambda request: request.cookies.get("build", "build-1"),
)

app = Litestar(
    [
        home,
        partial,
        deferred,
        quick,
        scroll_page,
        cursors,
        two_scrolls,
        merge_page,
        once_a,
        once_b,
        prefetch,
        prefetch_fragment,
        detail,
        poll,
        secret,
        logout,
        fragments,
        fragment_go,
        fragment_keep,
        bags,
        send_bag,
        precognition,
        sign_up,
        upload,
        receive_upload,
        http,
        echo,
        optimistic,
        like,
        refuse,
        instant,
        instant_target,
        instant_head,
        head_of_a_page_that_the_browser_renders,
        head_page,
        native,
        send_native,
        xss,
    ],
    plugins=[VitePlugin(ViteConfig(root=HERE / CLIENT, inertia=INERTIA))],
    exception_handlers={404: error_page},
    csrf_config=CSRFConfig(
        secret="for tests only", cookie_name="XSRF-TOKEN", header_name="X-XSRF-TOKEN", cookie_httponly=False
    ),
)
