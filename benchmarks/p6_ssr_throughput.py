"""P6: the SSR hop with 16 renders at a time against one worker, as throughput, against 16 raw connections.

Why: at concurrency a client's own work is what limits it, since client and render server share the cores.
"""

from benchmarks.harness import Goal, REPORTED, Row, Settings, compare
from benchmarks.ssr_hop import measure_hop

GOAL = Goal("at least", 0.9)
AT_A_TIME = 16


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for unix in (False, True):
        id_, where = ("P6.unix", "Unix socket") if unix else ("P6", "TCP")
        peer = await settings.peer.sides("ssr_hop", connections=AT_A_TIME) if settings.peer and not unix else {}
        rounds = await measure_hop(settings, AT_A_TIME, unix=unix, peer=peer)
        what = f"SSR hop, {AT_A_TIME} at a time, {where} / raw"
        rows.append(compare(id_, what, rounds, settings, goal=GOAL, peer="peer" if not unix else None))
        rows.append(compare(f"{id_}.httpx", f"shared httpx, {AT_A_TIME} at a time, {where} / raw", rounds, settings, goal=REPORTED, ours="httpx", peer=None))
    return rows
