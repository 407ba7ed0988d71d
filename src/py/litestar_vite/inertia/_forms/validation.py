"""Sends validation errors back to the form, without code in the handler (protocol G56, H60).

How it works:
1. `validation_answer` decides the response to a validation error: an Inertia request is redirected back with its
   errors, precognitive requests and the client's `useHttp` get 422 with `{message, errors}`, and other requests are
   left to Litestar.
2. The response is awaited, since finding all errors reads the body. Errors without a field are flashed too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, SerializationException, ValidationException
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from litestar_vite.inertia._forms.dto import was_raised_by
from litestar_vite.inertia._forms.errors import add_errors
from litestar_vite.inertia._forms.messages import FORM_KEY
from litestar_vite.inertia._forms.native import is_native_form
from litestar_vite.inertia._forms.precognition import failure, keep_requested, success
from litestar_vite.inertia._forms.request_errors import errors_of
from litestar_vite.inertia._page.observation import note_errors
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._redirects import back_path, remember_turn
from litestar_vite.inertia._share_and_flash import flash

MakeAnswer = Callable[[Request[Any, Any, Any], Exception], Awaitable[ASGIApp]]


# As in Litestar's Redirect: the characters that are not quoted, and the headers of an empty body.
_SAFE_IN_LOCATION: Final = "/#%[]=:;$&()+,!?*@'~"
_NO_BODY: Final = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0"), (b"vary", b"X-Inertia"))

Answer = Response[Any]


class _Unreadable(ValidationException):
    """A malformed body; Litestar reports the first error only."""


def validation_answer(request: Request[Any, Any, Any], exc: Exception, *, is_explicit: bool = False) -> Answer | None:
    """Return the response to an Inertia, precognitive or `useHttp` request or a native form; None for any other.

    Args:
        exc: A ValidationException, or the ValidationError of msgspec or pydantic.
        is_explicit: The app has a handler for this exception itself; only precognitive requests are then answered
            here.
    """
    inertia = InertiaRequest.of(request)
    visit = inertia.visit
    if visit.is_precognition:
        return Awaited(request, exc, _precognitive)
    if is_explicit or not redirects_back(inertia):
        return None
    if visit.is_inertia or is_native_form(inertia):
        # A GET that is redirected to itself would loop.
        if request.method in {"GET", "HEAD"} and back_path(inertia) is None:
            return None
        return Awaited(request, exc, _back)
    if _is_use_http(inertia):
        return Awaited(request, exc, _unprocessable)
    return None


def unreadable_body(exc: ClientException) -> ValidationException | None:
    """Return the validation error for a body that could not be decoded (malformed JSON, or rejected by a DTO); None
    for others.

    Litestar passes on msgspec's message, with the path at its end.
    """
    if not isinstance(exc.__cause__, SerializationException):
        return None
    return _unreadable(exc.detail)


def refused_form(exc: msgspec.ValidationError) -> ValidationException | None:
    """Return the validation error for a form that a DTO rejected; None for other data that msgspec rejects, such as
    another service's response.
    """
    return _unreadable(str(exc)) if was_raised_by(exc) else None


def _unreadable(message: str) -> ValidationException:
    return _Unreadable(detail=message, extra=[{"key": "", "message": message, "source": "body"}])


def redirects_back(inertia: InertiaRequest) -> bool:
    """Return whether errors are redirected back to the form, as configured for the route or else the app."""
    opt = inertia.opt("redirect_validation_errors")
    return inertia.context.config.redirect_validation_errors if opt is None else bool(opt)


def _is_use_http(inertia: InertiaRequest) -> bool:
    """Return whether the request comes from the client's `useHttp`: it accepts JSON and is marked as XMLHttpRequest."""
    headers = inertia.headers
    return headers.get(b"x-requested-with") == b"XMLHttpRequest" and headers.get(b"accept", b"").startswith(
        b"application/json"
    )


async def _back(request: Request[Any, Any, Any], exc: Exception) -> ASGIApp:
    return back_with(request, await errors_of(request, exc))


def back_with(request: Request[Any, Any, Any], errors: dict[str, list[str]]) -> ASGIApp:
    """Return the redirect that `InertiaBack` sends, without the cost of building a Litestar Response. Messages for the
    whole form are flashed too.
    """
    inertia = InertiaRequest.of(request)
    note_errors(request.scope)
    target = back_path(inertia) or "/"  # First: many errors may leave no room for the previous URL.
    remember_turn(inertia)
    add_errors(inertia, errors)
    if errors.keys() == {FORM_KEY}:
        for message in errors[FORM_KEY]:
            flash(request, message, "error")
    status = 302 if request.method in {"GET", "HEAD"} else 303
    headers = [(b"location", quote(target, safe=_SAFE_IN_LOCATION).encode("ascii")), *_NO_BODY]

    inertia.is_converted = True

    async def redirect(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return redirect


async def _unprocessable(request: Request[Any, Any, Any], exc: Exception) -> ASGIApp:
    note_errors(request.scope)
    return failure(await errors_of(request, exc)).to_asgi_response(app=None, request=request)


async def _precognitive(request: Request[Any, Any, Any], exc: Exception) -> ASGIApp:
    errors = keep_requested(await errors_of(request, exc), InertiaRequest.of(request).visit.validate_only)
    if errors:
        note_errors(request.scope)
    return (failure(errors) if errors else success()).to_asgi_response(app=None, request=request)


class Awaited(Response[Any]):
    """A response that is awaited, because exception handlers are sync and finding all errors reads the body.

    Litestar only calls `to_asgi_response`, so `Response.__init__` is skipped."""

    def __init__(self, request: Request[Any, Any, Any], exc: Exception, make: MakeAnswer) -> None:
        self._request = request
        self._exc = exc
        self._make = make

    @override
    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            app = await self._make(self._request, self._exc)
            await app(scope, receive, send)

        return answer
