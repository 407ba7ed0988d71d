"""P7: a page rendered by the render server, end to end in the app (visit in, HTML out), against the raw hop.

Why: the hop is only half of a rendered page; props, encoding, inserting into the document and the framework are the
rest. The floor does none of this: it sends prepared bytes over a raw connection. Sequential visits measure latency, 16
concurrent visits throughput. The servers are those of P5: Node's HTTP server, like real render servers, and a server of
almost no cost (`.lean`), which the peer's pipe is compared with. All sides except the peer's share a server, since a
second one is colder depending on its use, which made a difference of 60 µs of 400.

The floor does not encode props or serve a request. `.hand` compares with a side that does: a plain Litestar handler
that encodes its props, sends them over the raw connection and joins the response with a document. It lacks a deadline,
a pool, a circuit breaker and error reporting.

The goal for CPU applies where CPU limits a server: with 16 concurrent pages. With sequential visits, the process sleeps
during each render and has cold caches, which adds a third of the page's cost and varies from hour to hour; so `.cpu` is
measured against the hand-written handler.
"""

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import msgspec
from litestar import Litestar, MediaType, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.cases import Cases
from benchmarks.data import SSR_PAGE, SSR_PROPS
from benchmarks.harness import (
    NOTHING,
    REPORTED,
    Goal,
    Rounds,
    Row,
    Settings,
    at_a_time,
    compare,
    compare_cpu,
    interleave,
    latency_ratio,
    over_servers,
)
from benchmarks.ours import Ours
from benchmarks.raw_client import RawConnection
from benchmarks.render_server import render_server
from benchmarks.ssr_hop import PLACES, Where

LATENCY, THROUGHPUT, CPU, BY_HAND = (
    Goal("at most", 1.4),
    Goal("at least", 0.6),
    Goal("at most", 200.0, " µs"),
    Goal("at most", 1.0),
)
AT_A_TIME = 16


async def measure(settings: Settings) -> list[Row]:
    rows: list[Row] = []
    for place in PLACES:
        id_, what = f"P7{place.suffix}", f"SSR page, sequential, {place.words}"
        goal = LATENCY if place.node else REPORTED
        if place.node and which("node") is None:
            rows.append(
                Row(id_, what, NOTHING, "not measured", NOTHING, NOTHING, str(goal), None, notes=["needs Node"])
            )
            continue
        peer = None if place.node else "peer"
        rounds = await over_servers(partial(_rounds, place, 1), settings)
        rows.append(compare(id_, f"{what} / raw hop", rounds, settings, goal=goal, ratio=latency_ratio, peer=peer))
        if settings.ours and place.node:
            by_hand = compare(
                f"{id_}.hand",
                "the same / by hand",
                rounds,
                settings,
                goal=REPORTED,
                ratio=latency_ratio,
                floor="hand",
                peer=None,
            )
            rows += [by_hand, compare_cpu(f"{id_}.cpu", "CPU in Python / by hand", rounds, goal=BY_HAND, floor="hand")]
        rounds = await over_servers(partial(_rounds, place, AT_A_TIME), settings)
        goal = THROUGHPUT if place.node else REPORTED
        what = f"SSR pages, {AT_A_TIME} at a time, {place.words} / raw hop"
        rows.append(compare(f"P7.16{place.suffix}", what, rounds, settings, goal=goal, peer=peer))
        if settings.ours and place.node:
            rows.append(compare_cpu(f"P7.16{place.suffix}.cpu", "CPU in Python / raw hop", rounds, goal=CPU))
    return rows


async def _rounds(place: Where, connections: int, settings: Settings) -> Rounds:
    """Measure all sides with one server. The hand-written handler has one connection, so its calls are sequential."""
    async with AsyncExitStack() as stack:
        path = Path(stack.enter_context(TemporaryDirectory(prefix="bench-"))) / "s.sock" if place.unix else None
        url = stack.enter_context(render_server(unix_path=path, node=place.node))
        posts = []
        for _ in range(connections):
            raw = await RawConnection.open(url, SSR_PAGE, str(path) if path else None)
            stack.callback(raw.close)
            posts.append(raw.render)
        sides = {"floor": at_a_time(posts)}
        if settings.ours:
            if connections == 1:
                sides["hand"] = at_a_time([partial(await _by_hand(stack, url, path), 1)])
            where = f"unix:{path}" if path else url
            sides["ours"] = (await Cases(Ours(), stack).build("ssr_page", connections=connections, url=where))[
                "subject"
            ]
        in_process = set(sides)
        if settings.peer and not place.node:
            sides.update(await settings.peer.sides("ssr_page", connections=connections))
        return await interleave(sides, settings, cpu_of=in_process)


async def _by_hand(stack: AsyncExitStack, url: str, path: Path | None) -> Caller:
    """Open an app that renders the same page with the minimum of code."""
    raw = await RawConnection.open(url, b"", str(path) if path else None)
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
