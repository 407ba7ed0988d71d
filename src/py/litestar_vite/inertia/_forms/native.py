"""Forms that a browser sends by itself, from pages without JavaScript (`hydrate=False`).

They are answered like those of the Inertia client: a form with errors goes back to its page, which shows them. The page
is loaded again, so what the visitor has typed is carried to it too, except passwords and the like."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar_vite.inertia._litestar.seams import csrf_token, read_form
from litestar_vite.inertia._page.request import InertiaRequest

TOKEN_FIELD: Final = "_csrf_token"  # noqa: S105 - a name
"""The field in which Litestar's CSRF protection looks for the token."""
# Never sent back, not even to the visitor: the cookie is signed, but not encrypted.
# Compiled for the first native form, and kept by `re`.
_NOT_KEPT: Final = r"(?i:pass|secret|token|card|cvc|cvv|(?:^|\W|_)pin(?:$|\W|_))"
_REDIRECT: Final = 300
_CLIENT_ERROR: Final = 400
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_TYPES: Final = frozenset({b"application/x-www-form-urlencoded", b"multipart/form-data"})


def is_submit(inertia: InertiaRequest) -> bool:
    """Return whether a request is a form of a page, sent by the Inertia client or by the browser itself."""
    visit = inertia.visit
    if visit.is_inertia:
        return inertia.scope["method"] not in _SAFE_METHODS and not visit.is_precognition
    return is_native_form(inertia)


def is_native_form(inertia: InertiaRequest) -> bool:
    """Return whether a request is a form that a browser sent by itself, in an app with pages without JavaScript.

    Only forms of this site count: those of another one must not reach a handler that takes JSON.
    """
    visit, headers = inertia.visit, inertia.headers
    if not inertia.context.has_scriptless_pages or visit.is_inertia or visit.is_precognition:
        return False
    if inertia.scope["method"] != "POST" or b"text/html" not in headers.get(b"accept", b""):
        return False
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() not in _FORM_TYPES:
        return False
    # Browsers set both headers, except for http:// sites other than localhost. There, the CSRF token is the proof.
    site = headers.get(b"sec-fetch-site")
    is_own = site == b"same-origin" if site is not None else csrf_token(inertia.scope) is not None
    return is_own and headers.get(b"sec-fetch-mode", b"navigate") == b"navigate"


def keep_input(inertia: InertiaRequest, status: int) -> None:
    """Carry the fields of a native form that was refused, by the status of its response, to the page that it goes back
    to.
    """
    is_refused = inertia.raised is not None or bool(inertia.carry.get("errors"))
    if not (is_refused and _REDIRECT <= status < _CLIENT_ERROR):
        return
    kept = {
        name: value
        for name, value in read_form(inertia.scope).items()
        if not re.search(_NOT_KEPT, name) and _is_text(value) and value not in ("", [])
    }
    if kept:
        inertia.carry.put("input", kept)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
