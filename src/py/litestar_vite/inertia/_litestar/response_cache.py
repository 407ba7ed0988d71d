"""Litestar's response cache (`cache=`): each kind of answer has a key, and nothing of one visitor is stored.

The cache stores the start of an answer after our cookies were added to it. So the start is remembered when it is sent,
its cookies are removed while it is stored, and its headers are put back before it leaves."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, cast

from litestar_vite.inertia._carry import COOKIE_NAME
from litestar_vite.inertia._litestar.caching import drop_visitors_cookies, shows_carried, variant_of
from litestar_vite.inertia._litestar.seams import session_cookies
from litestar_vite.inertia._page.request import SCOPE_KEY, InertiaRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar import Request
    from litestar.types import CacheKeyBuilder, HTTPScope


STORED: Final = "litestar_vite.stored"
"""The scope's key for the start of an answer that the response cache stores."""
SENT_HEADERS: Final = "litestar_vite.sent_headers"
"""The scope's key for the headers of that answer while it is stored without some."""


def make_cache_key(build: CacheKeyBuilder) -> CacheKeyBuilder:
    """Keep HTML, JSON and partial answers of one URL, and those of different builds, apart in Litestar's response
    cache.
    """

    def cache_key(request: Request[Any, Any, Any]) -> str:
        key = build(request)
        inertia = InertiaRequest.of(request)
        # Asked before an answer is looked up, and again just before it is stored: the cookies that were added to it on
        # its way out are not for others.
        carrier = cast("dict[str, Any]", request.scope)
        if (start := carrier.get(STORED)) is not None:
            carrier[SENT_HEADERS] = start["headers"]
            drop_visitors_cookies(start, [COOKIE_NAME, *session_cookies(request.scope["route_handler"])])
        if shows_carried(inertia):
            # Flash and errors are for one visitor: neither an entry without them will do, nor is theirs found again.
            return f"{key}|inertia:{token_hex(16)}"
        # A user's key may leave the method out, and an answer to HEAD is without a body.
        method = "HEAD:" if inertia.scope["method"] == "HEAD" else ""
        return f"{key}|inertia:{method}{variant_of(inertia.scope['headers'], inertia.version)}"

    return cache_key


def make_cache_filter(allows: Callable[[HTTPScope, int], bool]) -> Callable[[HTTPScope, int], bool]:
    """Keep answers that show flash or errors, or carry them on, out of the response cache: they are one visitor's."""

    def cache_filter(scope: HTTPScope, status: int) -> bool:
        carrier: Any = scope
        inertia: InertiaRequest | None = carrier.get(SCOPE_KEY)
        if isinstance(inertia, InertiaRequest) and (inertia.is_private or inertia.carry_cookie is not None):
            return False
        if allows(scope, status):
            carrier[STORED] = None
            return True
        return False

    return cache_filter
