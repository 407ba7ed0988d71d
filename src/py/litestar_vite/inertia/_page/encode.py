"""Encodes a page as JSON bytes, or raises one clear error that names the prop.

How it works: `encode_plain` expects plain values and stops at the first prop type or callable; `encode` takes prop
types in lists for the values they have. Both give the same bytes."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec
from litestar.serialization import get_serializer
from litestar.types import Serializer

from litestar_vite.exceptions import NonFiniteFloatError, PropEncodingError
from litestar_vite.inertia._page.big_integers import mark_huge, with_markers
from litestar_vite.inertia._protocol.plain_props import is_noteworthy

_ENCODE_ERRORS: Final = (TypeError, ValueError, OverflowError, RecursionError, msgspec.EncodeError)
# 256 KiB for each handler: pages are smaller, and for larger ones the memory does not matter.
_MAX_BUFFER_BYTES: Final = 256 * 1024


class PropFoundError(Exception):
    """Props that were encoded as plain values contain a prop type or a callable."""


class Encoding:
    """A JSON encoder with the type encoders of one handler."""

    __slots__ = ("_buffer", "_encode_into", "encode", "hook", "type_encoders")

    def __init__(self, type_encoders: Mapping[Any, Callable[[Any], Any]]) -> None:
        self.type_encoders = type_encoders  # Kept alive, since its id is the cache key.
        self.hook: Serializer = get_serializer(dict(type_encoders))
        self.encode = msgspec.json.Encoder(enc_hook=self.hook).encode
        self._encode_into = msgspec.json.Encoder(enc_hook=self._hook_of_plain_values).encode_into
        self._buffer: bytearray | None = bytearray()

    def encode_plain(self, value: Any) -> bytes:
        """Encode a value without prop types and callables. Raises PropFoundError at the first one.

        The encoder only calls the hook for unknown types, so recognising plain props is free. It reuses the buffer of
        the handler's last page: a new buffer would move three times a page's size through memory that is not in any
        cache."""
        buffer, self._buffer = self._buffer, None
        if buffer is None:  # A type encoder encodes another page, or another thread uses the buffer.
            buffer = bytearray()
        try:
            self._encode_into(value, buffer)
            return bytes(buffer)
        finally:
            self._buffer = buffer if len(buffer) <= _MAX_BUFFER_BYTES else bytearray()

    def _hook_of_plain_values(self, value: Any) -> Any:
        kind: Any = type(value)
        if is_noteworthy(kind):
            raise PropFoundError
        return self.hook(value)

    def encode_page(self, page: Mapping[str, Any], *, plain: bool) -> bytes:
        """Encode a page object once. With `plain`, stop at prop types and callables, at any depth.

        Raises:
            PropFoundError: `plain` is on and a prop is not plain.
            PropEncodingError: A prop cannot be encoded as JSON: a cycle, too deep, an unknown type, a lone surrogate.
        """
        try:
            return self.encode_plain(page) if plain else self.encode(page)
        except _ENCODE_ERRORS as error:
            raise _explain(page, self, error) from error

    def to_builtins(self, value: Any) -> Any:
        """Turn a model into dicts and lists, as JSON would show it."""
        return msgspec.to_builtins(value, enc_hook=self.hook, str_keys=True)


def encode_preserving(page: Mapping[str, Any], encoding: Encoding, *, plain: bool) -> bytes:
    """Encode a page with the unsafe integers of its props and flash data as markers. Raises like `encode_page`."""
    marked = dict(page)
    for name in ("props", "flash"):
        if name in page:
            marked[name] = msgspec.Raw(_marked_json(page["component"], page[name], encoding, plain=plain))
    return encoding.encode_page(marked, plain=plain)


def _marked_json(component: str, value: Any, encoding: Encoding, *, plain: bool) -> bytes:
    try:
        encoded = encoding.encode_page({"component": component, "props": value}, plain=plain)
    except PropEncodingError as error:
        if not isinstance(error.__cause__, OverflowError):
            raise
        value = mark_huge(encoding.to_builtins(value))
        encoded = encoding.encode_page({"component": component, "props": value}, plain=plain)
    start = len(b'{"component":,"props":') + len(msgspec.json.encode(component))
    return with_markers(encoded[start:-1])


def refuse_nan(page_json: bytes, page: Mapping[str, Any], encoding: Encoding) -> None:
    """Search a page for NaN and infinities, which msgspec writes as null. Free unless the page contains a null.

    Raises:
        NonFiniteFloatError: A prop contains one.
    """
    # `in` costs twice as much: bytes first tries a number.
    if page_json.find(b"null") >= 0:
        for name, value in cast("Mapping[str, Any]", page["props"]).items():
            _refuse_nan(encoding.to_builtins(value), name)


def _explain(page: Mapping[str, Any], encoding: Encoding, error: Exception) -> PropEncodingError:
    """Find the prop that cannot be encoded. Only runs after a failure."""
    for name, value in cast("Mapping[str, Any]", page["props"]).items():
        try:
            encoding.encode(value)
        except _ENCODE_ERRORS as cause:
            reason = "it holds itself, or is nested too deeply" if isinstance(cause, RecursionError) else str(cause)
            reason = _find_missing_await(value, encoding) or reason
            return PropEncodingError(f"Prop {name!r} of page {page['component']!r} cannot be sent as JSON: {reason}")
    return PropEncodingError(f"Page {page['component']!r} cannot be sent as JSON: {error}")


def _find_missing_await(value: Any, encoding: Encoding) -> str | None:
    """Return an explanation for an awaitable inside a value; None if the encoder stopped at something else."""
    found: list[Any] = []

    def stop(unknown: Any) -> Any:
        found.append(unknown)
        return encoding.hook(unknown)

    with contextlib.suppress(*_ENCODE_ERRORS):
        msgspec.json.Encoder(enc_hook=stop).encode(value)
    return missing_await(found[-1]) if found else None


def missing_await(value: Any) -> str | None:
    """Return an explanation for an awaitable that is used as a value; None for anything else.

    A coroutine is closed, so that Python does not report it again.
    """
    if not inspect.isawaitable(value):
        return None
    name = getattr(value, "__qualname__", type(value).__name__)
    if inspect.iscoroutine(value):
        value.close()
    return f"it is a coroutine of {name}(), without `await`. Write `await {name.rpartition('.')[2]}(...)`."


def _refuse_nan(value: Any, path: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NonFiniteFloatError(
                f"Prop {path!r} is {value}, which JSON cannot carry. Send None or a string for it."
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_nan(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _refuse_nan(item, f"{path}.{index}")
