"""R13: ten thousand users at once. No user gets the data of another, and nothing is lost or garbled."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest
from litestar import Litestar, Request, get, post
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from msgspec import Struct

from litestar_vite.inertia import InertiaConfig, defer, error, flash, optional, share
from tests.integration.asgi import Answer, ask_async
from tests.support import make_app, page_in

ALL_USERS = 10_000
AT_ONCE = 100
SEED = 20_261_124
NAMES = re.compile(r"user-(\d+)-")


class Form(Struct):
    name: str
    age: int


@get("/u/{number:int}", component="User")
async def show(number: FromPath[int], request: Request[Any, Any, Any]) -> dict[str, Any]:
    share(request, "shared", f"user-{number}-shared")
    await anyio.lowlevel.checkpoint()

    async def late() -> str:
        await anyio.lowlevel.checkpoint()
        return f"user-{number}-late"

    return {
        "name": f"user-{number}-name",
        "late": defer(late),
        "asked": optional(late),
        "now": late,
        "rows": [f"user-{number}-row"] * 3,
    }


@get("/fails/{number:int}", component="User")
async def fails(number: FromPath[int]) -> dict[str, Any]:
    await anyio.lowlevel.checkpoint()
    msg = f"user-{number}-secret"
    raise RuntimeError(msg)


@post("/save/{number:int}")
async def save(number: FromPath[int], request: Request[Any, Any, Any]) -> Redirect:
    flash(request, f"user-{number}-saved")
    await anyio.lowlevel.checkpoint()
    error(request, "name", f"user-{number}-taken")
    return Redirect(f"/u/{number}")


@post("/form/{number:int}")
async def form(number: FromPath[int], data: JSONBody[Form]) -> None: ...


def configured(request: Request[Any, Any, Any]) -> str:
    return f"user-{request.path_params.get('number', 0)}-configured"


class User:
    """A visitor with separate cookies."""

    def __init__(self, app: Litestar, number: int) -> None:
        self.app = app
        self.number = number
        self.cookies: dict[str, str] = {}

    async def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        sent = {"X-Inertia": "true", "X-Inertia-Version": "1", **headers}
        if headers.get("browser"):
            sent = {"Accept": "text/html"}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await ask_async(self.app, method, target, sent, body)
        for line in answer.all("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        text = answer.body.decode() + str(answer.headers)
        assert set(NAMES.findall(text)) <= {str(self.number)}, (self.number, text)
        return answer

    async def act(self, rng: random.Random) -> str:
        path, mine = f"/u/{self.number}", f"user-{self.number}-"
        kind = rng.choices(["page", "document", "partial", "flash", "errors", "fails"], [30, 20, 20, 15, 10, 5])[0]
        if kind in {"page", "document"}:
            answer = await self.ask("GET", path, browser="1" if kind == "document" else "")
            page = page_in(answer.text) if kind == "document" else answer.page
            expected = {
                "errors": {},
                "configured": f"{mine}configured",
                "shared": f"{mine}shared",
                "name": f"{mine}name",
            }
            assert page["props"] == {**expected, "now": f"{mine}late", "rows": [f"{mine}row"] * 3}
            assert (page["url"], "flash" in page) == (path, False)
        elif kind == "partial":
            partial = {"X-Inertia-Partial-Component": "User", "X-Inertia-Partial-Data": "late,asked,rows.1"}
            page = (await self.ask("GET", path, **partial)).page
            assert page["props"] == {
                "errors": {},
                "late": f"{mine}late",
                "asked": f"{mine}late",
                "rows": [f"{mine}row"],
            }
        elif kind == "flash":
            assert (await self.ask("POST", f"/save/{self.number}")).redirect == (302, path)
            page = (await self.ask("GET", path)).page
            assert (page["flash"], page["props"]["errors"]) == ({"info": [f"{mine}saved"]}, {"name": f"{mine}taken"})
            assert "flash" not in (await self.ask("GET", path)).page
        elif kind == "errors":
            body = b'{"age": "%d"}' % self.number
            answer = await self.ask("POST", f"/form/{self.number}", body, Referer=f"http://testserver.local{path}")
            assert answer.redirect == (303, path)
            assert (await self.ask("GET", path)).page["props"]["errors"] == {"name": "This field is required."}
        else:
            answer = await self.ask("GET", f"/fails/{self.number}")
            assert (answer.status, answer.page["props"]["status"]) == (500, 500)
            assert "secret" not in answer.text
        return kind


@pytest.mark.protocol("G52", "G53", "G56")
@pytest.mark.parametrize("users", [1_000, pytest.param(ALL_USERS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("session", ["none", "memory"])
def test_r13_interleaved_users_get_their_own_answers(site: Path, session: str, users: int) -> None:
    config = InertiaConfig(asset_version="1", share={"configured": configured}, error_page="Error")
    middleware = [ServerSideSessionConfig().middleware] if session == "memory" else []
    app = make_app(site, [show, fails, save, form], config, middleware=middleware)
    done: Counter[str] = Counter()
    rng = random.Random(SEED)
    numbers = iter(range(1, users // 2 + 1))

    async def visitors() -> None:
        for number in numbers:
            done[await User(app, number).act(rng)] += 1

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(visitors)

    anyio.run(run)
    assert done.total() == users // 2
    assert min(done.values()) > users // 2 // 40
