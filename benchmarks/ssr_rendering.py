"""The PRD's benchmark: 100 SSR pages rendered synchronously on the loop against asynchronously, and the loop's lag.

Sync is a blocking `httpx.Client` (shared and kept alive, so that only blocking is compared) called in a plain handler;
async is a page of this library: its LazyInertiaASGIResponse awaits the render server without blocking the loop. Each
serves 100 pages sequentially, then 16 concurrently, from a render server that takes 5 ms per page.

Why: sequentially, both wait for the same time. With 16 visitors, the blocking calls queue, along with everything else
in the process: the lag column is how long a health check, a websocket or a JSON route would have waited.
"""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
from litestar import Litestar, MediaType, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.data import SSR_PROPS
from benchmarks.harness import REPORTED, Row, Settings, Side, compare, duration_text, interleave
from benchmarks.loop_lag import LoopLag
from benchmarks.ours import Ours
from benchmarks.render_server import BODY_BYTES, render_server

PAGES = 100
AT_A_TIME = 16
RENDER_MS = 5.0
# Each round is 400 pages, more than a second of blocked loop, so five rounds suffice.
_ROUNDS = 5


async def measure(settings: Settings) -> list[Row]:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(render_server(RENDER_MS))
        apps = {"sync": await _sync_app(stack, url)}
        if settings.ours:
            apps["async"] = await _async_app(stack, url)
        callers = {name: Caller(app, NAVIGATION) for name, app in apps.items()}
        for name, caller in callers.items():
            answer = await caller.check("text/html")
            assert b"x" * BODY_BYTES in answer.body, f"{name}: not rendered on the server: {answer.body[:300]!r}"
            assert b"<title>Bench</title>" in answer.body, name
        rows = []
        for id_, what, at_a_time in (
            ("SSR", f"{PAGES} SSR pages, one after another: sync / async", 1),
            ("SSR.16", f"{PAGES} SSR pages, {AT_A_TIME} at a time: sync / async", AT_A_TIME),
        ):
            rows.append(await _row(id_, what, callers, at_a_time, settings))
        return rows


async def _row(id_: str, what: str, callers: dict[str, Caller], at_a_time: int, settings: Settings) -> Row:
    lags: dict[str, list[float]] = {name: [] for name in callers}
    sides = {name: _side(caller, at_a_time, lags[name]) for name, caller in callers.items()}
    few = Settings(rounds=1 if settings.quick else _ROUNDS, ours=settings.ours)
    pages = AT_A_TIME if settings.quick else PAGES
    rounds = await interleave(sides, few, calls=pages)
    row = compare(id_, what, rounds, settings, goal=REPORTED, floor="sync", ours="async", peer=None)
    row.notes = [
        "median of the worst loop lag of each round: "
        + ", ".join(f"{name} {duration_text(lag)}" for name, lag in lags.items())
    ]
    row.rounds.update({f"worst loop lag, {name} (seconds)": lag for name, lag in lags.items()})
    row.floor += f", lag {statistics.median(lags['sync']) * 1e3:.1f} ms"
    if "async" in lags:
        row.ours += f", lag {statistics.median(lags['async']) * 1e3:.1f} ms"
    return row


def _side(caller: Caller, at_a_time: int, lags: list[float]) -> Side:
    async def visitor(pages: int) -> None:
        for _ in range(pages):
            await caller(1)
            await asyncio.sleep(0)  # servers return to the loop between requests

    async def side(calls: int) -> float:
        shares = [calls // at_a_time + (number < calls % at_a_time) for number in range(at_a_time)]
        async with LoopLag() as lag:
            started = time.perf_counter()
            await asyncio.gather(*(visitor(share) for share in shares))
            seconds = time.perf_counter() - started
        lags.append(lag.worst_seconds)
        return seconds

    return side


async def _sync_app(stack: AsyncExitStack, url: str) -> Litestar:
    """Build the approach that the PRD replaces: the page is rendered while the loop is blocked."""
    client = stack.enter_context(httpx.Client(base_url=url))

    @get("/", media_type=MediaType.HTML)
    async def page() -> bytes:
        page_json = msgspec.json.encode({"component": "Bench", "props": SSR_PROPS, "url": "/", "version": "1"})
        rendered = client.post("/render", content=page_json, headers={"content-type": "application/json"}).json()
        head, body = "".join(rendered["head"]).encode(), rendered["body"].encode()
        script = page_json.replace(b"<", b"\\u003c")
        return b'<!doctype html><html><head>%b</head><body>%b<script data-page="app">%b</script></body></html>' % (
            head,
            body,
            script,
        )

    app = Litestar([page], openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    return app


async def _async_app(stack: AsyncExitStack, url: str) -> Litestar:
    from litestar_vite.inertia import SSRConfig

    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return SSR_PROPS

    plugin = Ours(ssr=SSRConfig(url=url)).plugin(stack)
    app = Litestar([page], plugins=[plugin], openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    return app
