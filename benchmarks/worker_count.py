"""How many render workers justify their memory: the React page of P7b, 16 concurrent, with 1 to 4 workers on the same
cores.

Why: the default of `SSRConfig.workers` needs evidence. The floor is one worker; the others add throughput and memory.
"""

from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import which
from typing import Any

from benchmarks.asgi import Caller
from benchmarks.harness import NOTHING, REPORTED, Row, Settings, at_a_time, compare, interleave
from benchmarks.p7b_react_page import AT_A_TIME, BUNDLE, WARM_UP_PAGES, contacts_page, our_app

COUNTS = (1, 2, 3, 4)
_SLICE_SECONDS = 1.0


async def measure(settings: Settings) -> list[Row]:
    if which("node") is None or not BUNDLE.exists() or not settings.ours:
        return [
            Row(
                "WORKERS",
                "1 to 4 workers",
                NOTHING,
                "not measured",
                NOTHING,
                NOTHING,
                "",
                None,
                notes=["needs Node and `make example`"],
            )
        ]
    async with AsyncExitStack() as stack:
        props = (await contacts_page())["props"]
        callers: dict[int, Caller] = {}
        apps: dict[int, Any] = {}
        for count in COUNTS:
            callers[count], _, apps[count] = await our_app(stack, props, count)
        sides = {str(count): at_a_time([partial(caller, 1)] * AT_A_TIME) for count, caller in callers.items()}
        if not settings.quick:
            settings = replace(settings, slice_seconds=_SLICE_SECONDS)
            for count in COUNTS:
                await sides[str(count)](WARM_UP_PAGES * count)
        rounds = await interleave(sides, settings)
        memory = {count: [_megabytes(pid) for pid in _pids(app)] for count, app in apps.items()}
    rows = []
    for count in COUNTS[1:]:
        what = f"React page of the example, {AT_A_TIME} at a time: {count} workers / 1"
        rows.append(
            compare(f"WORKERS.{count}", what, rounds, settings, goal=REPORTED, floor="1", ours=str(count), peer=None)
        )
    rows[-1].notes = [
        "MB of each worker: " + "; ".join(f"{count}: {', '.join(map(str, sizes))}" for count, sizes in memory.items())
    ]
    return rows


def _pids(app: Any) -> list[int]:
    from litestar_vite import VitePlugin

    pids: list[int] = app.plugins.get(VitePlugin).workers.own.pids
    return pids


def _megabytes(pid: int) -> int:
    """Return the memory that a process does not share with others, such as the pages of its program."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = sum(
        int(line.split()[1]) for line in rollup.splitlines() if line.startswith(("Private_Clean", "Private_Dirty"))
    )
    return round(kilobytes / 1024)
