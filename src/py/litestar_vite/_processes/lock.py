"""A file lock that the kernel releases when its process ends, and that child processes do not inherit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path


# A forked child shares the lock and would keep it after this process has ended, so it closes its copies.
_held: set[int] = set()


class FileLock(Struct, frozen=True):
    """A held lock."""

    path: Path
    descriptor: int

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """Return the lock on a file, which is created if missing; None while the lock is held elsewhere.

        Raises:
            OSError: The file cannot be opened.
        """
        try:
            import fcntl
        except ImportError:  # On Windows, servers run in one process.
            return cls(path, -1)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        _held.add(descriptor)
        return cls(path, descriptor)

    def is_in_place(self) -> bool:
        """Return whether the file at the path is still the locked one."""
        own = os.fstat(self.descriptor)
        try:
            there = self.path.lstat()
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)

    def release(self) -> None:
        if self.descriptor in _held:
            import fcntl

            _held.discard(self.descriptor)
            # Released explicitly: a child that was forked outside of Python may still have the file open.
            fcntl.flock(self.descriptor, fcntl.LOCK_UN)
            os.close(self.descriptor)


def _forget() -> None:
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
