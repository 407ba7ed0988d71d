"""Exceptions that visitors see as an error: logged with their traceback, which development also shows in the browser.

How it works:
1. `after_exception` keeps the exception with its request.
2. When a response with status 5xx starts, the exception is logged as `LoggingConfig` says, even outside debug mode,
   where Litestar's default logs nothing. Exceptions that Litestar has logged are not logged again.
3. In development and in debug mode, the traceback replaces a page with status 500. The Inertia client shows it in a
   dialog.

Rule: `log_exceptions="never"` and `disable_stack_trace` are respected."""

from __future__ import annotations

import logging
from traceback import format_exception
from typing import Any, Final

from litestar import Litestar, Request
from litestar.enums import ScopeType
from litestar.exceptions.responses import create_debug_response
from litestar.response import Response
from litestar.types import ASGIApp, Scope

from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.request import InertiaRequest

logger = logging.getLogger("litestar_vite.inertia")

_SERVER_ERROR: Final = 500


async def remember_exception(exc: Exception, scope: Scope) -> None:
    """Store an exception with its request. An `after_exception` hook."""
    if scope["type"] == ScopeType.HTTP:
        InertiaRequest.of_scope(scope).raised = exc


def shows_tracebacks(request: Request[Any, Any, Any]) -> bool:
    """Return whether the browser may show tracebacks."""
    return request.app.debug or InertiaContext.of(request.app).is_development


def traceback_page(inertia: InertiaRequest, status: int) -> ASGIApp | None:
    """Return the response that replaces a page with this status by the traceback; None if visitors get the page."""
    exc, request = inertia.raised, inertia.connection
    is_unexpected = exc is not None and getattr(exc, "status_code", _SERVER_ERROR) == _SERVER_ERROR
    if exc is None or status != _SERVER_ERROR or not is_unexpected or not shows_tracebacks(request):
        return None
    return debug_response(request, exc).to_asgi_response(app=None, request=request)


def debug_response(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """Return the response that shows an exception to a developer: the debug page, or data for non-browsers."""
    inertia = InertiaRequest.of(request)
    if not (inertia.visit.is_inertia or b"text/html" in inertia.headers.get(b"accept", b"")):
        return create_debug_response(request, exc)
    from litestar_vite.inertia._litestar.debug_page import debug_page

    try:
        return debug_page(request, exc, inertia.context)
    except Exception:
        logger.exception("The error page cannot be made")
        return create_debug_response(request, exc)


def log_failure(inertia: InertiaRequest, status: int) -> None:
    """Log the exception behind a response that a visitor sees as a server error, unless Litestar has logged it."""
    exc, app, scope = inertia.raised, inertia.app, inertia.scope
    if exc is None or status < _SERVER_ERROR or not _is_seen(inertia):
        return
    if app.logging_config is not None and _is_decided(app, exc):
        return
    write: Any = getattr(app.logging_config, "exception_logging_handler", None)
    if write is None:
        logger.error("Uncaught exception (path=%r):", scope["path"], exc_info=exc)
    else:
        write(app.logger, scope, format_exception(exc))


def _is_decided(app: Litestar, exc: Exception) -> bool:
    """Return whether Litestar has logged an exception, or the app does not want it logged."""
    config: Any = app.logging_config
    if config.log_exceptions == "never" or {type(exc), getattr(exc, "status_code", None)} & config.disable_stack_trace:
        return True
    return config.log_exceptions == "always" or (config.log_exceptions == "debug" and app.debug)


def _is_seen(inertia: InertiaRequest) -> bool:
    """Return whether the response is a page, or goes to an Inertia client or a browser that navigates."""
    return inertia.is_converted or inertia.visit.is_inertia or b"text/html" in inertia.headers.get(b"accept", b"")
