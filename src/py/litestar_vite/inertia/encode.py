"""Turn a page into JSON bytes, or into one clear error that names the prop.

How it works: a page whose props are plain values is its props' JSON between two pieces that few pages differ in, which are remembered. Any
other page is encoded as one object. Both give the same bytes; a test compares them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from litestar_vite.exceptions import NonFiniteFloatError, PropEncodingError

if TYPE_CHECKING:
    from litestar_vite.inertia.context import Encoding

__all__ = ("encode_page", "encode_plain_page")

_ENCODE_ERRORS: Final = (TypeError, ValueError, OverflowError, RecursionError, msgspec.EncodeError)


def encode_page(page: Mapping[str, Any], encoding: Encoding, *, reject_nan: bool) -> bytes:
    """Encode a page object once.

    msgspec writes NaN and infinities as null, so the wire is valid JSON in any case. With `reject_nan` they are errors; the search for them
    costs nothing unless the page holds a null.

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


def encode_plain_page(
    component: str,
    props: Mapping[str, Any],
    url: str,
    version: str | None,
    encoding: Encoding,
    names_shared: bool,  # noqa: FBT001
) -> bytes:
    """Encode a page without errors and metadata, whose props are plain values, none of them dotted or named "errors".

    Args:
        component: The page component.
        props: The props; `errors` is added as an empty object.
        url: The page's URL.
        version: The asset version.
        encoding: The JSON encoder.
        names_shared: Whether to name the shared props, which is only `errors` here.

    Raises:
        PropEncodingError: A prop is no JSON.
    """
    try:
        props_json = encoding.encode(props)
    except _ENCODE_ERRORS as error:
        raise _explain({"component": component, "props": props}, encoding, error) from error
    # The props' own opening brace is cut: their members follow `errors` in one object.
    return b"".join((_page_start(component), b"," if props else b"", props_json[1:], _page_end(url, version, names_shared)))


@lru_cache(maxsize=1024)
def _page_start(component: str) -> bytes:
    return b'{"component":' + msgspec.json.encode(component) + b',"props":{"errors":{}'


@lru_cache(maxsize=1024)
def _page_end(url: str, version: str | None, names_shared: bool) -> bytes:  # noqa: FBT001
    shared = b',"sharedProps":["errors"]' if names_shared else b""
    return b',"url":' + msgspec.json.encode(url) + b',"version":' + msgspec.json.encode(version) + shared + b"}"


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
