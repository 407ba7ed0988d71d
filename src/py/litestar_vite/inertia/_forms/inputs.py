"""Converts the values of form inputs to values that the fields of a model accept (protocol I66).

How it works: `fitted` walks a body along its model, and only changes values that the model would reject.

| an input sends | the field gets |
|---|---|
| "", where text is not accepted | None; a required file is left out, so that the error says it is required |
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
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast, get_args, get_origin

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Struct

from litestar_vite.inertia._forms.brackets import Group, listed, mapped, nested
from litestar_vite.inertia._forms.models import Decode, bare, branch, fields_of, item_types, members

_TIMES: Final = {
    dt.datetime: re.compile(r"[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"),
    dt.time: re.compile(r"[0-9]{2}:[0-9]{2}"),
}
# The depth of bracketed names; JSON may be deeper.
_MAX_LEVELS: Final = 33
# More than any form filled in by hand; each value takes about a microsecond on the event loop.
_MAX_JSON_VALUES: Final = 20_000
# More types than a handler has; generic types may be created anew for each body.
_MAX_TYPES: Final = 1024
_LEFT_OUT: Final = object()


def fitted(annotation: Any, value: Any, types: FieldTypes, *, is_form: bool) -> Any:
    """Return a body with its inputs converted to values that the model accepts.

    Args:
        value: The parsed JSON, or a form body in groups, which are replaced in place.
        is_form: The body is a form: its dicts are groups.
    """
    try:
        new = _Fitting(types, is_form=is_form).fit(dict if annotation is Any else annotation, value, 0)
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
    """Return whether `spelled` may change a string for this type."""
    kinds = members(annotation)
    return str not in kinds and any(each is bool or each in _TIMES for each in kinds)


def spelled(annotation: Any, text: str) -> str:
    """Return the value of a checkbox, time or datetime-local input in a form that msgspec reads."""
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


class _TooManyValuesError(Exception):
    """A JSON body is too large for a form."""


class _Type(Struct, frozen=True):
    """Facts about the type of a field.

    Attributes:
        annotation: The type as it is declared.
        model: The type without None and Annotated.
        fields: The fields of a model: their names, types, whether they are required, and whether they keep the texts
            of JSON as they are, unless they are empty.
        value_type: The type of a mapping's values, if it is declared.
    """

    annotation: Any
    model: Any
    is_union: bool
    is_list: bool
    is_mapping: bool
    takes_texts: bool
    takes_files: bool
    fields: tuple[tuple[Sequence[str], Any, bool, bool], ...]
    value_type: Any

    @classmethod
    def of(cls, annotation: Any) -> _Type:
        model = bare(annotation)
        origin, args = get_origin(model) or model, get_args(model)
        is_mapping = isinstance(origin, type) and issubclass(origin, Mapping)
        is_list = item_types(model, 1) is not None
        fields = tuple((*field, not takes_texts(field[1])) for field in fields_of(model))
        takes_files = is_file(model) or (is_list and any(map(is_file, args)))
        return cls(
            annotation=annotation,
            model=model,
            is_union=model is annotation and len(members(model)) > 1,
            is_list=is_list,
            is_mapping=is_mapping or bool(fields),
            takes_texts=takes_texts(annotation),
            takes_files=takes_files,
            fields=fields,
            value_type=args[1] if is_mapping and len(args) > 1 else None,
        )


class FieldTypes:
    """The types of a handler's fields, examined once. `decode` reads types that msgspec does not support."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        # By the id of the annotation, which _Type keeps alive: some annotations cannot be hashed.
        self._types: dict[int, _Type] = {}
        # Found when a form needs them, since a decoder of the app may run.
        self._for_empty: dict[int, Any] = {}
        self._for_nothing: dict[tuple[int, bool], Any] = {}

    def of(self, annotation: Any) -> _Type:
        """Return the facts about a type."""
        known = self._types.get(id(annotation))
        if known is None:
            if len(self._types) >= _MAX_TYPES:
                for facts in (self._types, self._for_empty, self._for_nothing):
                    facts.clear()
            known = self._types[id(annotation)] = _Type.of(annotation)
        return known

    def for_empty(self, known: _Type) -> Any:
        """Return the value of a field for "": None, a list without files, `_LEFT_OUT` for nothing, or "" itself."""
        key = id(known.annotation)
        if key not in self._for_empty:
            self._for_empty[key] = self._find_for_empty(known)
        return _new(self._for_empty[key])

    def for_nothing(self, known: _Type, *, is_form: bool) -> Any:
        """Return the value of a required field that the form has not sent, or `_LEFT_OUT`."""
        key = (id(known.annotation), is_form)
        if key not in self._for_nothing:
            self._for_nothing[key] = self._find_for_nothing(known, is_form=is_form)
        return _new(self._for_nothing[key])

    def _find_for_empty(self, known: _Type) -> Any:
        if _accepts(known.annotation, "", self._decode):
            return ""
        if _accepts(known.annotation, None, self._decode):
            return None
        if known.takes_files:
            return () if _accepts(known.annotation, [], self._decode) else _LEFT_OUT
        return ""

    def _find_for_nothing(self, known: _Type, *, is_form: bool) -> Any:
        if known.is_list and (is_form or known.takes_files):
            return () if _accepts(known.annotation, [], self._decode) else _LEFT_OUT
        is_none = is_file(known.annotation) and _accepts(known.annotation, None, self._decode)
        return None if is_none else _LEFT_OUT


class _Fitting:
    """Fits one body, within the limits above."""

    def __init__(self, types: FieldTypes, *, is_form: bool) -> None:
        self._types = types
        self._is_form = is_form
        self._left = _MAX_JSON_VALUES

    def fit(self, annotation: Any, value: Any, level: int) -> Any:
        if annotation is Any or annotation is str:
            return nested(value) if self._is_form and level else value
        known = self._types.of(annotation)
        if isinstance(value, str):
            return self._fit_text(known, value, level)
        if type(value) is dict and level <= _MAX_LEVELS:
            return self._fit_dict(known, cast("Group", value), level)
        if isinstance(value, list) and known.is_list and level <= _MAX_LEVELS:
            return self._fit_items(known, value, level)
        if value is None and known.takes_files:
            instead = self._types.for_empty(known)
            return None if instead == "" else instead
        return [value] if isinstance(value, UploadFile) and known.is_list else value

    def _fit_text(self, known: _Type, text: str, level: int) -> Any:
        if not text and (instead := self._types.for_empty(known)) != "":
            return instead
        if known.is_list and self._is_form:
            return self._fit_items(known, [text], level)
        return spelled(known.annotation, text) if known.takes_texts else text

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
        changes = self._changes(known, value, level)
        if not changes:
            return value
        new = value if self._is_form else value.copy()
        for name, part in changes.items():
            if part is _LEFT_OUT:
                del new[name]
            else:
                new[name] = part
        return new

    def _changes(self, known: _Type, value: Group, level: int) -> Group:
        """Return the new values of the parts of a mapping that change, and of missing fields that receive a value."""
        if known.value_type is not None:
            fits = ((key, part, self.fit(known.value_type, part, level + 1)) for key, part in value.items())
            return {key: new for key, part, new in fits if new is not part}
        changes: Group = {}
        unknown = set(value) if self._is_form else set()
        for names, field_type, is_required, keeps_texts in known.fields:
            name = names[0] if names[0] in value else next((name for name in names if name in value), None)
            if name is not None:
                unknown.discard(name)
                part = value[name]
                if keeps_texts and not self._is_form and type(part) is str and part:
                    continue
                new = self.fit(field_type, part, level + 1)
                if new is not part:
                    changes[name] = new
            elif is_required:
                instead = self._types.for_nothing(self._types.of(field_type), is_form=self._is_form)
                if instead is not _LEFT_OUT:
                    changes[names[0]] = instead
        for key in unknown:
            changes[key] = nested(value[key])
        return changes

    def _count(self, values: Any) -> None:
        self._left -= len(values)
        if self._left < 0 and not self._is_form:
            raise _TooManyValuesError


def _new(value: Any) -> Any:
    """Return a list of its own for an empty tuple."""
    return [] if value == () else value
