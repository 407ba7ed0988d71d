"""Refused forms: a submit that ends in a 401, 403, 409 or another refusal goes back to its form with a message.

How it works:
1. Only Inertia visits with another method than GET, and native forms, are answered here. The client would show a JSON
   response in a dialog.
2. The message is the exception's own text, or a default for its status. It is flashed as `error`, and is an error of
   the whole form, so that the client calls `onError` and keeps the input. An `extra` with fields sets errors on them.
3. With `redirect_unauthorized_to`, a 401 leads to the login page instead, except from the login page itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import anyio
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from litestar_vite.inertia._forms.messages import FORM_KEY, FieldError, by_path, custom, found
from litestar_vite.inertia._forms.native import is_submit
from litestar_vite.inertia._forms.request_errors import reported, wording
from litestar_vite.inertia._forms.validation import Awaited, back_with
from litestar_vite.inertia._intended import remember_intended
from litestar_vite.inertia._litestar.seams import came_from_route, was_raised_by_litestar
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._redirects import InertiaRedirect, back_path, with_root_path
from litestar_vite.inertia._share_and_flash import flash

_BAD_REQUEST: Final = 400
_TOO_LARGE: Final = 413
# The time for which nginx reads a refused request (lingering_time).
_LINGER_SECONDS: Final = 30.0
_RULES: Final = {
    400: "refused",
    401: "unauthorized",
    403: "forbidden",
    409: "conflict",
    413: "too_large",
    422: "refused",
    429: "too_many_requests",
}


def refusal(request: Request[Any, Any, Any], exc: Exception) -> Response[Any] | None:
    """Return the redirect back to a refused form; None for other requests, and for statuses that are not
    configured.
    """
    error = _message(request, exc)
    return None if error is None else Awaited(request, exc, _back(error))


def to_login(request: Request[Any, Any, Any], exc: Exception) -> Response[Any] | None:
    """Return the redirect to `redirect_unauthorized_to`; None if it is not configured, or the visitor is there."""
    inertia = InertiaRequest.of(request)
    configured = inertia.context.config.redirect_unauthorized_to
    target = configured(request, exc) if callable(configured) else configured
    if target is None:
        return None
    target = with_root_path(target, inertia)
    is_form = is_submit(inertia)
    # A page that requires a login must not redirect to itself. The login form may be sent to another path.
    at = {_path(inertia.request_url), _path(back_path(inertia) or "") if is_form else None}
    if _path(target) in at:
        return None
    remember_intended(inertia)
    if (error := _message(request, exc)) is not None:
        _avoid_lost_session(inertia, exc)
        flash(request, wording(request)(error), "error")
    return InertiaRedirect(request, target)


def _path(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]


def _message(request: Request[Any, Any, Any], exc: Exception) -> FieldError | None:
    """Return the message for a refused form; None for other requests and statuses."""
    inertia = InertiaRequest.of(request)
    if not isinstance(exc, HTTPException) or not is_submit(inertia):
        return None
    configured = inertia.context.config.refused_forms.get(exc.status_code, exc.status_code in _RULES)
    if callable(configured):
        message = configured(request, exc)
        return None if message is None else custom(FORM_KEY, message)
    if configured is False:
        return None
    text = "" if was_raised_by_litestar(exc) or exc.detail in _standard_texts(exc) else exc.detail
    text = text or (configured if isinstance(configured, str) else "")
    return custom(FORM_KEY, text) if text else found(FORM_KEY, _rule(exc))


def _rule(exc: HTTPException) -> str:
    """Return the rule that provides the message of an exception without its own text."""
    if exc.status_code == _BAD_REQUEST and was_raised_by_litestar(exc):
        # Litestar uses it for unreadable bodies, and for forms with too many parts.
        return "too_large" if exc.detail == "Request Entity Too Large" else "malformed"
    return _RULES.get(exc.status_code, "refused")


def _standard_texts(exc: HTTPException) -> set[str]:
    """Return the default texts of an exception, for which the app has set none."""
    try:
        phrase = HTTPStatus(exc.status_code).phrase
    except ValueError:
        phrase = ""
    return {phrase, getattr(type(exc), "detail", "")}


def _back(error: FieldError) -> Any:
    async def back(request: Request[Any, Any, Any], exc: Exception) -> ASGIApp:
        _avoid_lost_session(InertiaRequest.of(request), exc)
        word = wording(request)
        named = reported(request, exc) if getattr(exc, "extra", None) else []
        errors = by_path(named or [error], word)
        if FORM_KEY not in errors and error.rule == "custom":
            flash(request, word(error), "error")
        answer = back_with(request, errors)
        return _after_upload(answer) if _is_still_sent(request, exc) else answer

    return back


def _is_still_sent(request: Request[Any, Any, Any], exc: Exception) -> bool:
    """Return whether Litestar refused an upload because of its length, before reading it."""
    is_too_large = getattr(exc, "status_code", None) == _TOO_LARGE
    return is_too_large and "content-length" in request.headers and was_raised_by_litestar(exc)


def _after_upload(answer: ASGIApp) -> ASGIApp:
    """Read the rest of the request before the response: granian closes the connection after it, and the browser would
    show a network error instead.
    """

    async def read_and_answer(scope: Scope, receive: Receive, send: Send) -> None:
        with anyio.move_on_after(_LINGER_SECONDS):
            message: Any = await receive()
            while message.get("more_body"):
                message = await receive()
        await answer(scope, receive, send)

    return read_and_answer


def _avoid_lost_session(inertia: InertiaRequest, exc: Exception) -> None:
    """Carry the message in a cookie when a middleware refused the request: the session will not be stored."""
    if not came_from_route(exc):
        inertia.carry.avoids_session = True
