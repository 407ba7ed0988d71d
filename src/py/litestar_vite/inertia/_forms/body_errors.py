"""Finds all validation errors of a body. msgspec stops at the first.

How it works:
1. `collect` converts the whole value. If that fails, it converts each part according to the model's fields, down to the
   parts that fail.
2. A value with only valid parts (a `__post_init__` that raises), or without parts, keeps its own message.

It runs only after Litestar has rejected the body. Other types have no parts here; pydantic reports all its errors
itself.

Rules: paths are dotted and use encoded names. The search ends after 100 messages, 2,000 parts or ten levels; the next
submit shows the rest. Each level converts invalid values again, so bodies of more than 20,000 values get msgspec's
first error only. Other exceptions of a model are bugs in the app: they are logged and produce no message."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice
from types import GenericAlias
from typing import Any, Final, Literal, cast, get_args, get_origin

import msgspec
from litestar.datastructures import UploadFile
from msgspec.structs import replace

from litestar_vite.inertia._forms.messages import FieldError, found, joined
from litestar_vite.inertia._forms.models import MISSING, Decode, bare, branch, item_type, suspects_in
from litestar_vite.inertia._forms.msgspec_errors import read
from litestar_vite.inertia._forms.pydantic_errors import UNKNOWN, details_of, field_errors

# 2,000 parts: more than any form filled in by hand, and each takes microseconds on the event loop.
_MAX_PARTS: Final = 2_000
# Ten levels: `lines.0.items.1.name` has five. A recursive model could have hundreds.
_MAX_LEVELS: Final = 10
_MAX_VALUES: Final = 20_000
# 100 errors: a form shows them all at once. A hostile body with a million invalid items must not produce a million.
_MAX_ERRORS: Final = 100
# The place of an error inside a list, at the end of msgspec's message.
_INDEX: Final = re.compile(r"\$\[(\d+)\][^`]*`")

logger = logging.getLogger("litestar_vite.inertia")


def collect(annotation: Any, value: Any, decode: Decode, body_bytes: int | None = None) -> list[FieldError]:
    """Return all errors of a value; errors of the value as a whole have the path "".

    Args:
        value: The parsed JSON or form data.
        body_bytes: The length of the raw body; None if unknown.
    """
    # A JSON value has at least two bytes, so small bodies need no count.
    is_small = (body_bytes is not None and body_bytes <= 2 * _MAX_VALUES) or _has_at_most(_MAX_VALUES, value)
    search = _Search(decode, levels=_MAX_LEVELS if is_small else 0)
    if (error := search.refusal(annotation, value)) is None:
        return []
    return list(islice(search.failures(annotation, value, error, "", 0), _MAX_ERRORS))


def _has_at_most(limit: int, value: Any) -> bool:
    """Return whether a body has at most `limit` values, nested values included."""
    left, waiting = limit, [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (list, tuple, dict)):
            left -= len(cast("list[Any]", value))
            if left < 0:
                return False
            waiting.extend(cast("list[Any]", value.values() if isinstance(value, dict) else value))
    return True


class _Search:
    """Searches a body for invalid values, within the limits above."""

    def __init__(self, decode: Decode, levels: int) -> None:
        self._decode = decode
        self._levels = levels
        self._parts = iter(range(_MAX_PARTS))

    def refusal(self, annotation: Any, value: Any) -> Exception | None:
        """Return the exception that converting a value raises; None if it is valid."""
        try:
            msgspec.convert(value, annotation, strict=False, dec_hook=self._decode, str_keys=True)
        except Exception as error:  # noqa: BLE001 - models may raise anything; `failures` sorts out bugs
            # Only the garbage collector would free the error with these frames; an error of a model keeps its own.
            # A variable with the traceback would keep them too.
            is_msgspecs = error.__traceback__ is not None and error.__traceback__.tb_next is None
            return error.with_traceback(None) if is_msgspecs else error
        return None

    def failures(self, annotation: Any, value: Any, error: Exception, path: str, level: int) -> Iterator[FieldError]:
        """Yield each error in an invalid value."""
        if not isinstance(value, (dict, list, tuple)):
            yield from errors_in(error, annotation, value, path, is_msgspecs=True)
            return
        model, wrong = branch(bare(annotation), value), set[str]()
        for name, part_type, part in self._suspects(model, value, error) if level < self._levels else ():
            if part is MISSING:
                wrong.add(name)
                yield found(joined(path, name), "required")
                continue
            if next(self._parts, None) is None:
                break
            if (refusal := self.refusal(part_type, part)) is not None:
                for failure in self.failures(part_type, part, refusal, joined(path, name), level + 1):
                    wrong.add(name)
                    yield failure
        if hasattr(model, "__attrs_attrs__"):
            from litestar_vite.inertia._forms.attrs_errors import field_errors as validators_errors

            for failure in validators_errors(model, value, wrong, self._decode):
                wrong.add(failure.path)
                yield replace(failure, path=joined(path, failure.path))
        if not wrong:
            yield from errors_in(error, model, value, path, is_msgspecs=True)

    def _suspects(self, model: Any, value: Any, error: Exception) -> Iterator[tuple[str, Any, Any]]:
        """Yield the parts of an invalid value that may be invalid. Of a list, only the invalid items: msgspec names the
        first, and the items after it are converted at once.
        """
        every = item_type(model) if isinstance(value, (list, tuple)) else MISSING
        if every is MISSING:
            yield from suspects_in(model, value)
            return
        items, start, refusal = cast("list[Any]", value), 0, cast("Exception | None", error)
        while refusal is not None:
            place = _index_in(refusal)
            if place is None:
                yield from ((str(index), every, items[index]) for index in range(start, len(items)))
                return
            start += place + 1
            yield str(start - 1), every, items[start - 1]
            refusal = self.refusal(GenericAlias(list, (every,)), items[start:])


def _index_in(error: Exception) -> int | None:
    """Return the index of the first invalid item in a list's error; None if msgspec does not name it, or did not raise
    the error: a model or a decoder may convert other data, with other places.
    """
    place = _INDEX.fullmatch(str(error).rpartition(" - at `")[2]) if error.__traceback__ is None else None
    return int(place[1]) if place else None


def errors_in(
    error: Exception, annotation: Any = None, value: Any = UNKNOWN, path: str = "", *, is_msgspecs: bool = False
) -> list[FieldError]:
    """Return the errors that an exception of msgspec or pydantic reports; none for a bug in the app, which is
    logged.

    Args:
        annotation: The type that rejected the value.
        is_msgspecs: The message is msgspec's, unless it is caused by a ValueError of a model.
    """
    # A pydantic dataclass raises inside msgspec, which wraps it.
    if details := details_of(error) or details_of(error.__cause__):
        return field_errors(details, value, path)
    if not isinstance(error, msgspec.ValidationError):
        logger.error("Field %r cannot be checked: its model raised", path, exc_info=error)
        return []
    cause = error.__cause__  # A ValueError of a model has the app's message, a TypeError has Python's.
    is_hidden = isinstance(cause, TypeError) or (is_msgspecs and not isinstance(cause, ValueError))
    found_error = read(str(error), path, None if value is UNKNOWN else value, is_msgspecs=is_hidden)
    if found_error.rule in ("type", "choice", "invalid"):
        annotation = bare(annotation)
        if choices := _choices(annotation):
            return [found(path, "choice", found_error.value, choices=choices)]
        if annotation is UploadFile:
            return [found(path, "type", found_error.value, types=("file",))]
    return [found_error]


def _choices(annotation: Any) -> list[Any]:
    """Return the values of an enum or a Literal; none for any other type."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [member.value for member in annotation]
    return list(get_args(annotation)) if get_origin(annotation) is Literal else []
