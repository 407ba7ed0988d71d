"""Serves the document for page requests that no route answers.

How it works:
1. A GET or HEAD request that accepts HTML is looked up in the app's routes, which Litestar caches. If a route matches,
   including mounted apps and static files, it receives the request: no route is shadowed.
2. Otherwise the request is sent to the app's route for the document, with its path kept. The app's middleware, guards
   and CSRF protection apply as for any route.
3. Everything else is left to Litestar: other methods, requests for JSON or files, paths below the built files, and
   `SPAConfig.exclude`.

"Accepts HTML" means that the Accept header names text/html, as browsers do when they load a page. `*/*`, which fetch()
and HTTP libraries send by default, does not count, so that a wrong API path is a 404. Only "/" also accepts `*/*`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final

from litestar import Litestar, asgi
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import ASGIRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Send
from litestar.utils import normalize_path
from typing_extensions import override

from litestar_vite._assets.development_notices import unserved_page
from litestar_vite._routes import path_matcher
from litestar_vite._spa.document import SPADocument
from litestar_vite.inertia._litestar.seams import enter_route, has_route

# The document's route is reached through the fallback. It has a path only because routes must have one.
ROUTE_PATH: Final = "/__litestar_vite_spa__"
_HTML: Final = frozenset({b"text/html", b"application/xhtml+xml"})
_MARKS: Final = (b"text/html", b"application/xhtml+xml")
_NOT_MODIFIED: Final = 304
# An app with an exception handler for one of these shows its own page.
_ANSWERS_404: Final = frozenset({404, NotFoundException, HTTPException, Exception})

logger = logging.getLogger("litestar_vite")


class SPAFallback:
    """ASGI middleware that sends page requests without a route to the document's route.

    Args:
        asset_url: The URL of the built files. If it is a full URL, they are on another host.
        exclude: Patterns for paths that are left to Litestar.
    """

    def __init__(self, inner: ASGIApp, app: Litestar, asset_url: str, exclude: Sequence[str]) -> None:
        self._inner = inner
        self._app = app
        self._below = app.path.rstrip("/")
        self._asset_url = asset_url
        self._is_excluded = path_matcher(exclude)

    # Not async, so the caller awaits the app's coroutine directly.
    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and self._is_page(scope):
            return enter_route(self._app, self._below + ROUTE_PATH, scope, receive, send)
        return self._inner(scope, receive, send)

    def _is_page(self, scope: Any) -> bool:
        headers = dict(scope["headers"])
        accept: bytes = headers.get(b"accept", b"*/*")
        names_html = any(mark in accept for mark in _MARKS) and accepts_html(accept)
        if not names_html and b"*/*" not in accept:
            return False
        path = self._path_in_app(scope)
        if path is None or (not names_html and path != "/") or f"{path}/".startswith(self._asset_url):
            return False
        if self._is_excluded is not None and self._is_excluded(path):
            return False
        methods = dict.fromkeys((scope["method"], "GET"))
        full = normalize_path(self._below + path)
        return not any(has_route(self._app, full, method) for method in methods)

    def _path_in_app(self, scope: Any) -> str | None:
        """Return the path without the path prefix, or None if the app is not responsible for it."""
        path: str = scope["path"]
        if root_path := scope.get("root_path", ""):
            path = path.split(root_path, maxsplit=1)[-1]
        path = normalize_path(path)
        if not self._below:
            return path
        return normalize_path(path[len(self._below) :]) if f"{path}/".startswith(f"{self._below}/") else None


class UnservedPages(SPAFallback):
    """ASGI middleware for development that explains which setting is missing if no route answers a page request."""

    def __init__(self, inner: ASGIApp, app: Litestar, asset_url: str) -> None:
        super().__init__(inner, app, asset_url, ())
        self._has_warned = False

    @override
    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["method"] == "GET" and self._is_page(scope):
            return self._explain(scope, receive, send)
        return self._inner(scope, receive, send)

    async def _explain(self, scope: Any, receive: Receive, send: Send) -> None:
        path = self._path_in_app(scope) or "/"
        if not self._has_warned:
            self._has_warned = True
            logger.warning(
                "No route answers the page %r. Set ViteConfig(spa=True) to serve index.html, or "
                "ViteConfig(inertia=InertiaConfig()) for Inertia pages.",
                path,
            )
        if _ANSWERS_404.intersection(self._app.exception_handlers):
            await self._inner(scope, receive, send)
            return
        answer = ASGIResponse(
            body=unserved_page(path), status_code=404, media_type="text/html", headers={"cache-control": "no-store"}
        )
        await answer(scope, receive, send)


def accepts_html(accept: bytes) -> bool:
    """Return whether an Accept header names HTML, with a quality above 0."""
    for part in accept.lower().split(b","):
        name, *parameters = (piece.strip() for piece in part.split(b";"))
        if name in _HTML and not any(
            parameter.startswith(b"q=") and not parameter[2:].strip(b"0.") for parameter in parameters
        ):
            return True
    return False


def document_route(document: SPADocument, *, is_private: bool) -> ASGIRouteHandler:
    """Return the route of the document. If `is_private`, the response may contain a cookie, so shared caches must not
    store it.
    """

    # An ASGI handler, since `before_request` and other hooks for HTTP handlers do not apply to a file.
    @asgi(ROUTE_PATH, name="litestar_vite._spa", copy_scope=False, opt={"exclude_from_auth": True})
    async def single_page_application(scope: Any, receive: Receive, send: Send) -> None:
        found = await document.for_request(scope["litestar_app"].request_class(scope, receive))
        headers: list[tuple[bytes, bytes]] = [(b"vary", b"Accept")]
        status, body = found.status, found.body
        if found.etag is None:
            headers.append((b"cache-control", b"no-store"))
        else:
            headers.append((b"cache-control", b"no-cache, private" if is_private else b"no-cache"))
            headers.append((b"etag", found.etag))
            if matches(dict(scope["headers"]), found.etag):
                status, body = _NOT_MODIFIED, b""
        if status != _NOT_MODIFIED:
            headers.append((b"content-type", b"text/html; charset=utf-8"))
            headers.append((b"content-length", b"%d" % len(body)))
        if scope["method"] == "HEAD":
            body = b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return single_page_application


def matches(headers: Mapping[bytes, bytes], etag: bytes) -> bool:
    """Return whether If-None-Match names an ETag. Weak and strong tags match each other here (RFC 9110, 13.1.2)."""
    given = headers.get(b"if-none-match", b"")
    opaque = etag.removeprefix(b"W/")
    return given.strip() == b"*" or any(tag.strip().removeprefix(b"W/") == opaque for tag in given.split(b","))
