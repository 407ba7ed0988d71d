"""Decides what a request adds to its page: carried values from the session or cookie, a stored URL, a check for NaN.

The fast path of a plain page passes the scope and headers, any other page its InertiaRequest. The decisions are only
made here."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, cast

from litestar_vite.inertia._carry import ANY_PAGE, CARRY_KEY, COOKIE_NAME, MAX_URL, NEXT_VISIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar_vite.inertia._page.recipe import Recipe
    from litestar_vite.inertia._page.request import InertiaRequest
    from litestar_vite.inertia._protocol.visit import Visit


_REMEMBERED: Final = frozenset({"previous"})
# Two after the scheme, one at the end.
_BARE_SLASHES: Final = 3


def adds_nothing(recipe: Recipe, visit: Visit, scope: Any, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a page contains only its plain props: no partial reload, no carried values, no marks, no
    checks.
    """
    return recipe.is_usual and visit.partial_component is None and not carries(scope, headers)


def carries(scope: Any, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether the session or cookie may carry more to this page than a URL."""
    # `find`: `bytes in bytes` tries the left side as a number first, which costs more than the search.
    if b"cookie" in headers and headers[b"cookie"].find(COOKIE_NAME) >= 0:
        return True
    session: Any = scope.get("session")
    carried: Any = session.get(CARRY_KEY) if session and isinstance(session, dict) else None
    return carried is not None and not (isinstance(carried, dict) and carried.keys() <= _REMEMBERED)


def addresses(visit: Visit, headers: Mapping[bytes, bytes], method: str) -> tuple[str, frozenset[str] | None]:
    """Return the mark for values that this request carries on, and the marks of values that it may take; None for all.

    A reload or a poll may come between a form and the page after its redirect. It only takes values of a request with
    the same headers, since clients repeat them when they follow a redirect (docs/design/0032-who-takes-a-flash.md).
    """
    mark = _mark(visit, headers)
    if visit.is_prefetch:
        return mark, frozenset()
    is_reload = mark not in {NEXT_VISIT, ANY_PAGE} and method in {"GET", "HEAD"}
    return mark, frozenset({ANY_PAGE, mark}) if is_reload else None


def _mark(visit: Visit, headers: Mapping[bytes, bytes]) -> str:
    if not visit.is_inertia:
        # A browser loads the page that follows; a script's own request is followed by a reload, if by anything.
        return NEXT_VISIT if b"text/html" in headers.get(b"accept", b"") else ANY_PAGE
    # The client's `reload`, which polls use, sends `no-cache`. Browsers that are set to cache nothing send Pragma too.
    is_reload = b"no-cache" in headers.get(b"cache-control", b"") and b"pragma" not in headers
    if not (is_reload or visit.partial_component):
        return NEXT_VISIT
    asked = (is_reload, visit.partial_component, visit.only, visit.except_, visit.reset)
    return sha256(repr(asked).encode()).hexdigest()[:16]


def remembers_url(visit: Visit, scope: Any, headers: Mapping[bytes, bytes], *, is_private: bool = False) -> bool:
    """Return whether the session is in use, or may be, and this is a full visit that `back()` may return to.

    A Set-Cookie on every anonymous page would keep pages out of shared caches; a private page stays out anyway.
    """
    session = scope.get("session")
    if not (session or (is_private and isinstance(session, dict))):
        return False
    if scope["method"] != "GET" or visit.is_prefetch or visit.partial_component:
        return False
    return b"referer" not in headers or is_bare(headers[b"referer"]) or _has_previous(session)


def url_to_remember(url: str, headers: Mapping[bytes, bytes]) -> str | None:
    """Return a page's URL for `back()`; None if the browser sends full Referers, which are better. The stored URL is
    then deleted.
    """
    return url if b"referer" not in headers or is_bare(headers[b"referer"]) else None


def is_bare(referer: bytes) -> bool:
    """Return whether a Referer may only be an origin, as with `Referrer-Policy: origin`."""
    return referer.count(b"/") == _BARE_SLASHES and referer.endswith(b"/")


def _has_previous(session: Any) -> bool:
    stored: Any = session.get(CARRY_KEY) if isinstance(session, dict) else None
    return isinstance(stored, dict) and "previous" in stored


def remember_plain_url(url: str, visit: Visit, scope: Any, headers: Mapping[bytes, bytes]) -> None:
    """Store the URL of a page that adds nothing, so its session carries nothing else, unless the URL is too long."""
    if len(url) > MAX_URL or not remembers_url(visit, scope, headers) or not isinstance(scope["session"], dict):
        return
    remembered = url_to_remember(url, headers)
    if remembered is None:
        scope["session"].pop(CARRY_KEY, None)
    else:
        stored: Any = scope["session"].get(CARRY_KEY)
        if not isinstance(stored, dict) or stored.get("previous") != url:
            scope["session"][CARRY_KEY] = {"previous": url}


def page_errors(inertia: InertiaRequest) -> dict[str, Any]:
    """Return the `errors` prop: the first message per field, or all of them (protocol G54), error bags kept."""
    carried = inertia.carried
    stored: dict[str, Any] | None = carried.get("errors") if carried is not None else None
    return _shown(stored, all_messages=inertia.context.config.all_errors) if stored else {}


def _shown(stored: dict[str, Any], *, all_messages: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field, messages in stored.items():
        if isinstance(messages, dict):
            shown[field] = _shown(cast("dict[str, Any]", messages), all_messages=all_messages)
        elif isinstance(messages, list) and messages:
            shown[field] = messages if all_messages else messages[0]
    return shown
