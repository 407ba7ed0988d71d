"""The page in a developer's browser, after files are saved and while errors are fixed."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.dev.conftest import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.dev.conftest import DevApp
    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.dev


def open_page(page: Page, app: DevApp) -> None:
    """Open the page, set state that a reload would clear, and scroll."""
    app.page_with("component one")
    page.goto(app.url)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button").click()
    expect(page.get_by_role("button")).to_have_text("1 clicks")
    page.evaluate("window.trace = 1")
    page.evaluate("window.scrollTo(0, 500)")


def is_the_same_page(page: Page) -> bool:
    expect(page.get_by_role("button")).to_have_text("1 clicks")
    return bool(page.evaluate("window.trace === 1 && window.scrollY === 500"))


def test_a_saved_component_a_saved_handler_and_both_at_once_change_the_page_in_place(
    app: DevApp,
    page: Page,
    complaints: Complaints,
    record_property: Callable[[str, object], None],
) -> None:
    # While the server restarts, it refuses connections, and the page retries.
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    app.started("--reload")
    open_page(page, app)

    started = time.perf_counter()
    app.edit("src/Pages/Home.tsx", "component one", "component two")
    expect(page.get_by_role("heading")).to_have_text("component two")
    record_property("save to screen, component, in seconds", time.perf_counter() - started)
    assert is_the_same_page(page)

    started = time.perf_counter()
    app.edit("app.py", 'GREETING = "hello"', 'GREETING = "changed"')
    expect(page.locator("#greeting")).to_have_text("changed")
    record_property("save to screen, handler, in seconds", time.perf_counter() - started)
    assert is_the_same_page(page)

    app.edit("app.py", 'GREETING = "changed"', 'GREETING = "again"')
    app.edit("src/Pages/Home.tsx", "component two", "component three")
    expect(page.locator("#greeting")).to_have_text("again")
    expect(page.get_by_role("heading")).to_have_text("component three")
    assert is_the_same_page(page)

    # After Vite is killed, its client reloads the page as soon as a new Vite is ready.
    complaints.expect("503|502|WebSocket|dynamically imported module")
    vite = app.vite
    assert vite is not None
    os.kill(vite.pid, signal.SIGKILL)
    page.wait_for_function("window.trace === undefined")
    expect(page.get_by_role("heading")).to_have_text("component three")


def test_errors_of_a_page_are_shown_in_the_overlay(
    shared: DevApp,
    page: Page,
    complaints: Complaints,
) -> None:
    complaints.expect("500|Failed to reload|Internal Server Error|hydrat|Hydrat|did not match|server rendered")
    shared.page_with("component one")
    page.goto(f"{shared.url}/broken")
    overlay = page.locator("vite-error-overlay")
    expect(overlay).to_contain_text("window is not defined")
    expect(overlay).to_contain_text("Broken.tsx")

    page.goto(shared.url)
    expect(page.get_by_role("heading")).to_have_text("component one")
    page.wait_for_load_state("networkidle")
    shared.edit("src/Pages/Home.tsx", "return (", "return ((")
    try:
        expect(overlay).to_contain_text("Home.tsx")
    finally:
        shared.edit("src/Pages/Home.tsx", "return ((", "return (")
    expect(overlay).to_have_count(0)
    expect(page.get_by_role("heading")).to_have_text("component one")


def test_a_page_that_was_opened_too_early_comes_by_itself(
    app: DevApp,
    page: Page,
    complaints: Complaints,
) -> None:
    complaints.expect("503")
    app.edit(
        "vite.config.ts", "export default", "await new Promise((resolve) => setTimeout(resolve, 5000))\nexport default"
    )
    app.start()
    page.goto(app.url)
    expect(page.get_by_role("heading")).to_have_text("Vite is starting")
    expect(page.get_by_role("heading")).to_have_text("component one")


def test_a_prop_that_does_not_have_its_type_is_shown_until_it_has(
    app: DevApp,
    page: Page,
    complaints: Complaints,
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    app.edit("app.py", "ViteConfig(root=HERE, ", "ViteConfig(root=HERE, types=True, ")
    app.edit("app.py", '@get("/", component="Home")', COUNT + '@get("/", component="Home")')
    app.edit("app.py", '{"greeting": GREETING}', '{"greeting": GREETING, "count": count()}')
    app.started("--reload")
    # The types are written in the background; earlier pages are not compared with them.
    app.page_with("component one")
    wait_for((app.folder / "src" / "generated" / "pages.gen.d.ts").is_file, "the types to be written")
    page.goto(app.url)
    line = (app.folder / "app.py").read_text().splitlines().index('    return {"greeting": GREETING, "count": count()}')
    problem = page.locator("litestar-vite-problems")
    expected = f'Home: count was "many", but its type is number (app.py:{line + 1})'
    expect(problem.get_by_role("status")).to_contain_text(expected)
    problem.get_by_role("button").click()
    expect(problem).to_have_count(0)
    # After the panel is closed, another problem opens it again.
    app.edit("app.py", 'return "many"', 'return "a few"')
    expect(problem.get_by_role("status")).to_contain_text('count was "a few"')
    app.edit("app.py", 'return "a few"', "return 7")
    expect(problem).to_have_count(0)


COUNT = """def count() -> int:
    return "many"


"""
