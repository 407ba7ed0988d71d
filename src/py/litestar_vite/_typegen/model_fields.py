"""The fields of model classes: Structs, dataclasses, attrs, pydantic, TypedDict and NamedTuple."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

import msgspec
import typing_extensions

from litestar_vite._typegen.annotations import Unresolved, class_hints, resolve, returned_by
from litestar_vite._typegen.shapes import NULL, Field, Fields, Fixed, Shape, Word, constant, either
from litestar_vite.inertia._protocol.props import Prop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar_vite._typegen.type_shapes import Describer


_NOT_REQUIRED: Final = frozenset({typing.NotRequired, typing_extensions.NotRequired})
_REQUIRED: Final = frozenset({typing.Required, typing_extensions.Required})
MARKS: Final = _NOT_REQUIRED | _REQUIRED | {typing.Annotated, typing_extensions.ReadOnly}


def is_model(kind: Any) -> bool:
    """Return whether instances of a class are encoded by their fields."""
    return (
        hasattr(kind, "__struct_fields__")
        or dataclasses.is_dataclass(kind)
        or hasattr(kind, "__attrs_attrs__")
        or hasattr(kind, "__pydantic_fields__")
        or typing_extensions.is_typeddict(kind)
        or (issubclass(kind, tuple) and hasattr(kind, "_fields") and bool(getattr(kind, "__annotations__", None)))
    )


def model_shape(describer: Describer, annotation: Any, kind: type) -> Shape:
    """Return the shape of a model's values. `annotation` is the class, or a generic alias of it."""
    if hasattr(kind, "__struct_fields__"):
        return _struct(describer, annotation, kind)
    if hasattr(kind, "__pydantic_fields__") and not dataclasses.is_dataclass(kind):
        return _pydantic(describer, kind)
    if dataclasses.is_dataclass(kind):
        return Fields(tuple(_dataclass_fields(describer, annotation, kind)))
    if hasattr(kind, "__attrs_attrs__"):
        return Fields(tuple(_attrs_fields(describer, annotation, kind)))
    if typing_extensions.is_typeddict(kind):
        return Fields(tuple(_typed_dict_fields(describer, annotation, kind)))
    hints = class_hints(annotation)
    return Fixed(tuple(describer.describe(hints[name][0]) for name in kind._fields))  # type: ignore[attr-defined]


def is_prop_of_later(annotation: Any) -> bool:
    """Return whether a field holds a prop type that the first response may omit."""
    return any(isinstance(each, type) and issubclass(each, Prop) for each in _origins(annotation))


def may_be_unset(annotation: Any) -> bool:
    """Return whether a value may be omitted with `msgspec.UNSET`."""
    return any(each is msgspec.UnsetType for each in _origins(annotation))


def _origins(annotation: Any) -> Iterator[Any]:
    """Yield the classes of a union's members."""
    origin = get_origin(annotation)
    if origin in MARKS:
        yield from _origins(get_args(annotation)[0])
    elif origin in {typing.Union, types.UnionType}:
        for each in get_args(annotation):
            yield from _origins(each)
    else:
        yield origin or annotation


def _field(describer: Describer, kind: type, name: str, annotation: Any, *, sent_as: str, optional: bool) -> Field:
    is_later = is_prop_of_later(annotation)
    shape = describer.describe(annotation)
    return Field(
        sent_as,
        either(shape, NULL) if shape == Word("File") else shape,  # A file input is empty at first.
        not describer.is_input and (optional or may_be_unset(annotation) or is_later),
        describer.sources.of_field(kind, name),
        "a prop type: may be loaded later" if is_later else "",
    )


def _struct(describer: Describer, annotation: Any, kind: Any) -> Shape:
    hints, config = class_hints(annotation), kind.__struct_config__
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    first_default = len(names) - len(defaults)
    fields: list[Field] = []
    if config.tag_field is not None and not describer.is_input:
        fields.append(Field(config.tag_field, constant(config.tag), source=describer.sources.of_class(kind)))
    for index, (name, sent_as) in enumerate(zip(names, kind.__struct_encode_fields__, strict=True)):
        has_default = index >= first_default and defaults[index - first_default] is not msgspec.NODEFAULT
        optional = config.omit_defaults and has_default
        fields.append(_field(describer, kind, name, hints[name][0], sent_as=sent_as, optional=optional))
    if config.array_like:
        return Fixed(tuple(field.shape for field in fields))
    return Fields(tuple(fields))


def _dataclass_fields(describer: Describer, annotation: Any, kind: Any) -> Iterator[Field]:
    hints = class_hints(annotation)
    for field in dataclasses.fields(kind):
        # Such a default stays on the class, which the encoder ignores.
        optional = not field.init and field.default is not dataclasses.MISSING
        if describer.is_input and not field.init:
            continue
        yield _field(describer, kind, field.name, hints[field.name][0], sent_as=field.name, optional=optional)


def _attrs_fields(describer: Describer, annotation: Any, kind: Any) -> Iterator[Field]:
    hints = class_hints(annotation)
    for field in kind.__attrs_attrs__:
        if describer.is_input and field.init:
            yield _field(describer, kind, field.name, _attrs_type(hints, field), sent_as=field.alias, optional=False)
        elif not describer.is_input and not field.name.startswith("_"):
            yield _field(describer, kind, field.name, _attrs_type(hints, field), sent_as=field.name, optional=False)


def _attrs_type(hints: dict[str, tuple[Any, type]], field: Any) -> Any:
    if field.name in hints:
        return hints[field.name][0]
    return field.type if field.type is not None else Unresolved(f"the attribute {field.name} is not annotated")


def _typed_dict_fields(describer: Describer, annotation: Any, kind: Any) -> Iterator[Field]:
    for name, (hint, _) in class_hints(annotation).items():
        marks = set(_marks(hint))
        optional = bool(marks & _NOT_REQUIRED) or (name not in kind.__required_keys__ and not marks & _REQUIRED)
        yield _field(describer, kind, name, hint, sent_as=name, optional=optional)


def _marks(annotation: Any) -> Iterator[Any]:
    while (origin := get_origin(annotation)) in MARKS:
        yield origin
        annotation = get_args(annotation)[0]


def _pydantic(describer: Describer, kind: Any) -> Shape:
    decorators = kind.__pydantic_decorators__
    for serializer in decorators.model_serializers.values():
        return describer.describe(_returned(serializer.func, f"the model serializer of {kind.__name__}"))
    if getattr(kind, "__pydantic_root_model__", False):
        return describer.describe(kind.__pydantic_fields__["root"].annotation)
    by_alias, fields = describer.by_alias or describer.is_input, []
    for name, field in kind.__pydantic_fields__.items():
        if field.exclude and not describer.is_input:
            continue
        alias = field.serialization_alias if not describer.is_input else _input_alias(field)
        found = _field(
            describer, kind, name, _pydantic_type(decorators, kind, name, field),
            sent_as=(by_alias and alias) or name, optional=False,
        )  # fmt: skip
        fields.append(found)
    for name, computed in decorators.computed_fields.items() if not describer.is_input else ():
        returned = computed.info.return_type
        if not isinstance(returned, type) and get_origin(returned) is None:
            returned = _returned(computed.func, f"the computed field {name}")
        sent_as = (by_alias and computed.info.alias) or name
        fields.append(Field(sent_as, describer.describe(returned), source=describer.sources.of_field(kind, name)))
    return Fields(tuple(fields), is_open=kind.model_config.get("extra") == "allow")


def _input_alias(field: Any) -> str | None:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else field.alias


def _pydantic_type(decorators: Any, kind: Any, name: str, field: Any) -> Any:
    """Return the encoded type of a field: the return type of its serializer, or the field's own type."""
    for serializer in decorators.field_serializers.values():
        if name in serializer.info.fields or "*" in serializer.info.fields:
            returned = serializer.info.return_type
            if isinstance(returned, type) or get_origin(returned) is not None:
                return returned
            return _returned(serializer.func, f"the serializer of {kind.__name__}.{name}")
    for mark in field.metadata:
        if type(mark).__name__ in {"PlainSerializer", "WrapSerializer"}:
            if isinstance(mark.return_type, type) or get_origin(mark.return_type) is not None:
                return mark.return_type
            return _returned(mark.func, f"the serializer of {kind.__name__}.{name}")
    annotation = field.annotation
    if isinstance(annotation, str):
        annotation = resolve(annotation, kind.__module__, owner=kind)
    return annotation


def _returned(fn: Any, what: str) -> Any:
    plain = getattr(fn, "fget", None) or getattr(fn, "__func__", None) or fn
    plain = getattr(plain, "func", plain)
    if isinstance(plain, type):
        return plain
    returned = returned_by(plain)
    return Unresolved(f"{what} lacks a return annotation") if returned is inspect.Signature.empty else returned
