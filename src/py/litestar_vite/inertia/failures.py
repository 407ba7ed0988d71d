"""What exceptions of a request become: redirects back, answers to precognition, error pages.

How it works:
1. Litestar looks for a handler by status, then by class. Ours stand for ClientException, ValidationException and PrecognitionSuccess, and with
   `InertiaConfig.error_page` for HTTPException and Exception; a user's own handler for the same is kept.
2. A user's handler that is more general than what we answer (for 400, 403, HTTPException, …) is wrapped: an Inertia request that goes back to
   its form, or fails the CSRF check, is answered by us, anything else by theirs.

Rules: with debug off nothing of an exception but its status reaches a page; a user's handler for ValidationException itself wins.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from litestar.exceptions import (
    ClientException,
    HTTPException,
    NotAuthorizedException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.exceptions.responses import create_debug_response, create_exception_response
from litestar.response import Response
from typing_extensions import override

from litestar_vite.inertia.csrf import csrf_answer
from litestar_vite.inertia.helpers import prop_of
from litestar_vite.inertia.precognition import PrecognitionSuccess, success
from litestar_vite.inertia.protocol.props import Prop
from litestar_vite.inertia.redirects import InertiaRedirect, with_root_path
from litestar_vite.inertia.request import InertiaRequest
from litestar_vite.inertia.response import InertiaResponse
from litestar_vite.inertia.validation import refused_form, unreadable_body, validation_answer

if TYPE_CHECKING:
    from litestar import Request
    from litestar.handlers import HTTPRouteHandler
    from litestar.types import ASGIApp, Receive, Scope, Send

__all__ = ("handle_error", "handle_validation_error", "install_in_app", "install_in_route")

logger = logging.getLogger("litestar_vite.inertia")

_STATUSES: Final = frozenset({400, 403})
_ANSWERED: Final = (ValidationException, PermissionDeniedException, msgspec.ValidationError)
_SERVER_ERROR: Final = 500

Handler = Callable[["Request[Any, Any, Any]", Any], "Response[Any]"]
Handlers = MutableMapping[Any, Handler]


class _OursFirst:
    """A user's exception handler, asked when the exception is none that we answer."""

    def __init__(self, users: Handler, *, is_explicit: bool) -> None:
        self._users = users
        self._is_explicit = is_explicit

    def __call__(self, request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
        return _answer(request, exc, is_explicit=self._is_explicit) or self._users(request, exc)


def install_in_app(handlers: Handlers, *, has_error_page: bool) -> None:
    """Add our exception handlers to the app's, in place."""
    _wrap(handlers)
    handlers.setdefault(PrecognitionSuccess, lambda *_: success())
    handlers.setdefault(ValidationException, handle_validation_error)
    handlers.setdefault(ClientException, handle_client_error)
    handlers.setdefault(msgspec.ValidationError, handle_refused_form)
    if has_error_page:
        handlers.setdefault(HTTPException, handle_error)
        handlers.setdefault(Exception, handle_error)


def install_in_route(handler: HTTPRouteHandler) -> None:
    """Wrap the exception handlers of a route's layers; those of the app are wrapped already."""
    found = dict(cast("Mapping[Any, Handler]", handler.resolve_exception_handlers()))
    changed = _wrap(found)
    if changed:
        handler.exception_handlers = cast("Any", {**(handler.exception_handlers or {}), **changed})


def _wrap(handlers: Handlers) -> Handlers:
    """Put ours before the users' handlers that would catch what we answer, in place; return what has changed."""
    changed: dict[Any, Handler] = {}
    for key, users in handlers.items():
        is_general = key in _STATUSES or (isinstance(key, type) and any(issubclass(kind, key) for kind in _ANSWERED))
        is_explicit = isinstance(key, type) and issubclass(key, (ValidationException, msgspec.ValidationError))
        if (is_general or is_explicit) and not isinstance(users, _OursFirst) and users not in _OURS:
            changed[key] = _OursFirst(users, is_explicit=is_explicit)
    handlers.update(changed)
    return changed


def _answer(request: Request[Any, Any, Any], exc: Exception, *, is_explicit: bool = False) -> Response[Any] | None:
    if isinstance(exc, ValidationException):
        return validation_answer(request, exc, is_explicit=is_explicit)
    if isinstance(exc, ClientException) and (unreadable := unreadable_body(exc)) is not None:
        return validation_answer(request, unreadable, is_explicit=is_explicit)
    if isinstance(exc, msgspec.ValidationError) and (refused := refused_form(exc)) is not None:
        return validation_answer(request, refused, is_explicit=is_explicit)
    if isinstance(exc, NotAuthorizedException):
        return _to_login(request)
    return csrf_answer(request, exc)


def _to_login(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Send a visitor who has to sign in to where that is done, if the app says where."""
    inertia = InertiaRequest.of(request)
    configured = inertia.context.config.redirect_unauthorized_to
    if configured is None or not _shows_pages(request):
        return None
    target = with_root_path(configured, inertia)
    # A page that needs a visitor signed in must not lead to itself.
    if inertia.request_url.split("?")[0] == target:
        return None
    return InertiaRedirect(request, target)


def handle_validation_error(request: Request[Any, Any, Any], exc: ValidationException) -> Response[Any]:
    """Redirect an Inertia request back with its errors; anything else is answered as if this handler were not there."""
    return validation_answer(request, exc) or _answer_without_us(request, exc)


def handle_client_error(request: Request[Any, Any, Any], exc: ClientException) -> Response[Any]:
    """Redirect an Inertia request with an unreadable body or a wrong CSRF token back; answer others as if this handler were not there."""
    return _answer(request, exc) or _answer_without_us(request, exc)


def handle_refused_form(request: Request[Any, Any, Any], exc: msgspec.ValidationError) -> Response[Any]:
    """Redirect an Inertia request with a form that a DTO refused back; any other error of msgspec is the server's, as without us."""
    return _answer(request, exc) or _answer_without_us(request, exc)


def _answer_without_us(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """Do what Litestar would do without our handlers: the user's own handler, our error page, or Litestar's answer."""
    others = {key: value for key, value in _handlers_of(request).items() if value not in _ANSWERS}
    chosen = others.get(exc.status_code) if isinstance(exc, HTTPException) else None
    chosen = chosen or next((others[kind] for kind in type(exc).__mro__ if kind in others), None)
    if chosen is None and not isinstance(exc, HTTPException):
        chosen = others.get(_SERVER_ERROR) or (create_debug_response if request.app.debug else None)
    return (chosen or create_exception_response)(request, exc)


def _handlers_of(request: Request[Any, Any, Any]) -> Mapping[Any, Handler]:
    handler: Any = request.scope.get("route_handler")
    found: Any = handler.resolve_exception_handlers() if handler is not None else request.app.exception_handlers
    return cast("Mapping[Any, Handler]", found)


def handle_error(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """Show an exception as a page, to Inertia clients and to browsers; others get Litestar's answer."""
    status = exc.status_code if isinstance(exc, HTTPException) else _SERVER_ERROR
    # Litestar asks a handler for 500 last, and so after ours for Exception.
    if not isinstance(exc, HTTPException) and (users := _handlers_of(request).get(_SERVER_ERROR)) is not None:
        return users(request, exc)
    is_debugged = status == _SERVER_ERROR and request.app.debug
    page = None if is_debugged or not _shows_pages(request) else _error_page(request, status, exc)
    if page is not None:
        return page
    return create_debug_response(request, exc) if is_debugged else create_exception_response(request, exc)


_ANSWERS: Final = (handle_validation_error, handle_client_error, handle_refused_form)
_OURS: Final = (*_ANSWERS, handle_error)


def _shows_pages(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the client is Inertia's, or a browser that goes somewhere."""
    visit = InertiaRequest.of(request).visit
    return not visit.is_precognition and (visit.is_inertia or "text/html" in request.headers.get("accept", ""))


def _error_page(request: Request[Any, Any, Any], status: int, exc: Exception) -> Response[Any] | None:
    configured = InertiaRequest.of(request).context.config.error_page
    made: Any = configured(request, status, exc) if callable(configured) else configured
    if inspect.isawaitable(made):
        return _ErrorPage(request, status, exc, made)
    page = _page_of(made, status, exc)
    return _ErrorPage(request, status, exc, page) if page is not None else None


def _page_of(made: Any, status: int, exc: Exception) -> InertiaResponse[Any] | None:
    """Return the page of what is configured, or of what its callable gave; None for Litestar's answer."""
    component = cast("Mapping[int, str]", made).get(status) if isinstance(made, Mapping) else made
    if component is None:
        return None
    page = component if isinstance(component, InertiaResponse) else InertiaResponse(_props_of(status), component=component)
    page.status_code = page.status_code or status
    if isinstance(exc, HTTPException) and exc.headers:  # WWW-Authenticate, Retry-After, Allow
        page.headers = {**exc.headers, **page.headers}
    return cast("InertiaResponse[Any]", page)


class _ErrorPage(Response[Any]):
    """An error page that does not become a second error: no middleware ran before an unknown URL, and so there is no session and no user.

    A shared prop that raises is left out and reported; when the page itself cannot be made, Litestar's answer to the exception is sent.
    """

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
                made = create_exception_response(self._request, self._exc).to_asgi_response(app=None, request=self._request)
            await made(scope, receive, send)

        return answer

    async def _made(self) -> ASGIApp | None:
        """Return the page, encoded; None when the app wants none."""
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
    """Return a shared value that is left out when it raises; plain values stay as they are."""
    return prop_of(value).replace(rescue=True) if callable(value) or isinstance(value, Prop) else value


def _props_of(status: int) -> dict[str, Any]:
    # The status only: the text of an exception may hold SQL, paths or secrets.
    try:
        message = HTTPStatus(status).phrase
    except ValueError:
        message = "Error"
    return {"status": status, "message": message}
