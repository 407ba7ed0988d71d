"""Find all validation errors of a body; msgspec stops at the first.

How it works:
1. `collect` converts the whole value. If that fails, it converts each part by the fields of the model, down to the
   parts that fail.
2. A value whose parts are all valid (a `__post_init__` that raises), or that has no parts, keeps its own message.

It runs only after Litestar has rejected the body. Other types have no parts here; pydantic reports all its errors
itself.

Rules: paths are dotted and use encoded names. The search ends after 100 messages, 2,000 parts or ten levels; the next
submit shows the rest. Each level converts invalid values again, so bodies of more than 20,000 values get msgspec's first
error only. Other exceptions of a model are defects of the app: they are logged and give no message."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast, get_type_hints

import msgspec

from litestar_vite.inertia._forms.messages import REQUIRED, joined, read
from litestar_vite.inertia._forms.models import MISSING, Decode, bare, parts_of

# 2,000 parts: more than any form filled in by hand, and each takes microseconds on the event loop.
_MAX_PARTS: Final = 2_000
# Ten levels: `lines.0.items.1.name` has five. A recursive model could go on for hundreds.
_MAX_LEVELS: Final = 10
_MAX_VALUES: Final = 20_000
# 100 messages: a form shows all at once; a hostile body with a million invalid items must not produce a million.
_MAX_ERRORS: Final = 100

logger = logging.getLogger("litestar_vite.inertia")


def collect(annotation: Any, value: Any, decode: Decode, body_bytes: int | None = None) -> dict[str, list[str]]:
    """Return all errors of a value by dotted path; errors of the value as a whole have the path "".

    Args:
        annotation: The annotation of the body.
        value: The parsed JSON or form data.
        decode: The decoder for types that msgspec does not know.
        body_bytes: The length of the raw body, None when unknown.
    """
    # A JSON value has at least two bytes, so small bodies need no count.
    is_small = (body_bytes is not None and body_bytes <= 2 * _MAX_VALUES) or _has_at_most(_MAX_VALUES, value)
    search = _Search(decode, levels=_MAX_LEVELS if is_small else 0)
    if (error := search.refusal(annotation, value)) is None:
        return {}
    errors: dict[str, list[str]] = {}
    for path, message in search.failures(annotation, value, error, "", 0):
        errors.setdefault(path, []).append(message)
        if len(errors) >= _MAX_ERRORS:
            break
    return errors


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
        """Return the exception that converting a value raises, None when it is valid."""
        try:
            msgspec.convert(value, annotation, strict=False, dec_hook=self._decode, str_keys=True)
        except Exception as error:  # noqa: BLE001 - models may raise anything; `failures` tells errors from defects
            return error
        return None

    def failures(
        self, annotation: Any, value: Any, error: Exception, path: str, level: int
    ) -> Iterator[tuple[str, str]]:
        """Yield path and message of each error in an invalid value."""
        model, wrong = bare(annotation), set[str]()
        for name, part_type, part in parts_of(model, value) if level < self._levels else ():
            if part is MISSING:
                wrong.add(name)
                yield joined(path, name), REQUIRED
                continue
            if next(self._parts, None) is None:
                break
            if (refusal := self.refusal(part_type, part)) is not None:
                for failure in self.failures(part_type, part, refusal, joined(path, name), level + 1):
                    wrong.add(name)
                    yield failure
        for name, message in _attrs_errors(model, value, wrong, self._decode):
            wrong.add(name)
            yield joined(path, name), message
        if wrong:
            return
        # Checked after the parts, because paths from pydantic start at its own model, which may be one of the parts.
        if reported := _pydantic_errors(error):
            yield from ((joined(path, name), message) for name, message in reported)
        elif isinstance(error, msgspec.ValidationError):  # msgspec raises it for every ValueError and TypeError.
            yield read(str(error), path)
        else:
            logger.error("Field %r cannot be checked: its model raised", path, exc_info=error)


def _attrs_errors(annotation: Any, value: Any, wrong: set[str], decode: Decode) -> list[tuple[str, str]]:
    """Return the errors of an attrs class's field validators, except for fields that are invalid already.

    attrs stops at the first error and does not name the field. Validators that read other fields are skipped here."""
    attributes = getattr(annotation, "__attrs_attrs__", None)
    if attributes is None or not isinstance(value, Mapping):
        return []
    mapping, hints, blank = (
        cast("Mapping[str, Any]", value),
        get_type_hints(annotation, include_extras=True),
        annotation.__new__(annotation),
    )
    errors: list[tuple[str, str]] = []
    for field in attributes:
        if (
            not field.init
            or field.validator is None
            or field.converter is not None
            or field.name in wrong
            or field.name not in mapping
        ):
            continue
        try:
            part = msgspec.convert(mapping[field.name], hints[field.name], strict=False, dec_hook=decode, str_keys=True)
            field.validator(blank, field, part)
        except (ValueError, TypeError) as error:
            errors.append((field.name, str(error.args[0] if error.args else error)))
        except Exception:  # noqa: BLE001, S112 - one that needs the whole object
            continue
    return errors


def _pydantic_errors(error: Exception) -> list[tuple[str, str]]:
    """Return the errors of a pydantic ValidationError, raised directly or wrapped by Litestar's decoder."""
    errors: Any = getattr(error, "errors", None)
    details: Any = errors() if callable(errors) else errors
    if not isinstance(details, list):
        return []
    entries = [cast("dict[str, Any]", entry) for entry in details if isinstance(entry, dict)]
    return [(".".join(map(str, entry.get("loc", ()))), str(entry.get("msg", ""))) for entry in entries]
