"""Renders an exception as a page, as configured by `InertiaConfig.error_page`: a component, one for each status, or a
callable.

Rule: only the exception's status reaches the page, unless the app's own callable adds more.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.exceptions.responses import create_exception_response
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from litestar_vite.inertia._litestar.response import InertiaResponse
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._protocol.props import Prop, prop_of

logger = logging.getLogger("litestar_vite.inertia")


def error_page(request: Request[Any, Any, Any], status: int, exc: Exception) -> Response[Any] | None:
    """Return the response of `InertiaConfig.error_page` to an exception; None if the response is left to Litestar.

    An async callable is awaited when the response is sent, and may still leave it to Litestar.
    """
    configured = InertiaRequest.of(request).context.config.error_page
    made: Any = configured(request, status, exc) if callable(configured) else configured
    if inspect.isawaitable(made):
        return _ErrorPage(request, status, exc, made)
    page = _page_of(made, status, exc)
    return _ErrorPage(request, status, exc, page) if page is not None else None


def _page_of(made: Any, status: int, exc: Exception) -> InertiaResponse[Any] | None:
    """Return the page for the configured value, or for the callable's result; None for Litestar's response."""
    component = cast("Mapping[int, str]", made).get(status) if isinstance(made, Mapping) else made
    if component is None:
        return None
    page = (
        component if isinstance(component, InertiaResponse) else InertiaResponse(_props_of(status), component=component)
    )
    page.status_code = page.status_code or status
    if isinstance(exc, HTTPException) and exc.headers:  # WWW-Authenticate, Retry-After, Allow
        page.headers = {**exc.headers, **page.headers}
    return cast("InertiaResponse[Any]", page)


class _ErrorPage(Response[Any]):
    """An error page that must not cause a second error. For unknown URLs, middleware did not run, so the session and
    the user are missing.

    A shared prop that raises is left out and reported. If the page itself cannot be rendered, Litestar's response to
    the exception is sent."""

    def __init__(self, request: Request[Any, Any, Any], status: int, exc: Exception, page: Any) -> None:
        super().__init__(content=None, status_code=status)
        self._request = request
        self._exc = exc
        self._page = page

    @override
    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                made: Any = await self._made()
            except Exception:
                logger.exception("The error page for %r cannot be shown", self._exc)
                made = None
            if made is None:
                made = create_exception_response(self._request, self._exc).to_asgi_response(
                    app=None, request=self._request
                )
            await made(scope, receive, send)

        return answer

    async def _made(self) -> ASGIApp | None:
        """Return the encoded page; None if the app does not want one."""
        page, inertia = self._page, InertiaRequest.of(self._request)
        if inspect.isawaitable(page):
            page = _page_of(await page, cast("int", self.status_code), self._exc)
        if page is None:
            return None
        if inertia.litestar_request is None:
            inertia.litestar_request = self._request
        shared = {**inertia.context.shares.for_request(inertia.connection), **inertia.shared}
        inertia.shared = {name: _rescued(value) for name, value in shared.items()}
        await page.resolve(inertia)
        return cast("ASGIApp", page.to_asgi_response(request=self._request))


def _rescued(value: Any) -> Any:
    """Return a shared value that is left out if it raises. Plain values are unchanged."""
    return prop_of(value).replace(rescue=True) if callable(value) or isinstance(value, Prop) else value


def _props_of(status: int) -> dict[str, Any]:
    # Only the status: the text of an exception may contain SQL, paths or secrets.
    try:
        message = HTTPStatus(status).phrase
    except ValueError:
        message = "Error"
    return {"status": status, "message": message}
