"""Finds all validation errors of a body behind a Litestar DTO, under the encoded field names.

How it works:
1. A DTO converts the body to its own Struct, which has the encoded names: `dto_wire_type`.
2. The model may still reject the values. It has other names, and Litestar builds its parts one by one, so the error has
   no path. `_field_values` returns the values under the names of the model, and `_encoded_path` maps the paths back.

Litestar provides no public access to the type. If a future version (after 2.25) moves it, the form shows the first
error.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct

from litestar_vite.inertia._forms.body_errors import collect
from litestar_vite.inertia._forms.messages import FieldError
from litestar_vite.inertia._forms.models import Decode
from litestar_vite.inertia._litestar.seams import dto_wire_type, module_that_raised


def was_raised_by(exc: msgspec.ValidationError) -> bool:
    """Return whether a DTO raised this error. Litestar does not wrap it for forms, so the traceback is checked."""
    return module_that_raised(exc).startswith("litestar.dto.")


def collect_behind_dto(handler: Any, body: Any, decode: Decode) -> list[FieldError]:
    """Return all errors of a parsed body behind a DTO; none if the transfer type is unknown."""
    annotation = dto_wire_type(handler)
    if annotation is None:
        return []
    if errors := collect(annotation, body, decode):
        return errors
    converted = msgspec.convert(body, annotation, strict=False, dec_hook=decode, str_keys=True)
    found = collect(handler.parsed_data_field.annotation, _field_values(converted), decode)
    return [msgspec.structs.replace(error, path=_encoded_path(converted, error.path)) for error in found]


def _field_values(value: Any) -> Any:
    """Return a value with all Structs in it converted to dicts by field name."""
    if isinstance(value, Struct):
        values = {name: getattr(value, name) for name in value.__struct_fields__}
        return {name: _field_values(part) for name, part in values.items() if part is not UNSET}
    if isinstance(value, (list, tuple)):
        return [_field_values(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _field_values(part) for key, part in cast("dict[str, Any]", value).items()}
    return value


def _encoded_path(value: Any, path: str) -> str:
    """Return a dotted path with encoded names: "line_items.0.unit_price" becomes "lineItems.0.unitPrice".

    Args:
        value: The Struct of the DTO.
        path: Field names and indexes of the model.
    """
    names: list[str] = []
    for part in path.split(".") if path else ():
        name, inner = part, None
        if isinstance(value, Struct):
            name = next((field.encode_name for field in msgspec.structs.fields(value) if field.name == part), part)
            inner = getattr(value, part, None)
        elif isinstance(value, dict):
            inner = cast("dict[str, Any]", value).get(part)
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(cast("list[Any]", value)):
            inner = cast("list[Any]", value)[int(part)]
        names.append(name)
        value = inner
    return ".".join(names)
