"""A visitor with a separate browser context, which opens pages, clicks, and checks the result."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator

# InfiniteScroll in client 3.7.1 looks up its list 250 ms after the list has grown, even if the visitor has left the
# page by then.
LEFT_TOO_SOON = r"Cannot read properties of (null|undefined) \(reading 'childNodes'\)"
_IS_A_PAGE = """document.contentType === 'text/html' && document.querySelectorAll('#app h1').length === 1
    && !document.querySelector('iframe, dialog[open]')"""


class Visitor:
    """A visitor of the clients' app.

    Attributes:
        url: The app's base URL.
        page: The tab.
        sent: The requests that the tab has sent.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self.url = url
        self.name = uuid.uuid4().hex
        self._set_cookie("visitor", self.name)
        self.page = context.new_page()
        self.sent = Recorder(self.page)

    def open(self, path: str) -> None:
        """Load a page as a document, and mark the document so that a later reload is detected."""
        self.page.goto(f"{self.url}{path}")
        self.is_taken_over()

    def is_taken_over(self) -> None:
        """Wait until the client has taken over a document, and mark it."""
        self.page.wait_for_selector("html[data-ready]", state="attached")
        self.page.evaluate("window.marker = 1")

    def deploy(self, build: str) -> None:
        """Deploy a new build of the app, for this visitor only."""
        self._set_cookie("build", build)

    @property
    def path(self) -> str:
        """The path, query and fragment of the tab's URL."""
        return self.page.url.removeprefix(self.url)

    @property
    def is_in_the_same_document(self) -> bool:
        return self.page.evaluate("window.marker") == 1

    @property
    def is_at_a_scroll(self) -> bool:
        """True if the page has rows, which only pages with an infinite scroll have."""
        return self.locate(".row").count() > 0

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
        """Go to another page, back, forward and back. Check the page each time, and that no new document is loaded."""
        check()
        self._rest()
        self.go_to("Home")
        expect(self.page.locator("h1")).to_contain_text("Home of")
        for _ in range(2):
            self.page.go_back()
            check()
            self._rest()
            self.page.go_forward()
            expect(self.page.locator("h1")).to_contain_text("Home of")
        self.page.go_back()
        check()
        assert self.is_in_the_same_document

    def _rest(self) -> None:
        """Wait a moment on a page with an infinite scroll, as people do.

        250 ms after the rows have grown, client 3.7.1 writes them to the current history entry. If the visitor has left
        by then, that is another page's entry. No event is fired after the write.
        """
        if self.is_at_a_scroll:
            self.page.wait_for_timeout(500)

    def can_go_back_and_forth(self) -> None:
        """Leave the page and return. Check that each step shows the same page, not JSON or a dialog."""
        self.is_taken_over()
        if self.locate("h1").inner_text().startswith("Home of"):
            self.go_to("Partial")
            self.see("h1", "Partial reloads")
        heading = self.locate("h1").inner_text()

        def is_a_page() -> None:
            expect(self.locate("h1")).to_have_text(heading)
            assert self.page.evaluate(_IS_A_PAGE)

        self.go_back_and_forth(is_a_page)

    def _set_cookie(self, name: str, value: str) -> None:
        self._context.add_cookies([{"name": name, "value": value, "url": self.url}])
