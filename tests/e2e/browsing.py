"""Helpers for the browser tests: open pages, record requests, hold requests back, edit contacts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Request, Route

    from tests.e2e.server import ExampleServer

CONTACT = re.compile(r"/contacts/\d+$")
# React sets this property on hydrated elements. A click before hydration would load a document, as without JavaScript.
_HYDRATED = "Object.keys(document.querySelector('.nav-link') ?? {}).some((key) => key.startsWith('__reactProps'))"


def wait_until_interactive(page: Page) -> None:
    """Wait until React has hydrated the page."""
    page.wait_for_function(_HYDRATED)


def open_page(page: Page, url: str) -> None:
    """Load a page as a document."""
    page.goto(url)
    wait_until_interactive(page)


def reload_page(page: Page) -> None:
    page.reload()
    wait_until_interactive(page)


def go_to(page: Page, name: str) -> None:
    """Follow a link of the main navigation."""
    page.click(f".nav-link:has-text('{name}')")


def go_back_and_forth(page: Page) -> None:
    """Leave a page and return, twice. Each step must show a page, not JSON or a dialog, and load no document."""
    heading = page.locator("h1").inner_text()
    name = "Contacts" if heading == "Organisations" else "Organisations"

    def is_page(heading: str) -> None:
        expect(page.locator("h1")).to_have_text(heading)
        assert page.evaluate("document.contentType") == "text/html"
        assert page.locator("iframe, dialog[open]").count() == 0

    page.evaluate("window.backAndForth = 1")
    go_to(page, name)
    is_page(name)
    for _ in range(2):
        page.go_back()
        is_page(heading)
        page.go_forward()
        is_page(name)
    page.go_back()
    is_page(heading)
    assert page.evaluate("window.backAndForth") == 1


class Recorder:
    """Records the requests that a page sends from now on."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - Playwright marks the function it is given

    def documents(self) -> list[str]:
        return [request.url for request in self.requests if request.resource_type == "document"]

    def fetches(self) -> list[Request]:
        return [request for request in self.requests if request.resource_type in {"fetch", "xhr"}]

    def partials(self) -> list[str]:
        return [data for request in self.requests if (data := request.headers.get("x-inertia-partial-data"))]


class Gate:
    """Holds back the matching requests of a page until the test releases them."""

    def __init__(self, page: Page, matches: Callable[[Request], object]) -> None:
        self._page = page
        self._matches = matches
        self._held: list[Route] = []
        self._is_open = False
        page.route("**/*", self._receive)

    def wait(self) -> Route:
        """Wait for a held request and return its route."""
        wait_for(lambda: self._held, "a request", pause=lambda: self._page.wait_for_timeout(20))
        return self._held[0]

    def open(self) -> None:
        """Release the held requests, and let all later ones pass."""
        self._is_open = True
        for route in self._held:
            route.continue_()

    def _receive(self, route: Route) -> None:
        if self._is_open or not self._matches(route.request):
            route.continue_()
        else:
            self._held.append(route)


def hold_deletes(page: Page) -> Gate:
    return Gate(page, lambda request: request.method == "DELETE")


def fill_contact(page: Page, first: str, last: str, email: str, notes: str = "") -> None:
    page.fill("#firstName", first)
    page.fill("#lastName", last)
    page.fill("#email", email)
    page.fill("#notes", notes)


def create_contact(page: Page, server: ExampleServer, first: str, last: str, email: str, notes: str = "") -> str:
    """Create a contact in the browser and return its URL."""
    open_page(page, f"{server.url}/contacts/new")
    fill_contact(page, first, last, email, notes)
    page.click("text=Create contact")
    page.wait_for_url(CONTACT)
    return page.url


def row_with(page: Page, *, customer: bool) -> int:
    """Return the number of the first row whose contact is, or is not, a customer."""
    badges = page.locator("tbody tr .badge").all_inner_texts()
    return next(number for number, badge in enumerate(badges, 1) if (badge == "Customer") is customer)


def delete_row(page: Page, row: int) -> str:
    """Delete the contact in a row of the list, and return its name."""
    name = page.inner_text(f"tbody tr:nth-child({row}) .row-link")
    page.click(f"tbody tr:nth-child({row}) .cell-actions button")
    # Use the keyboard: when the dialog closes, the pointer must not be over a link, which would prefetch during the
    # delete.
    page.locator("text=Delete contact").press("Enter")
    return name


def names_in(page: Page) -> list[str]:
    """Return the names in the list, in order."""
    return page.locator("tbody tr .row-link").all_inner_texts()
