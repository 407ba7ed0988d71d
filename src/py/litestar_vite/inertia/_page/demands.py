"""What a request adds to its page: does its session or cookie carry something, is its URL remembered, may NaN pass?

The fast way of a plain page asks these questions of scope and headers, and any other page of its InertiaRequest; the
answers are given here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from litestar_vite.inertia._carry import CARRY_KEY, COOKIE_NAME, MAX_URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar_vite.inertia._page.recipe import Recipe
    from litestar_vite.inertia._page.request import InertiaRequest
    from litestar_vite.inertia._protocol.visit import Visit


_REMEMBERED: Final = frozenset({"previous"})


def adds_nothing(recipe: Recipe, visit: Visit, scope: Any, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a page holds its plain props and no more: no partial reload, nothing carried, no marks, no checks."""
    return recipe.is_usual and visit.partial_component is None and not carries(scope, headers)


def carries(scope: Any, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether session or cookie may carry more to this page than a URL."""
    # `find`: `bytes in bytes` tries the left side as a number first, which costs more than the search.
    if b"cookie" in headers and headers[b"cookie"].find(COOKIE_NAME) >= 0:
        return True
    session: Any = scope.get("session")
    carried: Any = session.get(CARRY_KEY) if session and isinstance(session, dict) else None
    return carried is not None and not (isinstance(carried, dict) and carried.keys() <= _REMEMBERED)


def remembers_url(visit: Visit, scope: Any, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether `back()` may need this page's URL from the session.

    Only for full visits without a Referer: a browser that sends one now sends one with the next form too. And only in
    a session that is in use: a Set-Cookie on every anonymous page would keep pages out of shared caches.
    """
    if b"referer" in headers or not scope.get("session"):
        return False
    return scope["method"] == "GET" and not visit.is_prefetch and not visit.partial_component


def remember_plain_url(url: str, visit: Visit, scope: Any, headers: Mapping[bytes, bytes]) -> None:
    """Keep the URL of a page that adds nothing, so that its session carries nothing else, unless it is too long."""
    if len(url) <= MAX_URL and remembers_url(visit, scope, headers):
        session = scope["session"]
        if isinstance(session, dict) and session.get(CARRY_KEY, {}).get("previous") != url:
            session[CARRY_KEY] = {"previous": url}


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
