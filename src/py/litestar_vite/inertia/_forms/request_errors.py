"""Finds all validation errors of a request, starting from the exception that stopped it.

How it works:
1. The exception names some: errors of a parameter, of a dependency, of the handler's own ValidationException.
2. Litestar and msgspec stop at the first error, and a dependency's error stops the parsing of the body. So the body is
   read again (Litestar keeps it), and all its errors are found.
3. `InertiaConfig.validation_message` decides each message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from litestar_vite.inertia._forms.body import form_data
from litestar_vite.inertia._forms.body_errors import collect, errors_in
from litestar_vite.inertia._forms.dto import collect_behind_dto
from litestar_vite.inertia._forms.inputs import is_file
from litestar_vite.inertia._forms.messages import ENGLISH, FORM_KEY, FieldError, by_path, custom, dotted, found
from litestar_vite.inertia._forms.models import decoder_of
from litestar_vite.inertia._forms.msgspec_errors import missing_parameter, read
from litestar_vite.inertia._forms.pydantic_errors import UNKNOWN, details_of, field_errors
from litestar_vite.inertia._page.request import InertiaRequest

_LITESTAR_DETAIL: Final = "Validation failed for "


def is_model_error(exc: BaseException) -> bool:
    """Return whether an exception is the ValidationError of msgspec or pydantic."""
    kind = type(exc)
    is_pydantics = kind.__name__ == "ValidationError" and kind.__module__.partition(".")[0].startswith("pydantic")
    return is_pydantics or isinstance(exc, msgspec.ValidationError)


async def errors_of(request: Request[Any, Any, Any], exc: Exception) -> dict[str, list[str]]:
    """Return the messages of all errors by dotted path, in the app's wording; those without a field have the key
    "form".
    """
    field = getattr(request.scope.get("route_handler"), "parsed_data_field", None)
    body, size = await _body(request) if field is not None or is_model_error(exc) else (UNKNOWN, None)
    in_body = _body_errors(request, body, size) if field is not None and body is not UNKNOWN else []
    # The search of the body finds the errors that Litestar reports, and more.
    named = [
        error for each in _raised_together(exc) for error in reported(request, each, body, includes_body=not in_body)
    ]
    errors = [*named, *in_body]
    placed = [error if error.path else msgspec.structs.replace(error, path=FORM_KEY) for error in errors]
    return by_path(placed, wording(request))


def wording(request: Request[Any, Any, Any]) -> Callable[[FieldError], str]:
    """Return the function that makes an error's message, as configured by `InertiaConfig.validation_message`."""
    configured = InertiaRequest.of(request).context.config.validation_message
    if configured is None:
        return lambda error: error.message
    if isinstance(configured, Mapping):
        return lambda error: error.in_words(configured)
    return lambda error: configured(error, request)


def _raised_together(exc: Exception) -> list[Exception]:
    """Return an exception, and those of dependencies that failed with it: Litestar runs them concurrently."""
    others: Any = getattr(exc.__cause__, "exceptions", ())
    return [exc, *(each for each in others if each is not exc and _is_validation(each))]


def _is_validation(exc: Exception) -> bool:
    return isinstance(exc, ValidationException) or is_model_error(exc)


async def _body(request: Request[Any, Any, Any]) -> tuple[Any, int | None]:
    """Return the parsed body and the length of its JSON; UNKNOWN without a body."""
    if (form := form_data(request)) is not None:
        return form, None
    try:
        return await request.json(), len(await request.body())
    except Exception:  # noqa: BLE001 - invalid JSON, which Litestar has reported, or another content type
        return UNKNOWN, None


def _body_errors(request: Request[Any, Any, Any], body: Any, body_bytes: int | None) -> list[FieldError]:
    """Find all errors in the body that a handler takes; none for a file, which has already been reported."""
    handler: Any = request.scope["route_handler"]
    if is_file(handler.parsed_data_field.annotation):
        return []
    decode = decoder_of(handler)
    if handler.resolve_data_dto() is not None:
        return collect_behind_dto(handler, body, decode)
    return collect(handler.parsed_data_field.annotation, body, decode, body_bytes)


def reported(
    request: Request[Any, Any, Any], exc: Exception, body: Any = UNKNOWN, *, includes_body: bool = True
) -> list[FieldError]:
    """Return the errors that an exception names.

    Args:
        exc: A ValidationException, any other HTTPException, or the ValidationError of msgspec or pydantic.
        includes_body: Include Litestar's errors for the body.
    """
    if is_model_error(exc):
        return errors_in(exc, value=body if details_of(exc) else UNKNOWN)
    detail, extra = str(getattr(exc, "detail", "")), cast("Any", getattr(exc, "extra", None))
    if details := details_of(exc.__cause__) if _has_places(extra) else []:  # Litestar's DTO of a pydantic model.
        return field_errors(details, body) if includes_body else []
    if isinstance(extra, dict):
        named = list(_nested(cast("dict[str, Any]", extra)))
    else:
        items: list[Any] = list(extra) if isinstance(extra, (list, tuple)) else [extra] if extra else []
        is_litestars = detail.startswith(_LITESTAR_DETAIL)
        about_body = [_is_about_body(item, is_litestars=is_litestars) for item in items]
        kept = [item for item, is_of_body in zip(items, about_body, strict=True) if includes_body or not is_of_body]
        if items and not kept:
            return []
        named = [error for item in kept for error in _item(request, item, body)]
    if named:
        return named
    if missing := missing_parameter(detail):
        return [found(missing, "required")]
    return [read(detail, FORM_KEY, is_msgspecs=detail.startswith(_LITESTAR_DETAIL))]


def _has_places(extra: Any) -> bool:
    return isinstance(extra, list) and any(isinstance(item, dict) and "loc" in item for item in extra)


def _nested(fields: dict[str, Any], prefix: str = "") -> Iterable[FieldError]:
    """Yield the errors in a nested `extra`: {"user": {"email": ["Taken"]}} is an error of "user.email"."""
    for field, messages in fields.items():
        path = f"{prefix}{field}"
        if isinstance(messages, dict):
            yield from _nested(cast("dict[str, Any]", messages), f"{path}.")
            continue
        for message in messages if isinstance(messages, (list, tuple)) else [messages]:
            yield custom(path, str(message))


def _is_about_body(item: Any, *, is_litestars: bool) -> bool:
    """Return whether an item of `extra` is an error that Litestar reports for the body."""
    if not isinstance(item, dict):
        return False
    source: Any = cast("dict[str, Any]", item).get("source")
    return "loc" in item or source == "body" or (source is None and is_litestars)


def _item(request: Request[Any, Any, Any], item: Any, body: Any) -> Iterable[FieldError]:
    """Yield the errors in one item of `extra`: {"message": …, "key": …, "source": …}, or text."""
    if not isinstance(item, dict):
        yield custom(FORM_KEY, str(item))
        return
    entry = cast("dict[str, Any]", item)
    if "loc" in entry:
        yield from field_errors([entry], body)
        return
    message, key, source = str(entry.get("message", "")), str(entry.get("key", "")), entry.get("source")
    path = "" if key == "data" else dotted(key)  # "data" is the whole body.
    name = path if source in (None, "body") else _sent_name(request, path)
    if message == ENGLISH["required"]:  # From `body.py`, for a body that is a file.
        yield found(name, "required")
    else:
        yield read(message, name, _parameter(request, name, source))


def _sent_name(request: Request[Any, Any, Any], name: str) -> str:
    """Return the name under which a parameter of the handler is sent, which may be its alias."""
    handler: Any = request.scope.get("route_handler")
    field = handler.parsed_fn_signature.parameters.get(name)
    definition = getattr(field, "kwarg_definition", None)
    return next(
        (alias for at in ("query", "header", "cookie", "name") if (alias := getattr(definition, at, None))), name
    )


def _parameter(request: Request[Any, Any, Any], name: str, source: Any) -> Any:
    """Return the value of a parameter as it was sent."""
    if source == "query":
        return request.query_params.get(name)
    if source == "path":
        return request.path_params.get(name)
    return (
        request.headers.get(name) if source == "header" else request.cookies.get(name) if source == "cookie" else None
    )
