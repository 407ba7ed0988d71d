"""Each starter is generated, installed, checked, tested, and driven in a browser, in production and in development."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints
    from tests.starters.conftest import Starter

pytestmark = pytest.mark.starters

HEADING = "<h1[^>]*>Litestar and"


def html(url: str) -> str:
    """Return a page as the server sends it."""
    return httpx.get(url, timeout=60, trust_env=False).text


def markup(text: str) -> str:
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def walk_through(page: Page, url: str, framework: str) -> None:
    """Act as a first visitor: look at the page, follow a link, send an invalid form, then a valid one."""
    page.goto(url)
    expect(page.locator("h1")).to_have_text(re.compile(f"Litestar and {framework}", re.IGNORECASE))
    # The deferred prop only arrives after the client has taken over.
    expect(page.get_by_test_id("entries")).to_have_text(re.compile(r"\d+"))
    page.evaluate("window.sameDocument = true")
    page.get_by_role("navigation").get_by_role("link", name="Guest book").click()
    expect(page).to_have_title(re.compile("^Guest book · "))
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Please write something.")).to_be_visible()
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("Message").fill("Hello <script>alert(1)</script>")
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you, Grace!")
    expect(page.get_by_text("Hello <script>")).to_be_visible()
    page.get_by_role("button", name="Remove the entry of Grace").click()
    expect(page.get_by_role("status")).to_contain_text("The entry of Grace is gone.")
    assert page.evaluate("window.sameDocument") is True, "navigation and forms load no document"


def leave(page: Page) -> None:
    """Close the connections before the server stops, as the page would report errors otherwise."""
    page.goto("about:blank")


def test_types_routes_and_the_doctor_have_nothing_to_say(starter: Starter) -> None:
    command = str(starter.folder / ".venv" / "bin" / "litestar-vite")
    assert "up to date" in starter.run(command, "types", "--check")
    assert "No problems found" in starter.run(command, "doctor")
    assert "server-side rendering" in starter.run(command, "build")
    # On a machine without Node, this uses npm from the [node] extra.
    starter.run(starter.python, "-c", TYPECHECK)


# Runs the script as `litestar assets` runs scripts, with the available Node.
TYPECHECK = """
import os, pathlib
from litestar_vite._cli.toolchain import Toolchain
print(Toolchain.of(pathlib.Path.cwd(), os.environ).run_script("typecheck"))
"""


def test_the_front_end_stage_of_the_dockerfile_builds_with_what_it_copies(starter: Starter, tmp_path: Path) -> None:
    """Run the lines of the stage one by one in an empty folder, without Docker."""
    stage = (starter.folder / "Dockerfile").read_text("utf-8").split("\nFROM ")[1]
    for line in stage.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, target = rest.split()
            for source in (path for pattern in sources for path in starter.folder.glob(pattern)):
                if source.is_dir():
                    shutil.copytree(source, tmp_path / target)
                else:
                    shutil.copy(source, tmp_path / target)
        elif word == "RUN":
            # The image has Node, even if the tests hide it on this machine.
            done = subprocess.run(
                ["sh", "-c", rest], cwd=tmp_path, capture_output=True, text=True, timeout=400, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "dist" / "client" / ".vite" / "manifest.json").is_file()
    assert (tmp_path / "dist" / "ssr" / "app.js").is_file()


def test_its_own_tests_are_green(starter: Starter) -> None:
    assert "5 passed" in starter.run(starter.python, "-m", "pytest", "-q")


def test_it_is_served_in_production(starter: Starter, page: Page, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    with starter.served() as url:
        text = html(url)
        assert re.search(HEADING, markup(text)), "rendered on the server"
        assert 'data-server-rendered="true"' in text
        walk_through(page, url, starter.framework)
        missing = page.goto(f"{url}/nowhere")
        assert missing is not None
        assert missing.status == 404
        expect(page.locator("h1")).to_have_text("This page does not exist")
        leave(page)


def test_it_is_served_while_somebody_writes(starter: Starter, page: Page, complaints: Complaints) -> None:
    # Vite's own connection fails when the test stops the server.
    complaints.expect(r"\[vite\]|WebSocket|ERR_CONNECTION_REFUSED")
    source = next((starter.folder / "src" / "pages").glob("Home.*"))
    before = source.read_text("utf-8")
    with starter.served("--reload") as url:
        wait_for(lambda: re.search(HEADING, markup(html(url))), "a page that is rendered from the sources")
        walk_through(page, url, starter.framework)
        page.get_by_role("navigation").get_by_role("link", name="Home").click()
        expect(page.locator("h1")).to_contain_text("one application")
        try:
            source.write_text(before.replace("one application", "one change"), "utf-8")
            expect(page.locator("h1")).to_contain_text("one change")
            assert page.evaluate("window.sameDocument") is True, "a component is replaced in place"
        finally:
            source.write_text(before, "utf-8")
        leave(page)
