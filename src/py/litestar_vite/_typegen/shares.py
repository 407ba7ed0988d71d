"""The props that an app shares: those of its config, and those of `share` and `share_once` in its code."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from litestar_vite._typegen.connection_calls import SHARES, ConnectionCall
from litestar_vite._typegen.reading.functions import Reader
from litestar_vite._typegen.reading.value_shapes import field_of, shape_of
from litestar_vite._typegen.reading.values import Entry, Known, Made, PropType
from litestar_vite._typegen.shapes import Field, Fields, Shape, Unknown, either
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite.config import InertiaConfig
from litestar_vite.inertia._share_and_flash import share_once


def shared_props(
    reader: Reader, describer: Describer, calls: Iterable[ConnectionCall], config: InertiaConfig
) -> Fields:
    """Return the props that pages may have in addition to their own. Those of `share` calls are optional."""
    shared = _of_config(reader, describer, config)
    for call in calls:
        key = call.argument("key", 1) if call.fn in SHARES else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            shared = merged(shared, _of_call(reader, describer, call, key.value))
    return shared


def _of_config(reader: Reader, describer: Describer, config: InertiaConfig) -> Fields:
    entries: dict[str, Any] = {}
    for name, value in {**config.extra_static_page_props, **config.share}.items():
        target = entries
        *parents, last = name.split(".")
        for parent in parents:
            inner = target.setdefault(parent, {})
            target = inner if isinstance(inner, dict) else {}
        target[last] = Known(value)
    shape = shape_of(reader, describer, _made(entries))
    fields = shape.fields if isinstance(shape, Fields) else ()
    session = tuple(
        Field(key, Unknown("a value of the session"), is_optional=True)
        for key in sorted(config.extra_session_page_props)
        if key not in entries
    )
    return Fields((*fields, *session))


def _made(entries: Mapping[str, Any]) -> Made:
    return Made({
        name: Entry(_made(value) if isinstance(value, dict) else value) for name, value in entries.items()
    })  # fmt: skip


def _of_call(reader: Reader, describer: Describer, call: ConnectionCall, key: str) -> Fields:
    """Return the prop of a call as an object: `{auth?: {user?: …}}` for "auth.user"."""
    *parents, last = key.split(".")
    given = call.argument("value", 2)
    if given is None:
        field = Field(last, Unknown(f"{call.fn.__name__}() without a value"), is_optional=True, source=call.source)
    else:
        value = reader.widened(call.value_of(reader, given))
        if call.fn is share_once:
            value = PropType(value, "later", "once")
        field = field_of(reader, describer, last, Entry(value, is_optional=True, source=call.source))
    for parent in reversed(parents):
        field = Field(parent, Fields((field,)), is_optional=True, source=call.source)
    return Fields((field,))


def merged(one: Fields, other: Fields) -> Fields:
    """Return an object that may have the fields of both. A field of both has the type of either."""
    fields = {field.name: field for field in one.fields}
    for added in other.fields:
        known = fields.get(added.name)
        fields[added.name] = added if known is None else _either_field(known, added)
    return Fields(tuple(fields.values()), one.is_open)


def _either_field(known: Field, added: Field) -> Field:
    shape: Shape
    if isinstance(known.shape, Fields) and isinstance(added.shape, Fields):
        shape = merged(known.shape, added.shape)
    else:
        shape = either(known.shape, added.shape)
    return Field(known.name, shape, known.is_optional, known.source or added.source, known.note or added.note)
