"""Reads `.vite/litestar-vite.json`: the Vite plugin's list of the files of a client build (src/js/src/built.ts).

The list is the only source for which files never change. Nothing is guessed from their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

LIST_FILE: Final = ".vite/litestar-vite.json"


class EmittedFile(msgspec.Struct, frozen=True):
    """A file of the build.

    Attributes:
        hash: The first 16 hex digits of the SHA-256 of its content.
        hashed: Its name contains a hash of its content, so that it never changes.
        br: The size of its Brotli copy, or None if it does not have one. `gzip` and `zstd` are the same for theirs.
    """

    hash: str
    size: int
    hashed: bool = False
    br: int | None = None
    gzip: int | None = None
    zstd: int | None = None


class _List(msgspec.Struct, frozen=True):
    files: dict[str, EmittedFile]


def read_list(bundle_dir: Path) -> bytes:
    """Return the content of the list. It is empty for builds by other plugins and by older versions of this one."""
    try:
        return (bundle_dir / LIST_FILE).read_bytes()
    except OSError:
        return b""


def parse_list(raw: bytes) -> dict[str, EmittedFile]:
    """Return the files in a list by name. A missing or truncated list counts as empty: all files are revalidated."""
    try:
        return msgspec.json.decode(raw, type=_List).files
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
