"""Waiting times of visitors, in Chromium: pages without JavaScript, and deferred props sent with the page.

Run `python -m benchmarks.first_screen scripts` or `python -m benchmarks.first_screen deferred`. Needs `make example` and
Chromium. Both sides of a comparison are measured in turn, on the contacts example, and the medians are printed.

`scripts` compares the help page (`hydrate=False`) with the same page hydrated, with a processor that is four times slower.
`deferred` compares a contact's page with and without `inline_within_ms` for its colleagues, on a fast line and on the
lines that Chromium's DevTools call "Slow 4G" and "3G"."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright
from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.e2e.server import ExampleServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page


ROUNDS: Final = 9
SLOWDOWN: Final = 4
# Bytes a second and milliseconds, from DevTools' sources (front_end/core/sdk/NetworkManager.ts).
LINES: Final[dict[str, dict[str, float] | None]] = {
    "fast line": None,
    "Slow 4G": {"downloadThroughput": 1.6e6 / 8 * 0.9, "uploadThroughput": 750e3 / 8 * 0.9, "latency": 150 * 3.75},
    "3G": {"downloadThroughput": 500e3 / 8 * 0.8, "uploadThroughput": 500e3 / 8 * 0.8, "latency": 400 * 5},
}
# A long task blocks the page for the time above 50 ms.
WATCH: Final = """
window.blocked = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.blocked += Math.max(0, duration - 50)
}).observe({ type: 'longtask', buffered: true })
"""
SEEN: Final = """
const look = () => {
  if (document.querySelector('.people li')) window.seen = performance.now()
  else requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""


def variant(folder: Path, file: str, old: str, new: str) -> ExampleServer:
    """Start the example with one change."""
    folder.mkdir()
    server = ExampleServer(folder)
    source = server.folder / file
    text = source.read_text()
    assert old in text, f"{file} lacks {old!r}"
    source.write_text(text.replace(old, new))
    return server.start()


def open_page(browser: Browser, script: str) -> tuple[Page, CDPSession]:
    """Return a page with an empty cache, in which a script runs before the page's own scripts."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(script)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    return page, devtools


def load(browser: Browser, url: str) -> dict[str, float]:
    """Load a page on a slow processor, and return its figures."""
    page, devtools = open_page(browser, WATCH)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(500)
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    found = {
        "requests": float(len(sizes)),
        "kilobytes": sum(sizes) / 1000,
        "blocked ms": page.evaluate("window.blocked"),
        "first paint ms": page.evaluate(paint),
    }
    page.context.close()
    return found


def time_to_colleagues(browser: Browser, url: str, line: dict[str, float] | None) -> dict[str, float]:
    """Load a contact's page with an empty cache, and return when its colleagues are on the screen."""
    page, devtools = open_page(browser, SEEN)
    if line is not None:
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **line})
    page.goto(url, wait_until="commit")
    page.wait_for_function("window.seen")
    found = {"colleagues ms": page.evaluate("window.seen")}
    page.context.close()
    return found


def compare(title: str, sides: dict[str, Any]) -> None:
    """Measure the sides in turn, and print the median of each figure."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, measure in sides.items():
            found[name].append(measure())
    print(title)
    for name, rounds in found.items():
        figures = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        print(f"  {name:32}", *(f"{key}: {value:8.1f}" for key, value in figures.items()))


def main(what: str) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        if what == "scripts":
            plain = variant(Path(folder) / "plain", "feedback.py", "hydrate=False", "hydrate=False")
            other = variant(Path(folder) / "hydrated", "feedback.py", "hydrate=False", "hydrate=True")
        else:
            plain = variant(Path(folder) / "inline", "contacts.py", "inline_within_ms=50", "inline_within_ms=1000")
            other = variant(Path(folder) / "deferred", "contacts.py", "inline_within_ms=50", "inline_within_ms=0")
        try:
            if what == "scripts":
                sides = {
                    "hydrate=False": lambda: load(browser, f"{plain.url}/help"),
                    "hydrated": lambda: load(browser, f"{other.url}/help"),
                }
                compare(f"The help page, processor {SLOWDOWN} times slower", sides)
                return
            for server in (plain, other):  # Measures the prop.
                time_to_colleagues(browser, f"{server.url}/contacts/7", None)
            for name, line in LINES.items():
                sides = {
                    "with the page": lambda line=line: time_to_colleagues(browser, f"{plain.url}/contacts/7", line),
                    "in a second request": lambda line=line: time_to_colleagues(
                        browser, f"{other.url}/contacts/7", line
                    ),
                }
                compare(f"A contact's colleagues on the screen, {name}", sides)
        finally:
            plain.stop()
            other.stop()
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
