"""A test in a real browser against a real server."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.browser


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of the app, served on a free port."""
    if not (ROOT / "dist" / "client").is_dir():
        pytest.fail("The front end is not built. Run: litestar assets build", pytrace=False)
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"]
    environment = {**os.environ, "VITE_SSR_ENABLED": "1", "VITE_DEV_MODE": "0"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            started = next((line for line in server.stderr if "running on" in line), "")
            address = re.search(r"http://[\d.:]+", started)
            assert address, "The server did not start. Try: uvicorn app:app"
            yield address[0]
        finally:
            server.terminate()


@pytest.fixture
def visitor() -> Iterator[Page]:
    """A browser page. Uses the browser in CHROMIUM, the system's Chromium, or Playwright's."""
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if program else [])
        yield browser.new_page()
        browser.close()


def watch(page: Page) -> list[str]:
    """Collect the page's console errors and warnings."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return problems


def test_a_visitor_signs_the_guest_book(visitor: Page, url: str) -> None:
    problems = watch(visitor)
    visitor.goto(url)
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.get_by_test_id("entries")).to_have_text(re.compile(r"\d+"))
    visitor.get_by_role("navigation").get_by_role("link", name="Guest book").click()
    expect(visitor).to_have_title(re.compile("Guest book"))

    visitor.get_by_role("button", name="Sign").click()
    expect(visitor.get_by_text("Please tell us your name.")).to_be_visible()

    visitor.get_by_label("Name").fill("Grace")
    visitor.get_by_label("Message").fill("Hello from a test")
    visitor.get_by_role("button", name="Sign").click()
    expect(visitor.get_by_text("Thank you, Grace!")).to_be_visible()
    expect(visitor.get_by_text("Hello from a test")).to_be_visible()
    assert problems == []
