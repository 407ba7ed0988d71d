"""Measure three ways to send deferred groups. See README.md."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import sync_playwright
from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.e2e.server import EXAMPLE, ExampleServer

ROUNDS: Final = 9
ROUND_TRIP_SECONDS: Final = 0.05
GROUP_MS: Final = (20, 300)
FILES: Final = Path(__file__).parent / "files"
WAYS: Final = ("today", "open", "own")
SEEN: Final = """
const look = () => {
  const found = document.querySelector('section[aria-label=Activity] li, section[aria-label=Activity] .empty')
  if (found) window.seen = performance.now()
  else requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""


class StreamedServer(ExampleServer):
    module = "app_streamed"


class SlowLine:
    """A proxy that delays each direction by half a round trip."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait()

    def _run(self) -> None:
        async def serve() -> None:
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await server.serve_forever()

        self._loop.run_until_complete(serve())

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(
            self._pass_on(reader, target_writer), self._pass_on(target_reader, writer), return_exceptions=True
        )

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop, tasks = asyncio.get_running_loop(), []
        while data := await reader.read(65536):
            tasks.append(loop.call_later(ROUND_TRIP_SECONDS / 2, writer.write, data))
        await asyncio.sleep(ROUND_TRIP_SECONDS / 2)
        writer.close()


def prepare(folder: Path) -> None:
    """Build a copy of the example with the prototype's client."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.sqlite3*", "__pycache__", "dist", "node_modules"))
    (folder / "node_modules").symlink_to(EXAMPLE / "node_modules")
    shutil.copy(FILES / "client.ts", folder / "src" / "client.ts")
    entry = folder / "src" / "app.tsx"
    text = entry.read_text().replace("createInertiaApp({", "createInertiaApp({\n  http: streamed,", 1)
    entry.write_text(f"import {{ streamed }} from './client'\n{text}")
    pages = folder / "contacts.py"
    pages.write_text(pages.read_text().replace("inline_within_ms=50", "inline_within_ms=0"))
    for arguments in (["build"], ["build", "--ssr"]):
        subprocess.run(
            ["node", "node_modules/vite/bin/vite.js", *arguments], cwd=folder, check=True, capture_output=True
        )


def start(folder: Path, built: Path, way: str, group_ms: int) -> StreamedServer:
    folder.mkdir()
    server = StreamedServer(folder)
    for name in ("dist", "src"):
        shutil.rmtree(server.folder / name)
        shutil.copytree(built / name, server.folder / name)
    shutil.copy(built / "contacts.py", server.folder)
    for name in ("app_streamed.py", "streaming.py"):
        shutil.copy(FILES / name, server.folder)
    database = f"sqlite+aiosqlite:///{server.folder / 'prototype.sqlite3'}"
    server._environment |= {"WAY": way, "GROUP_MS": str(group_ms), "DATABASE_URL": database}
    return server.start()


def load(browser: Any, server: StreamedServer, line: SlowLine) -> dict[str, float]:
    httpx.get(f"{server.url}/held", trust_env=False)
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(SEEN)
    page.goto(f"http://127.0.0.1:{line.port}/contacts/7", wait_until="commit")
    page.wait_for_function("window.seen")
    page.wait_for_timeout(200)
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    asked = page.evaluate("window.asked")
    found = {"group ms": page.evaluate("window.seen"), "client up ms": asked, "first paint ms": page.evaluate(paint)}
    page.context.close()
    held = httpx.get(f"{server.url}/held", trust_env=False).json()
    return {**found, "sessions": float(len(held)), "held ms": sum(held)}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        built = Path(temporary) / "built"
        prepare(built)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        for group_ms in GROUP_MS:
            servers = {way: start(Path(temporary) / f"{way}{group_ms}", built, way, group_ms) for way in WAYS}
            lines = {way: SlowLine(int(server.url.rpartition(":")[2])) for way, server in servers.items()}
            found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
            try:
                for number in range(ROUNDS + 1):
                    for way in WAYS:
                        figures = load(browser, servers[way], lines[way])
                        if number:  # The first fills the caches of the server.
                            found[way].append(figures)
            finally:
                for server in servers.values():
                    server.stop()
            print(f"Group of {group_ms} ms, round trip {ROUND_TRIP_SECONDS * 1000:.0f} ms")
            for way, rounds in found.items():
                median = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
                print(f"  {way:6}", *(f"{key}: {value:7.1f}" for key, value in median.items()))
        browser.close()


if __name__ == "__main__":
    main()
