"""Where the adapter meets Litestar: public hooks only, and nothing that non-pages have to pay for.

How it works, in the order of a request:
1. `before_request` (on every HTTP handler) names the request in a ContextVar and answers a version mismatch with 409 before the handler runs.
2. `after_request` resolves an InertiaResponse while yield-dependencies are open; for anything else it costs one isinstance.
3. `before_send` (on the app, outermost) adapts redirects and sets the carry cookie; it sees answers of every kind, 404s and 403s too.
Users' own hooks of every layer are called as before, after ours.

There is no middleware: Litestar wraps a route with any middleware in one more exception handler, which costs a JSON route more than all of
this together.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.response import Response

from litestar_vite.inertia.protocol.headers import INERTIA, X_INERTIA_LOCATION, X_INERTIA_VERSION
from litestar_vite.inertia.redirects import convert_start
from litestar_vite.inertia.request import ROUTE_OPT, SCOPE_KEY, InertiaRequest, RoutePage, current_scope
from litestar_vite.inertia.response import InertiaResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar import Request
    from litestar.handlers import HTTPRouteHandler
    from litestar.types import CacheKeyBuilder, HTTPScope, Message, Scope

    from litestar_vite.inertia.context import InertiaContext

    AfterRequest = Callable[[Any], Awaitable[Any]]
    BeforeRequest = Callable[[Any], Awaitable[Any]]

__all__ = ("install", "make_before_send", "make_cache_filter", "make_cache_key")

_INERTIA_HEADER: Final = (INERTIA, b"true")
_CARRY_HEADER: Final = b"set-cookie"


def install(handler: HTTPRouteHandler, context: InertiaContext) -> None:
    """Put our hooks around those of a handler; pages get our response class, unless the user chose one."""
    route = handler.opt[ROUTE_OPT] = RoutePage.of(handler, context)
    handler.before_request = _before_request(context, _effective(handler, "before_request"))
    handler.after_request = _after_request(context, _effective(handler, "after_request"))
    if route.component is not None:
        users_class = _effective(handler, "response_class")
        if users_class is None or not issubclass(users_class, InertiaResponse):
            handler.response_class = InertiaResponse
    if handler.cache_key_builder is not None:
        handler.cache_key_builder = make_cache_key(handler.cache_key_builder, context)


def _effective(handler: HTTPRouteHandler, name: str) -> Any:
    """Return the setting that Litestar would use: that of the innermost layer which has one."""
    layers: list[Any] = getattr(handler, "ownership_layers", [handler])
    return next((value for layer in reversed(layers) if (value := getattr(layer, name, None))), None)


def _before_request(context: InertiaContext, users: BeforeRequest | None) -> BeforeRequest:
    async def before_request(request: Request[Any, Any, Any]) -> Any:
        scope = cast("HTTPScope", request.scope)
        current_scope.set(scope)
        # One search in C; only Inertia requests are looked at more closely here.
        if _INERTIA_HEADER in scope["headers"] and scope["method"] == "GET":
            inertia = _request_of(scope, context)
            version = inertia.version
            if version and version != inertia.visit.version:
                return _version_conflict(inertia, version)
        return await users(request) if users is not None else None

    return before_request


def _request_of(scope: HTTPScope, context: InertiaContext) -> InertiaRequest:
    found: InertiaRequest | None = scope.get(SCOPE_KEY)  # type: ignore[assignment]  # ASGI lets extensions add keys.
    return found if found is not None else InertiaRequest(scope, context)


def _version_conflict(inertia: InertiaRequest, version: str) -> Response[bytes]:
    """Ask the client for a full page load, since it runs the scripts of another build (protocol C)."""
    # Relative: a Host header must not be reflected into where browsers go.
    headers = {X_INERTIA_LOCATION: inertia.url, X_INERTIA_VERSION: version, "Vary": "X-Inertia"}
    return Response(b"", status_code=409, headers=headers, media_type="text/plain")


def _after_request(context: InertiaContext, users: AfterRequest | None) -> AfterRequest:
    async def resolve_page(response: Any) -> Any:
        if isinstance(response, InertiaResponse):
            scope = current_scope.get()
            if scope is not None:
                inertia = _request_of(scope, context)
                if (planned := response.choose(inertia)) is not None:
                    await response.finish(planned, inertia)
        return response

    if users is None:
        return resolve_page

    async def resolve_page_then_call_users(response: Any) -> Any:
        # Twice, since the user's hook may make a page of it; a page that is resolved stays as it is.
        return await resolve_page(await users(await resolve_page(response)))

    return resolve_page_then_call_users


def make_before_send(context: InertiaContext) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return the app's before_send hook."""

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        carrier: Any = scope
        inertia: InertiaRequest | None = carrier.get(SCOPE_KEY)
        if inertia is None:
            # No handler ran: the request matched no route, or was stopped by a guard or middleware.
            if not 300 <= message["status"] < 400:  # noqa: PLR2004
                return
            inertia = InertiaRequest(carrier, context)
        if not inertia.is_page and inertia.visit.is_inertia:
            convert_start(message, inertia)
        if (cookie := inertia.carry_cookie) is not None:
            message["headers"] = [*message["headers"], (_CARRY_HEADER, cookie)]

    return before_send


def make_cache_key(build: CacheKeyBuilder, context: InertiaContext) -> CacheKeyBuilder:
    """Keep HTML, JSON and partial answers of one URL, and those of different builds, apart in Litestar's response cache."""

    def cache_key(request: Request[Any, Any, Any]) -> str:
        key = build(request)
        inertia = InertiaRequest.of(request)
        headers = [(name, value) for name, value in inertia.scope["headers"] if name.startswith((b"x-inertia", b"precognition"))]
        variant = sha256(repr((inertia.version, sorted(headers))).encode()).hexdigest()[:32]
        return f"{key}|inertia:{variant}"

    return cache_key


def make_cache_filter(allows: Callable[[HTTPScope, int], bool]) -> Callable[[HTTPScope, int], bool]:
    """Keep pages that showed flash or errors out of the response cache: they are one visitor's."""

    def cache_filter(scope: HTTPScope, status: int) -> bool:
        inertia: InertiaRequest | None = cast("dict[str, Any]", scope).get(SCOPE_KEY)
        return not (inertia is not None and inertia.is_private) and allows(scope, status)

    return cache_filter
