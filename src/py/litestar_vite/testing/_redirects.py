"""Assertions about redirects that have not been followed."""

from __future__ import annotations

from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

import httpx

from litestar_vite.testing._requests import same_origin, target_of
from litestar_vite.testing._values import is_expected, show_expected

__tracebackhide__ = True

# A redirect, and the headers of the two 409 responses for what fetch cannot do (protocol D).
_HEADERS = ("location", "x-inertia-location", "x-inertia-redirect")
_CONFLICT = 409
_SHOWN_BODY = 400


class RedirectAssertions:
    """Assertions about a redirect."""

    def __init__(self, response: httpx.Response, header: str) -> None:
        self._response = response
        self._header = header
        self._target = target_of(response, header)

    @property
    def location(self) -> str:
        """The target: path, query and fragment on the same origin, else the full URL."""
        if not same_origin(self._target, str(self._response.request.url)):
            return self._target
        return self._target[self._target.index("://") + 3 + len(urlsplit(self._target).netloc) :] or "/"

    def to(self, expected: Any) -> Self:
        """Assert the target, by a path on the same origin, a full URL, or a predicate."""
        if not is_expected(self.location, expected):
            self._fail(f"redirects to {self.location!r}; expected {show_expected(expected)}")
        return self

    def status(self, expected: int) -> Self:
        """Assert the status code: 303 after a form, 409 for external redirects and fragments."""
        if self._response.status_code != expected:
            self._fail(f"has the status {self._response.status_code}; expected {expected}")
        return self

    def external(self, expected: Any = None) -> Self:
        """Assert that the browser leaves the page, which is a 409 with X-Inertia-Location for an Inertia request.

        Args:
            expected: The target; None accepts any.
        """
        if self._header != "x-inertia-location":
            self._fail("is followed by the client; expected a full page visit (X-Inertia-Location)")
        return self.to(expected) if expected is not None else self

    def fragment(self, expected: str) -> Self:
        """Assert the fragment, without "#", and that it reaches an Inertia client.

        fetch drops fragments of redirects; X-Inertia-Redirect keeps them.
        """
        found = urlsplit(self._target).fragment
        if found != expected:
            self._fail(f"has the fragment {found!r}; expected {expected!r}")
        if self._response.request.headers.get("x-inertia") and self._header != "x-inertia-redirect":
            self._fail("is a plain redirect, whose fragment fetch drops; expected X-Inertia-Redirect")
        return self

    def _fail(self, what: str) -> NoReturn:
        request = self._response.request
        raise AssertionError(
            f"The response to {request.method} {request.url.raw_path.decode()} {what}.\n\n"
            f"{self._response.status_code}, {self._header}: {self._response.headers[self._header]}"
        )


def assert_redirect(response: httpx.Response, to: Any = None) -> RedirectAssertions:
    """Assert that a response is a redirect, and return assertions about it.

    Args:
        response: A response that was not followed, from `client.post(url, follow_redirects=False)` or
            `client.inertia("POST", url)`.
        to: The target, as in `RedirectAssertions.to`; None accepts any.
    """
    for header in _HEADERS:
        if header in response.headers and (response.has_redirect_location or response.status_code == _CONFLICT):
            found = RedirectAssertions(response, header)
            return found.to(to) if to is not None else found
    followed = " A redirect was already followed: use follow_redirects=False." if response.history else ""
    raise AssertionError(
        f"The response to {response.request.method} {response.request.url.raw_path.decode()} is not a redirect: "
        f"status {response.status_code}.{followed}\n\n{response.text[:_SHOWN_BODY]}"
    )
