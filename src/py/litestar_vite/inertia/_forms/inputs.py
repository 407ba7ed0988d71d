"""Convert the values of form inputs to values that the fields of a model accept (protocol I66).

How it works: `fitted` walks a body along its model, and changes only what the model would refuse.

| an input sends | the field gets |
|---|---|
| "", where text is not accepted | None; a file that is required is left out, and both errors say so |
| "on", a ticked checkbox | "true" for a bool |
| "10:30", "2026-01-31T10:30" | ":00" at its end for a time or datetime |
| nothing, for an empty file input or a file that precognition leaves out | None or [] |
| nothing, for a list without items in a form body | [] |
| one value of a list in a form body | a list with this value |

Rules: values that a model accepts stay as they are, and parts that do not change are not copied. JSON stays within
20,000 values; the names of a form body are limited before."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args, get_origin
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Struct

from litestar_vite.inertia._forms.brackets import Group, listed, mapped, nested
from litestar_vite.inertia._forms.models import bare, branch, fields_of, item_types, members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar_vite.inertia._forms.models import Decode


# Types that an input's text is converted to. A decoder of another type may not expect None.
_CONVERTED: Final = (int, float, Decimal, dt.date, dt.time, dt.timedelta, UUID, Enum)
_TIMES: Final = {
    dt.datetime: re.compile(r"[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"),
    dt.time: re.compile(r"[0-9]{2}:[0-9]{2}"),
}
# As deep as bracketed names go; JSON may be deeper.
_MAX_LEVELS: Final = 33
# More than any form filled in by hand; each value takes about a microsecond on the event loop.
_MAX_JSON_VALUES: Final = 20_000
_LEFT_OUT: Final = object()


def fitted(annotation: Any, value: Any, decode: Decode, *, is_form: bool) -> Any:
    """Return a body with what its inputs have sent as the model takes it.

    Args:
        annotation: The type that the body is converted to.
        value: The parsed JSON, or a form body in groups, which are replaced in place.
        decode: The decoder for types that msgspec does not know.
        is_form: The body is a form: its dicts are groups.
    """
    try:
        new = _Fitting(decode, is_form=is_form).fit(dict if annotation is Any else annotation, value, 0)
    except _TooManyValuesError:
        return value
    return {} if new is _LEFT_OUT else new


def is_file(annotation: Any) -> bool:
    """Return whether a field takes an uploaded file."""
    return any(isinstance(each, type) and issubclass(each, UploadFile) for each in members(annotation))


def has_files(annotation: Any, seen: set[int] | None = None) -> bool:
    """Return whether a model has a field for files, at any depth."""
    if is_file(annotation):
        return True
    seen = set() if seen is None else seen
    for each in members(annotation):
        if id(each) in seen or get_origin(each) is Literal:
            continue
        seen.add(id(each))
        inner = [*get_args(each), *(field_type for _, field_type, _ in fields_of(each))]
        if any(has_files(part, seen) for part in inner):
            return True
    return False


def takes_texts(annotation: Any) -> bool:
    """Return whether `spelled` may change a text for this type."""
    kinds = members(annotation)
    return str not in kinds and any(each is bool or each in _TIMES for each in kinds)


def spelled(annotation: Any, text: str) -> str:
    """Return what a checkbox, time or datetime-local input has sent as msgspec reads it."""
    if text == "on":
        return "true" if bool in members(annotation) else text
    if text[-3:-2] == ":":
        for each in members(annotation):
            if each in _TIMES and _TIMES[each].fullmatch(text):
                return f"{text}:00"
    return text


def accepts_only_none(annotation: Any, decode: Decode) -> bool:
    """Return whether a type rejects "" and accepts None."""
    return not _accepts(annotation, "", decode) and _accepts(annotation, None, decode)


def _accepts(annotation: Any, value: Any, decode: Decode) -> bool:
    try:
        msgspec.convert(value, annotation, strict=False, dec_hook=decode)
    except Exception:  # noqa: BLE001 - Litestar converts the value again and reports the error
        return False
    return True


def _is_converted(member: Any) -> bool:
    return get_origin(member) is Literal or (isinstance(member, type) and issubclass(member, _CONVERTED))


class _TooManyValuesError(Exception):
    """A JSON body is too large for a form."""


class _Type(Struct, frozen=True):
    """Facts about the type of a field, collected once a request."""

    annotation: Any
    model: Any
    is_union: bool
    is_list: bool
    is_mapping: bool
    takes_texts: bool
    takes_files: bool

    @classmethod
    def of(cls, annotation: Any) -> _Type:
        model = bare(annotation)
        origin = get_origin(model) or model
        is_mapping = isinstance(origin, type) and issubclass(origin, Mapping)
        is_list = item_types(model, 1) is not None
        is_mapping = is_mapping or next(iter(fields_of(model)), None) is not None
        takes_files = is_file(model) or (is_list and any(map(is_file, get_args(model))))
        is_union = model is annotation and len(members(model)) > 1
        return cls(annotation, model, is_union, is_list, is_mapping, takes_texts(annotation), takes_files)


class _Fitting:
    """Fits one body, within the limits above."""

    def __init__(self, decode: Decode, *, is_form: bool) -> None:
        self._decode = decode
        self._is_form = is_form
        self._left = _MAX_JSON_VALUES
        # By the id of the annotation: a form has many fields of few types.
        self._types: dict[int, _Type] = {}
        self._empty: dict[int, Any] = {}

    def fit(self, annotation: Any, value: Any, level: int) -> Any:
        if annotation is Any or annotation is str:
            return nested(value) if self._is_form and level else value
        if (known := self._types.get(id(annotation))) is None:
            known = self._types[id(annotation)] = _Type.of(annotation)
        if isinstance(value, str):
            return self._fit_text(known, value, level)
        if type(value) is dict and level <= _MAX_LEVELS:
            return self._fit_dict(known, cast("Group", value), level)
        if isinstance(value, list) and known.is_list and level <= _MAX_LEVELS:
            return self._fit_items(known, value, level)
        if value is None and known.takes_files:
            instead = self._instead_of_empty(known)
            return None if instead == "" else instead
        return [value] if isinstance(value, UploadFile) and known.is_list else value

    def _fit_text(self, known: _Type, text: str, level: int) -> Any:
        if not text and (instead := self._instead_of_empty(known)) != "":
            return instead
        if known.is_list and self._is_form:
            return self._fit_items(known, [text], level)
        return spelled(known.annotation, text) if known.takes_texts else text

    def _instead_of_empty(self, known: _Type) -> Any:
        """Return what a field gets for "": None, a list without files, nothing, or "" itself."""
        if id(known.annotation) not in self._empty:
            self._empty[id(known.annotation)] = self._for_empty(known)
        instead = self._empty[id(known.annotation)]
        return list(instead) if isinstance(instead, tuple) else instead

    def _for_empty(self, known: _Type) -> Any:
        if _accepts(known.annotation, "", self._decode):
            return ""
        if _accepts(known.annotation, None, self._decode):
            return None
        if known.takes_files:
            return () if _accepts(known.annotation, [], self._decode) else _LEFT_OUT
        # The error of None says that the field is required.
        return None if all(map(_is_converted, members(known.annotation))) else ""

    def _fit_items(self, known: _Type, items: list[Any], level: int) -> list[Any]:
        self._count(items)
        types = item_types(known.model, len(items)) or ()
        new = [self.fit(item_type, item, level + 1) for item_type, item in zip(types, items, strict=False)]
        if all(one is other for one, other in zip(new, items, strict=False)):
            return items
        return [item for item in new if item is not _LEFT_OUT]

    def _fit_dict(self, known: _Type, value: Group, level: int) -> Any:
        if known.is_union and (model := branch(known.annotation, value)) is not known.annotation:
            return self.fit(model, value, level)
        if self._is_form and level:
            if known.is_list and (items := listed(value)) is not None:
                return self._fit_items(known, items, level)
            if not known.is_mapping or all(isinstance(key, int) for key in value):
                return nested(value)
            if any(isinstance(key, int) for key in value):
                value = cast("Group", mapped(value))
        self._count(value)
        new = value if self._is_form else value.copy()
        is_changed = False
        for name, part in list(self._parts(known.model, value, level)):
            if part is _LEFT_OUT:
                del new[name]
                is_changed = True
            elif name not in value or part is not value[name]:
                new[name], is_changed = part, True
        return new if is_changed else value

    def _parts(self, model: Any, value: Group, level: int) -> Iterable[tuple[str | int, Any]]:
        """Yield the name and the new value of each part of a mapping, and of fields that get one."""
        args = get_args(model)
        origin = get_origin(model)
        if isinstance(origin, type) and issubclass(origin, Mapping) and len(args) > 1:
            for key, part in value.items():
                yield key, self.fit(args[1], part, level + 1)
            return
        unknown = set(value) if self._is_form else set()
        for names, field_type, is_required in fields_of(model):
            name = next((name for name in names if name in value), None)
            if name is not None:
                unknown.discard(name)
                yield name, self.fit(field_type, value[name], level + 1)
            elif is_required and (instead := self._instead_of_nothing(field_type)) is not _LEFT_OUT:
                yield names[0], instead
        for key in unknown:
            yield key, nested(value[key])

    def _instead_of_nothing(self, annotation: Any) -> Any:
        """Return what a required field gets that the form has not sent."""
        args = get_args(bare(annotation))
        if item_types(bare(annotation), 1) is not None and (self._is_form or any(map(is_file, args))):
            return [] if _accepts(annotation, [], self._decode) else _LEFT_OUT
        return None if is_file(annotation) and _accepts(annotation, None, self._decode) else _LEFT_OUT

    def _count(self, values: Any) -> None:
        self._left -= len(values)
        if self._left < 0 and not self._is_form:
            raise _TooManyValuesError
