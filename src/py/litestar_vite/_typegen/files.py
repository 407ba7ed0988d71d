"""Writes generated files atomically, and only when they change."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

# The permissions of a new file; temporary files can only be read by their owner.
_MODE: Final = 0o666


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file if its text differs, and return whether it was written. Readers see the old file or the new one.

    Raises:
        OSError: The folder cannot be created, or the file cannot be written.
    """
    if is_current(path, text):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(path.stat().st_mode if path.is_file() else _MODE & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    return True


def is_current(path: Path, text: str) -> bool:
    """Return whether a file has this text. Line endings are ignored, since Git may have converted them."""
    try:
        return path.read_bytes().replace(b"\r\n", b"\n") == text.encode()
    except OSError:
        return False
