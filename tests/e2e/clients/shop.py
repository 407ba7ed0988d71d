"""An app with uploads, logins, limits, downloads and failures, for the React client.

How it works: each test sets a unique `visitor` cookie. DEVELOPMENT turns on development mode."""

import asyncio
import datetime as dt
import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, Request, Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
    ValidationException,
)
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from litestar.response import File, Redirect
from litestar.stores.memory import MemoryStore
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Meta, Struct
from typing_extensions import override

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaRedirect,
    clear_history,
    defer,
    flash,
    intended,
    once,
)

HERE = Path(__file__).parent
Props = dict[str, Any]
AnyRequest = Request[Any, Any, Any]


@get("/", component="Home")
async def home() -> Props:
    return {"client": "the shop"}


class Profile(Struct):
    name: str
    avatar: UploadFile | None


class Passport(Struct):
    name: Annotated[str, Meta(min_length=3)]
    scan: UploadFile


class Event(Struct):
    seats: int
    day: dt.date
    starts: dt.datetime
    age: int | None
    due: dt.date | None
    opens: dt.time | None


async def named(file: UploadFile | None) -> str:
    return f"{file.filename}, {len(await file.read())} bytes" if file is not None else "none"


@post("/profile")
async def change_profile(request: AnyRequest, data: MultipartBody[Profile]) -> InertiaBack:
    flash(request, f"{data.name}: {await named(data.avatar)}")
    return InertiaBack(request)


@post("/passport")
async def hand_in_passport(request: AnyRequest, data: MultipartBody[Passport]) -> InertiaBack:
    flash(request, f"{data.name}: {await named(data.scan)}")
    return InertiaBack(request)


@post("/event")
async def plan_event(request: AnyRequest, data: JSONBody[Event]) -> InertiaBack:
    flash(request, f"{data.seats} {data.day} {data.starts} {data.age} {data.due} {data.opens}")
    return InertiaBack(request)


@get("/upload", component="Upload")
async def upload() -> Props:
    return {}


@post("/upload", request_max_body_size=1 << 20)
async def receive_upload(request: AnyRequest, data: MultipartBody[dict[str, Any]]) -> InertiaBack:
    flash(request, f"{data['title']}: {await named(data['file'])}")
    return InertiaBack(request)


# Limits, polls and many errors


class SlowStore(MemoryStore):
    """A session store with the latency of a database."""

    @override
    async def get(self, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0.06)
        return await super().get(*args, **kwargs)

    @override
    async def set(self, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0.06)
        return await super().set(*args, **kwargs)


attempts: Counter[str] = Counter()


def limiter(app: ASGIApp) -> ASGIApp:
    """Refuse every second request of a visitor, before the session is loaded."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        visitor = AnyRequest(scope).cookies.get("visitor", "")
        attempts[visitor] += 1
        if attempts[visitor] % 2 == 0:
            raise TooManyRequestsException
        await app(scope, receive, send)

    return limited


def too_many_requests(request: AnyRequest, _: HTTPException) -> Response[Any]:
    flash(request, "Slow down.", category="error")
    return InertiaBack(request)


session = ServerSideSessionConfig().middleware


@get("/queue", component="Fields", middleware=[session])
async def queue(request: AnyRequest) -> Props:
    request.session["seen"] = True
    return {"url": "/queue", "fields": [["name", "text"]], "poll": 50, "ticks": lambda: 1}


class Place(Struct):
    name: Annotated[str, Meta(min_length=3)]


@post("/queue", middleware=[session])
async def take_place(data: JSONBody[Place]) -> Redirect:
    return Redirect("/queue")


@post("/limited", middleware=[limiter, session], exception_handlers={429: too_many_requests})
async def limited(request: AnyRequest) -> InertiaBack:
    flash(request, "Done.")
    return InertiaBack(request)


WRONG_ROWS = {"rows": [{"amount": "many", "day": "soon", "note": "x"} for _ in range(25)]}


class Row(Struct):
    amount: int
    day: dt.date
    note: Annotated[str, Meta(min_length=3)]


class Table(Struct):
    rows: list[Row]


@post("/rows")
async def save_rows(data: JSONBody[Table]) -> Redirect:
    return Redirect("/")


# Refused forms, and signing in


@post("/refused/{status:int}")
async def refuse(request: AnyRequest, status: FromPath[int]) -> None:
    if status == 400:
        raise ValidationException("The shop is closed.")
    if status == 403:
        raise PermissionDeniedException
    raise HTTPException(f"No, said the shop ({status}).", status_code=status)


FORMS: dict[str, Props] = {
    "profile": {"url": "/profile", "fields": [["name", "text"], ["avatar", "file"]]},
    "passport": {"url": "/passport", "fields": [["name", "text"], ["scan", "file"]], "precognition": True},
    "event": {
        "url": "/event",
        "fields": [
            ["seats", "number"],
            ["day", "date"],
            ["starts", "datetime-local"],
            ["age", "number"],
            ["due", "date"],
            ["opens", "time"],
        ],
    },
    "limited": {"url": "/limited", "fields": []},
    "rows": {"url": "/rows", "fields": [], "values": WRONG_ROWS},
    **{
        str(status): {"url": f"/refused/{status}", "fields": [["name", "text"]]} for status in (400, 401, 403, 409, 429)
    },
}


@get("/forms/{name:str}", component="Fields")
async def form(name: FromPath[str]) -> Props:
    return FORMS[name]


@get("/login", component="Fields")
async def login() -> Props:
    return {"url": "/login", "fields": [["password", "password"]]}


@post("/login")
async def sign_in(request: AnyRequest, data: JSONBody[dict[str, str]]) -> InertiaRedirect:
    if data["password"] != "right":
        raise NotAuthorizedException("Wrong password.")
    answer = InertiaRedirect(request, intended(request))
    answer.set_cookie("signed-in", "yes")
    return answer


@get("/orders", component="Fields")
async def orders(request: AnyRequest, page: FromQuery[int] = 1) -> Props:
    if "signed-in" not in request.cookies:
        raise NotAuthorizedException
    return {"url": f"/orders of page {page}", "fields": []}


# Back redirects and downloads


@get("/door", component="Fields")
async def door(request: AnyRequest) -> Props | InertiaBack:
    if "closed" in request.cookies:
        return InertiaBack(request)
    return {"url": "/door", "fields": [], "links": ["/door", "/left", "/report", "/orders?page=2"]}


@get("/left")
async def left(request: AnyRequest) -> InertiaBack:
    return InertiaBack(request)


@get("/report")
async def report() -> File:
    return File(HERE / "package.json", filename="report.json")


# Failures


@get("/failing", component="Failing")
async def failing() -> Props:
    def fails() -> int:
        raise ConnectionError("the database is out of order")

    return {"orders": defer(lambda: "7 orders"), "total": defer(fails, group="total", rescue=True)}


@get("/broken", component="Home")
async def broken() -> Props:
    raise RuntimeError("a secret of the server")


# Logins and logouts


def user_of(request: AnyRequest) -> str:
    return request.cookies.get("name", "nobody")


@get("/account/{of:str}", component="Account", encrypt_history=True)
async def account(request: AnyRequest, of: FromPath[str]) -> Props:
    name = user_of(request)
    return {
        "name": name,
        "of": of,
        "menu": once(lambda: f"menu of {name}", key="menu"),
        "orders": once(defer(lambda: f"orders of {name}"), key="orders"),
    }


@post("/session")
async def enter(request: AnyRequest, data: JSONBody[dict[str, str]]) -> InertiaRedirect:
    clear_history(request)
    answer = InertiaRedirect(request, f"/account/{data['name']}")
    answer.set_cookie("name", data["name"])
    return answer


@delete("/session", status_code=303)
async def leave(request: AnyRequest) -> InertiaExternalRedirect:
    clear_history(request)
    answer = InertiaExternalRedirect(request, "/account/nobody")
    answer.delete_cookie("name")
    return answer


INERTIA = InertiaConfig(error_page="Error", redirect_unauthorized_to="/login", once_scope=user_of)

app = Litestar(
    [value for value in list(globals().values()) if isinstance(value, HTTPRouteHandler)],
    plugins=[VitePlugin(ViteConfig(root=HERE / "react", inertia=INERTIA, dev_mode="DEVELOPMENT" in os.environ))],
    stores={"sessions": SlowStore()},
    openapi_config=None,
)
