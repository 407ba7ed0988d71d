"""The early exit of a page's route: sends pages without Litestar's unused steps.

How it works:
1. The plugin turns the routes of pages into PageRoutes (`receive_route`; the route object stays the same).
2. At its first request, a route is inspected once: a GET page without its own hooks, cache, DTO and response headers
   gets an `_EarlyExit`; any other route always uses Litestar's path.
3. A request to an early exit calls the handler, assembles the page from the props it returns, and sends it. Responses,
   and other return values of a handler, continue on Litestar's path.

Rules: both paths assemble and render pages with the same functions, and produce the same bytes and headers, which the
tests verify by running them side by side. The early exit is fast because it skips the Request (unless something takes
it), the Response and the hooks. See docs/design/0030-one-way-to-a-page.md."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from types import EllipsisType
from typing import Any, Final

from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPScope, Receive, Send
from msgspec import Struct
from typing_extensions import override

from litestar_vite.inertia._documents.cache_key import note_clock
from litestar_vite.inertia._documents.head import server_head
from litestar_vite.inertia._documents.html import client_side_document
from litestar_vite.inertia._documents.rendering import document
from litestar_vite.inertia._litestar.headers import HTML_ALONE, JSON_ALONE
from litestar_vite.inertia._litestar.hooks import is_ours_alone
from litestar_vite.inertia._litestar.response import HandlerPage, InertiaResponse
from litestar_vite.inertia._litestar.seams import (
    Parameters,
    add_head_method,
    get_handler,
    handlers_of,
    has_own_response,
    is_handle_wrapped,
    open_dependencies,
    parsed_arguments,
    raw_arguments,
    set_class,
    takes_arguments,
)
from litestar_vite.inertia._page.assemble import encode_plain_props, page_of
from litestar_vite.inertia._page.content import props_of
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.demands import adds_nothing, remember_plain_url
from litestar_vite.inertia._page.recipe import Recipe
from litestar_vite.inertia._page.request import SCOPE_KEY, SENT, InertiaRequest, current_request, page_url
from litestar_vite.inertia._protocol.headers import VERSION
from litestar_vite.inertia._protocol.plain_props import has_dots
from litestar_vite.inertia._protocol.visit import BROWSER_VISIT, Visit, read_visit

_NOTHING: Final[Mapping[str, Any]] = {}
_Made = tuple[bytes, bytes]
"""A page's JSON, and its own elements of the document's head."""


class _EarlyExit(Struct, frozen=True):
    """Everything that a route needs to send its own pages.

    Attributes:
        is_sync: `fn` returns its data, not an awaitable.
        parameters: Litestar's model of the arguments of `fn`; None if neither `fn` nor a guard takes any.
    """

    recipe: Recipe
    component: str
    handler: HTTPRouteHandler
    fn: Callable[..., Any]
    is_sync: bool
    parameters: Parameters | None
    make_request: type[Request[Any, Any, Any]]

    async def serve(
        self, scope: HTTPScope, receive: Receive, send: Send, headers: Mapping[bytes, bytes], visit: Visit
    ) -> None:
        """Call the handler and send its page, or whatever else it returns."""
        recipe, parameters, request = self.recipe, self.parameters, None
        has_callables = bool(recipe.context.shares.callables)
        if parameters is not None or has_callables:
            request = self.make_request(scope=scope, receive=receive, send=send)
        made: _Made | ASGIApp | None = None
        if parameters is None:
            data = self.fn() if self.is_sync else await self.fn()
            # Most pages end here, with nothing left to await.
            is_tried = type(data) is dict and not has_callables
            if is_tried and not recipe.has_prop_types and adds_nothing(recipe, visit, scope, headers):
                made = self._plain_page(data, _NOTHING, scope, headers, visit)
            if made is None:
                made = await self._answer(data, scope, headers, visit, request, is_tried=is_tried)
        else:
            raw = await raw_arguments(self.handler, parameters, request)
            dependencies = await open_dependencies(parameters, request, raw)
            if dependencies is None:
                made = await self._call(raw, scope, headers, visit, request)
            else:
                # Inside the dependencies' scope, like everything that may use a database session.
                async with dependencies:
                    made = await self._call(raw, scope, headers, visit, request)
        if not isinstance(made, tuple):
            await made(scope, receive, send)
            return
        body, head = made
        # ASGI lets extensions add keys.
        inertia: InertiaRequest | None = scope.get(SCOPE_KEY)  # type: ignore[assignment]
        if visit.is_inertia:
            start = JSON_ALONE
        elif recipe.ssr is None and not head:
            body, start = client_side_document(recipe.context, self.component, body), HTML_ALONE
        else:
            is_private, start = inertia is not None and inertia.is_private, HTML_ALONE
            body = await document(recipe, self.component, body, scope, headers, is_private=is_private, server_head=head)
        if inertia is None:
            scope[SCOPE_KEY] = SENT  # type: ignore[typeddict-unknown-key]  # Lets the before_send hook skip its checks.
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [*start, length]})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _call(
        self,
        raw: dict[str, Any],
        scope: HTTPScope,
        headers: Mapping[bytes, bytes],
        visit: Visit,
        request: Request[Any, Any, Any] | None,
    ) -> _Made | ASGIApp:
        """Call the handler with its arguments, and respond with its return value."""
        arguments = parsed_arguments(self.handler, request, raw)
        data = self.fn(**arguments) if self.is_sync else await self.fn(**arguments)
        return await self._answer(data, scope, headers, visit, request)

    async def _answer(
        self,
        data: Any,
        scope: HTTPScope,
        headers: Mapping[bytes, bytes],
        visit: Visit,
        request: Request[Any, Any, Any] | None,
        *,
        is_tried: bool = False,
    ) -> _Made | ASGIApp:
        """Return a page for props, a response for anything else. `is_tried`: not all of the props are plain."""
        if type(data) is not dict and not isinstance(data, Struct):
            if request is None:
                request = self.make_request(scope)
            current_request.set(request)
            return await self.handler.to_response(app=scope["litestar_app"], data=data, request=request)
        props = data if type(data) is dict else props_of(data, scope["litestar_app"])
        recipe, context, called = self.recipe, self.recipe.context, None
        is_usual = not (is_tried or recipe.has_prop_types or SCOPE_KEY in scope)
        if is_usual and adds_nothing(recipe, visit, scope, headers):
            called = await context.shares.call(request, props) if context.shares.callables else _NOTHING
            if (made := self._plain_page(props, called, scope, headers, visit)) is not None:
                return made
        found: InertiaRequest | None = scope.get(SCOPE_KEY)  # type: ignore[assignment]
        inertia = found or InertiaRequest(scope, context, headers, visit, recipe)
        inertia.litestar_request = request
        page_json, planned = await page_of(inertia, self.component, props, called)
        inertia.is_converted = True
        if context.head_prop is None or visit.is_inertia:
            return page_json, b""
        return page_json, server_head(planned.tree, context.head_prop)

    def _plain_page(
        self,
        props: Mapping[str, Any],
        called: Mapping[str, Any],
        scope: HTTPScope,
        headers: Mapping[bytes, bytes],
        visit: Visit,
    ) -> _Made | None:
        """Return the page of a visit that adds nothing; None if a prop is not plain, or a share has shared or
        flashed.
        """
        if SCOPE_KEY in scope or has_dots(props):
            return None
        context = self.recipe.context
        url = page_url(scope.get("raw_path"), scope["path"], scope.get("root_path"), scope["query_string"])
        page_json = encode_plain_props(self.recipe, self.component, props, url, context.version, called)
        if page_json is None:
            return None
        if scope.get("session"):
            remember_plain_url(url, visit, scope, headers)
        if context.head_prop is None or visit.is_inertia:
            return page_json, b""
        return page_json, server_head({**context.first_props, **called, **props}, context.head_prop)


def page_route_class(context: InertiaContext, exits: dict[HTTPRoute, Any]) -> type[HTTPRoute]:
    """Return the class of the routes of pages. Each app needs its own class, with its context. `exits` takes the early
    exit of each route; it is cleared when settings change.
    """

    class PageRoute(HTTPRoute):
        """A route that sends its own pages."""

        __slots__ = ()

        # Not async: Litestar awaits the returned coroutine directly.
        @override
        def handle(  # type: ignore[override]  # As in Litestar.
            self, scope: HTTPScope, receive: Receive, send: Send
        ) -> Coroutine[Any, Any, None]:
            found: _EarlyExit | EllipsisType | None = exits.get(self, ...)
            if isinstance(found, EllipsisType):
                found = exits[self] = _look_at(self, context, scope["litestar_app"])
            if found is not None and scope["method"] == "GET":
                headers = dict(scope["headers"])
                visit = read_visit(headers)
                is_current = (
                    visit.is_inertia and headers.get(VERSION) == context.version_bytes and not visit.is_precognition
                )
                # A GET with a body may leave an uploaded file, which Litestar closes; ETags have to be given back as
                # the app has set them.
                is_special = b"content-type" in headers or b"if-none-match" in headers
                if not is_special and (visit is BROWSER_VISIT or is_current):
                    if found.recipe.cache_policy is not None:
                        note_clock(found.recipe, scope)
                    return found.serve(scope, receive, send, headers, visit)
            return super().handle(scope, receive, send)

    return PageRoute


def choose_class(route: HTTPRoute, page_route: type[HTTPRoute] | None, *, is_traced: bool) -> None:
    """Give a route of pages its early exit, if there is one, and its span. Classes of other plugins are kept."""
    if type(route) is not HTTPRoute:
        return
    # A tool that has wrapped `HTTPRoute.handle`, such as an error tracker, must see every request.
    if (
        page_route is not None
        and any("component" in handler.opt for handler in route.route_handlers)
        and not is_handle_wrapped()
    ):
        set_class(route, page_route)
    if is_traced and any(returns_pages(handler) for handler, _ in handlers_of(route)):
        from litestar_vite.inertia._litestar.observed_requests import traced_route_class

        set_class(route, traced_route_class(type(route)))


def _look_at(route: HTTPRoute, context: InertiaContext, app: Litestar) -> _EarlyExit | None:
    """Return the early exit of a route's GET page; None without one, or if its configuration needs Litestar's path."""
    found = get_handler(route)
    if found is None:
        return None
    handler, parameters = found
    component = handler.opt.get("component")
    # In development, a page depends on Vite's current state, and without a build it is a notice.
    if (
        context.assets.notice
        or not isinstance(component, str)
        or not context.has_plain_documents
        or "root_template" in handler.opt
        or handler.opt.get("hydrate") is False
        or context.make_version is not None
    ):
        return None
    if handler.http_methods != {"GET"} or handler.response_class is not HandlerPage:
        return None
    if not is_ours_alone(handler) or has_own_response(handler):
        return None
    return _EarlyExit(
        recipe=context.recipe(handler, app),
        component=component,
        handler=handler,
        fn=handler.fn,
        is_sync=handler.has_sync_callable,
        parameters=parameters if takes_arguments(parameters) or handler.resolve_guards() else None,
        make_request=handler.resolve_request_class(),
    )


def answer_head(route: HTTPRoute) -> None:
    """Let a route's GET page answer HEAD as GET without a body, as link checkers and monitors expect (protocol B18)."""
    found = get_handler(route)
    if found is None:
        return
    if returns_pages(found[0]):
        add_head_method(route)


def returns_pages(handler: HTTPRouteHandler) -> bool:
    """Return whether a handler has a component, or its return annotation an InertiaResponse."""
    returned = handler.parsed_fn_signature.return_type
    types = returned.inner_types if returned.is_union else (returned,)
    return isinstance(handler.opt.get("component"), str) or any(each.is_subclass_of(InertiaResponse) for each in types)
