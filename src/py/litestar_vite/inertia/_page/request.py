"""The Inertia side of one request: its Visit, the shared props of its page, and the values carried to the next page.

The state lives in the request's ASGI scope, so that concurrent requests never see each other's."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, cast
from urllib.parse import quote

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.types import HTTPScope

from litestar_vite.inertia._carry import Carry
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.demands import addresses, adds_nothing, carries
from litestar_vite.inertia._page.recipe import Recipe
from litestar_vite.inertia._protocol.visit import Visit, read_visit

SCOPE_KEY: Final = "litestar_vite.inertia"
SENT: Final[Any] = object()
"""Stored under SCOPE_KEY instead of an InertiaRequest if a complete page is being sent and there is nothing left
to do.
"""

current_request: ContextVar[Request[Any, Any, Any] | None] = ContextVar("litestar_vite_request", default=None)
"""The request that is handled in this context. Set by the before_request hook, read by the after_request hook."""

# The browser shows a page's URL, so all characters that are legal in a URL are unchanged.
_URL_SAFE: Final = "/?[]@!$&'()*+,;=:%-._~"


_NOTHING_SHARED: Final[Mapping[str, Any]] = {}


class InertiaRequest:
    """The Inertia state of one request.

    Attributes:
        headers: The request's headers by lower-case name.
        shared: Props shared by `share`, by name.
        is_private: The page showed data for a single visitor (flash, errors, marks), so it must not be
            cached.
        is_converted: The response needs no conversion before it is sent: a page, or our redirect back.
        litestar_request: The Request for the handler; None until it is needed.
        is_external: The response is an InertiaExternalRedirect.
        is_refused: The response is a page with an error status, to which `back()` must not return.
        raised: The exception that the response is for; None without one.
        set_cookies: Set-Cookie values that the response needs, except for the carry cookie.
    """

    # Slots instead of defaults on the class: Python 3.11 reads a slot several times faster than a class attribute
    # through its instance.
    __slots__ = (
        "_carries",
        "_carry",
        "context",
        "headers",
        "is_converted",
        "is_external",
        "is_private",
        "is_refused",
        "litestar_request",
        "raised",
        "recipe",
        "scope",
        "set_cookies",
        "shared",
        "visit",
    )

    def __init__(
        self,
        scope: HTTPScope,
        context: InertiaContext,
        headers: Mapping[bytes, bytes] | None = None,
        visit: Visit | None = None,
        recipe: Recipe | None = None,
    ) -> None:
        """Create the state of a request. `headers`, `visit` and `recipe` are passed if they are already known."""
        self.scope = scope
        self.context = context
        # ASGI passes pairs. Of a repeated header, the last one counts. The headers read here must not be repeated.
        self.headers = dict(scope["headers"]) if headers is None else headers
        self.visit = visit or read_visit(self.headers)
        self.recipe = recipe or context.recipe(scope.get("route_handler"), scope["litestar_app"])
        self.shared: Mapping[str, Any] = _NOTHING_SHARED
        self.is_private = self.is_converted = self.is_external = self.is_refused = False
        self.set_cookies: tuple[bytes, ...] = ()
        self.litestar_request: Request[Any, Any, Any] | None = None
        self.raised: Exception | None = None
        self._carry: Carry | None = None
        self._carries: bool | None = None
        scope[SCOPE_KEY] = self  # type: ignore[typeddict-unknown-key]  # ASGI lets extensions add keys.

    @classmethod
    def of(cls, connection: ASGIConnection[Any, Any, Any, Any]) -> InertiaRequest:
        """Return the state of a connection's request, created on first use."""
        return cls.of_scope(connection.scope)

    @classmethod
    def of_scope(cls, scope: Any) -> InertiaRequest:
        """Return the state of an ASGI scope's request, created on first use."""
        found: InertiaRequest | None = scope.get(SCOPE_KEY)
        return found if found is not None else cls(scope, InertiaContext.of(scope["litestar_app"]))

    @property
    def carry(self) -> Carry:
        """Flash, errors and marks. Created on first use, since most requests have none of them."""
        if self._carry is None:
            mark, takes = addresses(self.visit, self.headers, self.scope["method"])
            self._carry = Carry(self.scope, self.headers.get(b"cookie", b""), self.context.signer, mark, takes)
        return self._carry

    @property
    def carried(self) -> Carry | None:
        """The carried values, or None. Cheap for the many requests without any."""
        carry = self._carry
        if carry is None:
            if self._carries is None:
                self._carries = carries(self.scope, self.headers)
            if not self._carries:
                return None
            carry = self.carry
        return carry or None

    @property
    def carry_cookie(self) -> bytes | None:
        """The Set-Cookie value for the carried values of this response; None if no cookie is needed."""
        return self._carry.cookie_header() if self._carry is not None else None

    @property
    def app(self) -> Litestar:
        return self.scope["litestar_app"]

    @property
    def connection(self) -> Request[Any, Any, Any]:
        """The Request for user-configured callables: shares, nonce. The one that Litestar made, if known, else a new
        one of the app's class.
        """
        if self.litestar_request is None:
            handler: Any = self.scope.get("route_handler")
            # For other kinds of routes, or without a route, Litestar uses the app's class.
            resolve = getattr(handler, "resolve_request_class", None)
            make = resolve() if resolve is not None else self.app.request_class or Request
            self.litestar_request = make(self.scope)
        return cast("Request[Any, Any, Any]", self.litestar_request)

    def opt(self, name: str) -> Any:
        """Return an opt of the route's handler; None if it is not set, or the request matched no route."""
        handler: Any = self.scope.get("route_handler")
        return handler.opt.get(name) if handler is not None else None

    @property
    def adds_nothing(self) -> bool:
        """The page contains only its plain props."""
        context = self.context
        return (
            self._carry is None
            and not (self.shared or context.shares.callables)
            and adds_nothing(self.recipe, self.visit, self.scope, self.headers)
        )

    @property
    def version(self) -> str | None:
        """The asset version for this request; None skips the check."""
        context = self.context
        return context.version if context.make_version is None else context.make_version(self.connection)

    def once_scope(self) -> str:
        """Return the owner of the page's once-props for their keys: a hash, since header values are limited."""
        make = self.context.config.once_scope
        try:
            owner = None if make is None else make(self.connection)
        except Exception:
            if self.raised is None:
                raise
            # An error page must not cause a second error: an unknown URL has no user. Clients do not keep its
            # once-props.
            owner = object()
        return sha256(repr(owner).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def request_url(self) -> str:
        """Path and query of the request, as the browser sees them."""
        scope: Any = self.scope
        return page_url(scope.get("raw_path"), scope["path"], scope.get("root_path"), scope["query_string"])

    @property
    def url(self) -> str:
        """The URL of the page: that of the request, unless the app has a resolver (protocol B13)."""
        make = self.context.config.url_resolver
        return self.request_url if make is None else make(self.connection)


def visit(connection: ASGIConnection[Any, Any, Any, Any]) -> Visit:
    """Return the client's visit: whether the request is an Inertia visit, a partial reload and of which props, a
    prefetch or a precognitive request, and its error bag.

    Works for any request, also in guards, dependencies and exception handlers. Costs one parse for each request.
    """
    return InertiaRequest.of(connection).visit


def page_url(raw_path: bytes | None, path: str, root: str | None, query: bytes) -> str:
    """Return a page's URL from the parts of an ASGI scope."""
    make = _remembered_url if len(query) + len(path) <= _MAX_REMEMBERED_URL else _make_url
    return make(raw_path, path, root, query)


def _make_url(raw_path: bytes | None, path: str, root: str | None, query: bytes) -> str:
    raw = raw_path or quote(path).encode()
    if root:
        prefix = root.encode().rstrip(b"/")
        if raw != prefix and not raw.startswith(prefix + b"/"):
            raw = prefix + raw
    # Some servers put the query into raw_path too; it comes from its own key.
    raw = raw.split(b"?", 1)[0]
    if not raw.startswith(b"/") or raw.startswith(b"//"):  # "//host" would be another origin.
        raw = b"/" + raw.lstrip(b"/")
    if query:
        raw = raw + b"?" + query
    return raw.decode() if raw.isascii() and b"#" not in raw else quote(raw, safe=_URL_SAFE)


# 1,024 URLs: the most visited pages. A miss costs no more than without the cache. Together they take less than 2
# MiB.
_remembered_url: Final = lru_cache(maxsize=1024)(_make_url)
_MAX_REMEMBERED_URL: Final = 1024
