"""Validation failures go back to the form, with no code in the handler (protocol G56, H60).

How it works:
1. `validation_answer` decides what an exception of validation becomes: an Inertia request is redirected back with its
   errors, precognitive requests and the client's `useHttp` get 422 with `{message, errors}`, and other requests are
   left to Litestar.
2. msgspec reports the first error only. The answer, which is awaited, reads the body again (Litestar keeps it) and
finds the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from litestar.exceptions import SerializationException, ValidationException
from litestar.response import Response
from typing_extensions import override

from litestar_vite.inertia._forms.body import form_data
from litestar_vite.inertia._forms.body_errors import collect
from litestar_vite.inertia._forms.dto import collect_behind_dto, was_raised_by
from litestar_vite.inertia._forms.errors import add_errors
from litestar_vite.inertia._forms.messages import REQUIRED, dotted, missing_parameter, read
from litestar_vite.inertia._forms.models import decoder_of
from litestar_vite.inertia._forms.precognition import failure, keep_requested, success
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._redirects import back_path, remember_turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import msgspec
    from litestar import Request
    from litestar.exceptions import ClientException
    from litestar.types import ASGIApp, Receive, Scope, Send

    MakeAnswer = Callable[[Request[Any, Any, Any], ValidationException], Awaitable[ASGIApp]]


_FORM_KEY: Final = "form"
_LITESTAR_DETAIL: Final = "Validation failed for "

# As in Litestar's own Redirect: the characters that are not quoted, and the headers of an empty body.
_SAFE_IN_LOCATION: Final = "/#%[]=:;$&()+,!?*@'~"
_NO_BODY: Final = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0"))

Answer = Response[Any]


class _Unreadable(ValidationException):
    """A malformed body; Litestar reports the first error only."""


def validation_answer(
    request: Request[Any, Any, Any], exc: ValidationException, *, is_explicit: bool = False
) -> Answer | None:
    """Return the answer to an Inertia, precognitive or `useHttp` request, None for any other.

    Args:
        request: The request.
        exc: The exception.
        is_explicit: The app has a handler for ValidationException itself; only precognitive requests are then answered
            here.
    """
    inertia = InertiaRequest.of(request)
    visit = inertia.visit
    if visit.is_precognition:
        return Awaited(request, exc, _precognitive)
    if is_explicit or not _redirects(inertia):
        return None
    if visit.is_inertia:
        # A GET that would be sent back to itself would loop.
        if request.method in {"GET", "HEAD"} and back_path(inertia) is None:
            return None
        return Awaited(request, exc, _back)
    if _is_use_http(inertia):
        return Awaited(request, exc, _unprocessable)
    return None


def unreadable_body(exc: ClientException) -> ValidationException | None:
    """Return the validation error that a body which could not be decoded is: broken JSON, or what a DTO refused; None
    for others.

    Litestar gives it the words of msgspec, with the path at their end.
    """
    if not isinstance(exc.__cause__, SerializationException):
        return None
    return _unreadable(exc.detail)


def refused_form(exc: msgspec.ValidationError) -> ValidationException | None:
    """Return the validation error that a form is which a DTO refused, None for what else msgspec refuses, such as
    another service's answer.
    """
    return _unreadable(str(exc)) if was_raised_by(exc) else None


def _unreadable(message: str) -> ValidationException:
    return _Unreadable(detail=message, extra=[{"key": "", "message": message, "source": "body"}])


def _redirects(inertia: InertiaRequest) -> bool:
    """Return whether errors are redirected back to the form, as the route or else the app is configured."""
    opt = inertia.opt("redirect_validation_errors")
    return inertia.context.config.redirect_validation_errors if opt is None else bool(opt)


def _is_use_http(inertia: InertiaRequest) -> bool:
    """Return whether the request comes from the client's `useHttp`: it accepts JSON and is marked as XMLHttpRequest."""
    headers = inertia.headers
    return headers.get(b"x-requested-with") == b"XMLHttpRequest" and headers.get(b"accept", b"").startswith(
        b"application/json"
    )


async def _back(request: Request[Any, Any, Any], exc: ValidationException) -> ASGIApp:
    """Return the redirect that `InertiaBack` sends, without the cost of building a Litestar Response."""
    inertia = InertiaRequest.of(request)
    target = back_path(inertia) or "/"  # First: many errors may leave no room for the previous URL.
    remember_turn(inertia)
    add_errors(inertia, await _all_errors(request, exc))
    status = 302 if request.method in {"GET", "HEAD"} else 303
    headers = [(b"location", quote(target, safe=_SAFE_IN_LOCATION).encode("ascii")), *_NO_BODY]

    async def redirect(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return redirect


async def _unprocessable(request: Request[Any, Any, Any], exc: ValidationException) -> ASGIApp:
    return failure(await _all_errors(request, exc)).to_asgi_response(app=None, request=request)


async def _precognitive(request: Request[Any, Any, Any], exc: ValidationException) -> ASGIApp:
    errors = keep_requested(await _all_errors(request, exc), InertiaRequest.of(request).visit.validate_only)
    return (failure(errors) if errors else success()).to_asgi_response(app=None, request=request)


class Awaited(Response[Any]):
    """A response that is awaited: exception handlers are sync, and finding all errors reads the body.

    Litestar only calls `to_asgi_response`, so `Response.__init__` is skipped."""

    def __init__(self, request: Request[Any, Any, Any], exc: ValidationException, make: MakeAnswer) -> None:
        self._request = request
        self._exc = exc
        self._make = make

    @override
    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            app = await self._make(self._request, self._exc)
            await app(scope, receive, send)

        return answer


async def _all_errors(request: Request[Any, Any, Any], exc: ValidationException) -> dict[str, list[str]]:
    """Return all errors by dotted path, each message passed through `validation_message`."""
    errors: dict[str, list[str]] = {}
    if isinstance(exc, _Unreadable) or exc.detail.startswith(_LITESTAR_DETAIL) or _is_from_pydantic(exc):
        errors = await _body_errors(request)
    errors = {**_outside_body(exc), **errors} if errors else field_errors(exc)
    translate = InertiaRequest.of(request).context.config.validation_message
    if translate is None:
        return errors
    return {path: [translate(path, message) for message in messages] for path, messages in errors.items()}


def _outside_body(exc: ValidationException) -> dict[str, list[str]]:
    """Return the errors in query, path, headers and cookies."""
    items = [cast("dict[str, Any]", item) for item in cast("list[Any]", exc.extra or []) if isinstance(item, dict)]
    return _by_field([item for item in items if item.get("source") not in (None, "body")])


async def _body_errors(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """Find all errors of the body, none when the handler takes none."""
    handler: Any = request.scope.get("route_handler")
    field = handler.parsed_data_field
    if field is None:
        return {}
    try:
        form = form_data(request)
        value: Any = form or await request.json()
        body_bytes = None if form else len(await request.body())
    except Exception:  # noqa: BLE001 - invalid JSON, which Litestar has reported
        return {}
    decode = decoder_of(handler)
    has_dto = handler.resolve_data_dto() is not None
    errors = (
        collect_behind_dto(handler, value, decode) if has_dto else collect(field.annotation, value, decode, body_bytes)
    )
    return {path or _FORM_KEY: messages for path, messages in errors.items()}


def _is_from_pydantic(exc: ValidationException) -> bool:
    """Return whether these are pydantic errors from a Litestar DTO, which stops at the first invalid model."""
    return isinstance(exc.extra, list) and any(isinstance(item, dict) and "loc" in item for item in exc.extra)


def field_errors(exc: ValidationException) -> dict[str, list[str]]:
    """Return the messages by dotted field path, as the form helper names its fields ("items.0.name").

    Errors without a field have the key "form".
    """
    extra: Any = exc.extra
    if isinstance(extra, dict):
        return _dotted(cast("dict[str, Any]", extra)) or {_FORM_KEY: [exc.detail]}
    errors = _by_field(cast("list[Any]", extra if isinstance(extra, (list, tuple)) else [extra] if extra else []))
    if not errors and (missing := missing_parameter(exc.detail)):
        return {missing: [REQUIRED]}
    return errors or {_FORM_KEY: [exc.detail]}


def _by_field(items: Iterable[Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for item in items:
        field, message = _field_and_message(item)
        errors.setdefault(field, []).append(message)
    return errors


def _dotted(fields: dict[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Return messages by dotted path from a nested `extra`: {"user": {"email": ["Taken"]}} gives "user.email"."""
    errors: dict[str, list[str]] = {}
    for field, messages in fields.items():
        path = f"{prefix}{field}"
        if isinstance(messages, dict):
            errors |= _dotted(cast("dict[str, Any]", messages), f"{path}.")
        elif isinstance(messages, (list, tuple)):
            errors[path] = [str(message) for message in cast("list[Any]", messages)]
        else:
            errors[path] = [str(messages)]
    return errors


def _field_and_message(item: Any) -> tuple[str, str]:
    if not isinstance(item, dict):
        return _FORM_KEY, str(item)
    entry = cast("dict[str, Any]", item)
    if "loc" in entry:  # An error of pydantic, passed on by Litestar's DTO.
        return ".".join(map(str, entry["loc"])) or _FORM_KEY, str(entry.get("msg", ""))
    message, key = str(entry.get("message", "")), str(entry.get("key", ""))
    path, sentence = read(message, "" if key == "data" else dotted(key))  # "data" is the body as a whole.
    return path or _FORM_KEY, sentence
