"""A test in a real browser against a real server, which prints its mails."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.browser


class Server:
    """The app on a free port."""

    def __init__(self, folder: Path) -> None:
        if not (ROOT / "dist" / "client").is_dir():
            pytest.fail("The front end is not built. Run: litestar assets build", pytrace=False)
        self.log = folder / "server.log"
        environment = {**os.environ, "APP_ENV": "development", "VAR": str(folder / "var"), "VITE_DEV_MODE": "0"}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        self.url = self.wait_for(r"running on (http://[\d.:]+)")

    def wait_for(self, pattern: str) -> str:
        """Return the last match in what the server printed, as soon as there is one."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.findall(pattern, self.log.read_text("utf-8", "replace")):
                return found[-1]
            time.sleep(0.05)
        pytest.fail(f"No {pattern!r} in the server's output:\n{self.log.read_text('utf-8', 'replace')}", pytrace=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.process.terminate()
    server.process.wait()


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser page. Uses the browser in CHROMIUM, the system's Chromium, or Playwright's."""
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if program else [])
        yield browser.new_page()
        browser.close()


def test_a_visitor_registers_and_creates_a_project(page: Page, server: Server) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    page.goto(f"{server.url}/register")
    page.get_by_label("Name").fill("Grace Hopper")
    page.get_by_label("E-mail address").fill("grace@example.org")
    page.get_by_label("Password", exact=True).fill("a long password")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()

    page.goto(server.url + server.wait_for(r"(/verify-email/\S{20,})"))
    expect(page.get_by_role("heading", name="Hello, Grace")).to_be_visible()

    # The link is in the part of the page that is loaded afterwards, so the page is ready when it is there.
    page.get_by_role("link", name="Go to projects").click()
    page.get_by_role("button", name="Create the first one").click()
    page.get_by_label("Name").fill("Compiler")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Compiler was created.")).to_be_visible()
    expect(page.get_by_role("button", name="Compiler", exact=True)).to_be_visible()
    assert problems == []
