"""The parts of a model, as the annotation of a body tells them: a Struct's fields, the items of a list."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import (
    Annotated,
    Any,
    Final,
    NotRequired,
    Required,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import msgspec
from typing_extensions import ReadOnly

__all__ = ("MISSING", "Decode", "bare", "decoder_of", "parts_of")

Decode = Callable[[type, Any], Any]
"""Makes a value of a type that msgspec does not know, as Litestar's type decoders do."""


class Missing:
    """Stands for a field that is not there."""


MISSING: Final = Missing()


def decoder_of(handler: Any) -> Decode:
    """Return what a route handler makes values with, of types that msgspec does not know; what is of its type already
    stays.
    """
    decode = handler.default_deserializer

    def decoded(kind: Any, raw: Any) -> Any:
        return raw if isinstance(kind, type) and isinstance(raw, kind) else decode(kind, raw)

    return decoded


def bare(kind: Any) -> Any:
    """Return a type without what says how it may be constrained or absent; of a union the one member that can have
    parts.
    """
    origin = get_origin(kind)
    if origin is Annotated:
        return bare(get_args(kind)[0])
    if origin in (Union, types.UnionType):
        members = [member for member in get_args(kind) if member not in (type(None), msgspec.UnsetType)]
        return bare(members[0]) if len(members) == 1 else kind
    return bare(kind.__value__) if hasattr(kind, "__value__") else kind  # `type X = …` of Python 3.12


def parts_of(kind: Any, value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, type and value of each part, MISSING for a field that must be there and is not."""
    origin, args = get_origin(kind) or kind, get_args(kind)
    if isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        if origin in (list, set, frozenset) and args:
            yield from ((str(index), args[0], item) for index, item in enumerate(items))
        elif origin is tuple and args:
            kinds = [args[0]] * len(items) if args[-1] is Ellipsis else args
            yield from ((str(index), kind, item) for index, (kind, item) in enumerate(zip(kinds, items, strict=False)))
    elif isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        if isinstance(origin, type) and issubclass(origin, dict) and len(args) > 1:
            yield from ((str(key), args[1], item) for key, item in mapping.items())
            return
        for name, field_kind, is_required in _fields_of(kind):
            if name in mapping:
                yield name, field_kind, mapping[name]
            elif is_required:
                yield name, field_kind, MISSING


def _fields_of(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Return the fields of a model, none for any other type."""
    try:
        return _remembered_fields(kind)
    except TypeError:  # Not hashable, as a generic model with odd constraints.
        return tuple(_read_fields(kind))


# 1,024 models: those of one app. Reading the annotations of one costs more than checking a form by them.
@lru_cache(maxsize=1024)
def _remembered_fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    return tuple(_read_fields(kind))


def _read_fields(kind: Any) -> Iterator[tuple[str, Any, bool]]:
    """Yield the name on the wire, the type, and whether it must be there, of each field of a model."""
    origin = get_origin(kind) or kind
    if not isinstance(origin, type):
        return
    if issubclass(origin, msgspec.Struct):
        # Of the alias and not of its origin: `Page[User]` knows what its type variables stand for.
        yield from ((field.encode_name, field.type, field.required) for field in msgspec.structs.fields(kind))
        return
    fields: dict[str, bool] = {}
    if is_typeddict(origin):
        fields = dict.fromkeys(origin.__annotations__, bool(cast("Any", origin).__total__))
    elif dataclasses.is_dataclass(origin):
        missing = dataclasses.MISSING
        fields = {
            f.name: f.default is missing and f.default_factory is missing for f in dataclasses.fields(origin) if f.init
        }
    elif attributes := cast("Any", getattr(origin, "__attrs_attrs__", None)):
        from attrs import NOTHING

        fields = {field.name: field.default is NOTHING for field in attributes if field.init}
    if fields:
        hints = get_type_hints(origin, include_extras=True)
        # In annotations that are strings only the hints tell Required and NotRequired.
        marks = {Required: True, NotRequired: False}
        # msgspec knows these words in a TypedDict, and not alone.
        yield from (
            (name, _unmarked(hints[name]), marks.get(get_origin(hints[name]), required))
            for name, required in fields.items()
        )


def _unmarked(kind: Any) -> Any:
    """Return a type without Required, NotRequired and ReadOnly."""
    return _unmarked(get_args(kind)[0]) if get_origin(kind) in (NotRequired, Required, ReadOnly) else kind
