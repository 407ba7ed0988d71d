"""P7: a page that the render server renders, end to end in the app (visit in, HTML out), against the raw hop alone.

Why: the hop is only half of a rendered page; props, encoding, the splice into the document and the framework are the rest. The floor does
none of that: it sends ready-made bytes over a raw connection. One at a time it is latency, 16 at a time throughput. The servers are those
of P5: Node's, which real render servers stand on, and one that costs next to nothing (`.lean`), which the peer's pipe is compared with.
All sides but the peer's share one server: a second one is colder, by how much it was used, and that was 60 µs of 400.

The floor encodes no props and serves no request. `.hand` compares with who has to: a plain Litestar handler that encodes its props, sends
them over the raw connection and joins the answer with a document; it has no deadline, no pool, no breaker and nobody to tell of errors.
"""

from contextlib import AsyncExitStack
from functools import partial
from shutil import which

import msgspec
from litestar import Litestar, MediaType, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.cases import Cases
from benchmarks.data import SSR_PAGE, SSR_PROPS
from benchmarks.harness import NOTHING, REPORTED, Goal, Rounds, Row, Settings, at_a_time, compare, interleave, latency_ratio
from benchmarks.ours import Ours
from benchmarks.raw_client import RawConnection
from benchmarks.render_server import render_server

LATENCY, THROUGHPUT, CPU = Goal("at most", 1.4), Goal("at least", 0.6), Goal("at most", 200.0, " µs")
AT_A_TIME = 16


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for node in (True, False):
        suffix, words = ("", "Node") if node else (".lean", "server that costs nothing")
        if node and which("node") is None:
            rows.append(Row("P7", "SSR page", NOTHING, "not measured", NOTHING, NOTHING, str(LATENCY), None, notes=["needs Node"]))
            continue
        cpu: list[float] = []
        cpu_by_hand: list[float] = []
        peer = None if node else "peer"
        rounds = await _rounds(settings, 1, cpu, cpu_by_hand, node=node)
        goal = LATENCY if node else REPORTED
        rows.append(
            compare(f"P7{suffix}", f"SSR page, sequential, {words} / raw hop", rounds, settings, goal=goal, ratio=latency_ratio, peer=peer)
        )
        if settings.ours and node:
            rows.append(_against_by_hand("P7.hand", "the same / by hand", rounds, settings))
            microseconds = sorted(cpu)[len(cpu) // 2] * 1e6
            text = f"{microseconds:.0f} µs"
            rows.append(
                Row(
                    "P7.cpu",
                    "CPU of an SSR page in Python",
                    NOTHING,
                    text,
                    NOTHING,
                    NOTHING,
                    str(CPU),
                    CPU.met_by(microseconds),
                    {"ours": cpu},
                    [f"by hand {sorted(cpu_by_hand)[len(cpu_by_hand) // 2] * 1e6:.0f} µs"],
                )
            )
        rounds = await _rounds(settings, AT_A_TIME, None, None, node=node)
        goal = THROUGHPUT if node else REPORTED
        rows.append(
            compare(f"P7.16{suffix}", f"SSR pages, {AT_A_TIME} at a time, {words} / raw hop", rounds, settings, goal=goal, peer=peer)
        )
    return rows


def _against_by_hand(id_: str, what: str, rounds: Rounds, settings: Settings) -> Row:
    return compare(id_, what, rounds, settings, goal=REPORTED, ratio=latency_ratio, floor="hand", peer=None)


async def _rounds(settings: Settings, connections: int, cpu: list[float] | None, cpu_by_hand: list[float] | None, *, node: bool) -> Rounds:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(render_server(node=node))
        posts = []
        for _ in range(connections):
            raw = await RawConnection.open(url, SSR_PAGE)
            stack.callback(raw.close)
            posts.append(raw.render)
        sides = {"floor": at_a_time(posts)}
        if settings.ours:
            if node and connections == 1:
                sides["hand"] = at_a_time([partial(await _by_hand(stack, url), 1)], cpu_by_hand)
            sides["ours"] = (await Cases(Ours(), stack).build("ssr_page", connections=connections, cpu=cpu, url=url))["subject"]
        if settings.peer and not node:
            sides.update(await settings.peer.sides("ssr_page", connections=connections))
        return await interleave(sides, settings)


async def _by_hand(stack: AsyncExitStack, url: str) -> Caller:
    """Open an app that renders the same page with no more than it takes."""
    raw = await RawConnection.open(url, b"")
    stack.callback(raw.close)
    encode = msgspec.json.Encoder().encode

    @get("/", media_type=MediaType.HTML)
    async def page() -> bytes:
        raw.page_json = encode({"component": "Bench", "props": {"errors": {}, **SSR_PROPS}, "url": "/", "version": "1"})
        head, body = await raw.render()
        return b"<!doctype html><html><head>%b</head><body>%b</body></html>" % (head, body)

    app = Litestar([page], openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    caller = Caller(app, NAVIGATION)
    await caller.check("text/html")
    return caller
