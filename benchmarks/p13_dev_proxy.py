"""P13: 500 small modules through the app's port, as a browser loads them, against the same modules from Vite directly.

Why: a page in development loads every module separately, so a proxy overhead of a millisecond per module adds half a
second per page. 32 keep-alive connections with sequential requests; the modules are transformed beforehand. uvicorn
with httptools on both sides, with the same Vite. The HMR row sends a message from Vite to a socket and measures the
additional delay through the app.
"""

import asyncio
import socket
import statistics
import time
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from benchmarks.dev_project import MODULES, project, served, vite_of
from benchmarks.harness import Goal, Row, Settings, Side, compare, interleave, latency_ratio
from benchmarks.hmr import HmrSocket
from benchmarks.peer import PYTHON

CONNECTIONS = 32
HMR_MESSAGES = 200
_TARGETS = [f"/static/src/module{number}.js" for number in range(MODULES)]


async def measure(settings: Settings) -> list[Row]:
    async with AsyncExitStack() as stack:
        root = stack.enter_context(project())
        app_url = stack.enter_context(served(root, "ours:app", _free_port()))
        vite = vite_of(root)
        assert vite.url
        sides = {"floor": _modules(vite.url), "ours": _modules(app_url)}
        if settings.peer is not None:
            port = str(urlsplit(vite.url).port)
            # Normally written by the peer's Vite plugin.
            (root / "public").mkdir()
            (root / "public" / "hot").write_text(vite.url)
            peer_url = stack.enter_context(served(root, "peers:app", _free_port(), str(PYTHON), BENCH_VITE_PORT=port))
            sides["peer"] = _modules(peer_url)
        for side in sides.values():
            await side(MODULES)
        rounds = await interleave(sides, settings, calls=MODULES)
        row = compare(
            "P13",
            "dev proxy: 500 modules, 32 at once",
            rounds,
            settings,
            goal=Goal("at most", 2.0),
            ratio=latency_ratio,
        )
        return [row, await _hmr_row(settings, vite.url, app_url)]


async def _hmr_row(settings: Settings, vite_url: str, app_url: str) -> Row:
    """Time a round trip to Vite (a custom event that the litestar() plugin replies to), on each type of socket."""
    count = 10 if settings.quick else HMR_MESSAGES
    direct, through = await HmrSocket.open(vite_url), await HmrSocket.open(app_url)
    try:
        rounds: dict[str, list[float]] = {"floor": [], "ours": []}
        for _ in range(max(5, settings.rounds)):
            for name, hmr in (("floor", direct), ("ours", through)):
                rounds[name].append(statistics.median([await hmr.round_trip() for _ in range(count)]))
    finally:
        await direct.close()
        await through.close()
    # A message goes one way, so half of the round trip's difference.
    added_ms = statistics.median(b - a for a, b in zip(rounds["floor"], rounds["ours"], strict=True)) / 2 * 1000
    row = compare(
        "P13.hmr",
        "HMR message, round trip",
        rounds,
        settings,
        goal=Goal("at most", 2.0, " ms more"),
        ratio=latency_ratio,
        peer=None,
    )
    row.passed = added_ms <= 2.0
    row.notes.append(f"a message takes {added_ms:.2f} ms longer through the app than directly")
    return row


def _modules(url: str) -> Side:
    """Load the modules over the given number of keep-alive connections."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80

    async def side(calls: int) -> float:
        streams = [await asyncio.open_connection(host, port, limit=1 << 20) for _ in range(CONNECTIONS)]
        targets = iter([_TARGETS[number % MODULES] for number in range(calls)])

        async def load(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for target in targets:
                writer.write(
                    f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                    "Accept: */*\r\nSec-Fetch-Dest: script\r\n\r\n".encode()
                )
                await _read(reader)

        started = time.perf_counter()
        await asyncio.gather(*(load(*stream) for stream in streams))
        seconds = time.perf_counter() - started
        for _, writer in streams:
            writer.close()
        return seconds

    return side


async def _read(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        await reader.readexactly(int(lower[at + 15 : lower.index(b"\r", at)]))
        return
    assert b"transfer-encoding: chunked" in lower, head
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
