"""A whole HTTP reply."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

Headers: TypeAlias = Iterable[tuple[str, str]]
"""The names and values of a request's headers."""


class Reply(Struct, frozen=True):
    """A complete HTTP reply; header names are lower-case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    content_type: bytes = b""
