"""Finds all errors of an attrs class's field validators. attrs stops at the first, and does not name the field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast, get_type_hints

import msgspec

from litestar_vite.inertia._forms.messages import FieldError, custom, found
from litestar_vite.inertia._forms.models import Decode
from litestar_vite.inertia._litestar.seams import module_that_raised

_COMPARED: Final = re.compile(r"'\w+' must be (?P<op>[<>]=?) (?P<limit>.+): .*", re.DOTALL)
_LENGTH: Final = re.compile(r"Length of '\w+' must be (?P<op>[<>]=) (?P<limit>\d+): \d+")
_OPERATORS: Final = {">=": ("min", "min"), "<=": ("max", "max"), ">": ("more_than", "min"), "<": ("less_than", "max")}


def field_errors(annotation: Any, value: Any, wrong: set[str], decode: Decode) -> Iterator[FieldError]:
    """Yield the errors of field validators, except for fields that are already invalid.

    Validators that read other fields are skipped here."""
    attributes = getattr(annotation, "__attrs_attrs__", None)
    if attributes is None or not isinstance(value, Mapping):
        return
    mapping, hints = cast("Mapping[str, Any]", value), get_type_hints(annotation, include_extras=True)
    blank = annotation.__new__(annotation)
    for field in attributes:
        is_checked = field.init and field.validator is not None and field.converter is None
        if not is_checked or field.name in wrong or field.name not in mapping:
            continue
        part: Any = mapping[field.name]
        validate: Any = field.validator
        try:
            part = msgspec.convert(part, hints[field.name], strict=False, dec_hook=decode, str_keys=True)
            validate(blank, field, part)
        except (ValueError, TypeError) as error:
            yield _read(error, field.name, part)
        except Exception:  # noqa: BLE001, S112 - a validator that needs the whole object
            continue


def _read(error: Exception, name: str, value: Any) -> FieldError:
    """Return the error of a validator: a rule for attrs' own messages, or the app's message."""
    message = str(error.args[0] if error.args else error)
    if module_that_raised(error) != "attr.validators":
        return custom(name, message, value) if isinstance(error, ValueError) else found(name, "invalid", value)
    if match := _LENGTH.fullmatch(message):
        unit = "length" if isinstance(value, (str, bytes)) else "items"
        side = _OPERATORS[match["op"]][0]
        return found(name, f"{side}_{unit}", value, **{side: int(match["limit"])})
    if match := _COMPARED.fullmatch(message):
        rule, side = _OPERATORS[match["op"]]
        return found(name, rule, value, **{side: match["limit"]})
    if "must match regex" in message:
        return found(name, "pattern", value, pattern=getattr(error.args[2], "pattern", ""))
    if "must be in" in message and len(error.args) > 2:  # noqa: PLR2004 - message, attribute, options
        return found(name, "choice", value, choices=list(error.args[2]))
    return found(name, "invalid", value)
