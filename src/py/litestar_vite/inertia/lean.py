"""The short way of a plain page: route, props, bytes, out.

How it works:
1. The plugin turns the routes of pages into LeanRoutes (`receive_route`; the route object stays the same).
2. At its first request a handler is looked at once: one that is a GET page and uses nothing around it (no guards, dependencies, hooks,
   cache, DTO, response headers of its own) has a `_LeanPage`; any other goes Litestar's way for ever.
3. A request to a LeanPage calls the handler. Props that are plain values, for a visit that asks for nothing special, are encoded and sent
   at once. Everything else (kinds, shares, flash, partial reloads, responses, SSR) takes Litestar's way from there on.

Rules: both ways give the same bytes and headers, which the tests show by running them side by side. What saves the time is what is not
done: no Request unless the handler takes parameters, no Response, no exit stack, no hooks. See docs/design/0005-lean-pages.md.
"""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.exceptions import ClientException, SerializationException
from litestar.routes import HTTPRoute
from msgspec import Struct
from typing_extensions import override

from litestar_vite.inertia.bag import props_of
from litestar_vite.inertia.carry import CARRY_KEY, COOKIE_NAME
from litestar_vite.inertia.document import client_side_document
from litestar_vite.inertia.encode import encode_plain_page
from litestar_vite.inertia.hooks import is_ours_alone
from litestar_vite.inertia.protocol.headers import INERTIA, VERSION
from litestar_vite.inertia.protocol.resolver import has_dots
from litestar_vite.inertia.protocol.visit import INERTIA_HEADERS
from litestar_vite.inertia.request import SCOPE_KEY, SENT, current_scope, page_url
from litestar_vite.inertia.response import HandlerPage
from litestar_vite.inertia.wire import HTML_ALONE, JSON_ALONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar.handlers import HTTPRouteHandler
    from litestar.types import HTTPScope, Receive, Send

    from litestar_vite.inertia.context import Encoding, InertiaContext

__all__ = ("lean_route_class",)

_OK: Final = 200
_PAGE_CHANGE: Final = (INERTIA, VERSION)


class _LeanPage(Struct, frozen=True, gc=False):
    """What is known of a page's handler before any request.

    Attributes:
        handler: The handler.
        fn: Its function.
        is_sync: Whether `fn` returns its data, and not an awaitable of it.
        component: The page component.
        encoding: The handler's JSON encoder.
        parameters: Litestar's model of what `fn` takes, None when it takes nothing.
    """

    handler: HTTPRouteHandler
    fn: Callable[..., Any]
    is_sync: bool
    component: str
    encoding: Encoding
    parameters: Any

    async def call(self, scope: HTTPScope, receive: Receive, send: Send) -> Any:
        """Call a handler that takes parameters, as Litestar does."""
        request = self.handler.resolve_request_class()(scope=scope, receive=receive, send=send)
        try:
            raw = await self.parameters.to_kwargs(connection=request)
        except SerializationException as error:
            raise ClientException(str(error)) from error
        kwargs = self.handler.signature_model.parse_values_from_connection_kwargs(connection=request, kwargs=raw)
        return self.fn(**kwargs) if self.is_sync else await self.fn(**kwargs)


def lean_route_class(context: InertiaContext) -> type[HTTPRoute]:
    """Return the class that the plugin gives to the routes of pages; one per app, since a route has no place for the context."""
    pages: dict[HTTPRoute, _LeanPage | None] = {}

    class LeanRoute(HTTPRoute):
        """A route whose plain pages go the short way."""

        __slots__ = ()

        @override
        async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:  # type: ignore[override]  # As in Litestar.
            page = pages.get(self, ...)
            if isinstance(page, EllipsisType):
                page = pages[self] = _look_at(self, context)
            headers = dict(scope["headers"])
            if page is None or scope["method"] != "GET" or not _is_lean_request(headers, context):
                await super().handle(scope, receive, send)
                return
            if page.parameters is not None:
                data = await page.call(scope, receive, send)
            else:
                data = page.fn() if page.is_sync else await page.fn()
            if (page_json := _plain_page(page, data, scope, headers, context)) is None:
                await _go_on(page.handler, data, scope, receive, send)
                return
            if INERTIA in headers:
                body, start = page_json, JSON_ALONE
            else:
                body, start = client_side_document(context, page.component, page_json), HTML_ALONE
            scope[SCOPE_KEY] = SENT  # type: ignore[typeddict-unknown-key]  # Spares our before_send hook its questions.
            await send({"type": "http.response.start", "status": 200, "headers": [*start, (b"content-length", b"%d" % len(body))]})
            await send({"type": "http.response.body", "body": body, "more_body": False})

    return LeanRoute


def _look_at(route: HTTPRoute, context: InertiaContext) -> _LeanPage | None:
    """Return what there is to know of a route's GET page, None when it has none or that needs Litestar's way."""
    entry: Any = route.route_handler_map.get("GET")
    if not isinstance(entry, tuple):  # There is none, or Litestar 3, which keeps the parameters elsewhere.
        return None
    handler, parameters = cast("tuple[HTTPRouteHandler, Any]", entry)
    component = handler.opt.get("component")
    if not isinstance(component, str) or not _is_lean_app(context) or not _is_lean_handler(handler):
        return None
    if parameters.dependency_batches:
        return None
    return _LeanPage(
        handler,
        handler.fn,
        handler.has_sync_callable,
        component,
        context.encoding(handler.resolve_type_encoders()),
        parameters if parameters.has_kwargs else None,
    )


def _is_lean_app(context: InertiaContext) -> bool:
    return context.ssr is None and context.has_plain_documents and not context.has_page_extras and context.make_version is None


def _is_lean_handler(handler: HTTPRouteHandler) -> bool:
    """Tell whether nothing is configured around a handler that would have to run."""
    return (
        handler.http_methods == {"GET"}
        and handler.status_code == _OK
        and handler.response_class is HandlerPage
        and is_ours_alone(handler)
        and "encrypt_history" not in handler.opt
        and not (handler.cache or handler.background or handler.resolve_after_response() or handler.resolve_guards())
        and not (handler.resolve_return_dto() or handler.resolve_response_headers() or handler.resolve_response_cookies())
    )


def _is_lean_request(headers: Mapping[bytes, bytes], context: InertiaContext) -> bool:
    """Tell whether this is a browser's visit, or a plain page change by a client that runs our assets."""
    if b"content-type" in headers:  # A GET with a body may leave an uploaded file, which Litestar closes.
        return False
    return INERTIA_HEADERS.isdisjoint(headers) or (
        headers.get(INERTIA) == b"true"
        and headers.get(VERSION) == context.version_bytes
        and len(INERTIA_HEADERS.intersection(headers)) == len(_PAGE_CHANGE)
    )


def _plain_page(page: _LeanPage, data: Any, scope: Any, headers: Mapping[bytes, bytes], context: InertiaContext) -> bytes | None:
    """Return the page's JSON; None when props, session or request ask for more than their plain values."""
    app = scope["litestar_app"]
    if SCOPE_KEY in scope or (app.debug and context.config.reject_nan is None):
        return None
    # A session in use may hold what is carried, and takes this URL when the browser sends no Referer.
    session = scope.get("session")
    if session and (CARRY_KEY in session or b"referer" not in headers):
        return None
    # `find`: `bytes in bytes` tries the left side as a number first, which costs more than the search.
    if b"cookie" in headers and headers[b"cookie"].find(COOKIE_NAME) >= 0:
        return None
    if type(data) is not dict:
        if not isinstance(data, Struct):
            return None
        data = props_of(data, app)
    if has_dots(data):
        return None
    url = page_url(scope.get("raw_path"), scope["path"], scope.get("root_path"), scope["query_string"])
    return encode_plain_page(context.plain_page(page.component, data, url, context.version), page.encoding)


async def _go_on(handler: HTTPRouteHandler, data: Any, scope: HTTPScope, receive: Receive, send: Send) -> None:
    """Answer with what the handler returned, Litestar's way."""
    current_scope.set(scope)
    request = handler.resolve_request_class()(scope=scope, receive=receive, send=send)
    response = await handler.to_response(app=scope["litestar_app"], data=data, request=request)
    await response(scope, receive, send)
