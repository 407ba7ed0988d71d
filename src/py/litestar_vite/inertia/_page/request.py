"""The Inertia side of one request: its Visit, what is shared with its page, and what is carried to the next one.

The state lives in the request's ASGI scope, so that concurrent requests never see each other's."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from litestar import Request

from litestar_vite.inertia._carry import Carry
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.demands import addresses, adds_nothing, carries
from litestar_vite.inertia._protocol.visit import read_visit

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.connection import ASGIConnection
    from litestar.types import HTTPScope

    from litestar_vite.inertia._page.recipe import Recipe
    from litestar_vite.inertia._protocol.visit import Visit


SCOPE_KEY: Final = "litestar_vite.inertia"
SENT: Final[Any] = object()
"""Stands under SCOPE_KEY instead of an InertiaRequest when a complete page is on its way out and there is nothing left
to do.
"""

current_request: ContextVar[Request[Any, Any, Any] | None] = ContextVar("litestar_vite_request", default=None)
"""The request that is handled in this context. Set by the before_request hook, read by the after_request hook."""

# A page's URL is shown by the browser: everything that is legal in a URL stays as it came.
_URL_SAFE: Final = "/?[]@!$&'()*+,;=:%-._~"


_NOTHING_SHARED: Final[Mapping[str, Any]] = {}


class InertiaRequest:
    """The Inertia state of one request.

    Attributes:
        scope: The ASGI scope it belongs to.
        context: The app's services.
        headers: The request's headers by lower-case name.
        visit: The Inertia headers, parsed.
        recipe: The route's recipe.
        shared: Props shared by `share`, by name.
        is_private: The page showed something meant for one visitor only (flash, errors, marks), so it must not be
            cached.
        is_page: The answer is a page, and needs no conversion on its way out.
        litestar_request: The Request that the handler gets, None until it is needed.
        is_external: The answer is an InertiaExternalRedirect.
        is_refused: The answer is a page with an error status, which `back()` must not go to.
        raised: The exception that the answer is for, None without one.
        set_cookies: Set-Cookie values that the response needs, apart from the one of what it carries.
    """

    # Slots and not defaults on the class: Python 3.11 reads a slot several times faster than a class attribute through
    # its instance.
    __slots__ = (
        "_carries",
        "_carry",
        "context",
        "headers",
        "is_external",
        "is_page",
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
        """Read what a request asks for; `headers`, `visit` and `recipe` spare the reading where they are known."""
        self.scope = scope
        self.context = context
        # ASGI gives pairs; of a header that comes twice the last one counts. None of those we read may come twice.
        self.headers = dict(scope["headers"]) if headers is None else headers
        self.visit = visit or read_visit(self.headers)
        self.recipe = recipe or context.recipe(scope.get("route_handler"), scope["litestar_app"])
        self.shared: Mapping[str, Any] = _NOTHING_SHARED
        self.is_private = self.is_page = self.is_external = self.is_refused = False
        self.set_cookies: tuple[bytes, ...] = ()
        self.litestar_request: Request[Any, Any, Any] | None = None
        self.raised: Exception | None = None
        self._carry: Carry | None = None
        self._carries: bool | None = None
        scope[SCOPE_KEY] = self  # type: ignore[typeddict-unknown-key]  # ASGI lets extensions add keys.

    @classmethod
    def of(cls, connection: ASGIConnection[Any, Any, Any, Any]) -> InertiaRequest:
        """Return the state of a connection's request, made on first use."""
        return cls.of_scope(connection.scope)

    @classmethod
    def of_scope(cls, scope: Any) -> InertiaRequest:
        """Return the state of an ASGI scope's request, made on first use."""
        found: InertiaRequest | None = scope.get(SCOPE_KEY)
        return found if found is not None else cls(scope, InertiaContext.of(scope["litestar_app"]))

    @property
    def carry(self) -> Carry:
        """Flash, errors and marks; made on first use, since most requests are without."""
        if self._carry is None:
            mark, takes = addresses(self.visit, self.headers, self.scope["method"])
            self._carry = Carry(self.scope, self.headers.get(b"cookie", b""), self.context.signer, mark, takes)
        return self._carry

    @property
    def carried(self) -> Carry | None:
        """The carried values, None when there are none. Cheap for the many requests without."""
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
        """The Set-Cookie value that this response needs for what it carries, None when it needs none."""
        return self._carry.cookie_header() if self._carry is not None else None

    @property
    def app(self) -> Litestar:
        return self.scope["litestar_app"]

    @property
    def connection(self) -> Request[Any, Any, Any]:
        """The Request for what users configured: shares, nonce. The one that Litestar made, if we know it, else one of
        the app's class.
        """
        if self.litestar_request is None:
            handler: Any = self.scope.get("route_handler")
            # A route of another kind, or none, is asked by Litestar with the app's class.
            resolve = getattr(handler, "resolve_request_class", None)
            make = resolve() if resolve is not None else self.app.request_class or Request
            self.litestar_request = make(self.scope)
        return cast("Request[Any, Any, Any]", self.litestar_request)

    def opt(self, name: str) -> Any:
        """Return an opt of the route's handler; None when it is not set, or the request matched no route."""
        handler: Any = self.scope.get("route_handler")
        return handler.opt.get(name) if handler is not None else None

    @property
    def adds_nothing(self) -> bool:
        """The page holds its plain props and no more."""
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
        """Return whose once-props the page's are, as a part of their keys: a hash, since header values are limited."""
        make = self.context.config.once_scope
        try:
            owner = None if make is None else make(self.connection)
        except Exception:
            if self.raised is None:
                raise
            # An error page must not become a second error: an unknown URL has no user. Its once-props are kept by nobody.
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
    """Return what the client asks for: whether the request is an Inertia visit, a partial reload and of which props, a
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


# 1,024 URLs: the pages that many people look at; a miss costs what it would cost without. Together they stay below 2
# MiB.
_remembered_url: Final = lru_cache(maxsize=1024)(_make_url)
_MAX_REMEMBERED_URL: Final = 1024
