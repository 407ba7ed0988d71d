"""Validation failures of Inertia requests go back to the form, with no code in the handler (protocol G56)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.exceptions import ValidationException
from litestar.exceptions.responses import create_exception_response

from litestar_vite.inertia.redirects import InertiaBack, back_path
from litestar_vite.inertia.request import InertiaRequest, add_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar import Request, Response

__all__ = ("field_errors", "handle_validation_error")

# msgspec names a missing field in its message only: "Object missing required field `email`".
_MISSING_FIELD: Final = re.compile(r"missing required field `(?P<field>[^`]+)`")
# msgspec writes "[...]" for a value of a dict whose key it does not tell.
_INDEX: Final = re.compile(r"\[(?:(\d+)|\.\.\.)\]")
_FORM_KEY: Final = "form"


def handle_validation_error(request: Request[Any, Any, Any], exc: ValidationException) -> Response[Any]:
    """Redirect an Inertia request back with its errors; anything else is answered as if this handler were not there."""
    inertia = InertiaRequest.of(request)
    # A GET that would be sent back to itself would loop.
    loops = request.method in {"GET", "HEAD"} and back_path(inertia) == inertia.url
    if not inertia.visit.is_inertia or inertia.visit.is_precognition or loops:
        return _answer_without_us(request, exc)
    add_errors(inertia, field_errors(exc))
    return InertiaBack(request)


def field_errors(exc: ValidationException) -> dict[str, list[str]]:
    """Return the messages by dotted field path, as the form helper names its fields ("items.0.name").

    What belongs to no field is under "form".
    """
    extra: Any = exc.extra
    if isinstance(extra, dict):
        errors = _dotted(cast("dict[str, Any]", extra))
    else:
        errors = {}
        for item in cast("list[Any]", extra if isinstance(extra, (list, tuple)) else [extra] if extra else []):
            field, message = _field_and_message(item)
            errors.setdefault(field, []).append(message)
    return errors or {_FORM_KEY: [exc.detail]}


def _dotted(fields: dict[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Return messages by dotted path from what somebody gave as `extra`: {"user": {"email": ["Taken"]}} is user.email."""
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
    message, key = str(entry.get("message", "")), str(entry.get("key", ""))
    path = _INDEX.sub(lambda index: f".{index[1]}" if index[1] else "", key)
    if path == "data":  # The body as a whole.
        path = ""
    if missing := _MISSING_FIELD.search(message):
        path = f"{path}.{missing['field']}" if path and entry.get("source") == "body" else missing["field"]
        message = "This field is required."
    return path or _FORM_KEY, message


def _answer_without_us(request: Request[Any, Any, Any], exc: ValidationException) -> Response[Any]:
    """Do what Litestar would do without our handler: the user's own handler, or Litestar's answer."""
    handler: Any = request.scope.get("route_handler")
    handlers: Mapping[Any, Any] = handler.resolve_exception_handlers() if handler is not None else request.app.exception_handlers
    others = {key: value for key, value in handlers.items() if value is not handle_validation_error}
    chosen = others.get(exc.status_code) or next((others[kind] for kind in type(exc).__mro__ if kind in others), None)
    if chosen is not None:
        return cast("Response[Any]", chosen(request, exc))
    return create_exception_response(request, exc)
