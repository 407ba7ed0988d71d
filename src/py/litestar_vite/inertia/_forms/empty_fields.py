"""Empty form fields: a form sends "" for them, which is not a valid number, date or file (protocol I66).

How it works: "" becomes None where the field's type rejects "" and accepts None (`int | None`, `date | None`,
`UploadFile | None`). Text fields keep "", and a required field gets its error message. In a query string the pair is
removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus

import msgspec

from litestar_vite.inertia._forms.models import bare, decoder_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar.handlers import HTTPRouteHandler

    from litestar_vite.inertia._forms.models import Decode


def nullable_parameters(handler: HTTPRouteHandler) -> frozenset[str]:
    """Return the query names of a handler's parameters that reject "" and accept None."""
    decode = decoder_of(handler)
    return frozenset(
        getattr(field.kwarg_definition, "query", None) or getattr(field.kwarg_definition, "name", None) or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if field.is_optional and _accepts_only_none(field.annotation, decode)
    )


def without_empty(query: bytes, names: frozenset[str]) -> bytes:
    """Remove these parameters from a query string where they are empty: `?q=&age=` becomes `?q=`."""
    pairs = query.split(b"&")
    kept = [pair for pair in pairs if not (pair.endswith(b"=") and unquote_plus(pair[:-1].decode("latin-1")) in names)]
    return query if len(kept) == len(pairs) else b"&".join(kept)


def has_empty_field(values: Iterable[Any]) -> bool:
    """Return whether any field, or any item of a list, is empty."""
    return any(value == "" or (isinstance(value, list) and "" in value) for value in values)


def empty_as_none(annotation: Any, value: Any, decode: Decode, known: dict[int, bool] | None = None) -> Any:
    """Replace "" by None in the fields that accept None; unchanged parts are not copied.

    Args:
        annotation: The annotation of the body.
        value: The nested form data.
        decode: The decoder for types that msgspec does not know.
        known: Results for the types seen so far, by id; a form has many fields of few types.
    """
    known = {} if known is None else known
    if isinstance(value, str):
        if value:
            return value
        if id(annotation) not in known:
            known[id(annotation)] = _accepts_only_none(annotation, decode)
        return None if known[id(annotation)] else value
    model = bare(annotation)
    changed = {
        name: new
        for name, part_type, part in _parts_of(model, value)
        if isinstance(part, (str, list, dict)) and (new := empty_as_none(part_type, part, decode, known)) is not part
    }
    if not changed:
        return value
    if isinstance(value, list):
        return [changed.get(str(index), item) for index, item in enumerate(value)]
    return {**cast("dict[str, Any]", value), **changed}


def _accepts_only_none(annotation: Any, decode: Decode) -> bool:
    """Return whether a type rejects "" and accepts None."""
    return not _accepts(annotation, "", decode) and _accepts(annotation, None, decode)


def _accepts(annotation: Any, value: Any, decode: Decode) -> bool:
    try:
        msgspec.convert(value, annotation, strict=False, dec_hook=decode)
    except Exception:  # noqa: BLE001 - Litestar converts the value again and reports the error
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
