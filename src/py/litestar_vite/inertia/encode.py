"""Turn a page into JSON bytes, or into one clear error that names the prop.

How it works: a page of plain values is encoded at once; the encoder stops where it meets a kind or a callable, and the
page is planned. Any other page is encoded when its props are there. Both ways give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from litestar_vite.exceptions import NonFiniteFloatError, PropEncodingError
from litestar_vite.inertia.context import KindFoundError
from litestar_vite.inertia.protocol.resolver import is_plain

if TYPE_CHECKING:
    from litestar_vite.inertia.context import Encoding

__all__ = ("encode_page", "encode_plain_page")

_ENCODE_ERRORS: Final = (TypeError, ValueError, OverflowError, RecursionError, msgspec.EncodeError)


def encode_page(page: Mapping[str, Any], encoding: Encoding, *, reject_nan: bool) -> bytes:
    """Encode a page object once.

    msgspec writes NaN and infinities as null, so the wire is valid JSON in any case. With `reject_nan` they are errors;
    the search for them costs nothing unless the page holds a null.

    Raises:
        PropEncodingError: A prop is no JSON: a cycle, too deep, an unknown type, a lone surrogate.
        NonFiniteFloatError: A prop holds NaN or an infinity, and `reject_nan` is on.
    """
    try:
        page_json = encoding.encode(page)
    except _ENCODE_ERRORS as error:
        raise _explain(page, encoding, error) from error
    if reject_nan and b"null" in page_json:
        for name, value in cast("Mapping[str, Any]", page["props"]).items():
            _refuse_nan(encoding.to_builtins(value), name)
    return page_json


def encode_plain_page(page: Mapping[str, Any], encoding: Encoding) -> bytes | None:
    """Encode a page object if its props are plain values.

    Plain values are what most pages hold, so they are encoded at once and not looked at before.

    Returns:
        The page's JSON, None when a prop is a kind or a callable, or a dict that holds one.

    Raises:
        PropEncodingError: A prop is no JSON.
    """
    looks_first = encoding.has_met_kinds
    if looks_first and not is_plain(page["props"]):
        return None
    try:
        # Kinds in lists, where `is_plain` does not look, are data.
        return encoding.encode(page) if looks_first else encoding.encode_plain(page)
    except KindFoundError:
        return None
    except _ENCODE_ERRORS as error:
        raise _explain(page, encoding, error) from error


def _explain(page: Mapping[str, Any], encoding: Encoding, error: Exception) -> PropEncodingError:
    """Find the prop that cannot be encoded; runs only after a failure."""
    for name, value in cast("Mapping[str, Any]", page["props"]).items():
        try:
            encoding.encode(value)
        except _ENCODE_ERRORS as cause:
            reason = "it holds itself, or is nested too deeply" if isinstance(cause, RecursionError) else str(cause)
            return PropEncodingError(f"Prop {name!r} of page {page['component']!r} cannot be sent as JSON: {reason}")
    return PropEncodingError(f"Page {page['component']!r} cannot be sent as JSON: {error}")


def _refuse_nan(value: Any, path: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            msg = f"Prop {path!r} is {value}, which JSON cannot carry. Send None or a string for it."
            raise NonFiniteFloatError(msg)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_nan(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _refuse_nan(item, f"{path}.{index}")
