"""Find the page object in a response, as the client finds it, and say what is wrong when there is none."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct

if TYPE_CHECKING:
    import httpx

__all__ = ("Answer", "read_answer")

__tracebackhide__ = True

# The 3.x client looks for this script, which holds the name of the application element; older ones for the attribute.
_SCRIPT: Final = re.compile(
    r"<script\b(?=[^>]*\stype=\"application/json\")[^>]*\sdata-page=\"([^\"]+)\"[^>]*>(.*?)</script>", re.DOTALL
)
_ATTRIBUTE: Final = re.compile(r"<div\b[^>]*\sid=\"([^\"]+)\"[^>]*\sdata-page=\"([^\"]*)\"[^>]*>")
_SHOWN_BODY: Final = 600


class Answer(Struct, frozen=True):
    """A response that is a page.

    Attributes:
        page: The page object.
        status: The status code.
        document: The HTML of a first visit, None for the JSON that an Inertia request gets.
        is_server_rendered: The document holds the page as HTML, and not only its JSON.
        hops: Where redirects led on the way here.
    """

    page: dict[str, Any]
    status: int
    document: str | None
    is_server_rendered: bool = False
    hops: tuple[str, ...] = ()


def read_answer(response: httpx.Response, hops: tuple[str, ...] = ()) -> Answer:
    """Return the page in a response.

    Raises:
        AssertionError: It is no page; the message says what it is, and what to do.
    """
    if response.headers.get("x-inertia") == "true":
        return Answer(_page(response.text, response), response.status_code, None, hops=hops)
    document = response.text
    if response.headers.get("content-type", "").startswith("text/html"):
        if script := _SCRIPT.search(document):
            return Answer(
                _page(script[2], response),
                response.status_code,
                document,
                _has_content(document, html.unescape(script[1])),
                hops,
            )
        if element := _ATTRIBUTE.search(document):
            return Answer(
                _page(html.unescape(element[2]), response),
                response.status_code,
                document,
                _has_content(document, element[1]),
                hops,
            )
    raise AssertionError(_no_page(response))


def _has_content(document: str, element_id: str) -> bool:
    """Tell whether there is anything in the application element."""
    return bool(re.search(rf'<\w+\b[^>]*\sid="{re.escape(element_id)}"[^>]*>(?!\s*</)', document))


def _page(text: str, response: httpx.Response) -> dict[str, Any]:
    try:
        page: Any = json.loads(text)
    except ValueError as error:
        raise AssertionError(
            f"{_name(response)} is marked as a page, and its page is no JSON: {error}. It starts with: {text[:200]!r}"
        ) from error
    if not isinstance(page, dict) or not isinstance(cast("dict[str, Any]", page).get("props"), dict):
        raise AssertionError(  # noqa: TRY004
            f"{_name(response)} is marked as a page, and is none: it has no props. It starts with: {text[:200]!r}"
        )
    return cast("dict[str, Any]", page)


def _no_page(response: httpx.Response) -> str:
    """Say what a response is that is no page."""
    status = response.status_code
    if "location" in response.headers:
        return (
            f"{_name(response)} is a redirect to {response.headers['location']!r} and no page. "
            "Follow it (follow_redirects=True), or use assert_redirect()."
        )
    for header in ("x-inertia-location", "x-inertia-redirect"):
        if header in response.headers:
            return (
                f"{_name(response)} sends the client to {response.headers[header]!r} ({header}) and is no page. Use assert_redirect(). "
                "A GET gets such an answer when X-Inertia-Version is not the app's version."
            )
    kind = response.headers.get("content-type", "nothing").partition(";")[0]
    body = response.text if len(response.text) <= _SHOWN_BODY else f"{response.text[:_SHOWN_BODY]}…"
    hint = ""
    if response.is_success and kind == "application/json":
        hint = " A handler answers with a page when it has a component, or returns an InertiaResponse."
    elif response.is_server_error:
        hint = " The app failed; with Litestar(debug=True) this answer shows where."
    return f"{_name(response)} is no Inertia page but {status} with {kind}.{hint}\n\n{body}"


def _name(response: httpx.Response) -> str:
    return f"The answer to {response.request.method} {response.request.url.raw_path.decode()}"
