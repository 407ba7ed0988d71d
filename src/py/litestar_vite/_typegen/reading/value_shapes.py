"""Converts inferred values to the shapes of the data that is sent for them."""

from __future__ import annotations

from typing import Any

from litestar_vite._typegen.reading.functions import Reader
from litestar_vite._typegen.reading.values import (
    Awaitable,
    Entry,
    Known,
    Listed,
    Made,
    Nothing,
    OneOf,
    Page,
    PropType,
    Several,
    Typed,
    Value,
)
from litestar_vite._typegen.shapes import NULL, Field, Fields, Fixed, Items, Shape, Unknown, either
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite.inertia._protocol.props import Once, Presence, Prop


def shape_of(reader: Reader, describer: Describer, value: Value) -> Shape:
    """Return the shape of the data that is sent for a value."""
    if isinstance(value, Typed):
        return describer.describe(reader.annotation(reader.awaited(value)))
    if isinstance(value, Made):
        fields = (field_of(reader, describer, name, entry) for name, entry in value.entries.items())
        return Fields(tuple(fields), bool(value.rest))
    if isinstance(value, Listed):
        return Items(shape_of(reader, describer, value.item))
    if isinstance(value, Several):
        return Fixed(tuple(shape_of(reader, describer, each) for each in value.items))
    if isinstance(value, OneOf):
        return either(*(shape_of(reader, describer, each) for each in value.options))
    if isinstance(value, Awaitable | PropType):
        return shape_of(reader, describer, value.value)
    if isinstance(value, Known):
        return _known(reader, describer, value.value)
    if isinstance(value, Nothing):
        return Unknown(value.reason)
    if isinstance(value, Page):
        return Unknown("a page inside a page")
    return shape_of(reader, describer, reader.sent(value))


def prop_of_object(prop: Prop[Any]) -> PropType:
    """Return the inferred value of a prop type that was created when the app started."""
    is_once = any(isinstance(each, Once) for each in prop.labels)
    later = is_once or prop.presence in {Presence.DEFERRED, Presence.OPTIONAL}
    return PropType(Known(prop.value), "later" if later else "normal", prop.presence.value)


def field_of(reader: Reader, describer: Describer, name: str, entry: Entry) -> Field:
    """Return the prop that is sent for a dict's entry."""
    value = entry.value
    if isinstance(value, Known) and isinstance(value.value, Prop):
        value = prop_of_object(value.value)
    if isinstance(value, PropType):
        value = PropType(reader.sent(value.value), value.presence, value.note)
    else:
        value = reader.sent(value)
    options = value.options if isinstance(value, OneOf) else (value,)
    props = [option for option in options if isinstance(option, PropType)]
    is_later = any(option.presence == "later" for option in props)
    note = ", ".join(dict.fromkeys(option.note for option in props))
    return Field(name, shape_of(reader, describer, value), entry.is_optional or is_later, entry.source, note)


def _known(reader: Reader, describer: Describer, value: Any) -> Shape:
    if value is None:
        return NULL
    if isinstance(value, dict):
        entries = {str(key): Entry(Known(each)) for key, each in value.items()}
        return shape_of(reader, describer, Made(entries))
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return Items(either(*(_known(reader, describer, each) for each in value)))
    if isinstance(value, Prop):
        return shape_of(reader, describer, prop_of_object(value))
    if callable(value) and not isinstance(value, type):
        return shape_of(reader, describer, reader.sent(Known(value)))
    if isinstance(value, type):
        return Unknown(f"{value.__name__} is a class")
    return describer.value(value)
