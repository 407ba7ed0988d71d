"""P22: many props: twice as many callables or once-props take twice the time, and dicts next to a prop type take
only the time to encode them.

Why: a page with prop types is planned in Python. The plan must visit prop types only, each a fixed number of times.
"""

from contextlib import AsyncExitStack
from typing import Any

from litestar import get

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.harness import Goal, Row, Settings, compare, interleave, latency_ratio
from benchmarks.ours import Ours
from benchmarks.p17_prop_types import serve

FEW, MANY = 1_000, 2_000
DICTS = {
    f"group_{group}": {f"row_{number}": {"id": number, "name": f"Row {number}"} for number in range(100)}
    for group in range(10)
}
"""1,000 small dicts, nested like props: a dict of more than 256 names is considered data and was never searched."""


def _callables(count: int) -> Any:
    def one() -> int:
        return 1

    content = dict.fromkeys((f"prop_{number}" for number in range(count)), one)

    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return content

    return page


def _once_props(count: int) -> Any:
    from litestar_vite.inertia import once

    content = {f"prop_{number}": once(lambda: 1) for number in range(count)}

    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return content

    return page


def _dicts() -> Any:
    from litestar_vite.inertia import defer

    content = {**DICTS, "later": defer(lambda: 1)}

    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return content

    return page


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    rows: list[Row] = []
    for id_, what, make in (("P22.calls", "callables", _callables), ("P22.once", "once-props", _once_props)):
        async with AsyncExitStack() as stack:
            sides = {"floor": await _visit(stack, make(FEW)), "ours": await _visit(stack, make(MANY))}
            rounds = await interleave(sides, settings)
        # Twice the time for twice the props, plus a little for uncached memory.
        rows.append(
            compare(
                id_,
                f"{MANY:,} {what}, against {FEW:,}",
                rounds,
                settings,
                goal=Goal("at most", 2.2),
                ratio=latency_ratio,
                peer=None,
            )
        )

    @get("/")
    async def plain() -> dict[str, Any]:
        return DICTS

    async with AsyncExitStack() as stack:
        floor = Caller(await serve(stack, [plain], [], []), NAVIGATION)
        await floor.check("application/json")
        rounds = await interleave({"floor": floor, "ours": await _visit(stack, _dicts())}, settings)
    rows.append(
        compare(
            "P22.dicts",
            "XHR page, 1,000 small dicts next to one deferred prop",
            rounds,
            settings,
            goal=Goal("at most", 1.2),
            ratio=latency_ratio,
            peer=None,
        )
    )
    return rows


async def _visit(stack: AsyncExitStack, page: Any) -> Caller:
    app = await serve(stack, [page], [Ours().plugin(stack)], [])
    version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
    caller = Caller(app, visit_headers(version))
    await caller.check("application/json")
    return caller
