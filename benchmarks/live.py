"""Live props: `python -m benchmarks.live` after `make clients`. Not a row of the table, since it lacks a floor.

1. From a publish to the changed DOM in Chromium: a pushed value, and a reload.
2. Idle connections: memory and CPU of the server, and the time until the last one has an event.

Numbers are for one uvicorn process. `--redis` stores the events in Redis, `--postgres` sends them through Postgres."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from tests.postgres import find_programs, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).parents[1] / "tests" / "e2e" / "clients" / "live"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024

OBSERVE = """name => {
    window.times = []
    const element = document.getElementById(name)
    new MutationObserver(() => {
        const now = (performance.timeOrigin + performance.now()) * 1000
        window.times.push((now - Number(element.textContent)) / 1000)
    }).observe(element, { childList: true, characterData: true, subtree: true })
}"""


@contextlib.contextmanager
def redis() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = str(Path(folder) / "redis.sock")
        command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not Path(socket).exists():
                time.sleep(0.05)
            yield socket
        finally:
            process.terminate()
            process.wait(30)


class App:
    """The app of the browser tests, in a separate process."""

    def __init__(self, folder: str, **environment: str) -> None:
        log = Path(folder) / "log"
        environment = {**os.environ, "CLIENT": "react", "LIVE_STORE": f"{folder}/number.txt", **environment}
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "0", "--backlog", "4096", "--no-access-log"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=APP, env=environment, stdout=out, stderr=out)
        while (found := re.search(r"running on http://127\.0\.0\.1:(\d+)", log.read_text())) is None:
            assert self.process.poll() is None, log.read_text()
            time.sleep(0.1)
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def resident_kb(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * _PAGE_KB

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def stop(self) -> float:
        """Stop the process, and return the duration in seconds."""
        started = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.perf_counter() - started


def show(name: str, milliseconds: list[float]) -> None:
    cuts = statistics.quantiles(milliseconds, n=100)
    print(f"{name}: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms ({len(milliseconds)} events)")


def latency(app: App, events: int) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, httpx.Client(base_url=app.url) as client:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        for title, element, path in (("pushed value", "pushed", "/push"), ("reload", "number", "/touch")):
            page = browser.new_page()
            with page.expect_response(lambda response: "/live?" in response.url):
                page.goto(app.url)
            page.wait_for_timeout(1000)
            page.evaluate(OBSERVE, element)
            for index in range(events):
                client.post(path)
                page.wait_for_function(f"window.times.length > {index}")
            show(f"publish -> DOM, {title}", page.evaluate("window.times"))
            page.close()
        browser.close()


async def idle(app: App, count: int, seconds: float) -> None:
    before = app.resident_kb()
    position = time.time_ns() // 1_000_000
    request = f"GET /live?channel=board@{position} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
        writer.write(request)
        await reader.readuntil(b"event: hello")
        streams.append((reader, writer))
    connected = app.resident_kb()
    cpu = app.cpu_seconds()
    await asyncio.sleep(seconds)
    used = app.cpu_seconds() - cpu
    print(f"{count} idle connections: {(connected - before) / count:.1f} KB each, {(connected - before) / 1024:.0f} MB")
    print(f"CPU while idle for {seconds:.0f} s: {100 * used / seconds:.2f} % of a core")

    async def arrival(reader: asyncio.StreamReader) -> float:
        await reader.readuntil(b'"event":"pushed"')
        return time.perf_counter()

    waiting = [asyncio.create_task(arrival(reader)) for reader, _ in streams]
    async with httpx.AsyncClient(base_url=app.url) as client:
        cpu = app.cpu_seconds()
        started = time.perf_counter()
        await client.post("/push?to=1")
        show("publish -> each of them", [(each - started) * 1000 for each in await asyncio.gather(*waiting)])
    print(f"CPU of the server for that event: {(app.cpu_seconds() - cpu) * 1e6 / count:.0f} us for each connection")
    print(f"exit of the server with all of them open: {await asyncio.to_thread(app.stop):.2f} s")
    for _, writer in streams:
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="live-"))
        environment: dict[str, Any] = {"LIVE_HEARTBEAT": "15"}
        if options.redis:
            environment["REDIS_SOCKET"] = stack.enter_context(redis())
        if options.postgres:
            programs = find_programs()
            assert programs is not None, "PostgreSQL is not installed"
            environment["POSTGRES_URL"] = stack.enter_context(running_postgres(programs)).url
        app = App(folder, **environment)
        latency(app, options.events)
        app.stop()
        app = App(folder, **environment)
        asyncio.run(idle(app, options.connections, options.seconds))


if __name__ == "__main__":
    main()
