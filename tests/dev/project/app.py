"""A small app for the development tests: pages that work, pages that fail, JSON routes, a stream and a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, WebSocket, get, post, websocket
from litestar.response import Stream
from tests.chaos.routes import LoopTicker

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig
from litestar_vite.inertia.head import title

HERE = Path(__file__).parent
GREETING = "hello"


@get("/", component="Home")
async def home() -> dict[str, Any]:
    return {"greeting": GREETING}


@get("/broken", component="Broken")
async def broken() -> dict[str, Any]:
    return {"head": [title("Broken, with a title")]}


@get("/terms", component="Terms", hydrate=False)
async def terms() -> dict[str, Any]:
    return {"greeting": GREETING}


@get("/failing", component="Broken", hydrate=False)
async def failing() -> dict[str, Any]:
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


@get("/stream")
async def stream() -> Stream:
    async def lines() -> AsyncIterator[bytes]:
        while True:
            yield b"a line\n"
            await asyncio.sleep(0.1)

    return Stream(lines())


@get("/lag")
async def lag() -> dict[str, float]:
    """Return the worst lag of a 10 ms ticker since the last call, in seconds: `worst` without the wait for a core,
    `raw` including it.
    """
    found = {
        "worst": max(TICKER.late, default=0.0),
        "raw": max(TICKER.late_raw, default=0.0),
        "ticks": len(TICKER.late),
    }
    TICKER.clear()
    return found


TICKER = LoopTicker()


@websocket("/ws")
async def socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


app = Litestar(
    [home, broken, terms, failing, plain, slow, mine, echo, stream, lag, socket],
    # The ticker starts when all else is up; requests are not served earlier.
    on_startup=[TICKER.start],
    on_shutdown=[TICKER.stop],
    plugins=[
        VitePlugin(ViteConfig(root=HERE, inertia=InertiaConfig(server_head=True, ssr=SSRConfig(timeout_seconds=5))))
    ],
)
