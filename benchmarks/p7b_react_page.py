"""P7b: a real React page (the example's list of contacts) with two render workers, against the same bundle behind bare
Node HTTP servers, also two processes, with a raw client.

Why: the hop alone (P5 to P7) is our overhead; this row shows its share next to a real render, and whether the workers
and their dispatch reduce throughput. Python and two Node processes share two cores on both sides. The first page is
measured too: the workers are warmed up before the app accepts requests.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from litestar import Litestar, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.harness import NOTHING, Goal, Row, Settings, at_a_time, compare, interleave
from benchmarks.raw_client import RawConnection

if TYPE_CHECKING:
    from collections.abc import Iterator

GOAL, FIRST = Goal("at least", 0.85), Goal("at most", 100.0, " ms")
AT_A_TIME, WORKERS = 16, 2
# For each server. V8 compiles code that has run often; before that, a page takes three times as long.
WARM_UP_PAGES = 500
EXAMPLE = Path(__file__).parent.parent / "examples" / "react-contacts"
BUNDLE = EXAMPLE / "dist" / "ssr" / "app.js"
_COMPONENT = "Contacts/Index"


async def measure(settings: Settings) -> list[Row]:
    what = f"React page of the example, {WORKERS} workers, {AT_A_TIME} at a time / bare Node"
    if which("node") is None or not BUNDLE.exists() or not settings.ours:
        return [
            Row(
                "P7b",
                what,
                NOTHING,
                "not measured",
                NOTHING,
                NOTHING,
                str(GOAL),
                None,
                notes=["needs Node and `make example`"],
            )
        ]
    async with AsyncExitStack() as stack:
        page = await contacts_page()
        page_json = msgspec.json.encode(page)
        posts = []
        for number in range(WORKERS):
            path = stack.enter_context(_bare_server())
            for _ in range(AT_A_TIME // WORKERS):
                raw = await RawConnection.open("http://localhost", page_json, path)
                stack.callback(raw.close)
                posts.append(raw.render)
            assert b"<table" in (await posts[number * AT_A_TIME // WORKERS]())[1]
        caller, first_seconds, _ = await our_app(stack, page["props"], WORKERS)
        sides = {"floor": at_a_time(posts), "ours": at_a_time([partial(caller, 1)] * AT_A_TIME)}
        for side in sides.values():
            await side(AT_A_TIME if settings.quick else WARM_UP_PAGES * WORKERS)
        rounds = await interleave(sides, settings)
    rows = [compare("P7b", what, rounds, settings, goal=GOAL, peer=None)]
    milliseconds = first_seconds * 1e3
    text = f"{milliseconds:.1f} ms"
    rows.append(
        Row(
            "P7b.first",
            "the very first page after start-up",
            NOTHING,
            text,
            NOTHING,
            NOTHING,
            str(FIRST),
            FIRST.met_by(milliseconds),
        )
    )
    return rows


async def our_app(stack: AsyncExitStack, props: dict[str, Any], workers: int) -> tuple[Caller, float, Litestar]:
    """Start an app that renders the page; return its caller, the duration of the first page, and the app."""
    from litestar_vite import ViteConfig, VitePlugin
    from litestar_vite.inertia import InertiaConfig, SSRConfig

    props = {name: value for name, value in props.items() if name != "errors"}

    @get("/", component=_COMPONENT)
    async def contacts() -> dict[str, Any]:
        return props

    ssr = SSRConfig(workers=workers)
    app = Litestar(
        [contacts],
        plugins=[VitePlugin(ViteConfig(root=EXAMPLE, inertia=InertiaConfig(ssr=ssr)))],
        openapi_config=None,
        logging_config=None,
    )
    await stack.enter_async_context(app.lifespan())
    caller = Caller(app, NAVIGATION)
    started = time.perf_counter()
    answer = await caller.check("text/html")
    seconds = time.perf_counter() - started
    assert b"<table" in answer.body, f"the first page was not rendered on the server: {answer.body[:300]!r}"
    return caller, seconds, app


@contextmanager
def _bare_server() -> "Iterator[str]":
    with TemporaryDirectory(prefix="bench-") as folder:
        path = f"{folder}/s.sock"
        process = subprocess.Popen(
            ["node", str(Path(__file__).with_name("bare_node_server.mjs")), str(BUNDLE), path],
            env={**os.environ, "NODE_ENV": "production"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            # The bundle also prints.
            assert "ready\n" in iter(process.stdout.readline, ""), "the bare server did not start"
            yield path
        finally:
            process.stdin.close()
            process.wait(timeout=5)
            process.stdout.close()


async def contacts_page() -> dict[str, Any]:
    return await asyncio.to_thread(_contacts_page)


def _contacts_page() -> dict[str, Any]:
    """Request the page object of the list from the example, with a separate database."""
    with TemporaryDirectory(prefix="bench-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", port, "--log-level", "error"],
            cwd=EXAMPLE,
            env={**os.environ, "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bench.sqlite3", "VITE_SSR_ENABLED": "0"},
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                return _page_in(_when_up(client))
        finally:
            process.terminate()
            process.wait(timeout=10)


def _when_up(client: httpx.Client) -> str:
    for _ in range(600):
        try:
            return client.get("/contacts").text
        except httpx.ConnectError:
            time.sleep(0.1)
    msg = "the example did not start"
    raise RuntimeError(msg)


def _page_in(html: str) -> dict[str, Any]:
    script = html.partition('data-page="app" type="application/json">')[2].partition("</script>")[0]
    page: dict[str, Any] = msgspec.json.decode(script)
    assert page["component"] == _COMPONENT, page["component"]
    return page
