"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.e2e.server import ExampleServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RESULTS = Path(__file__).parents[2] / "test-results"
FAILED = pytest.StashKey[bool]()
# Generous: the machines that run this are slow and shared.
TIMEOUT_MILLISECONDS = 30_000


@pytest.hookimpl(tryfirst=True)  # Before `-m` selects.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test in this folder: Playwright's running event loop would break other tests in the same process."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember that a test failed, for the screenshot."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def find_chromium(*, takes_shell: bool = True) -> str:
    """Return the path of Chromium. Fail if it is missing, since a skipped browser test looks like a passing one."""
    chosen = os.environ.get("CHROMIUM")
    # The headless shell starts several times faster, but has no back/forward cache.
    names = [chosen] if chosen else ["chromium-headless-shell", "chromium"] if takes_shell else ["chromium"]
    path = next((path for name in names if (path := shutil.which(name))), None)
    if path is None:
        what = f"CHROMIUM is {chosen!r}, which is not a program." if chosen else "Chromium is missing."
        pytest.fail(
            f"{what} Run: apt-get update && apt-get install -y chromium, or set CHROMIUM to its path.",
            pytrace=False,
        )
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=TIMEOUT_MILLISECONDS)
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    browser = chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def browser_with_back_forward_cache(chromium: BrowserType) -> Iterator[Browser]:
    """A browser with the back/forward cache, as users have it; Playwright turns it off by default."""
    browser = chromium.launch(
        executable_path=find_chromium(takes_shell=False),
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleServer]:
    """A server that tests share and must not stop or break."""
    server = ExampleServer(tmp_path_factory.mktemp("shared"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _spare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleServer]:
    server = ExampleServer(tmp_path_factory.mktemp("spare"))
    yield server
    server.stop()


@pytest.fixture
def spare_server(_spare: ExampleServer) -> ExampleServer:
    """A second server with a separate database and build, for tests that stop it. It is restarted for the next test."""
    return _spare if _spare.is_running else _spare.start()


@pytest.fixture(scope="session")
def other_site() -> Iterator[str]:
    """The URL of a page on another origin."""

    class OnePage(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><link rel=icon href=data:,><title>Elsewhere</title><h1>Elsewhere</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), OnePage) as elsewhere:
        thread = threading.Thread(target=elsewhere.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{elsewhere.server_port}/"
        elsewhere.shutdown()
        thread.join()


class Complaints:
    """Console errors, console warnings and page errors. The test fails on any that it does not expect."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Expect complaints that match a pattern."""
        self._expected.append(pattern)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._seen.append(f"page error: {error.error}"))

    def unexpected(self) -> list[str]:
        return [text for text in self._seen if not any(re.search(pattern, text) for pattern in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"{message.type}: {message.text}")


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def new_context(
    browser: Browser, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """Create browser contexts, record their complaints and close them. Take screenshots if the test fails."""
    contexts: list[BrowserContext] = []

    def new_context(browser: Browser = browser, **options: object) -> BrowserContext:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", **options)
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        complaints.listen(context)
        contexts.append(context)
        return context

    yield new_context
    pages = [page for context in contexts for page in context.pages]
    for page in pages:
        page.title()  # After a round trip, all earlier console messages have arrived.
    if request.node.stash.get(FAILED, False) or complaints.unexpected():
        RESULTS.mkdir(exist_ok=True)
        for number, page in enumerate(pages):
            page.screenshot(path=RESULTS / f"{request.node.name[:100]}-{number}.png")
    for context in contexts:
        context.close()
    assert complaints.unexpected() == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()
