"""A small app for the tests of development: one page with a value of the server, one that fails, and a template."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, WebSocket, get, post, websocket

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig

HERE = Path(__file__).parent
GREETING = "hello"


@get("/", component="Home")
async def home() -> dict[str, Any]:
    return {"greeting": GREETING}


@get("/broken", component="Broken")
async def broken() -> dict[str, Any]:
    return {}


@get("/plain")
async def plain() -> dict[str, str]:
    return {"greeting": GREETING}


@get("/slow")
async def slow() -> dict[str, str]:
    await asyncio.sleep(0.5)
    return {"greeting": GREETING}


@get("/static/mine")
async def mine() -> str:
    return "a route of the app under Vite's base"


@post("/echo")
async def echo(data: dict[str, Any]) -> dict[str, Any]:
    return data


@get("/lag")
async def lag() -> dict[str, float]:
    """Say how late a 10 ms ticker was since the last call: in seconds at worst, and by more than 50 ms in how many of how many ticks."""
    found = dict(LAG)
    LAG.update(worst=0.0, late=0, ticks=0)
    return found


LAG: dict[str, float] = {"worst": 0.0, "late": 0, "ticks": 0}


async def tick() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 0.01
        await asyncio.sleep(0.01)
        late = loop.time() - due
        LAG["worst"] = max(LAG["worst"], late)
        LAG["late"] += late > 0.05
        LAG["ticks"] += 1


@asynccontextmanager
async def ticker(_: Litestar) -> AsyncIterator[None]:
    task = asyncio.create_task(tick())
    yield
    task.cancel()


@websocket("/ws")
async def socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


app = Litestar(
    [home, broken, plain, slow, mine, echo, lag, socket],
    lifespan=[ticker],
    plugins=[VitePlugin(ViteConfig(root=HERE, inertia=InertiaConfig(ssr=SSRConfig(timeout_seconds=5))))],
)
