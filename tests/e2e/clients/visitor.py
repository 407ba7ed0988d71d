"""Somebody with a browser of their own: what they see, click and send."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator

# InfiniteScroll of client 3.7.1 looks for its list a quarter of a second after it has grown, also when the page has been left meanwhile.
LEFT_TOO_SOON = r"Cannot read properties of (null|undefined) \(reading 'childNodes'\)"


class Visitor:
    """A visitor of the clients' app.

    Attributes:
        page: The tab.
        sent: The requests that it has sent.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self._url = url
        self.name = uuid.uuid4().hex
        self._set_cookie("visitor", self.name)
        self.page = context.new_page()
        self.sent = Recorder(self.page)

    def open(self, path: str) -> None:
        """Load a page as a document, and mark this document, to tell later whether it is still the same."""
        self.page.goto(f"{self._url}{path}")
        self.page.wait_for_selector("html[data-ready]", state="attached")
        self.page.evaluate("window.marker = 1")

    def deploy(self, build: str) -> None:
        """Put a new build behind the app, for this visitor alone."""
        self._set_cookie("build", build)

    @property
    def path(self) -> str:
        """Path, query and fragment in the address bar."""
        return self.page.url.removeprefix(self._url)

    @property
    def is_in_the_same_document(self) -> bool:
        return self.page.evaluate("window.marker") == 1

    def go_to(self, name: str) -> None:
        """Follow a link of the navigation."""
        self.page.locator("nav a", has_text=name).and_(self.page.get_by_text(name, exact=True)).click()

    def see(self, selector: str, text: str) -> None:
        """Wait until an element has a text."""
        expect(self.page.locator(selector)).to_have_text(text)

    def locate(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def click(self, selector: str) -> None:
        self.page.click(selector)

    def go_back_and_forth(self, check: Callable[[], None]) -> None:
        """Go to another page, back, forward and back again; the page looks as before each time, without a new document."""
        check()
        self.go_to("Home")
        expect(self.page.locator("h1")).to_contain_text("Home of")
        for _ in range(2):
            self.page.go_back()
            check()
            self.page.go_forward()
            expect(self.page.locator("h1")).to_contain_text("Home of")
        self.page.go_back()
        check()
        assert self.is_in_the_same_document

    def _set_cookie(self, name: str, value: str) -> None:
        self._context.add_cookies([{"name": name, "value": value, "url": self._url}])
