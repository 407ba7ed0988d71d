"""P5: the SSR hop, one render after another, against a hand-written asyncio client on one keep-alive connection.

Why: it is what every rendered page pays on top of the render. 17 KB of page in, 23 KB of head and body out, over TCP and over a Unix
socket; the render server renders nothing. The peer's hop is a pipe to one child, with the same bytes.
"""

from benchmarks.harness import Goal, REPORTED, Row, Settings, compare, latency_ratio
from benchmarks.ssr_hop import cpu_microseconds, measure_hop

GOAL = Goal("at most", 1.15)
CPU_GOAL = Goal("at most", 120.0, " µs")


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for unix in (False, True):
        id_, where = ("P5.unix", "Unix socket") if unix else ("P5", "TCP")
        peer = await settings.peer.sides("ssr_hop", connections=1) if settings.peer and not unix else {}
        rounds = await measure_hop(settings, 1, unix=unix, peer=peer)
        has_peer = "peer" if not unix else None
        rows.append(compare(id_, f"SSR hop, sequential, {where} / raw", rounds, settings, goal=GOAL, ratio=latency_ratio, peer=has_peer))
        rows.append(
            compare(f"{id_}.httpx", f"shared httpx, sequential, {where} / raw", rounds, settings, goal=REPORTED, ratio=latency_ratio, ours="httpx", peer=None)
        )
        if settings.ours:
            rows.append(_cpu_row(f"{id_}.cpu", f"CPU of a hop in Python, {where}", rounds))
    return rows


def _cpu_row(id_: str, what: str, rounds: dict[str, list[float]]) -> Row:
    ours, floor = cpu_microseconds(rounds, "ours"), cpu_microseconds(rounds, "floor")
    row = Row(id_, what, f"{floor:.0f} µs", f"{ours:.0f} µs", f"{ours / floor:.2f}", "-", str(CPU_GOAL), CPU_GOAL.met_by(ours))
    row.notes = [f"httpx {cpu_microseconds(rounds, 'httpx'):.0f} µs"]
    return row
