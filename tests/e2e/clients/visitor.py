"""Somebody with a browser of their own: what they see, click and send."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator

# InfiniteScroll of client 3.7.1 looks for its list a quarter of a second after it has grown, also when the page has
# been left meanwhile.
LEFT_TOO_SOON = r"Cannot read properties of (null|undefined) \(reading 'childNodes'\)"
_IS_A_PAGE = """document.contentType === 'text/html' && document.querySelectorAll('#app h1').length === 1
    && !document.querySelector('iframe, dialog[open]')"""


class Visitor:
    """A visitor of the clients' app.

    Attributes:
        url: Where the app is.
        page: The tab.
        sent: The requests that it has sent.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self.url = url
        self.name = uuid.uuid4().hex
        self._set_cookie("visitor", self.name)
        self.page = context.new_page()
        self.sent = Recorder(self.page)

    def open(self, path: str) -> None:
        """Load a page as a document, and mark this document, to tell later whether it is still the same."""
        self.page.goto(f"{self.url}{path}")
        self.is_taken_over()

    def is_taken_over(self) -> None:
        """Wait until the client has taken over a document, and mark it."""
        self.page.wait_for_selector("html[data-ready]", state="attached")
        self.page.evaluate("window.marker = 1")

    def deploy(self, build: str) -> None:
        """Put a new build behind the app, for this visitor alone."""
        self._set_cookie("build", build)

    @property
    def path(self) -> str:
        """Path, query and fragment in the address bar."""
        return self.page.url.removeprefix(self.url)

    @property
    def is_in_the_same_document(self) -> bool:
        return self.page.evaluate("window.marker") == 1

    @property
    def is_at_a_scroll(self) -> bool:
        """Whether this page has rows, which only those with an infinite scroll have."""
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
        """Go to another page, back, forward and back again; the page looks as before each time, without a new document."""
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
        """Stay on a page with an infinite scroll for a moment, as people do.

        A quarter of a second after its rows have grown, client 3.7.1 writes them into the history entry that is current
        by then. Who leaves and comes back within that time finds another page there; no event tells when it is over.
        """
        if self.is_at_a_scroll:
            self.page.wait_for_timeout(500)

    def can_go_back_and_forth(self) -> None:
        """Leave the page and come back to it; it is a page each time, never JSON or a dialog, and it looks as it did."""
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
