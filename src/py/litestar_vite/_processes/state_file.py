"""Small JSON files through which the processes of one user find each other's servers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from pathlib import Path


State = TypeVar("State", bound=msgspec.Struct)


def read_state(path: Path, state_type: type[State]) -> State | None:
    """Return the state in a file; None if the file is missing or malformed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=state_type)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_state(path: Path, state: msgspec.Struct) -> None:
    """Replace a file atomically, so that readers see either the old state or the new one.

    Raises:
        OSError: The file cannot be written.
    """
    draft = path.with_suffix(f".{os.getpid()}")
    # An earlier process with this id may have left its draft.
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    with open(os.open(draft, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor has no path
        file.write(msgspec.json.encode(state))
    draft.replace(path)
