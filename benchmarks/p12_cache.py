"""P12: a cached rendered page, against the same first visit rendered in the browser (P4's page, with this library).

Why: a cached page needs no render server, so only the cache lookup may distinguish it from an unrendered page. The
cached document has 23 KB more markup. The cache is in memory.
"""

from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.data import PAGE
from benchmarks.harness import NOTHING, Goal, Row, Settings, compare, interleave
from benchmarks.ours import Ours
from benchmarks.render_server import BODY_BYTES

GOAL = Goal("at least", 0.8)
_HOUR = 3600.0


async def measure(settings: Settings) -> list[Row]:
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

    app = Litestar([page], plugins=[plugin], openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    caller = Caller(app, NAVIGATION)
    await caller.check("text/html")
    return caller
