"""A file lock that ends with its process, however that ends, and that no child takes along."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("FileLock",)

# A fork shares the lock with the child, who would hold it when we are dead: it closes what we have open.
_held: set[int] = set()


class FileLock(Struct, frozen=True):
    """A lock that is held."""

    path: Path
    descriptor: int

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """Return the lock on a file, which is made if need be; None when somebody else holds it.

        Raises:
            OSError: It cannot be opened.
        """
        import fcntl

        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        _held.add(descriptor)
        return cls(path, descriptor)

    def is_in_place(self) -> bool:
        """Tell whether the file is still where others look for it."""
        own = os.fstat(self.descriptor)
        try:
            there = self.path.lstat()
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)

    def release(self) -> None:
        import fcntl

        if self.descriptor in _held:
            _held.discard(self.descriptor)
            # Explicitly, since a child that was made without a word to Python may have it open.
            fcntl.flock(self.descriptor, fcntl.LOCK_UN)
            os.close(self.descriptor)


def _forget() -> None:
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
