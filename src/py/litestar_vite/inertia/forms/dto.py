"""What a DTO of Litestar refuses: all errors of a body, under the names that its fields have on the wire.

How it works:
1. A DTO converts the body to a Struct of its own, which has the names of the wire: `transfer_type`.
2. What passes there may still be refused by the model itself, which has other names, and whose parts Litestar makes one
   by one, so that an error does not tell where it is. `_field_values` gives the Struct's values under the names of the
   model, to be checked as a whole; `_wire_path` leads back.

Litestar has no public way to the type. When it is not where it is today (2.22 to 2.25), the form gets the first error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import UNSET, Struct

from litestar_vite.inertia.forms.body_errors import collect

if TYPE_CHECKING:
    from litestar_vite.inertia.forms.models import Decode

__all__ = ("collect_behind", "transfer_type", "was_raised_by")


def was_raised_by(exc: msgspec.ValidationError) -> bool:
    """Tell whether a DTO refused a form. Litestar lets msgspec's error of a form through as it is, so only where it was
    raised tells it.
    """
    last = exc.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and str(last.tb_frame.f_globals.get("__name__")).startswith("litestar.dto.")


def collect_behind(handler: Any, body: Any, decode: Decode) -> dict[str, list[str]]:
    """Return every error of a body that a handler takes through its DTO, by dotted path; empty when the DTO does not
    tell its type.

    Args:
        handler: The route handler.
        body: The body as JSON or a form gives it.
        decode: Makes values of types that msgspec does not know.
    """
    kind = transfer_type(handler)
    if kind is None:
        return {}
    if errors := collect(kind, body, decode):
        return errors
    converted = msgspec.convert(body, kind, strict=False, dec_hook=decode, str_keys=True)
    found = collect(handler.parsed_data_field.annotation, _field_values(converted), decode)
    return {_wire_path(converted, path): messages for path, messages in found.items()}


def transfer_type(handler: Any) -> Any:
    """Return the type that the DTO of a handler converts a body to; None without one, or when it does not tell."""
    backends = cast("dict[str, Any]", getattr(handler.resolve_data_dto(), "_dto_backends", {}))
    return getattr(backends.get(handler.handler_id, {}).get("data_backend"), "annotation", None)


def _field_values(value: Any) -> Any:
    """Return Structs, at any depth, as dicts by the names of their fields."""
    if isinstance(value, Struct):
        values = {name: getattr(value, name) for name in value.__struct_fields__}
        return {name: _field_values(part) for name, part in values.items() if part is not UNSET}
    if isinstance(value, (list, tuple)):
        return [_field_values(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _field_values(part) for key, part in cast("dict[str, Any]", value).items()}
    return value


def _wire_path(value: Any, path: str) -> str:
    """Return the dotted path of a field as the form calls it: "line_items.0.unit_price" is "lineItems.0.unitPrice".

    Args:
        value: What the DTO converted the body to.
        path: Names and indexes as the model has them.
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
