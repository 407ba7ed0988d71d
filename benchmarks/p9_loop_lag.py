"""P9: how long the event loop is blocked while 16 concurrent pages are rendered by a renderer that takes 200 ms.

Why: a slow renderer must only delay its own visitors. A 1 ms timer records its delay; the figure is the worst of all
rounds. The idle loop shows the delay caused by the machine.
"""

import asyncio
import statistics
from contextlib import AsyncExitStack

from benchmarks.cases import Cases
from benchmarks.harness import NOTHING, Goal, Row, Settings, Side
from benchmarks.loop_lag import LoopLag
from benchmarks.ours import Ours

GOAL = Goal("at most", 20.0, " ms")
AT_A_TIME, RENDER_MS = 16, 200.0
_ROUNDS, _PAGES = 7, 4 * AT_A_TIME


async def measure(settings: Settings) -> list[Row]:
    options = {"connections": AT_A_TIME, "delay_ms": RENDER_MS}
    async with AsyncExitStack() as stack:
        sides: dict[str, Side] = {"idle": _idle}
        if settings.ours:
            sides["ours"] = (await Cases(Ours(), stack).build("ssr_lag", **options))["subject"]
        if settings.peer:
            sides.update(await settings.peer.sides("ssr_lag", **options))
        lags: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(1 if settings.quick else _ROUNDS):
            for name, side in sides.items():
                await side(AT_A_TIME)  # warm-up
                lags[name].append(await side(AT_A_TIME if settings.quick else _PAGES))
    worst = max(lags["ours"]) if "ours" in lags else None
    what = f"worst loop lag, {AT_A_TIME} SSR pages at a time, renderer {RENDER_MS:g} ms"
    texts = {name: f"{max(found) * 1e3:.1f} ms" for name, found in lags.items()}
    medians = ", ".join(f"{name} {statistics.median(found) * 1e3:.1f} ms" for name, found in lags.items())
    passed = GOAL.met_by(worst * 1e3) if worst is not None else None
    peer = texts.get("peer", settings.peer_absent)
    return [
        Row(
            "P9",
            what,
            f"{texts['idle']} idle",
            texts.get("ours", NOTHING),
            NOTHING,
            peer,
            str(GOAL),
            passed,
            lags,
            [f"medians: {medians}"],
        )
    ]


async def _idle(_pages: int) -> float:
    async with LoopLag() as lag:
        await asyncio.sleep(0.2)
    return lag.worst_seconds
