"""Early hints: `python -m benchmarks.early_hints` after `make example`. Not a row of the table, since it lacks a floor.

Chromium opens a page with a handler of 400 ms, from uvicorn over TLS and HTTP/2. The server measures the time from the
request of the document to the request of the page's chunk. Each round is a new browser context with an empty cache,
because a second visit would not request files with a hash in their names."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Litestar, get
from tests.live import served
from tests.tls import chromium_argument, write_certificate

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

EXAMPLE = Path(__file__).parents[1] / "examples" / "react-contacts"


class Recorded:
    """An app, and the path and time of each request."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.requests: list[tuple[str, float]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.requests.append((scope["path"], time.perf_counter() * 1000))
        await self._app(scope, receive, send)


def make_app(*, early_hints: bool, seconds: float) -> Recorded:
    @get("/", component="Help")
    async def page() -> dict[str, Any]:
        await asyncio.sleep(seconds)
        return {"version": "1.0"}

    plugin = VitePlugin(ViteConfig(root=EXAMPLE, inertia=InertiaConfig(early_hints=early_hints)))
    return Recorded(Litestar([page], plugins=[plugin], openapi_config=None))


def visit(browser: Browser, url: str, app: Recorded) -> tuple[float, float, int]:
    """Return the time until the chunk was requested, until the page was shown, and how often it was requested."""
    app.requests.clear()
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("h1")
    shown = page.evaluate("performance.now()")
    context.close()
    [document] = [at for path, at in app.requests if path == "/"]
    chunks = [at for path, at in app.requests if "/Help-" in path and path.endswith(".js")]
    return chunks[0] - document, shown, len(chunks)


@contextlib.contextmanager
def chromium(certificate: Path) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    arguments = ["--headless", "--no-sandbox", "--disable-gpu", chromium_argument(certificate)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()


def show(name: str, milliseconds: list[float]) -> None:
    lowest, highest = min(milliseconds), max(milliseconds)
    print(f"  {name}: median {statistics.median(milliseconds):.0f} ms ({lowest:.0f} to {highest:.0f})")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        certificate = write_certificate(Path(folder))
        server: dict[str, Any] = {"http": "zttp", "http2": True, "access_log": False}
        with chromium(certificate) as browser:
            for early_hints in (False, True):
                app = make_app(early_hints=early_hints, seconds=options.seconds)
                with served(app, ssl_certfile=certificate, ssl_keyfile=certificate, **server) as url:
                    secure = url.replace("http:", "https:")
                    visits = [visit(browser, secure, app) for _ in range(options.rounds)]
                requests, shown, counts = zip(*visits, strict=True)
                print(f"{'With' if early_hints else 'Without'} early hints, {options.rounds} first visits:")
                show("the chunk is requested after", list(requests))
                show("the page is shown after", list(shown))
                print(f"  requests of the chunk for each visit: {sorted(set(counts))}")


if __name__ == "__main__":
    main()
