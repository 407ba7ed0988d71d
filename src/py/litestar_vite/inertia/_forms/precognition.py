"""Precognition: the client validates a form while it is filled in, without submitting it (protocol H).

How it works:
1. A request with `Precognition: true` is processed like any other: guards, dependencies, the parsing of its body and
   parameters.
2. The handler's function is replaced by a wrapper, which calls it. On a precognitive request, the wrapper raises
   PrecognitionSuccess instead, which is answered with 204. Errors before it are answered with 422 by `validation.py`.
3. Every response has `Precognition: true` and varies on it, including 401, 403, 404, 409 and 423.
4. Inside the app, a valid form has the status 422, which becomes 204 after all other before_send hooks, so that hooks
   and middleware that commit by status roll back the changes of dependencies.

Dependencies run, because they may validate ("Is this name taken?"). A yield-dependency sees PrecognitionSuccess, so a
transaction is rolled back as after any exception; dependencies with other side effects check
`is_precognitive(request)`.

Rules: nothing is committed; the handler's function never runs, unless its route sets `precognition=False` and handles
precognition itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import HTTPResponseStartEvent

from litestar_vite.inertia._litestar.seams import set_function
from litestar_vite.inertia._page.request import SCOPE_KEY, InertiaRequest, current_request
from litestar_vite.inertia._protocol.headers import PRECOGNITION

HEADER: Final = (PRECOGNITION, b"true")
_ERRORS_FROM: Final = 400
_NOT_COMMITTED: Final = 422
_SUCCESS: Final = (b"precognition-success", b"true")
_OF_BODIES: Final = frozenset({b"content-length", b"content-type"})


class PrecognitionSuccess(HTTPException):
    """Ends a valid precognitive request before the handler's function runs."""

    status_code = 204
    detail = "The form is valid."


def is_precognitive(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Return whether the request only validates. Dependencies use it to skip side effects."""
    return InertiaRequest.of(connection).visit.is_precognition


def wrap_function(handler: HTTPRouteHandler) -> None:
    """Wrap the handler's function so that precognitive requests end before it. The wrapper has the same signature."""
    users: Any = handler.fn
    set_function(handler, _sync(users) if handler.has_sync_callable else _async(users))


def _async(users: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(users)
    async def unless_precognitive(*args: Any, **kwargs: Any) -> Any:
        if _is_precognitive_now():
            raise PrecognitionSuccess
        return await users(*args, **kwargs)

    return unless_precognitive


def _sync(users: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(users)
    def unless_precognitive(*args: Any, **kwargs: Any) -> Any:
        if _is_precognitive_now():
            raise PrecognitionSuccess
        return users(*args, **kwargs)

    return unless_precognitive


def _is_precognitive_now() -> bool:
    """Return whether the current request only validates. The before_request hook has parsed its headers."""
    request = current_request.get()
    inertia: Any = cast("dict[str, Any]", request.scope).get(SCOPE_KEY) if request is not None else None
    return isinstance(inertia, InertiaRequest) and inertia.visit.is_precognition


def success() -> Response[Any]:
    """Return the response to a valid form (protocol H59), with its status inside the app."""
    headers = {"Precognition-Success": "true"}
    return Response(content=None, status_code=_NOT_COMMITTED, headers=headers, media_type="text/plain")


def failure(errors: dict[str, list[str]]) -> Response[Any]:
    """Return the response to a form with errors, in Laravel's format (protocol H60)."""
    first, count = next(iter(errors.values()))[0], sum(map(len, errors.values()))
    more = count - 1
    message = f"{first} (and {more} more error{'s' if more > 1 else ''})" if more else first
    return Response({"message": message, "errors": errors}, status_code=422, media_type="application/json")


def keep_requested(errors: dict[str, list[str]], only: Sequence[str]) -> dict[str, list[str]]:
    """Return the errors of the requested fields and of fields inside them. `*` matches any index (protocol H61)."""
    if not only:
        return errors
    wanted = [path.split(".") for path in only]
    return {
        path: messages for path, messages in errors.items() if any(_covers(parts, path.split(".")) for parts in wanted)
    }


def _covers(wanted: list[str], path: list[str]) -> bool:
    return len(wanted) <= len(path) and all(part in ("*", own) for part, own in zip(wanted, path, strict=False))


def mark(message: HTTPResponseStartEvent) -> None:
    """Mark the response to a precognitive request, in place (protocol H59 to H62)."""
    headers = [(name, value) for name, value in message["headers"] if name.lower() not in (b"precognition", b"vary")]
    vary = [value for name, value in message["headers"] if name.lower() == b"vary"]
    is_valid = _SUCCESS in headers
    if is_valid and message["status"] == _NOT_COMMITTED:
        message["status"] = 204
        headers = [(name, value) for name, value in headers if name.lower() not in _OF_BODIES]
    if message["status"] >= _ERRORS_FROM or is_valid:
        # A route that responds without the wrapper does not support precognition. The client reports the error.
        headers.append((b"precognition", b"true"))
    message["headers"] = [*headers, (b"vary", b", ".join([*vary, b"Precognition"]))]
