"""P7: a page that the render server renders, end to end in the app (visit in, HTML out), against the raw hop alone.

Why: the hop is only half of a rendered page; props, encoding, the splice into the document and the framework are the rest. The floor does
none of that: it sends ready-made bytes over a raw connection. One at a time it is latency, 16 at a time throughput.
"""

from contextlib import AsyncExitStack

from benchmarks.cases import Cases
from benchmarks.data import SSR_PAGE
from benchmarks.harness import Goal, Rounds, Row, Settings, at_a_time, compare, interleave, latency_ratio
from benchmarks.ours import Ours
from benchmarks.raw_client import RawConnection
from benchmarks.render_server import render_server

LATENCY, THROUGHPUT, CPU = Goal("at most", 1.4), Goal("at least", 0.6), Goal("at most", 200.0, " µs")
AT_A_TIME = 16


async def measure(settings: Settings) -> list[Row]:
    rows = []
    cpu: list[float] = []
    rounds = await _rounds(settings, 1, cpu)
    rows.append(compare("P7", "SSR page, one after another / raw hop", rounds, settings, goal=LATENCY, ratio=latency_ratio))
    if settings.ours:
        microseconds = sorted(cpu)[len(cpu) // 2] * 1e6
        text = f"{microseconds:.0f} µs"
        rows.append(Row("P7.cpu", "CPU of an SSR page in Python", "-", text, "-", "-", str(CPU), CPU.met_by(microseconds), {"ours": cpu}))
    rounds = await _rounds(settings, AT_A_TIME, None)
    rows.append(compare("P7.16", f"SSR pages, {AT_A_TIME} at a time / raw hop", rounds, settings, goal=THROUGHPUT))
    return rows


async def _rounds(settings: Settings, connections: int, cpu: list[float] | None) -> Rounds:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(render_server())
        posts = []
        for _ in range(connections):
            raw = await RawConnection.open(url, SSR_PAGE)
            stack.callback(raw.close)
            posts.append(raw.render)
        sides = {"floor": at_a_time(posts)}
        if settings.ours:
            sides["ours"] = (await Cases(Ours(), stack).build("ssr_page", connections=connections, cpu=cpu))["subject"]
        if settings.peer:
            sides.update(await settings.peer.sides("ssr_page", connections=connections))
        return await interleave(sides, settings)
