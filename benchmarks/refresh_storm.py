"""STORM: many visitors on one page with a cached copy that expires every second: the example's React page, two workers.

Why: the cost of a cache shows when an entry expires under load. Each visitor waits for a page, then pauses for 50 ms.
Each visit reads other props, like a page with a counter, so the page is cached by its URL. Renders are counted
by the gateway, and times are those of the whole page in process.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from shutil import which
from typing import Any

from litestar import Litestar, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.harness import NOTHING, REPORTED, Row, Settings
from benchmarks.p7b_react_page import BUNDLE, EXAMPLE, contacts_page

_VISITORS, _WORKERS = 64, 2
_PAUSE_SECONDS = 0.05
_SECONDS = 10.0
_WARM_UP_SECONDS = 2.0


async def measure(settings: Settings) -> list[Row]:
    if which("node") is None or not BUNDLE.exists() or not settings.ours:
        note = "needs Node and `make example`"
        return [Row("STORM", note, NOTHING, NOTHING, NOTHING, NOTHING, str(REPORTED), None)]
    from litestar_vite.inertia import CachePolicy

    second = CachePolicy(1, by="url")
    cases = {
        "rendered for each visit": None,
        "cached by its URL for a second": second,
        "the same, and stale for a minute": CachePolicy(1, stale_seconds=60, by="url"),
    }
    seconds = 0.5 if settings.quick else _SECONDS
    return [await _storm(f"STORM.{number}", *case, seconds) for number, case in enumerate(cases.items(), 1)]


async def _storm(name: str, what: str, policy: Any, seconds: float) -> Row:
    async with AsyncExitStack() as stack:
        caller, gateway = await _app(stack, policy)
        await _visit(caller, min(seconds, _WARM_UP_SECONDS))
        before = gateway.stats()
        waited = sorted(await _visit(caller, seconds))
        after = gateway.stats()
    p50, p99 = (waited[int(len(waited) * share)] * 1e3 for share in (0.5, 0.99))
    failed = sum(after.failed.values()) - sum(before.failed.values())
    figures = f"p50 {p50:.2g} ms, p99 {p99:.2g} ms, longest {waited[-1] * 1e3:.0f} ms"
    note = (
        f"{what}: {len(waited) / seconds:.0f} pages a second, {after.rendered - before.rendered} renders in "
        f"{seconds:g} s, {failed} left to the browser"
    )
    return Row(
        name, f"{_VISITORS} visitors, {what}", NOTHING, figures, NOTHING, NOTHING, str(REPORTED), None, notes=[note]
    )


async def _app(stack: AsyncExitStack, policy: Any) -> tuple[Caller, Any]:
    from litestar_vite import ViteConfig, VitePlugin
    from litestar_vite.inertia import InertiaConfig, SSRConfig

    page = await contacts_page()
    props = {name: value for name, value in page["props"].items() if name != "errors"}
    number = 0

    @get("/", component="Contacts/Index")
    async def contacts() -> dict[str, Any]:
        nonlocal number
        number += 1
        return {**props, "reads": number}

    plugin = VitePlugin(ViteConfig(root=EXAMPLE, inertia=InertiaConfig(ssr=SSRConfig(workers=_WORKERS, cache=policy))))
    app = Litestar([contacts], plugins=[plugin], openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    assert plugin.inertia is not None
    caller = Caller(app, NAVIGATION)
    answer = await caller.once()
    assert b"<table" in answer.body, "the page was not rendered on the server"
    return caller, plugin.inertia.context.rendering.gateway


async def _visit(caller: Caller, seconds: float) -> list[float]:
    """Let all visitors read the page for a time. Return the duration of each page in seconds."""
    waited: list[float] = []
    end = time.perf_counter() + seconds

    async def visitor(number: int) -> None:
        await asyncio.sleep(_PAUSE_SECONDS * number / _VISITORS)
        while (started := time.perf_counter()) < end:
            await caller.once()
            waited.append(time.perf_counter() - started)
            await asyncio.sleep(_PAUSE_SECONDS)

    await asyncio.gather(*(visitor(number) for number in range(_VISITORS)))
    return waited
