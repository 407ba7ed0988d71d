"""A small app for the tests of development: one page with a value of the server, one that fails, and a template."""

import asyncio
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


@websocket("/ws")
async def socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


app = Litestar(
    [home, broken, plain, slow, mine, echo, socket],
    plugins=[VitePlugin(ViteConfig(root=HERE, inertia=InertiaConfig(ssr=SSRConfig(timeout_seconds=20))))],
)
