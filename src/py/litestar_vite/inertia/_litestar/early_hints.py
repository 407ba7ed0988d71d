"""Early hints: browsers start to download a page's files while its handler runs.

How it works:
1. A document request from a browser is marked in front of the app, if the server offers ASGI's
   `http.response.early_hint`.
2. Before a page's handler is called, when its guards have passed, the hint is sent as `103 Early Hints`.
3. The document has the same `Link` header. Proxies and CDNs learn it, and send the 103 themselves.

Rule: only for routes with a `component`, which is known before the handler runs. Apps without the setting have none of
this code."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final, Protocol, cast

from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from litestar_vite._assets.loader import AssetLoader
from litestar_vite.inertia._litestar.lazy_response import SCRIPTLESS_KEY
from litestar_vite.inertia._protocol.headers import INERTIA


class Hint(Protocol):
    """Sends the files of a page component."""

    async def __call__(self, component: str, *, scripts: bool) -> None: ...


_HINT: Final = "litestar_vite.hint"
_WRAPPED: Final = "litestar_vite.hinted"
_EXTENSION: Final = "http.response.early_hint"
_OK: Final = 200


class EarlyHints:
    """ASGI middleware that offers hints to page routes, and adds `Link` headers to documents."""

    def __init__(self, app: ASGIApp, assets: AssetLoader) -> None:
        self._app = app
        self._assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET" or not _is_navigation(scope["headers"]):
            await self._app(scope, receive, send)
            return
        carrier: Any = scope
        if _EXTENSION in (scope.get("extensions") or {}):
            carrier[_HINT] = self._hint(send)

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _OK and _is_html(message["headers"]):
                component = _component(carrier.get("route_handler"))
                scripts = SCRIPTLESS_KEY not in carrier
                if component is not None and (links := self._assets.links(component, scripts=scripts)):
                    # A copy, since Litestar's response cache may hold the message.
                    headers = [*message["headers"], (b"link", b", ".join(links))]
                    message = cast("Any", {**message, "headers": headers})
            await send(message)

        await self._app(scope, receive, send_with_links)

    def _hint(self, send: Send) -> Hint:
        async def hint(component: str, *, scripts: bool) -> None:
            if links := self._assets.links(component, scripts=scripts):
                # Litestar's types lack this message.
                await send(cast("Any", {"type": _EXTENSION, "links": list(links)}))

        return hint


def hint_before(handler: HTTPRouteHandler) -> None:
    """Send the hint before a page's handler runs. Has no effect in apps without hints that share the handler."""
    component, before = _component(handler), cast("Any", handler.before_request)
    if component is None or before is None or _WRAPPED in handler.opt:
        return
    handler.opt[_WRAPPED] = True

    async def before_request(request: Any) -> Any:
        hint: Hint | None = request.scope.pop(_HINT, None)
        if hint is not None:
            await hint(component, scripts=handler.opt.get("hydrate") is not False)
        return await before(request)

    handler.before_request = before_request


def hinted_route_class(route_class: type[HTTPRoute]) -> type[HTTPRoute]:
    """Return a class of page routes that leaves requests with a hint to Litestar's path, whose hooks send it."""

    class HintedRoute(route_class):  # type: ignore[valid-type,misc]  # A class of its own for each app.
        """A route of pages."""

        __slots__ = ()

        @override
        def handle(  # pyright: ignore[reportIncompatibleMethodOverride]  # As in Litestar.
            self, scope: Any, receive: Receive, send: Send
        ) -> Coroutine[Any, Any, None]:
            if _HINT in scope:
                return HTTPRoute.handle(self, scope, receive, send)
            found: Coroutine[Any, Any, None] = super().handle(scope, receive, send)
            return found

    return HintedRoute


def _component(handler: Any) -> str | None:
    found = handler.opt.get("component") if handler is not None else None
    return found if isinstance(found, str) else None


def _is_navigation(headers: Any) -> bool:
    found = dict(headers)
    return INERTIA not in found and b"text/html" in found.get(b"accept", b"")


def _is_html(headers: Any) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)
