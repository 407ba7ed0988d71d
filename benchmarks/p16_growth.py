"""P16: how a page's cost grows with rows, with shared props, and with concurrent users.

Why: an adapter that walks its props pays many times the encoder's cost for every row. This compares the growth and not
the cost: what 9,990 more rows (50 more shared props) add to a page, against what they add to the bare encoder. With
concurrent users, a request must not cost more than with one user.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from litestar import Litestar, get

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.harness import (
    NOTHING,
    Goal,
    Rounds,
    Row,
    Settings,
    Side,
    compare,
    duration_text,
    interleave,
    ratio_text,
)
from benchmarks.ours import Ours

FEW, MANY = 10, 10_000
SHARES = 50
USERS = 256
GOAL = Goal("at most", 1.05)


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    rows = await _growth(
        settings, "P16.rows", f"{FEW} → {MANY:,} rows", {FEW: _rows(FEW), MANY: _rows(MANY)}, {FEW: {}, MANY: {}}
    )
    shared = {f"shared_{number}": f"value {number}" for number in range(SHARES)}
    shares = await _growth(
        settings,
        "P16.shared",
        f"0 → {SHARES} shared props",
        {0: _rows(FEW), SHARES: _rows(FEW)},
        {0: {}, SHARES: shared},
    )
    return [rows, shares, await _users(settings)]


def _rows(count: int) -> dict[str, Any]:
    return {
        "rows": [
            {"id": n, "name": f"Row {n}", "email": f"row.{n}@example.org", "active": n % 2 == 0} for n in range(count)
        ]
    }


async def _growth(
    settings: Settings, id_: str, what: str, props: dict[int, dict[str, Any]], shared: dict[int, dict[str, Any]]
) -> Row:
    async with AsyncExitStack() as stack:
        sides: dict[str, Side] = {}
        for size, content in props.items():
            caller = await _page(stack, content, shared[size])
            sides[f"ours {size}"] = caller
            # The handler's own objects, since equal objects elsewhere in memory take a different time.
            page = (await caller.once()).json
            sides[f"encode {size}"] = _encoding({**page, "props": {"errors": {}, **shared[size], **content}})
        rounds = await interleave(sides, settings)
    small, large = props
    added = {
        "ours": [b - a for a, b in zip(rounds[f"ours {small}"], rounds[f"ours {large}"], strict=True)],
        "floor": [b - a for a, b in zip(rounds[f"encode {small}"], rounds[f"encode {large}"], strict=True)],
    }
    return compare(
        id_, f"what {what} add to a page, and to the encoder", added, settings, goal=GOAL, ratio=_of_medians, peer=None
    )


def _of_medians(rounds: Rounds, floor: str, ours: str) -> float | None:
    """Compare medians, since the difference of two noisy times is noisier than either, and a round's ratio of such
    differences is meaningless.
    """
    ordered = {name: sorted(times) for name, times in rounds.items()}
    middle = len(ordered[floor]) // 2
    return ordered[ours][middle] / ordered[floor][middle]


async def _users(settings: Settings) -> Row:
    """Concurrent requests of many users on one loop, against the same number of sequential requests, for ours and the
    plain handler.
    """
    async with AsyncExitStack() as stack:
        content = _rows(FEW)

        @get("/")
        async def plain() -> dict[str, Any]:
            return content

        app = Litestar([plain], openapi_config=None, logging_config=None)
        await stack.enter_async_context(app.lifespan())
        floor = Caller(app, NAVIGATION)
        await floor.check("application/json")
        sides = {
            "floor": _together(floor),
            "ours": _together(await _page(stack, content, {})),
            "ours alone": await _page(stack, content, {}),
        }
        rounds = await interleave(sides, settings)
    row = compare(
        "P16.users",
        f"a page, {USERS} users at once, against the plain handler",
        rounds,
        settings,
        goal=GOAL,
        ratio=_of_medians,
        peer=None,
    )
    row.notes.append(
        f"one user at a time {duration_text(rounds['ours alone'])} a page, {USERS} at once {row.ours}: "
        f"{ratio_text(_of_medians(rounds, 'ours alone', 'ours'))}"
    )
    assert row.peer == NOTHING
    return row


def _together(caller: Caller) -> Side:
    async def side(calls: int) -> float:
        started = time.perf_counter()
        for _ in range(0, calls, USERS):
            await asyncio.gather(*(caller.once() for _ in range(USERS)))
        # The last batch is complete, so scale to the requested calls.
        return (time.perf_counter() - started) * calls / (-(-calls // USERS) * USERS)

    return side


def _encoding(page: Any) -> Side:
    encode = msgspec.json.Encoder().encode

    async def side(calls: int) -> float:
        started = time.perf_counter()
        for _ in range(calls):
            encode(page)
        return time.perf_counter() - started

    return side


async def _page(stack: AsyncExitStack, content: dict[str, Any], shared: dict[str, Any]) -> Caller:
    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return content

    app = Litestar([page], plugins=[Ours(share=shared).plugin(stack)], openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
    caller = Caller(app, visit_headers(version))
    await caller.check("application/json")
    return caller
