"""P6: the throughput of the hop with 16 concurrent renders and one worker, against 16 raw connections.

Why: under concurrency, the client's own work is the limit, since client and render server share the cores. The servers
are those of P5.
"""

from shutil import which

from benchmarks.harness import NOTHING, REPORTED, Goal, Row, Settings, compare, compare_cpu
from benchmarks.ssr_hop import PLACES, measure_hop

GOAL = Goal("at least", 0.9)
AT_A_TIME = 16


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for place in PLACES:
        id_, what = f"P6{place.suffix}", f"SSR hop, {AT_A_TIME} at a time, {place.words}"
        goal = GOAL if place.node else REPORTED
        if place.node and which("node") is None:
            rows.append(
                Row(id_, what, NOTHING, "not measured", NOTHING, NOTHING, str(goal), None, notes=["needs Node"])
            )
            continue
        peer = await settings.peer.sides("ssr_hop", connections=AT_A_TIME) if settings.peer and not place.node else {}
        rounds = await measure_hop(settings, AT_A_TIME, unix=place.unix, node=place.node, peer=peer)
        rows.append(compare(id_, f"{what} / raw", rounds, settings, goal=goal, peer=None if place.node else "peer"))
        rows.append(
            compare(
                f"{id_}.httpx", "the same, shared httpx / raw", rounds, settings, goal=REPORTED, ours="httpx", peer=None
            )
        )
        if settings.ours:
            rows.append(
                compare_cpu(f"{id_}.cpu", "the same, CPU in Python / raw", rounds, goal=REPORTED, notes=["httpx"])
            )
    return rows
