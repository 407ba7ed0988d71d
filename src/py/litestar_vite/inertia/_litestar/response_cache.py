"""Supports Litestar's response cache (`cache=`): one key for each variant of a response, and no personal data.

The cache stores the start of a response after the plugin's cookies were added. So the start is remembered when it is
sent, its cookies are removed while it is stored, and its headers are restored before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any, Final, cast

from litestar import Request
from litestar.types import CacheKeyBuilder, HTTPScope

from litestar_vite.inertia._carry import COOKIE_NAME
from litestar_vite.inertia._litestar.cache_headers import drop_visitors_cookies, shows_carried, variant_of
from litestar_vite.inertia._litestar.seams import session_cookies
from litestar_vite.inertia._page.request import SCOPE_KEY, InertiaRequest

STORED: Final = "litestar_vite.stored"
"""The scope's key for the start of a response that the response cache stores."""
SENT_HEADERS: Final = "litestar_vite.sent_headers"
"""The scope's key for the headers of that response, while it is stored without some of them."""


def make_cache_key(build: CacheKeyBuilder) -> CacheKeyBuilder:
    """Separate HTML, JSON and partial responses of one URL, and those of different builds, in Litestar's response
    cache.
    """

    def cache_key(request: Request[Any, Any, Any]) -> str:
        key = build(request)
        inertia = InertiaRequest.of(request)
        # Called before a response is looked up, and again just before it is stored: the cookies that were added to it
        # are not for other visitors.
        carrier = cast("dict[str, Any]", request.scope)
        if (start := carrier.get(STORED)) is not None:
            carrier[SENT_HEADERS] = start["headers"]
            drop_visitors_cookies(start, [COOKIE_NAME, *session_cookies(request.scope["route_handler"])])
        if shows_carried(inertia):
            # Flash and errors are for one visitor, so their pages are neither taken from the cache nor found in it
            # later.
            return f"{key}|inertia:{token_hex(16)}"
        # A user's key may omit the method, and a response to HEAD lacks the body.
        method = "HEAD:" if inertia.scope["method"] == "HEAD" else ""
        return f"{key}|inertia:{method}{variant_of(inertia.scope['headers'], inertia.version)}"

    return cache_key


def make_cache_filter(allows: Callable[[HTTPScope, int], bool]) -> Callable[[HTTPScope, int], bool]:
    """Keep responses that show or carry flash or errors out of the response cache, since they are for one visitor."""

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
