"""P5: the hop to the render server, sequential, against a hand-written asyncio client on one keep-alive connection.

Why: every rendered page pays this in addition to the render. 17 KB of page in, 23 KB of head and body out, over TCP and
over a Unix socket. The render server is Node's HTTP server, which parses the page and renders nothing. With a server
of almost no cost (`.lean`), the client's share is larger. The peer's hop is a pipe to a child, with the same bytes.
"""

from shutil import which

from benchmarks.harness import NOTHING, REPORTED, Goal, Row, Settings, compare, compare_cpu, latency_ratio
from benchmarks.ssr_hop import PLACES, measure_hop

GOAL = Goal("at most", 1.15)
CPU_GOAL = Goal("at most", 120.0, " µs")


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for place in PLACES:
        id_, what = f"P5{place.suffix}", f"SSR hop, sequential, {place.words}"
        goal = GOAL if place.node else REPORTED
        if place.node and which("node") is None:
            rows.append(
                Row(id_, what, NOTHING, "not measured", NOTHING, NOTHING, str(goal), None, notes=["needs Node"])
            )
            continue
        peer = await settings.peer.sides("ssr_hop", connections=1) if settings.peer and not place.node else {}
        rounds = await measure_hop(settings, 1, unix=place.unix, node=place.node, peer=peer)
        has_peer = None if place.node else "peer"
        rows.append(compare(id_, f"{what} / raw", rounds, settings, goal=goal, ratio=latency_ratio, peer=has_peer))
        rows.append(
            compare(
                f"{id_}.httpx",
                "the same, shared httpx / raw",
                rounds,
                settings,
                goal=REPORTED,
                ratio=latency_ratio,
                ours="httpx",
                peer=None,
            )
        )
        if settings.ours:
            rows.append(
                compare_cpu(f"{id_}.cpu", "the same, CPU in Python / raw", rounds, goal=CPU_GOAL, notes=["httpx"])
            )
    return rows
