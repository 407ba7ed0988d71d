"""A whole HTTP reply."""

from __future__ import annotations

from msgspec import Struct


class Reply(Struct, frozen=True):
    """A complete HTTP reply; header names are lower-case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    content_type: bytes = b""
