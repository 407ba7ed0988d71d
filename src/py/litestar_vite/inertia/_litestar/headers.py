"""The response headers of a page, as ASGI sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar.types import HTTPResponseStartEvent

_VARY: Final = (b"vary", b"X-Inertia")
_JSON: Final = ((b"content-type", b"application/json"), (b"x-inertia", b"true"))
_HTML: Final = ((b"content-type", b"text/html; charset=utf-8"),)
JSON_ALONE: Final[tuple[tuple[bytes, bytes], ...]] = (*_JSON, _VARY)
HTML_ALONE: Final[tuple[tuple[bytes, bytes], ...]] = (*_HTML, _VARY)
# All headers that change a page. Only sent if the app allows caches to keep a page, since the list is longer than the
# headers of many pages.
_VARY_IF_KEPT: Final = (
    "X-Inertia, X-Inertia-Version, X-Inertia-Partial-Component, X-Inertia-Partial-Data, "
    "X-Inertia-Partial-Except, X-Inertia-Reset, "
    "X-Inertia-Except-Once-Props, X-Inertia-Infinite-Scroll-Merge-Intent, X-Inertia-Error-Bag"
)
_KEEPING: Final = frozenset({"cache-control", "expires", "etag"})
_OURS: Final = frozenset({"vary", "content-type", "content-length", "x-inertia"})


def restore_vary(message: HTTPResponseStartEvent) -> None:
    """Append a page's variants to its Vary header, in place, since CORS and other middleware replace it."""
    headers = message["headers"]
    if _VARY in headers:
        return
    said = {name.lower(): value.decode("latin-1") for name, value in headers}
    vary = _vary_of({name.decode("latin-1"): value for name, value in said.items()})
    message["headers"] = [*(pair for pair in headers if pair[0].lower() != b"vary"), (b"vary", vary)]


def _vary_of(headers: Mapping[str, Any]) -> bytes:
    """Return a page's Vary header, for a page with these headers.

    Vary is appended, never set: the app may already vary on Cookie.
    """
    may_be_kept = any(name.lower() in _KEEPING and "no-store" not in str(value) for name, value in headers.items())
    ours = (_VARY_IF_KEPT if may_be_kept else "X-Inertia").split(", ")
    users = next((str(value) for name, value in headers.items() if name.lower() == "vary"), "")
    known = [item.strip() for item in users.split(",") if item.strip()]
    names = {item.lower() for item in known}
    return ", ".join([*known, *(item for item in ours if item.lower() not in names)]).encode("latin-1")


def page_headers(headers: Mapping[str, Any], *, is_json: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers of a page, combined with the user's.

    A new list: the mapping that Litestar passes is shared by all responses of the process and must not be changed.
    """
    if not headers:
        return list(JSON_ALONE if is_json else HTML_ALONE)
    raw = list(_JSON if is_json else _HTML)
    for name, value in headers.items():
        if (lower := name.lower()) not in _OURS:
            raw.append((lower.encode("latin-1"), str(value).encode("latin-1")))
    raw.append((b"vary", _vary_of(headers)))
    return raw
