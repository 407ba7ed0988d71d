"""A board with live props. With `REDIS_SOCKET`, Redis stores the events, so they outlive the process. With
`POSTGRES_URL`, they are sent through Postgres."""

import asyncio
import itertools
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get, post
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.params import FromQuery

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import (
    InertiaConfig,
    LiveConfig,
    defer,
    live,
    merge,
    optional,
    publish,
    publish_now,
)

HERE = Path(__file__).parent
# The number is stored in a file, so it outlives the process, as in a database.
STORED = Path(os.environ.get("LIVE_STORE", HERE / "number.txt"))
calls = itertools.count()
opened = itertools.count(1)


def stored() -> int:
    return int(STORED.read_text()) if STORED.exists() else 0


def is_open(request: Request[Any, Any, Any], parameters: Mapping[str, str]) -> bool:
    return parameters["room"] != "closed"


async def slow_number() -> int:
    number = stored()
    await asyncio.sleep(float(os.environ.get("LIVE_DELAY", "0")))
    return number


def throttled() -> int:
    return next(calls)


@get("/", component="Board", sync_to_thread=False)
def board() -> dict[str, Any]:
    return {
        "number": live(slow_number, channel="board"),
        "pushed": live(stored, channel="board", events="pushed"),
        "throttled": live(throttled, channel="board", events="often", throttle_ms=1000),
        "later": live(defer(stored), channel="board"),
        "list": live(merge(lambda: [stored()]), channel="board"),
        "hidden": live(optional(stored), channel="board"),
    }


@get("/room/{room:str}", component="Board", sync_to_thread=False)
def room(room: str) -> dict[str, Any]:
    return {"number": live(slow_number, channel=f"room.{room}"), "list": []}


@get("/plain", component="Board", sync_to_thread=False)
def plain() -> dict[str, Any]:
    return {"number": -1, "list": []}


@post("/set", sync_to_thread=False)
def set_number(request: Request[Any, Any, Any], to: FromQuery[int], channel: FromQuery[str] = "board") -> None:
    STORED.write_text(str(to))
    publish(request, channel)


@post("/push")
async def push(request: Request[Any, Any, Any], to: FromQuery[int | None] = None) -> None:
    """Push a number, by default the time in microseconds."""
    await publish_now(request.app, "board", {"pushed": to or time.time_ns() // 1000}, event="pushed")


@post("/touch", sync_to_thread=False)
def touch(request: Request[Any, Any, Any]) -> None:
    """Store the time in microseconds, and make pages reload it."""
    STORED.write_text(str(time.time_ns() // 1000))
    publish(request, "board")


@post("/often")
async def often(request: Request[Any, Any, Any]) -> None:
    for _ in range(20):
        await publish_now(request.app, "board", event="often")


@get("/favicon.ico", sync_to_thread=False)
def icon() -> None:
    """Answer the browser's request for an icon."""


def make_app() -> Litestar:
    backend: Any = MemoryChannelsBackend(history=100)
    if socket := os.environ.get("REDIS_SOCKET"):
        from litestar.channels.backends.redis import RedisChannelsStreamBackend
        from redis.asyncio import Redis

        redis = Redis(unix_socket_path=socket)
        backend = RedisChannelsStreamBackend(100, redis=redis, stream_sleep_no_subscriptions=100)
    if url := os.environ.get("POSTGRES_URL"):
        from litestar.channels.backends.asyncpg import AsyncPgChannelsBackend

        backend = AsyncPgChannelsBackend(url)
    live_config = LiveConfig(
        channels={"board": None, "room.{room}": is_open}, heartbeat_seconds=float(os.environ.get("LIVE_HEARTBEAT", "1"))
    )
    return Litestar(
        [board, room, plain, icon, set_number, push, touch, often],
        plugins=[
            ChannelsPlugin(backend, arbitrary_channels_allowed=True),
            VitePlugin(
                ViteConfig(
                    root=HERE, bundle_dir=HERE / "dist" / os.environ["CLIENT"], inertia=InertiaConfig(live=live_config)
                )
            ),
        ],
        openapi_config=None,
    )


app = make_app()
