"""Pages without JavaScript in development: styled at once, and reloaded when a source file is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.dev.conftest import DevApp
    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.dev

HEADING, GREETING = "rgb(1, 2, 3)", "rgb(4, 5, 6)"


def test_the_page_is_styled_without_the_entry_and_follows_its_sources(
    app: DevApp, page: Page, complaints: Complaints
) -> None:
    # While the server restarts, it refuses connections, and the page retries.
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|status of 503")
    app.started("--reload")
    # Until Vite's modules are warm, the response is a page that reloads itself.
    page.goto(f"{app.url}/terms")
    expect(page.get_by_role("heading")).to_have_text("terms one")
    html = app.get("/terms", headers={"Accept": "text/html"}).text
    assert "<h1>terms one</h1>" in html
    assert "data-page" not in html
    assert "src/app.tsx" not in html
    assert "@react-refresh" not in html

    # The styles apply before any script has run.
    page.route("**/@vite/client", lambda route: None)
    page.goto(f"{app.url}/terms", wait_until="commit")
    expect(page.get_by_role("heading")).to_have_css("color", HEADING)
    expect(page.locator("#greeting")).to_have_css("color", GREETING)
    page.unroute("**/@vite/client")

    page.goto(f"{app.url}/terms")
    page.wait_for_load_state("networkidle")
    app.edit("src/Pages/Terms.tsx", "terms one", "terms two")
    expect(page.get_by_role("heading")).to_have_text("terms two")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.trace = 1")
    app.edit("src/Pages/terms.css", "rgb(4, 5, 6)", "rgb(7, 8, 9)")
    expect(page.locator("#greeting")).to_have_css("color", "rgb(7, 8, 9)")
    assert page.evaluate("window.trace") == 1
    app.edit("app.py", 'GREETING = "hello"', 'GREETING = "changed"')
    expect(page.locator("#greeting")).to_have_text("changed")


def test_a_page_that_cannot_be_rendered_names_the_reason_and_comes_back_when_it_is_fixed(
    app: DevApp, page: Page, complaints: Complaints
) -> None:
    complaints.expect("status of 50[03]")
    app.started()
    page.goto(f"{app.url}/failing")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page cannot be shown right now")
    expect(page.locator("pre")).to_contain_text("window is not defined")
    expect(page.locator("pre")).to_contain_text("Broken.tsx")
