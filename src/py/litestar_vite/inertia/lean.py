"""The short way of a plain page: route, props, bytes, out.

How it works:
1. The plugin turns the routes of pages into LeanRoutes (`receive_route`; the route object stays the same).
2. At its first request a route is looked at once: a GET page without hooks, cache, DTO and response headers of its own
   has a `_LeanPage`; any other goes Litestar's way for ever.
3. A request to a LeanPage calls the handler. Props that are plain values, for a visit that asks for nothing special,
   are encoded and sent at once, or rendered and sent. Everything else (kinds, flash, partial reloads, responses) takes
   Litestar's way from there on.

Rules: both ways give the same bytes and headers, which the tests show by running them side by side. What saves the time
is what is not done: no Request unless somebody takes it, no Response, no hooks. See docs/design/0005-lean-pages.md."""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.exceptions import ClientException, SerializationException
from litestar.routes import HTTPRoute
from litestar.types.empty import Empty
from msgspec import Struct
from typing_extensions import override

from litestar_vite.inertia.bag import props_of
from litestar_vite.inertia.cache_policy import policy_of
from litestar_vite.inertia.carry import CARRY_KEY, COOKIE_NAME
from litestar_vite.inertia.document import client_side_document
from litestar_vite.inertia.encode import encode_plain_page
from litestar_vite.inertia.forms.body import needs_expansion
from litestar_vite.inertia.forms.empty_fields import nullable_parameters
from litestar_vite.inertia.hooks import is_ours_alone
from litestar_vite.inertia.protocol.headers import INERTIA, VERSION
from litestar_vite.inertia.protocol.resolver import has_dots
from litestar_vite.inertia.protocol.visit import INERTIA_HEADERS
from litestar_vite.inertia.rendering import document_of, kept_document, ssr_document
from litestar_vite.inertia.request import SCOPE_KEY, SENT, InertiaRequest, current_request, page_url
from litestar_vite.inertia.response import HandlerPage
from litestar_vite.inertia.wire import HTML_ALONE, JSON_ALONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar import Request
    from litestar.handlers import HTTPRouteHandler
    from litestar.types import ASGIApp, HTTPScope, Receive, Send

    from litestar_vite.config.ssr import CachePolicy, SSRConfig
    from litestar_vite.inertia.context import Encoding, InertiaContext

__all__ = ("lean_route_class",)

_OK: Final = 200
_PAGE_CHANGE: Final = (INERTIA, VERSION)


class _LeanPage(Struct, frozen=True, gc=False):
    """What is known of a page's handler before any request.

    Attributes:
        context: The app's services.
        handler: The handler.
        fn: Its function.
        is_sync: Whether `fn` returns its data, and not an awaitable of it.
        is_alone: The handler takes nothing, nobody guards it, and no callable is shared: there is nothing to make a
            Request for.
        parameters: Litestar's model of what `fn` takes.
        nullable: Names of parameters that are left out of the query string when they are empty.
        component: The page component.
        encoding: The handler's JSON encoder.
        ssr: Settings of server-side rendering, None when the browser renders its pages.
        cache_policy: How long its rendered pages are kept.
    """

    context: InertiaContext
    handler: HTTPRouteHandler
    fn: Callable[..., Any]
    is_sync: bool
    is_alone: bool
    parameters: Any
    nullable: frozenset[str]
    component: str
    encoding: Encoding
    ssr: SSRConfig | None
    cache_policy: CachePolicy | None

    async def run(
        self, scope: HTTPScope, receive: Receive, send: Send, headers: Mapping[bytes, bytes]
    ) -> bytes | ASGIApp:
        """Do what Litestar does around a handler, in its order.

        Returns:
            The page's JSON, or a response that is not a plain page.
        """
        handler, parameters = self.handler, self.parameters
        request = handler.resolve_request_class()(scope=scope, receive=receive, send=send)
        if handler.resolve_guards():
            await handler.authorize_connection(connection=request)
        try:
            raw = await parameters.to_kwargs(connection=request)
        except SerializationException as error:
            raise ClientException(str(error)) from error
        if raw.get("data") is Empty:  # A dependency that would take a body has its default.
            del raw["data"]
        if not parameters.dependency_batches:
            return await self._answer(request, raw, headers)
        # Inside the dependencies' scope, as everything that may touch a database session.
        async with await parameters.resolve_dependencies(request, raw):
            return await self._answer(request, raw, headers)

    async def _answer(
        self, request: Request[Any, Any, Any], raw: dict[str, Any], headers: Mapping[bytes, bytes]
    ) -> bytes | ASGIApp:
        scope, shares = request.scope, self.context.shares
        kwargs = self.handler.signature_model.parse_values_from_connection_kwargs(connection=request, kwargs=raw)
        data = self.fn(**kwargs) if self.is_sync else await self.fn(**kwargs)
        called: dict[str, Any] = {}
        if (props := self.plain_props(data, scope, headers)) is not None:
            called = await shares.call(request, props)
            # A share may flash or share in its turn.
            if SCOPE_KEY not in scope and (page_json := self.encode(props, called, scope, headers)) is not None:
                return page_json
        return await self.respond(request, data, called)

    def plain_props(self, data: Any, scope: Any, headers: Mapping[bytes, bytes]) -> Mapping[str, Any] | None:
        """Return the props that a handler gave; None when they, the session or the request ask for more than their
        values.
        """
        app = scope["litestar_app"]
        if SCOPE_KEY in scope or (app.debug and self.context.config.reject_nan is None):
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
        return None if has_dots(data) else data

    def encode(
        self, props: Mapping[str, Any], called: Mapping[str, Any], scope: HTTPScope, headers: Mapping[bytes, bytes]
    ) -> bytes | None:
        """Return the page's JSON; None when the props hold a kind, a callable, or something for the head of this
        document.
        """
        context = self.context
        url = page_url(scope.get("raw_path"), scope["path"], scope.get("root_path"), scope["query_string"])
        page = context.plain_page(self.component, props, url, context.version, called)
        if context.head_prop is not None and context.head_prop in page["props"] and INERTIA not in headers:
            return None
        return encode_plain_page(page, self.encoding)

    async def respond(self, request: Request[Any, Any, Any], data: Any, called: Mapping[str, Any]) -> ASGIApp:
        """Make a response of what the handler returned, Litestar's way; shares that have been called are not called
        again.
        """
        current_request.set(request)
        if called:
            inertia = InertiaRequest.of_scope(request.scope)
            inertia.shared = {**called, **inertia.shared}
        return await self.handler.to_response(app=request.scope["litestar_app"], data=data, request=request)


def lean_route_class(context: InertiaContext, pages: dict[HTTPRoute, Any]) -> type[HTTPRoute]:
    """Return the class that the plugin gives to the routes of pages; one per app, since a route has no place for the
    context.

    Args:
        context: The app's services.
        pages: Takes what is found out about each route; to be cleared when the context's settings change.
    """

    class LeanRoute(HTTPRoute):
        """A route whose plain pages go the short way."""

        __slots__ = ()

        @override
        async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:  # type: ignore[override]  # As in Litestar.
            page: _LeanPage | EllipsisType | None = pages.get(self, ...)
            if isinstance(page, EllipsisType):
                page = pages[self] = _look_at(self, context)
            headers = dict(scope["headers"])
            query = scope["query_string"]
            is_lean = page is not None and scope["method"] == "GET" and _is_lean_request(headers, context)
            if page is None or not is_lean or (query and needs_expansion(query, page.nullable)):
                await super().handle(scope, receive, send)
                return
            answer: bytes | ASGIApp | None
            if page.is_alone:
                data = page.fn() if page.is_sync else await page.fn()
                props = page.plain_props(data, scope, headers)
                answer = page.encode(props, {}, scope, headers) if props is not None else None
                if answer is None:
                    request = page.handler.resolve_request_class()(scope=scope, receive=receive, send=send)
                    answer = await page.respond(request, data, {})
            else:
                answer = await page.run(scope, receive, send, headers)
            if not isinstance(answer, bytes):
                await answer(scope, receive, send)
                return
            if INERTIA in headers:
                body, start = answer, JSON_ALONE
            elif (ssr := page.ssr) is not None:
                policy, component, start = page.cache_policy, page.component, HTML_ALONE
                if policy is None and context.is_excluded is None and (gateway := context.gateway) is not None:
                    body = document_of(context, component, answer, await gateway.render(answer, component))
                else:
                    kept = (
                        kept_document(context, component, answer, policy, scope, headers)
                        if policy is not None
                        else None
                    )
                    body = (
                        kept
                        if kept is not None
                        else await ssr_document(context, ssr, component, answer, policy, scope, headers)
                    )
            else:
                body, start = client_side_document(context, page.component, answer), HTML_ALONE
            scope[SCOPE_KEY] = SENT  # type: ignore[typeddict-unknown-key]  # Spares our before_send hook its questions.
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [*start, (b"content-length", b"%d" % len(body))],
                }
            )
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
    return _LeanPage(
        context=context,
        handler=handler,
        fn=handler.fn,
        is_sync=handler.has_sync_callable,
        is_alone=not (parameters.has_kwargs or handler.resolve_guards() or context.shares.callables),
        parameters=parameters,
        nullable=nullable_parameters(handler),
        component=component,
        encoding=context.encoding(handler.resolve_type_encoders()),
        ssr=context.ssr if handler.opt.get("ssr") is not False else None,
        cache_policy=policy_of(context, handler.opt.get("ssr_cache")),
    )


def _is_lean_app(context: InertiaContext) -> bool:
    # In development a page is put together with what Vite says at that moment.
    is_plain = context.has_plain_documents and context.assets.dev is None
    is_plain = is_plain and not context.has_page_extras and context.make_version is None
    return is_plain and context.shares.is_plain


def _is_lean_handler(handler: HTTPRouteHandler) -> bool:
    """Tell whether nothing is configured around a handler that we would have to do."""
    return (
        handler.http_methods == {"GET"}
        and handler.status_code == _OK
        and handler.response_class is HandlerPage
        and is_ours_alone(handler)
        and "encrypt_history" not in handler.opt
        and not (handler.cache or handler.background or handler.resolve_after_response())
        and not (
            handler.resolve_return_dto() or handler.resolve_response_headers() or handler.resolve_response_cookies()
        )
    )


def _is_lean_request(headers: Mapping[bytes, bytes], context: InertiaContext) -> bool:
    """Tell whether this is a browser's visit, or a plain page change by a client that runs our assets."""
    # A GET with a body may leave an uploaded file, which Litestar closes; ETags have to be given back as the app has
    # set them.
    if b"content-type" in headers or b"if-none-match" in headers:
        return False
    return INERTIA_HEADERS.isdisjoint(headers) or (
        headers.get(INERTIA) == b"true"
        and headers.get(VERSION) == context.version_bytes
        and len(INERTIA_HEADERS.intersection(headers)) == len(_PAGE_CHANGE)
    )
