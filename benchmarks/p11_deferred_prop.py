"""P11: an async DeferredProp rendered through a separate portal, through a shared portal, and by a plain await.

Why: the PRD expects to save 5-10 ms by reusing the plugin's portal. Portal calls come from a worker thread, as for sync
callers; the shared portal belongs to the running loop, like the plugin's. The floor awaits the callable.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from anyio.from_thread import BlockingPortal

from benchmarks.harness import REPORTED, Row, Settings, Side, compare, interleave, latency_ratio


async def load() -> int:
    return 1


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    from litestar_vite.inertia.helpers import DeferredProp, defer

    assert isinstance(defer(load), DeferredProp)
    async with BlockingPortal() as portal:
        sides: dict[str, Side] = {
            "await": _awaited,
            "shared portal": _from_worker_thread(lambda: defer(load).render(portal)),
            "portal per call": _from_worker_thread(lambda: defer(load).render()),
        }
        rounds = await interleave(sides, settings)
    lines = (
        ("P11", "async DeferredProp: shared portal / await", "await", "shared portal"),
        ("P11.own", "async DeferredProp: portal per call / await", "await", "portal per call"),
        ("P11.prd", "PRD's claim: shared portal / portal per call", "portal per call", "shared portal"),
    )
    return [
        compare(id_, what, rounds, settings, goal=REPORTED, ratio=latency_ratio, floor=floor, ours=side, peer=None)
        for id_, what, floor, side in lines
    ]


async def _awaited(calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        await load()
    return time.perf_counter() - started


def _from_worker_thread(render: Callable[[], Any]) -> Side:
    def timed(calls: int) -> float:
        assert render() == 1
        started = time.perf_counter()
        for _ in range(calls):
            render()
        return time.perf_counter() - started

    async def side(calls: int) -> float:
        return await asyncio.to_thread(timed, calls)

    return side
