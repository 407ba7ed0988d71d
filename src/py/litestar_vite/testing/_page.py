"""`InertiaPage`: assertions about a page."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from litestar_vite._ssr.outcome import Failed
from litestar_vite.testing._metadata import MetadataAssertions
from litestar_vite.testing._paths import MISSING, look_up
from litestar_vite.testing._props import PropAssertions
from litestar_vite.testing._report import fail, shorten, show_page
from litestar_vite.testing._response import PageResponse
from litestar_vite.testing._values import is_expected, show_expected

__tracebackhide__ = True

# The folders and suffixes that @inertiajs/vite searches for pages.
_PAGE_FOLDERS = (
    "src/pages",
    "src/Pages",
    "pages",
    "Pages",
    "resources/pages",
    "resources/js/pages",
    "resources/js/Pages",
)
_SUFFIXES = (".tsx", ".jsx", ".ts", ".js", ".vue", ".svelte")


class InertiaPage(PropAssertions, MetadataAssertions):
    """A page with fluent assertions.

    Paths are dotted and relative to the props: `page.has("users", 3).where("users.0.name", "Ada")`.
    """

    def __init__(
        self, page_response: PageResponse, *, root: Path | None = None, ssr_failure: Failed | None = None
    ) -> None:
        super().__init__(page_response.page["props"], page_response.page)
        self._response = page_response
        self._root = root
        self._ssr_failure = ssr_failure

    # Reading -------------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Mapping[str, Any]:
        """The page object."""
        return self._page

    @property
    def props(self) -> dict[str, Any]:
        """All props as JSON values."""
        props: dict[str, Any] = self._page["props"]
        return props

    @property
    def html(self) -> str:
        """The HTML document.

        Raises:
            AssertionError: The response is JSON, because the request was an Inertia visit.
        """
        if self._response.document is None:
            fail("The response is JSON, not an HTML document. Use open() to request the document.", self._page)
        return self._response.document

    def dump(self) -> Self:
        """Print the whole page."""
        sys.stdout.write(f"{show_page(self._page, is_whole=True)}\n")
        return self

    # The page itself -----------------------------------------------------------------------------------------------

    def status(self, expected: int) -> Self:
        """Assert the status code."""
        if self._response.status != expected:
            fail(f"The status is {self._response.status}; expected {expected}.", self._page)
        return self

    def component(self, expected: str, *, exists: bool | None = None) -> Self:
        """Assert the component.

        Args:
            expected: The component's name, as in `src/pages/{name}.tsx`.
            exists: Check that the front end has this file. By default, checked if the page comes from an
                InertiaTestClient and the app's front end has a pages folder.
        """
        found = self._page.get("component")
        if found != expected:
            fail(f"The component is {found!r}; expected {expected!r}.", self._page)
        if exists is not False:
            self._assert_component_exists(expected, is_required=bool(exists))
        return self

    def url(self, expected: Any) -> Self:
        """Assert the path and query, by a string or a predicate."""
        return self._key("url", "URL", expected)

    def version(self, expected: Any) -> Self:
        """Assert the asset version, by a string, None or a predicate."""
        return self._key("version", "asset version", expected)

    def redirected(self, *locations: str) -> Self:
        """Assert the locations of the redirects that led to this page, in order. The last one is the page's URL."""
        if self._response.hops != locations:
            fail(f"The redirects were {list(self._response.hops)}; expected {list(locations)}.", self._page)
        return self

    # Errors and flash ----------------------------------------------------------------------------------------------

    def has_errors(self, *fields: str, bag: str | None = None) -> Self:
        """Assert that these fields have errors. Without fields, assert that there is any error."""
        errors = self._errors(bag)
        if not fields and not errors:
            fail("The page has no errors.", self._page)
        for field in fields:
            if look_up(errors, field) is MISSING:
                near = difflib.get_close_matches(field, list(errors), n=1, cutoff=0.5)
                hint = f" The nearest field is {near[0]!r}." if near else ""
                fail(f"Field {field!r} has no error.{hint} The errors are {shorten(errors)}.", self._page)
        return self

    def error(self, field: str, expected: Any, *, bag: str | None = None) -> Self:
        """Assert a field's message or messages, by a value or a predicate."""
        self.has_errors(field, bag=bag)
        found = look_up(self._errors(bag), field)
        if not is_expected(found, expected):
            fail(f"The error of {field!r} is {shorten(found)}; expected {show_expected(expected)}.", self._page)
        return self

    def missing_errors(self, *fields: str, bag: str | None = None) -> Self:
        """Assert that these fields are valid. Without fields, assert that all fields are."""
        errors = self._errors(bag, is_required=False)
        if wrong := [field for field in fields or errors if look_up(errors, field) is not MISSING]:
            fail(f"Fields have errors: {', '.join(map(repr, wrong))}. The errors are {shorten(errors)}.", self._page)
        return self

    def has_flash(self, path: str, *expected: Any) -> Self:
        """Assert that the page has flash data.

        Args:
            path: The category, or a dotted path in the flash data.
            expected: A message of the category, the whole value, a type or a predicate. Omit it to accept any value.
        """
        flash: dict[str, Any] = self._page.get("flash") or {}
        found = look_up(flash, path)
        if found is MISSING:
            fail(f"No flash data at {path!r}; flash has: {', '.join(flash) or 'nothing'}.", self._page)
        for one in expected:
            # `flash()` collects messages in lists. A string matches any of them.
            is_message = isinstance(found, list) and isinstance(one, str)
            if not (one in found if is_message else is_expected(found, one)):
                fail(f"Flash {path!r} is {shorten(found)}; expected {show_expected(one)}.", self._page)
        return self

    def missing_flash(self, *paths: str) -> Self:
        """Assert that these paths are missing from the flash data. Without paths, assert that it is empty."""
        flash: dict[str, Any] = self._page.get("flash") or {}
        if not paths and flash:
            fail(f"Unexpected flash data: {shorten(flash)}.", self._page)
        for path in paths:
            if (found := look_up(flash, path)) is not MISSING:
                fail(f"Unexpected flash data at {path!r}: {shorten(found)}.", self._page)
        return self

    # Server-side rendering -----------------------------------------------------------------------------------------

    def server_rendered(self) -> Self:
        """Assert that the page was rendered on the server."""
        _ = self.html
        if not self._response.is_server_rendered:
            fail(f"The page was not rendered on the server: {self._why_not_rendered()}", self._page)
        return self

    def client_rendered(self, *, because: str | None = None) -> Self:
        """Assert that the page is rendered in the browser.

        Args:
            because: The SSR failure: "timeout", "connection", "protocol", or a page error such as "browser-api". Needs
                a page of an InertiaTestClient. None accepts any reason.
        """
        if self._response.is_server_rendered:
            fail("The page was rendered on the server; expected client-side rendering.", self._page)
        if because is not None and (self._ssr_failure is None or self._ssr_failure.kind != because):
            fail(f"The reason for client-side rendering is not {because!r}: {self._why_not_rendered()}", self._page)
        return self

    # ----------------------------------------------------------------------------------------------------------------

    def _key(self, key: str, name: str, expected: Any) -> Self:
        found = self._page.get(key)
        if not is_expected(found, expected):
            fail(f"The {name} is {shorten(found)}; expected {show_expected(expected)}.", self._page)
        return self

    def _errors(self, bag: str | None, *, is_required: bool = True) -> dict[str, Any]:
        errors: dict[str, Any] = self.props.get("errors") or {}
        if bag is None:
            return errors
        if bag not in errors and is_required:
            fail(f"No error bag {bag!r}; the bags (or fields) are: {', '.join(errors) or 'none'}.", self._page)
        bagged: dict[str, Any] = errors.get(bag, {})
        return bagged

    def _assert_component_exists(self, name: str, *, is_required: bool) -> None:
        folders = (
            [self._root / folder for folder in _PAGE_FOLDERS if (self._root / folder).is_dir()]
            if self._root is not None
            else []
        )
        if not folders and not is_required:
            return
        if not any((folder / f"{name}{suffix}").is_file() for folder in folders for suffix in _SUFFIXES):
            where = ", ".join(map(str, folders)) or "no folder, since this check needs an InertiaTestClient"
            fail(f"The front end has no page {name!r}; looked in {where}. exists=False skips this check.", self._page)

    def _why_not_rendered(self) -> str:
        failed = self._ssr_failure
        if failed is None:
            return (
                "no request was sent to a render server. In tests, SSR needs InertiaTestClient(app, ssr=True). "
                "Error pages are never rendered on the server."
            )
        place = f" at {failed.source_location}" if failed.source_location else ""
        hint = f" Hint: {failed.hint}" if failed.hint else ""
        return f"rendering failed ({failed.kind}): {failed.message}{place}.{hint}"
