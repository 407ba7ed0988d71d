"""Turn a page into JSON bytes, or into one clear error that names the prop.

How it works: a page of plain values is encoded at once; the encoder stops where it meets a kind or a callable, and the
page is planned. Any other page is encoded when its props are there. Both ways give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from litestar.serialization import get_serializer

from litestar_vite.exceptions import NonFiniteFloatError, PropEncodingError
from litestar_vite.inertia.protocol.resolver import is_noteworthy, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.types import Serializer

__all__ = ("Encoding", "KindFoundError", "encode_page", "encode_plain_page")

_ENCODE_ERRORS: Final = (TypeError, ValueError, OverflowError, RecursionError, msgspec.EncodeError)
# 256 KiB for each handler: pages are smaller, and what is larger costs so much that its memory does not count.
_MAX_BUFFER_BYTES: Final = 256 * 1024


class KindFoundError(Exception):
    """Props that were encoded as plain values hold a kind or a callable."""


class Encoding:
    """A JSON encoder with the type encoders of one handler.

    Attributes:
        encode: Encodes a value.
        has_met_kinds: Whether that has happened: who sends kinds once sends them again, and the work done until then is
            lost.
        hook: What the encoder calls for other types.
    """

    __slots__ = ("_buffer", "_encode_into", "encode", "has_met_kinds", "hook", "type_encoders")

    def __init__(self, type_encoders: Mapping[Any, Callable[[Any], Any]]) -> None:
        self.type_encoders = type_encoders  # Kept alive, since its id is the cache key.
        self.hook: Serializer = get_serializer(dict(type_encoders))
        self.encode = msgspec.json.Encoder(enc_hook=self.hook).encode
        self._encode_into = msgspec.json.Encoder(enc_hook=self._hook_but_for_kinds).encode_into
        self._buffer: bytearray | None = bytearray()
        self.has_met_kinds = False

    def encode_plain(self, value: Any) -> bytes:
        """Encode a value without kinds and callables; raises KindFoundError at the first.

        The encoder asks about what it does not know only, so that plain props are recognised for nothing. It writes
        where the handler's last page was written: one that grows page by page moves three times a page's size through
        memory that is not in any cache."""
        buffer, self._buffer = self._buffer, None
        if buffer is None:  # A type encoder has made a page of its own, or another thread is at it.
            buffer = bytearray()
        try:
            self._encode_into(value, buffer)
            return bytes(buffer)
        finally:
            self._buffer = buffer if len(buffer) <= _MAX_BUFFER_BYTES else bytearray()

    def _hook_but_for_kinds(self, value: Any) -> Any:
        kind: Any = type(value)
        if is_noteworthy(kind):
            self.has_met_kinds = True
            raise KindFoundError
        return self.hook(value)

    def to_builtins(self, value: Any) -> Any:
        """Turn a model into dicts and lists, as JSON would show it."""
        return msgspec.to_builtins(value, enc_hook=self.hook, str_keys=True)


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
