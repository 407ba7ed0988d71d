"""Reads the page object from a response, as the client does, and explains responses that are not pages."""

from __future__ import annotations

import html
import json
import re
from typing import Any, Final, cast

import httpx
from msgspec import Struct

from litestar_vite.inertia._page.big_integers import unmarked

__tracebackhide__ = True

# The 3.x client reads this script, which names the application element. Older clients read the attribute.
_SCRIPT: Final = re.compile(
    r"<script\b(?=[^>]*\stype=\"application/json\")[^>]*\sdata-page=\"([^\"]+)\"[^>]*>(.*?)</script>", re.DOTALL
)
_ATTRIBUTE: Final = re.compile(r"<div\b[^>]*\sid=\"([^\"]+)\"[^>]*\sdata-page=\"([^\"]*)\"[^>]*>")
_SHOWN_BODY: Final = 600


class PageResponse(Struct, frozen=True):
    """A response that is a page.

    Attributes:
        page: The page object.
        status: The status code.
        document: The HTML document; None for the JSON response to an Inertia request.
        is_server_rendered: The document has the rendered page, not just its JSON.
        hops: The targets of the redirects that were followed.
    """

    page: dict[str, Any]
    status: int
    document: str | None
    is_server_rendered: bool = False
    hops: tuple[str, ...] = ()


def read_page(response: httpx.Response, hops: tuple[str, ...] = ()) -> PageResponse:
    """Return the page in a response.

    Raises:
        AssertionError: The response is not a page. The message describes it and suggests what to do.
    """
    if response.headers.get("x-inertia") == "true":
        return PageResponse(_page(response.text, response), response.status_code, None, hops=hops)
    document = response.text
    if response.headers.get("content-type", "").startswith("text/html"):
        if script := _SCRIPT.search(document):
            return PageResponse(
                _page(script[2], response),
                response.status_code,
                document,
                _has_content(document, html.unescape(script[1])),
                hops,
            )
        if element := _ATTRIBUTE.search(document):
            return PageResponse(
                _page(html.unescape(element[2]), response),
                response.status_code,
                document,
                _has_content(document, element[1]),
                hops,
            )
    raise AssertionError(_describe_other(response))


def _has_content(document: str, element_id: str) -> bool:
    """Return whether the application element has any content."""
    return bool(re.search(rf'<\w+\b[^>]*\sid="{re.escape(element_id)}"[^>]*>(?!\s*</)', document))


def _page(text: str, response: httpx.Response) -> dict[str, Any]:
    try:
        page: Any = json.loads(text)
    except ValueError as error:
        raise AssertionError(
            f"{_name(response)} is marked as a page, but is invalid JSON: {error}. It starts with: {text[:200]!r}"
        ) from error
    if not isinstance(page, dict) or not isinstance(cast("dict[str, Any]", page).get("props"), dict):
        raise AssertionError(  # noqa: TRY004
            f"{_name(response)} is marked as a page, but lacks props. It starts with: {text[:200]!r}"
        )
    found = cast("dict[str, Any]", page)
    if found.get("preserveBigIntegers") is True:
        # As the client reads it, from version 3.8 on.
        found.update({name: unmarked(found[name]) for name in ("props", "flash") if name in found})
    return found


def _describe_other(response: httpx.Response) -> str:
    """Return an error message for a response that is not a page."""
    status = response.status_code
    if "location" in response.headers:
        return (
            f"{_name(response)} is a redirect to {response.headers['location']!r}, not a page. "
            "Follow it (follow_redirects=True), or use assert_redirect()."
        )
    for header in ("x-inertia-location", "x-inertia-redirect"):
        if header in response.headers:
            return (
                f"{_name(response)} sends the client to {response.headers[header]!r} ({header}) and is not a page. "
                "Use assert_redirect(). A GET gets this response when X-Inertia-Version is not the app's version."
            )
    media_type = response.headers.get("content-type", "no content type").partition(";")[0]
    body = response.text if len(response.text) <= _SHOWN_BODY else f"{response.text[:_SHOWN_BODY]}…"
    hint = ""
    if response.is_success and media_type == "application/json":
        hint = " A handler returns a page if it has a component or returns an InertiaResponse."
    elif media_type == "text/html" and "data-server-rendered" in response.text:
        hint = (
            " The document was rendered without JavaScript (hydrate=False), so it has no page object. Use "
            "client.get(path).text for its HTML, or visit() for its props."
        )
    elif response.is_server_error:
        hint = " The app failed. With Litestar(debug=True), the response shows the traceback."
    return f"{_name(response)} is not an Inertia page: status {status}, {media_type}.{hint}\n\n{body}"


def _name(response: httpx.Response) -> str:
    return f"The response to {response.request.method} {response.request.url.raw_path.decode()}"
