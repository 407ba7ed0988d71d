"""What a handler returns, as a mapping of props. Only the top level is looked at; values are taken as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from litestar_vite.exceptions import PropError

__all__ = ("props_of",)


def props_of(content: Any) -> Mapping[str, Any]:
    """Return the props by their names on the wire.

    Args:
        content: A mapping, None (no props), or an object with fields: msgspec Struct, dataclass, pydantic or attrs model.

    Raises:
        PropError: It is something else, for example a list.
    """
    if type(content) is dict or isinstance(content, Mapping):
        return cast("Mapping[str, Any]", content)
    if content is None:
        return {}
    if isinstance(content, msgspec.Struct):
        return {
            field.encode_name: value
            for field in msgspec.structs.fields(content)
            if (value := getattr(content, field.name)) is not msgspec.UNSET
        }
    kind = type(content)
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(content, field.name) for field in dataclasses.fields(kind)}
    pydantic_fields: Mapping[str, Any] | None = getattr(kind, "__pydantic_fields__", None)
    if pydantic_fields is not None:
        return {field.serialization_alias or name: getattr(content, name) for name, field in pydantic_fields.items()}
    attrs_fields: Any = getattr(kind, "__attrs_attrs__", None)
    if attrs_fields is not None:
        return {field.name: getattr(content, field.name) for field in attrs_fields}
    msg = (
        f"A page's props must be a mapping or an object with fields, not {kind.__name__}. "
        "Return a dict whose keys are the names of the props, for example {'items': [...]}."
    )
    raise PropError(msg)
