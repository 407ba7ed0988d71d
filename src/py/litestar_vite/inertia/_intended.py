"""Remembers the page that a visitor asked for before the app required a login.

How it works:
1. A 401 that leads to the login page stores the visitor's URL in a separate cookie: a session may no longer be stored
   when a middleware refuses a request, and the login page may be open for longer than flash data lasts.
2. `intended` reads it after the login, and the response deletes it.

Rule: the cookie comes from the client, so it is only followed to a path of this origin."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import quote, unquote

from litestar.connection import ASGIConnection

from litestar_vite.inertia._carry import MAX_URL
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._redirect_targets import local_path
from litestar_vite.inertia._redirects import back_path

_COOKIE: Final = "inertia_intended"
# An hour: long enough to find a password or to reset it.
_MAX_AGE_SECONDS: Final = 3_600


def intended(connection: ASGIConnection[Any, Any, Any, Any], default: str = "/") -> str:
    """Return the path that the visitor requested before `redirect_unauthorized_to` led to the login page; delete it.

    Args:
        connection: The request that logs the visitor in.
        default: The path if the visitor opened the login page directly.
    """
    inertia = InertiaRequest.of(connection)
    cookies = SimpleCookie(inertia.headers.get(b"cookie", b"").decode("latin-1"))
    if (cookie := cookies.get(_COOKIE)) is None:
        return default
    _set_cookie(inertia, "", 0)
    return local_path(unquote(cookie.value), inertia.scope) or default


def remember_intended(inertia: InertiaRequest) -> None:
    """Store the page that was requested, or the page of the submitted form. Prefetches are ignored."""
    if inertia.visit.is_prefetch:
        return
    url = inertia.request_url if inertia.scope["method"] == "GET" else back_path(inertia)
    if url is not None and len(url) <= MAX_URL:
        _set_cookie(inertia, quote(url), _MAX_AGE_SECONDS)


def _set_cookie(inertia: InertiaRequest, value: str, max_age: int) -> None:
    scope = inertia.scope
    secure = "; Secure" if scope["scheme"] == "https" else ""
    path = scope.get("root_path") or "/"
    cookie = f"{_COOKIE}={value}; Max-Age={max_age}; Path={path}; HttpOnly; SameSite=lax{secure}"
    inertia.set_cookies = (*inertia.set_cookies, cookie.encode("latin-1"))
