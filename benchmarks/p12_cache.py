"""P12: a cached rendered page, against the same first visit rendered in the browser (P4's page, with this library).
P12b: a stale one, cached by its URL, with a tag that has its generation in a store.

Why: a cached page needs no render server, so only the cache lookup may distinguish it from an unrendered page. The
cached document has 23 KB more markup. The cache is in memory.
"""

from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar, get
from litestar.stores.memory import MemoryStore

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.data import PAGE
from benchmarks.harness import NOTHING, Goal, Row, Settings, compare, interleave
from benchmarks.ours import Ours
from benchmarks.render_server import BODY_BYTES, render_server

GOAL = Goal("at least", 0.8)
# The generation of a tag, and the parts of a URL, take some microseconds.
STALE_GOAL = Goal("at least", 0.6)
_HOUR = 3600.0


async def measure(settings: Settings) -> list[Row]:
    return [*await _measure_fresh(settings), *await _measure_stale(settings)]


async def _measure_stale(settings: Settings) -> list[Row]:
    """Measure only stale answers: the render server has stopped, so refreshes fail, and are retried once a second."""
    what = "stale page, by its URL and with a tag / the page left to the browser"
    if not settings.ours:
        return [Row("P12b", what, NOTHING, NOTHING, NOTHING, NOTHING, str(STALE_GOAL), None)]
    from litestar_vite.inertia import CachePolicy

    policy = CachePolicy(1e-6, stale_seconds=_HOUR, by="url", tags=["bench"])
    async with AsyncExitStack() as stack:
        floor = await _caller(stack, Ours().plugin(stack))
        with render_server() as url:
            plugin = Ours().ssr_plugin(stack, 0.0, url=url, cache=policy, cache_store="pages")
            stale = await _caller(stack, plugin)
            assert b"x" * BODY_BYTES in (await stale.once()).body, "not rendered on the server"
        assert b"x" * BODY_BYTES in (await stale.once()).body, "not served from the cache"
        rounds = await interleave({"floor": floor, "ours": stale}, settings)
    return [compare("P12b", what, rounds, settings, goal=STALE_GOAL, peer=None)]


async def _measure_fresh(settings: Settings) -> list[Row]:
    what = "SSR page out of the cache / the page left to the browser"
    if not settings.ours:
        return [Row("P12", what, NOTHING, NOTHING, NOTHING, NOTHING, str(GOAL), None)]
    async with AsyncExitStack() as stack:
        floor = await _caller(stack, Ours().plugin(stack))
        cached = await _caller(stack, Ours().ssr_plugin(stack, 0.0, cache=_HOUR))
        assert b"x" * BODY_BYTES in (await cached.once()).body, "not rendered on the server"
        rounds = await interleave({"floor": floor, "ours": cached}, settings)
    row = compare("P12", what, rounds, settings, goal=GOAL, peer=None)
    row.notes = [
        (
            f"{floor.expected_size / 1000:.0f} KB rendered in the browser, "
            f"{cached.expected_size / 1000:.0f} KB from the cache"
        )
    ]
    return [row]


async def _caller(stack: AsyncExitStack, plugin: Any) -> Caller:
    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return PAGE

    app = Litestar([page], plugins=[plugin], openapi_config=None, logging_config=None, stores={"pages": MemoryStore()})
    await stack.enter_async_context(app.lifespan())
    caller = Caller(app, NAVIGATION)
    await caller.check("text/html")
    return caller
