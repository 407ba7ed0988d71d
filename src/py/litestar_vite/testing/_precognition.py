"""Assertions about Precognition responses."""

from __future__ import annotations

import difflib
from typing import Any, NoReturn, Self

import httpx

from litestar_vite.testing._report import shorten
from litestar_vite.testing._values import contains, show_expected

__tracebackhide__ = True

_NO_CONTENT = 204
_INVALID = 422
_SHOWN_BODY = 400


class ValidationAssertions:
    """The validation result of a form that has not been submitted."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        if response.headers.get("precognition") != "true":
            self._fail("has no Precognition header: the route does not support it, and the handler may have run")

    @property
    def errors(self) -> dict[str, list[str]]:
        """The messages by field; empty if the form is valid."""
        if self.response.status_code == _NO_CONTENT:
            return {}
        if self.response.status_code != _INVALID:
            self._fail(f"has the status {self.response.status_code}; expected 204 or 422")
        errors: dict[str, list[str]] = self.response.json()["errors"]
        return errors

    def passes(self) -> Self:
        """Assert that the validated fields are valid."""
        if errors := self.errors:
            self._fail(f"found errors: {shorten(errors)}")
        return self

    def fails(self, field: str, *messages: Any) -> Self:
        """Assert that a field is invalid, and that its messages include these (values or predicates)."""
        errors = self.errors
        if field not in errors:
            near = difflib.get_close_matches(field, list(errors), n=1, cutoff=0.5)
            hint = f" The nearest field is {near[0]!r}." if near else ""
            self._fail(f"found no error for {field!r}.{hint} The errors are {shorten(errors)}")
        for message in messages:
            if not contains(errors[field], message):
                self._fail(f"found {shorten(errors[field])} for {field!r}; expected {show_expected(message)}")
        return self

    def _fail(self, what: str) -> NoReturn:
        request, response = self.response.request, self.response
        raise AssertionError(
            f"The validation of {request.method} {request.url.raw_path.decode()} {what}.\n\n"
            f"{response.status_code}: {response.text[:_SHOWN_BODY]}"
        )
