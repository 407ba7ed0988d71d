"""Measure the first visit of the app kit in production: bytes, requests, first contentful paint and hydration.

How it works:
1. For each framework, the package of this checkout creates the kit in an empty folder, and two granian workers serve it.
2. Chromium opens each page five times with an empty cache: as fast as the machine allows, and with the network and the
   processor of Lighthouse's phone (150 ms and 1.6 Mbit/s, as "slow 4G"; a quarter of the processor).
3. Bytes are what the network carried, with headers. A page is hydrated when Inertia's client has rendered it: its
   `navigate` event. The medians are printed as a table in Markdown.

Needs Chromium, npm and PyPI; takes about five minutes. Run: python -m scripts.app_kit_figures [folder with projects]
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.sync_api import sync_playwright
from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.starters.conftest import AppKit, environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
FRAMEWORKS = {"react": "React", "vue": "Vue", "svelte": "Svelte"}
LOADS = 5
PASSWORD = "correct horse battery"
# Lighthouse applies these to requests, not to packets: 3.75 times the round trip, 90 % of the throughput.
PHONE = {"latency": 562.5, "downloadThroughput": 1.6e6 * 0.9 / 8, "uploadThroughput": 750e3 * 0.9 / 8}
MARKS = """
document.addEventListener('inertia:navigate', () => { window.hydratedAt ??= performance.now() })
new PerformanceObserver((list) => {
  for (const entry of list.getEntriesByName('first-contentful-paint')) window.paintedAt = entry.startTime
}).observe({ type: 'paint', buffered: true })
"""


class Load(NamedTuple):
    requests: int
    kilobytes: float
    paint_ms: float
    hydration_ms: float


def main() -> None:
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        base = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        print("| | page | requests | bytes | paint | hydrated | paint, phone | hydrated, phone |")
        print("|---|---|---|---|---|---|---|---|")
        for framework, name in FRAMEWORKS.items():
            kit = project(base, framework)
            with kit.in_production() as url:
                state = log_in(browser, url, kit)
                for path, cookies in (("/login", None), ("/projects", state)):
                    here = measure(browser, url + path, cookies, phone=False)
                    phone = measure(browser, url + path, cookies, phone=True)
                    print(
                        f"| {name} | `{path}` | {here.requests} | {here.kilobytes:.0f} KB | {here.paint_ms:.0f} ms "
                        f"| {here.hydration_ms:.0f} ms | {phone.paint_ms / 1000:.1f} s | {phone.hydration_ms / 1000:.1f} s |",
                        flush=True,
                    )
        browser.close()


def project(base: Path, framework: str) -> AppKit:
    """Create a project with the app kit, unless it is there."""
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    folder = base / f"app-{framework}"
    programs = base / f"programs-{framework}"
    shutil.rmtree(programs, ignore_errors=True)
    kit = AppKit(folder, framework, environment(programs, frozenset()))
    if not folder.is_dir():
        folder.mkdir()
        subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", str(base)], cwd=ROOT, check=True)
        wheel = next(base.glob("*.whl"))
        kit.run(uv, "tool", "run", "--from", str(wheel), "litestar-vite", "init", f"--{framework}", "--kit", "app")
    return kit


def log_in(browser: Browser, url: str, kit: AppKit) -> Any:
    """Register a user with 25 projects, and return the state of the browser."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/register")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("E-mail address").fill(f"ada-{os.getpid()}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("heading", name="Check your mail").wait_for()
    with sqlite3.connect(kit.folder / "var-2" / "app.sqlite3") as database:
        (user,) = database.execute("SELECT max(id) FROM users").fetchone()
        now = "2026-11-30 10:00:00.000000"
        database.execute("UPDATE users SET email_verified_at = ? WHERE id = ?", [now, user])
        database.executemany(
            "INSERT INTO projects (user_id, name, description, status, due_on, created_at, updated_at)"
            " VALUES (?, ?, '', 'active', '2027-07-20', ?, ?)",
            [(user, f"Project {number}", now, now) for number in range(25)],
        )
    database.close()
    state = context.storage_state()
    context.close()
    return state


def measure(browser: Browser, url: str, state: Any, *, phone: bool) -> Load:
    """Return the medians of several first visits."""
    # The first one warms up the server.
    loads = [load(browser, url, state, phone=phone) for _ in range(LOADS + 1)][1:]
    return Load(loads[0].requests, *(statistics.median(values) for values in list(zip(*loads, strict=True))[1:]))


def load(browser: Browser, url: str, state: Any, *, phone: bool) -> Load:
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 800})
    context.add_init_script(MARKS)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    if phone:
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **PHONE})
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle", timeout=60_000)
    page.wait_for_function("window.hydratedAt && window.paintedAt", timeout=60_000)
    paint, hydration = page.evaluate("[window.paintedAt, window.hydratedAt]")
    context.close()
    return Load(len(sizes), sum(sizes) / 1000, paint, hydration)


if __name__ == "__main__":
    main()
