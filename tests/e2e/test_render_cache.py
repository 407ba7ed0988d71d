"""Visitors share the rendered page of a contact until the contact is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import open_page, wait_until_interactive
from tests.e2e.server import ExampleServer, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

CONTACT = "/contacts/8"
PHONE = "a[href^='tel:']"
CACHED = "rendering: cached"


@pytest.fixture
def timed_server(tmp_path: Path) -> Iterator[ExampleServer]:
    server = ExampleServer(tmp_path, VITE_SERVER_TIMING="true")
    try:
        yield server.start()
    finally:
        server.stop()


def timing_of(page: Page, url: str) -> str:
    """Open a page and return its Server-Timing header."""
    response = page.goto(url)
    assert response is not None
    wait_until_interactive(page)
    return response.headers["server-timing"]


def test_visitors_share_a_rendered_contact_until_somebody_saves_it(
    timed_server: ExampleServer, new_context: Callable[[], BrowserContext]
) -> None:
    url = f"{timed_server.url}{CONTACT}"

    def is_cached(page: Page) -> bool:
        return CACHED in timing_of(page, url)

    first, second = new_context().new_page(), new_context().new_page()
    wait_for(lambda: is_cached(first), "the page in the cache")
    assert is_cached(second)
    writer = new_context().new_page()
    open_page(writer, f"{url}/edit")
    writer.fill("input[name=phone]", "+49 40 7654321")
    writer.click("form .button-primary")
    writer.wait_for_url(url)
    third = new_context().new_page()
    assert not is_cached(third)
    expect(third.locator(PHONE)).to_have_text("+49 40 7654321")
    wait_for(lambda: is_cached(second), "the new page in the cache")
    expect(second.locator(PHONE)).to_have_text("+49 40 7654321")
