"""Turns the exceptions of a request into redirects back, responses to precognition, or error pages.

How it works:
1. Litestar looks for a handler by status, then by class. The plugin adds handlers for HTTPException, ClientException,
   ValidationException, PrecognitionSuccess and the ValidationErrors of msgspec and pydantic, and with
   `InertiaConfig.error_page` or in development for Exception; a user's own handler for the same type is kept.
2. A user's handler that is more general than those of the plugin (for 400, 403, HTTPException, …) is wrapped: the
   plugin answers an Inertia request that goes back to its form or fails the CSRF check, the user's handler all others.
   A handler for 401 or NotAuthorizedException is not general: it takes refused forms too.
3. With `InertiaConfig.error_page`, what the handlers of Litestar's and Advanced Alchemy's plugins answer as data
   becomes an error page of the same status for Inertia clients and browsers. The app's own handlers keep their answer.

Rules: in production only the status of an exception reaches a page; a user's handler for ValidationException
itself wins."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, Request
from litestar.exceptions import ClientException, HTTPException, PermissionDeniedException, ValidationException
from litestar.exceptions.responses import create_exception_response
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response

from litestar_vite.inertia._forms.precognition import PrecognitionSuccess, success
from litestar_vite.inertia._forms.request_errors import is_model_error
from litestar_vite.inertia._forms.validation import refused_form, unreadable_body, validation_answer
from litestar_vite.inertia._litestar.csrf import csrf_answer
from litestar_vite.inertia._litestar.error_page import error_page
from litestar_vite.inertia._litestar.refused_forms import refusal, to_login
from litestar_vite.inertia._litestar.seams import exception_handlers
from litestar_vite.inertia._litestar.server_errors import debug_response, shows_tracebacks
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._redirects import redirects

_STATUSES: Final = frozenset({400, 403})
_ANSWERED: Final = (ValidationException, PermissionDeniedException, msgspec.ValidationError)
_CLIENT_ERROR: Final = 400
_UNAUTHORIZED: Final = 401
_SERVER_ERROR: Final = 500
_LIBRARIES: Final = frozenset({"litestar", "advanced_alchemy"})

Handler = Callable[["Request[Any, Any, Any]", Any], "Response[Any]"]
Handlers = MutableMapping[Any, Handler]


class _OursFirst:
    """A user's exception handler, called for exceptions that the plugin does not answer."""

    def __init__(self, users: Handler, *, is_explicit: bool, is_refusal: bool) -> None:
        self._users = self.__wrapped__ = users  # Tools that inspect functions see the wrapped one.
        self._is_explicit = is_explicit
        self._is_refusal = is_refusal

    def __call__(self, request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
        answer = _answer(request, exc, is_explicit=self._is_explicit, refuses=not self._is_refusal)
        answer = answer or self._users(request, exc)
        return _page_instead(request, exc, answer) if _is_of_plugin(self._users) else answer


def _page_instead(request: Request[Any, Any, Any], exc: Exception, answer: Response[Any]) -> Response[Any]:
    """Return the error page instead of a plugin's data response; the response itself if there is no error page."""
    status = answer.status_code or _SERVER_ERROR
    is_data = "json" in (answer.media_type or "") and status >= _CLIENT_ERROR
    if not is_data or InertiaRequest.of(request).context.config.error_page is None or not _shows_pages(request):
        return answer
    return error_page(request, status, exc) or answer


def _is_of_plugin(handler: Any) -> bool:
    """Return whether an exception handler comes from Litestar or Advanced Alchemy, not from the app."""
    return str(getattr(handler, "__module__", "")).partition(".")[0] in _LIBRARIES


def install_in_app(handlers: Handlers, *, shows_errors: bool) -> None:
    """Add the plugin's exception handlers to the app's, in place. `shows_errors` adds error pages and tracebacks."""
    _wrap(handlers)
    handlers.setdefault(PrecognitionSuccess, lambda *_: success())
    handlers.setdefault(ValidationException, handle_validation_error)
    handlers.setdefault(ClientException, handle_client_error)
    for kind in _model_errors():
        handlers.setdefault(kind, handle_client_error)
    handlers.setdefault(HTTPException, handle_error if shows_errors else handle_client_error)
    if shows_errors:
        handlers.setdefault(Exception, handle_error)


def wrap_late_handlers(app: Litestar) -> None:
    """Wrap the handlers that other plugins have added later, for requests that match no route."""
    _wrap(cast("Any", exception_handlers(app)))


def _model_errors() -> list[type[Exception]]:
    """Return the ValidationErrors of msgspec and pydantic. Litestar has imported pydantic where it is installed."""
    modules = [sys.modules.get("pydantic_core"), sys.modules.get("pydantic.v1")]
    return [msgspec.ValidationError, *(cast("Any", module).ValidationError for module in modules if module is not None)]


def install_in_route(handler: HTTPRouteHandler) -> None:
    """Wrap the exception handlers of a route's layers. Those of the app are already wrapped."""
    found = dict(exception_handlers(handler))
    changed = _wrap(found)
    if changed:
        handler.exception_handlers = cast("Any", {**(handler.exception_handlers or {}), **changed})


def _wrap(handlers: Handlers) -> Handlers:
    """Wrap the users' handlers that would catch exceptions the plugin answers, in place. Return the changed ones."""
    changed: dict[Any, Handler] = {}
    for key, users in handlers.items():
        is_general = key in _STATUSES or (isinstance(key, type) and any(issubclass(kind, key) for kind in _ANSWERED))
        is_explicit = isinstance(key, type) and issubclass(key, (ValidationException, *_model_errors()))
        # A plugin's handler does not decide about forms.
        is_refusal = not (_is_of_plugin(users) or (isinstance(key, type) and issubclass(ClientException, key)))
        is_wrapped = isinstance(users, _OursFirst) or users in _OURS
        if not is_wrapped and (is_general or is_explicit or _is_of_plugin(users)):
            changed[key] = _OursFirst(users, is_explicit=is_explicit, is_refusal=is_refusal)
    handlers.update(changed)
    return changed


def _answer(
    request: Request[Any, Any, Any], exc: Exception, *, is_explicit: bool = False, refuses: bool = True
) -> Response[Any] | None:
    """Return the plugin's response to an exception; None if it is left to others.

    Args:
        is_explicit: The app has a handler for exactly this validation error.
        refuses: Answer refused forms. False if the app has a handler for this status or class.
    """
    if isinstance(exc, ValidationException):
        return validation_answer(request, exc, is_explicit=is_explicit)
    if isinstance(exc, ClientException) and (unreadable := unreadable_body(exc)) is not None:
        return validation_answer(request, unreadable, is_explicit=is_explicit)
    if is_model_error(exc):
        return _model_answer(request, exc, is_explicit=is_explicit)
    if (answer := csrf_answer(request, exc)) is not None or not refuses:
        return answer
    is_unauthorized = isinstance(exc, HTTPException) and exc.status_code == _UNAUTHORIZED
    if is_unauthorized and _shows_pages(request) and (answer := to_login(request, exc)):
        return answer
    return refusal(request, exc)


def _model_answer(request: Request[Any, Any, Any], exc: Exception, *, is_explicit: bool) -> Response[Any] | None:
    """Return the response to the ValidationError of a DTO, a dependency or a handler. In a GET it is the server's
    error.
    """
    if isinstance(exc, msgspec.ValidationError) and (refused := refused_form(exc)) is not None:
        return validation_answer(request, refused, is_explicit=is_explicit)
    is_page = request.method in {"GET", "HEAD"} and not InertiaRequest.of(request).visit.is_precognition
    return None if is_page else validation_answer(request, exc, is_explicit=is_explicit)


def handle_validation_error(request: Request[Any, Any, Any], exc: ValidationException) -> Response[Any]:
    """Redirect an Inertia request back with its errors. Others are answered as if this handler did not exist."""
    return validation_answer(request, exc) or _answer_without_us(request, exc)


def handle_client_error(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """Redirect a refused form, or an Inertia request with an unreadable body or a wrong CSRF token, back; answer others
    as if this handler did not exist. A model that rejects other data than a form is the server's error, as without us.
    """
    return _answer(request, exc) or _answer_without_us(request, exc)


def _answer_without_us(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """Answer as without the plugin's handlers: with the user's handler, the error page, or Litestar's response."""
    others = {key: value for key, value in _handlers_of(request).items() if value not in _ANSWERS}
    chosen = others.get(exc.status_code) if isinstance(exc, HTTPException) else None
    chosen = chosen or next((others[kind] for kind in type(exc).__mro__ if kind in others), None)
    if chosen is None and getattr(exc, "status_code", _SERVER_ERROR) == _SERVER_ERROR:
        chosen = others.get(_SERVER_ERROR) or (debug_response if request.app.debug else None)
    return (chosen or create_exception_response)(request, exc)


def _handlers_of(request: Request[Any, Any, Any]) -> Mapping[Any, Handler]:
    return exception_handlers(request.scope.get("route_handler", request.app))


def handle_error(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """Show an exception as a page to Inertia clients and browsers. Others get Litestar's response."""
    if isinstance(exc, HTTPException) and (answer := _answer(request, exc)) is not None:
        return answer
    status = exc.status_code if isinstance(exc, HTTPException) else _SERVER_ERROR
    # Litestar looks for a handler for 500 last, after the plugin's handler for Exception.
    if not isinstance(exc, HTTPException) and (users := _handlers_of(request).get(_SERVER_ERROR)) is not None:
        return users(request, exc)
    shows_pages = _shows_pages(request)
    is_debugged = status == _SERVER_ERROR and (request.app.debug or (shows_pages and shows_tracebacks(request)))
    is_redirect = isinstance(exc, HTTPException) and redirects(status, exc.headers or {})
    page = None if is_debugged or is_redirect or not shows_pages else error_page(request, status, exc)
    if page is not None:
        return page
    return debug_response(request, exc) if is_debugged else create_exception_response(request, exc)


_ANSWERS: Final = (handle_validation_error, handle_client_error)
_OURS: Final = (*_ANSWERS, handle_error)


def _shows_pages(request: Request[Any, Any, Any]) -> bool:
    """Return whether the client is an Inertia client, or a browser that navigates."""
    visit = InertiaRequest.of(request).visit
    return not visit.is_precognition and (visit.is_inertia or "text/html" in request.headers.get("accept", ""))
