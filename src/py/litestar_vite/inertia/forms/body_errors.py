"""All errors of a body at once, as a form shows them: msgspec stops at the first.

How it works:
1. `collect` converts the whole value; if that fails, it converts its parts by the fields of the model, and so on down
   to the parts that fail.
2. A part without parts, or one whose parts are all right (a `__post_init__` that refuses), keeps the message of its
   own.

It runs after Litestar has refused the body, so it costs a failing request only. Kinds it does not know (pydantic
reports everything by itself) are parts without parts.

Rules: paths are dotted and use the names of the wire; a field that is not there "is required"; it gives up after 100
messages, after 2,000 parts and ten levels: what is wrong beyond those is found when these are right. Each level converts
what is wrong once more, so a body of more than 20,000 values gets msgspec's first error only. What else a model raises than
a refusal is a defect of the app: it is logged, and no message."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast, get_type_hints

import msgspec

from litestar_vite.inertia.forms.messages import REQUIRED, joined, read
from litestar_vite.inertia.forms.models import MISSING, Decode, bare, parts_of

__all__ = ("collect",)

# 2,000 parts: no form that a person fills in has as many, and each costs some microseconds on the event loop.
_MAX_PARTS: Final = 2_000
# Ten levels, and 20,000 values: `lines.0.items.1.name` has five. A model that contains itself could go on for hundreds.
_MAX_LEVELS: Final = 10
_MAX_VALUES: Final = 20_000
# 100 messages: a form shows them all at once; a hostile body of a million wrong items must not cost a million lines.
_MAX_ERRORS: Final = 100

logger = logging.getLogger("litestar_vite.inertia")


def collect(kind: Any, value: Any, decode: Decode, body_bytes: int | None = None) -> dict[str, list[str]]:
    """Return every error of a value by dotted path, "" for the value as a whole; empty when there is none.

    Args:
        kind: The annotation of the body.
        value: The body as JSON or a form gives it.
        decode: Makes values of types that msgspec does not know.
        body_bytes: The length of the body as it came, None when it is not known.
    """
    # A value of JSON has two bytes at least: most bodies need not be counted.
    is_small = (body_bytes is not None and body_bytes <= 2 * _MAX_VALUES) or _has_at_most(_MAX_VALUES, value)
    search = _Search(decode, levels=_MAX_LEVELS if is_small else 0)
    if (error := search.refusal(kind, value)) is None:
        return {}
    errors: dict[str, list[str]] = {}
    for path, message in search.failures(kind, value, error, "", 0):
        errors.setdefault(path, []).append(message)
        if len(errors) >= _MAX_ERRORS:
            break
    return errors


def _has_at_most(limit: int, value: Any) -> bool:
    """Tell whether a body has at most so many values, at any depth."""
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
    """Looks for what is wrong in a body, as far down as it may."""

    def __init__(self, decode: Decode, levels: int) -> None:
        self._decode = decode
        self._levels = levels
        self._parts = iter(range(_MAX_PARTS))

    def refusal(self, kind: Any, value: Any) -> Exception | None:
        """Return why a value cannot be converted, None when it can."""
        try:
            msgspec.convert(value, kind, strict=False, dec_hook=self._decode, str_keys=True)
        except Exception as error:  # noqa: BLE001 - models raise what they like; `failures` sorts it out
            return error
        return None

    def failures(self, kind: Any, value: Any, error: Exception, path: str, level: int) -> Iterator[tuple[str, str]]:
        """Yield path and message of what is wrong in a value that was refused."""
        model, wrong = bare(kind), set[str]()
        for name, part_kind, part in parts_of(model, value) if level < self._levels else ():
            if part is MISSING:
                wrong.add(name)
                yield joined(path, name), REQUIRED
                continue
            if next(self._parts, None) is None:
                break
            if (refusal := self.refusal(part_kind, part)) is not None:
                for failure in self.failures(part_kind, part, refusal, joined(path, name), level + 1):
                    wrong.add(name)
                    yield failure
        for name, message in _refused_by_attrs(model, value, wrong, self._decode):
            wrong.add(name)
            yield joined(path, name), message
        if wrong:
            return
        # After the parts: the paths that pydantic reports begin at its model, which may be a part of this value.
        if reported := _reported(error):
            yield from ((joined(path, name), message) for name, message in reported)
        elif isinstance(error, msgspec.ValidationError):  # msgspec makes one of every ValueError and TypeError.
            yield read(str(error), path)
        else:
            logger.error("Field %r cannot be checked: its model raised", path, exc_info=error)


def _refused_by_attrs(kind: Any, value: Any, wrong: set[str], decode: Decode) -> list[tuple[str, str]]:
    """Return what the validators of an attrs class say of its fields, those that are wrong already left out.

    attrs itself stops at the first, and its error does not say of which field it is. A validator that looks at other
    fields finds none: it is left to the class."""
    attributes = getattr(kind, "__attrs_attrs__", None)
    if attributes is None or not isinstance(value, Mapping):
        return []
    mapping, hints, blank = (
        cast("Mapping[str, Any]", value),
        get_type_hints(kind, include_extras=True),
        kind.__new__(kind),
    )
    refused: list[tuple[str, str]] = []
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
            refused.append((field.name, str(error.args[0] if error.args else error)))
        except Exception:  # noqa: BLE001, S112 - one that needs the whole object
            continue
    return refused


def _reported(error: Exception) -> list[tuple[str, str]]:
    """Return what pydantic reports by itself, as it says it or as Litestar's decoder hands it on; empty for any other
    error.
    """
    errors: Any = getattr(error, "errors", None)
    details: Any = errors() if callable(errors) else errors
    if not isinstance(details, list):
        return []
    entries = [cast("dict[str, Any]", entry) for entry in details if isinstance(entry, dict)]
    return [(".".join(map(str, entry.get("loc", ()))), str(entry.get("msg", ""))) for entry in entries]
