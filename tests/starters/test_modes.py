"""The starters without Inertia: generated, installed, checked, tested, and driven in a browser, in production and in
development.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.server import wait_for
from tests.starters.conftest import ROOT
from tests.starters.test_starters import TYPECHECK, leave

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints
    from tests.starters.conftest import Starter

pytestmark = pytest.mark.starters


def walk_through(page: Page, url: str) -> None:
    """Add and delete a task, follow a link without loading a document, and reload a deep link."""
    page.goto(url)
    expect(page.locator("h1")).to_have_text("Tasks")
    expect(page.get_by_text("Water the plants")).to_be_visible()
    expect(page.get_by_text("_csrf_token")).to_have_count(0)
    page.evaluate("window.sameDocument = true")
    page.get_by_label("New task").fill("Sleep <b>well</b>")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("listitem").filter(has_text="Sleep <b>well</b>")).to_be_visible()
    expect(page.get_by_label("New task")).to_have_value("")
    page.get_by_role("button", name="Delete Sleep").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    page.get_by_role("link", name="About").click()
    expect(page.locator("h1")).to_have_text("About")
    assert page.evaluate("window.sameDocument") is True, "links and forms load no document"
    page.reload()
    expect(page.locator("h1")).to_have_text("About")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Tasks")


def test_types_routes_and_the_doctor_have_nothing_to_say(mode_starter: Starter) -> None:
    command = str(mode_starter.folder / ".venv" / "bin" / "litestar-vite")
    if mode_starter.framework == "spa":
        assert "up to date" in mode_starter.run(command, "routes", "--check")
    assert "No problems found" in mode_starter.run(command, "doctor")
    mode_starter.run(mode_starter.python, "-c", TYPECHECK)


def test_its_own_tests_are_green(mode_starter: Starter) -> None:
    assert re.search(r"\d passed", mode_starter.run(mode_starter.python, "-m", "pytest", "-q"))


def test_it_is_served_in_production(mode_starter: Starter, page: Page, complaints: Complaints) -> None:
    with mode_starter.served() as url:
        text = httpx.get(f"{url}/", headers={"accept": "text/html"}, trust_env=False).text
        assert "/static/assets/" in text
        assert "@vite/client" not in text
        walk_through(page, url)
        leave(page)


def test_it_is_served_while_somebody_writes(mode_starter: Starter, page: Page, complaints: Complaints) -> None:
    # Vite's own connection fails when the test stops the server.
    complaints.expect(r"\[vite\]|WebSocket|ERR_CONNECTION_REFUSED")
    name, old = {
        "spa": ("src/About.tsx", "This page has no route in Python."),
        "htmx": ("templates/about.html", "HTMX fetched it"),
    }[mode_starter.framework]
    source = mode_starter.folder / name
    before = source.read_text("utf-8")
    style = mode_starter.folder / "src" / "app.css"
    style_before = style.read_text("utf-8")
    with mode_starter.served("--reload") as url:
        wait_for(
            lambda: httpx.get(f"{url}/static/@vite/client", timeout=60, trust_env=False).status_code == 200, "Vite"
        )
        walk_through(page, url)
        page.get_by_role("link", name="About").click()
        expect(page.locator("h1")).to_have_text("About")
        try:
            page.evaluate("window.sameDocument = true")
            changed = f"{style_before}\nh1 {{ color: rgb(1, 2, 3) !important }}\n"
            # The file is saved until the change shows, as Vite answers requests before it watches all files.
            wait_for(
                lambda: page.locator("h1").evaluate("h1 => getComputedStyle(h1).color") == "rgb(1, 2, 3)",
                "the new style",
                pause=lambda: (style.write_text(changed, "utf-8"), page.wait_for_timeout(1000)),
            )
            assert page.evaluate("window.sameDocument") is True, "styles are replaced in place"
            source.write_text(before.replace(old, "Changed while open."), "utf-8")
            expect(page.get_by_text("Changed while open.")).to_be_visible()
        finally:
            source.write_text(before, "utf-8")
            style.write_text(style_before, "utf-8")
        leave(page)


@pytest.mark.parametrize("mode_starter", ["htmx"], indirect=True)
def test_alpine_works_in_the_htmx_starter_as_the_guide_says(
    mode_starter: Starter, page: Page, complaints: Complaints
) -> None:
    """Alpine works on the first page, after a boosted visit, and in a fragment swapped in by HTMX."""
    guide = (ROOT / "docs" / "htmx.md").read_text("utf-8").partition("## Alpine.js")[2]
    script, element = (re.findall(f"```{kind}\n(.*?)```", guide, re.DOTALL)[0] for kind in ("ts", "html"))
    folder = mode_starter.folder
    paths = [folder / name for name in ("src/app.ts", "templates/_tasks.html", "templates/about.html", "package.json")]
    before = [path.read_text("utf-8") for path in paths]
    try:
        for command in re.findall(r"^npm .*", guide, re.MULTILINE):
            mode_starter.run(*command.split())
        paths[0].write_text(script, "utf-8")
        paths[1].write_text(before[1].replace('<ul class="mt-4">', f'{element}<ul class="mt-4">'), "utf-8")
        paths[2].write_text(before[2].replace("</h1>", f"</h1>{element}"), "utf-8")
        mode_starter.run(mode_starter.python, "-c", TYPECHECK)
        mode_starter.run(str(folder / ".venv" / "bin" / "litestar-vite"), "build")
        with mode_starter.served() as url:
            page.goto(url)
            toggle(page)
            page.evaluate("window.sameDocument = true")
            page.get_by_label("New task").fill("Feed the cat")
            page.get_by_role("button", name="Add").click()
            expect(page.get_by_text("Feed the cat")).to_be_visible()
            toggle(page)
            page.get_by_role("link", name="About").click()
            expect(page.locator("h1")).to_have_text("About")
            toggle(page)
            assert page.evaluate("window.sameDocument") is True, "HTMX has replaced the body"
            leave(page)
    finally:
        for path, text in zip(paths, before, strict=True):
            path.write_text(text, "utf-8")


def toggle(page: Page) -> None:
    text = page.get_by_text("Shown and hidden without a request.")
    expect(text).to_be_hidden()
    page.get_by_role("button", name="More").click()
    expect(text).to_be_visible()
    page.get_by_role("button", name="More").click()
    expect(text).to_be_hidden()
