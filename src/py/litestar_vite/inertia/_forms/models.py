"""Reads the parts of a model from the annotation of a body: the fields of a Struct, the items of a list."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NotRequired, Required, Union, cast, get_args, get_origin

import msgspec
from typing_extensions import ReadOnly, get_type_hints, is_typeddict

Decode = Callable[[type, Any], Any]
"""Creates a value of a type that msgspec does not support, like Litestar's type decoders."""
_Field = tuple[str, Any, bool, Collection[type]]
"""The encoded name and the type of a field, whether it is required, and the types of values that are always valid."""

_UNIONS: Final = (Union, types.UnionType)
# Most fields of forms have such a type, without constraints.
_PLAIN: Final = (str, int, float, bool, type(None))


MISSING: Final = object()
"""Marks a missing field."""


def decoder_of(handler: Any) -> Decode:
    """Return the handler's decoder for types that msgspec does not support; values of such a type are returned as they
    are.
    """
    decode = handler.default_deserializer

    def decoded(annotation: Any, raw: Any) -> Any:
        return raw if isinstance(annotation, type) and isinstance(raw, annotation) else decode(annotation, raw)

    return decoded


def bare(annotation: Any) -> Any:
    """Return a type without Annotated, None and UNSET; a union of several models is returned as it is."""
    found = members(annotation)
    return found[0] if len(found) == 1 else annotation


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the types of a union without Annotated, None and UNSET; for any other type, only that type."""
    try:
        return _remembered_members(annotation)
    except TypeError:  # Not hashable.
        return _read_members(annotation)


def _read_members(annotation: Any) -> tuple[Any, ...]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return members(get_args(annotation)[0])
    if origin in _UNIONS:
        each = (member for member in get_args(annotation) if member not in (type(None), msgspec.UnsetType))
        return tuple(inner for member in each for inner in members(member))
    # `type X = …` of Python 3.12
    return members(annotation.__value__) if hasattr(annotation, "__value__") else (annotation,)


_remembered_members: Final = lru_cache(maxsize=1024)(_read_members)


def branch(annotation: Any, value: Any) -> Any:
    """Return the model that the tag chooses from a union of models; any other type, and a union without tags, as it is.

    The tag is that of a Struct, or a field of type Literal, like pydantic's discriminators.
    """
    if not isinstance(value, dict) or len(found := members(annotation)) == 1:
        return annotation
    chosen = [model for model in found if (tags := _tags(model)) and _has_tags(cast("Any", value), tags)]
    return chosen[0] if len(chosen) == 1 else annotation


def _tags(model: Any) -> list[tuple[Sequence[str], tuple[Any, ...]]]:
    """Return the names and the values of the fields that distinguish a model from others."""
    config = getattr(model, "__struct_config__", None)
    if config is not None and config.tag is not None:
        return [((config.tag_field,), (config.tag,))]
    typed = ((names, bare(field_type)) for names, field_type, _ in fields_of(model))
    return [(names, get_args(literal)) for names, literal in typed if get_origin(literal) is Literal]


def _has_tags(value: Mapping[str, Any], tags: list[tuple[Sequence[str], tuple[Any, ...]]]) -> bool:
    for names, args in tags:
        sent = next((value[name] for name in names if name in value), None)
        # Form data is text. Other fields than tags may be nested values of any size.
        if not isinstance(sent, (str, int)) or str(sent) not in map(str, args):
            return False
    return True


def item_types(annotation: Any, count: int) -> Sequence[Any] | None:
    """Return the types of a list's first `count` items; None for types other than lists, sets and tuples."""
    origin, args = get_origin(annotation) or annotation, get_args(annotation)
    if origin is tuple and args and args[-1] is not Ellipsis:
        return [*args, *[Any] * (count - len(args))]
    is_list = isinstance(origin, type) and issubclass(origin, (list, tuple, AbstractSet, Sequence))
    is_list = is_list and not issubclass(origin, (str, bytes))
    is_list = is_list or origin in (Collection, Iterable)
    return [args[0] if args else Any] * count if is_list else None


def fields_of(annotation: Any) -> Iterable[tuple[Sequence[str], Any, bool]]:
    """Yield the names that a model reads a field from, its type, and whether it is required; none for other types."""
    fields: Any = getattr(annotation, "model_fields", None)
    if isinstance(fields, dict):
        for name, field in cast("dict[str, Any]", fields).items():  # A pydantic model
            alias = field.validation_alias
            if hasattr(alias, "path"):  # An AliasPath names a part of another value, which is not converted.
                continue
            names = [each for each in (*getattr(alias, "choices", [alias]), field.alias, name) if isinstance(each, str)]
            yield names, field.annotation, field.is_required()
        return
    for name, field_type, is_required, _ in _fields_of(annotation):
        yield (name,), field_type, is_required


def item_type(annotation: Any) -> Any:
    """Return the type of every item of a list, set or tuple; MISSING for other types, and for items that differ."""
    origin, args = get_origin(annotation), get_args(annotation)
    is_alike = origin in (list, set, frozenset) or (origin is tuple and args[-1:] == (Ellipsis,))
    return args[0] if is_alike and args else MISSING


def suspects_in(annotation: Any, value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name, type and value of each part that may be invalid, for the types that `item_type` does not know.

    Texts, numbers and booleans that their type takes are left out. A missing required field has the value MISSING.
    """
    origin, args = get_origin(annotation) or annotation, get_args(annotation)
    if origin is tuple and isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        yield from ((str(index), *part) for index, part in enumerate(zip(args, items, strict=False)))
    elif isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if isinstance(origin, type) and issubclass(origin, dict) and len(args) > 1:
            taken = _plain_types(args[1])
            yield from ((str(key), args[1], item) for key, item in mapping.items() if type(item) not in taken)
            return
        for name, field_type, is_required, taken in _fields_of(annotation):
            if name in mapping:
                part = mapping[name]
                if type(part) not in taken:
                    yield name, field_type, part
            elif is_required:
                yield name, field_type, MISSING


def _plain_types(annotation: Any) -> Collection[type]:
    """Return the types of which every value is valid for an annotation: `str` and NoneType for `str | None`."""
    types = get_args(annotation) if get_origin(annotation) in _UNIONS else (annotation,)
    return tuple(each for each in types if each in _PLAIN)


def _fields_of(annotation: Any) -> tuple[_Field, ...]:
    """Return the fields of a model; none for any other type."""
    try:
        return _remembered_fields(annotation)
    except TypeError:  # Not hashable, such as a generic model with unusual constraints.
        return _with_plain_types(annotation)


# 1,024 models, enough for one app. Reading the annotations of a model costs more than checking a form with them.
@lru_cache(maxsize=1024)
def _remembered_fields(annotation: Any) -> tuple[_Field, ...]:
    return _with_plain_types(annotation)


def _with_plain_types(annotation: Any) -> tuple[_Field, ...]:
    return tuple((*field, _plain_types(field[1])) for field in _read_fields(annotation))


def _read_fields(annotation: Any) -> Iterator[tuple[str, Any, bool]]:
    """Yield the encoded name and the type of each field of a model, and whether the field is required."""
    origin = get_origin(annotation) or annotation
    if not isinstance(origin, type):
        return
    if issubclass(origin, msgspec.Struct):
        # Read from the alias, since `Page[User]` resolves its type variables and `Page` does not.
        yield from ((field.encode_name, field.type, field.required) for field in msgspec.structs.fields(annotation))
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
        # With string annotations, Required and NotRequired only appear in the type hints.
        marks: dict[Any, bool] = {Required: True, NotRequired: False}
        # msgspec only accepts these qualifiers inside a TypedDict.
        yield from (
            (name, _unmarked(hints[name]), marks.get(get_origin(hints[name]), required))
            for name, required in fields.items()
        )


def _unmarked(annotation: Any) -> Any:
    """Return a type without Required, NotRequired and ReadOnly."""
    return (
        _unmarked(get_args(annotation)[0])
        if get_origin(annotation) in (NotRequired, Required, ReadOnly)
        else annotation
    )
