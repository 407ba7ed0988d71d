"""Fields that were left empty: a form sends "" for them, which a number, a date or a file cannot be (protocol I66).

How it works: "" becomes None where the field's type refuses "" and takes None (`int | None`, `date | None`, `UploadFile
| None`). A field that takes texts keeps the text it was sent, a field that must not be None gets its message. In a
query string such a pair is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus

import msgspec

from litestar_vite.inertia.forms.models import bare, decoder_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar.handlers import HTTPRouteHandler

    from litestar_vite.inertia.forms.models import Decode

__all__ = ("blanks_as_none", "has_blank", "nullable_parameters", "without_blanks")


def nullable_parameters(handler: HTTPRouteHandler) -> frozenset[str]:
    """Return the names, in the query string, of a handler's own parameters that refuse "" and take None."""
    decode = decoder_of(handler)
    return frozenset(
        getattr(field.kwarg_definition, "query", None) or getattr(field.kwarg_definition, "name", None) or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if field.is_optional and _takes_none_for_blank(field.annotation, decode)
    )


def without_blanks(query: bytes, names: frozenset[str]) -> bytes:
    """Return a query string without the empty ones of these parameters, whose defaults then count: `?q=&age=` is `?q=`."""
    pairs = query.split(b"&")
    kept = [pair for pair in pairs if not (pair.endswith(b"=") and unquote_plus(pair[:-1].decode("latin-1")) in names)]
    return query if len(kept) == len(pairs) else b"&".join(kept)


def has_blank(values: Iterable[Any]) -> bool:
    """Tell whether a field, or an item of a list, is empty."""
    return any(value == "" or (isinstance(value, list) and "" in value) for value in values)


def blanks_as_none(kind: Any, value: Any, decode: Decode, known: dict[int, bool] | None = None) -> Any:
    """Return a body with None for the empty fields that may be None; parts without one are not copied.

    Args:
        kind: The annotation of the body.
        value: The body as a form gives it, nested.
        decode: Makes values of types that msgspec does not know.
        known: What was found out about types, by their id; a form has many fields of few types.
    """
    known = {} if known is None else known
    if isinstance(value, str):
        if value:
            return value
        if id(kind) not in known:
            known[id(kind)] = _takes_none_for_blank(kind, decode)
        return None if known[id(kind)] else value
    model = bare(kind)
    changed = {
        name: new
        for name, part_kind, part in _parts_of(model, value)
        if isinstance(part, (str, list, dict)) and (new := blanks_as_none(part_kind, part, decode, known)) is not part
    }
    if not changed:
        return value
    if isinstance(value, list):
        return [changed.get(str(index), item) for index, item in enumerate(value)]
    return {**cast("dict[str, Any]", value), **changed}


def _takes_none_for_blank(kind: Any, decode: Decode) -> bool:
    """Tell whether a type refuses "" and takes None."""
    return not _takes(kind, "", decode) and _takes(kind, None, decode)


def _takes(kind: Any, value: Any, decode: Decode) -> bool:
    try:
        msgspec.convert(value, kind, strict=False, dec_hook=decode)
    except Exception:  # noqa: BLE001 - a refusal, or a model that raises: Litestar meets it again, and answers
        return False
    return True


def _parts_of(model: Any, value: Any) -> Iterator[tuple[str, Any, Any]]:
    fields: Any = getattr(model, "model_fields", None)
    if not isinstance(fields, dict) or not isinstance(value, Mapping):
        yield from parts_of(model, value)
        return
    mapping = cast("Mapping[str, Any]", value)
    for field_name, field in cast("dict[str, Any]", fields).items():  # A pydantic model
        name = next(
            (
                name
                for name in (field.validation_alias, field.alias, field_name)
                if isinstance(name, str) and name in mapping
            ),
            None,
        )
        if name is not None:
            yield name, field.annotation, mapping[name]
