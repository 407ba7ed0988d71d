"""The files of a build while the app runs.

How it works:
1. The build folder is scanned when the app is created. Each request looks up its file in a dict.
2. Files that never change are kept in memory up to a limit, and are then served without a thread.
3. Other files are read in a thread. If one has changed, the folder is scanned again.
4. A request for an unknown file checks whether the folders have changed since the last scan. If so, they are scanned
   again, so that a build that finishes while the app runs is served.
"""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import BinaryIO, Final

from litestar_vite._assets.encodings import IDENTITY, accepted_encodings
from litestar_vite._assets.scan import BuiltFile, Representation, scan_build

# Larger files are sent in chunks.
_WHOLE: Final = 1024 * 1024
# The limit per process. The compressed copies of most builds need less.
_MEMORY: Final = 8 * 1024 * 1024
_KEPT: Final = 512 * 1024
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # The path is fully resolved, so a link means that the file was replaced.
    | getattr(os, "O_NONBLOCK", 0)  # The file may have been replaced by one that blocks, such as a pipe.
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
# A running build may change a file while it is looked up.
_ATTEMPTS: Final = 3


class BuiltFiles:
    """The files of a build."""

    def __init__(self, bundle_dir: Path, service_worker_allowed: str | None = None) -> None:
        self._bundle_dir = bundle_dir
        self._allowed = service_worker_allowed
        self._lock = threading.Lock()
        self._in_memory: dict[str, bytes] = {}
        self._memory_size = 0
        self._scan = scan_build(bundle_dir, service_worker_allowed)

    def in_memory(self, name: str, accept_encoding: bytes) -> tuple[Representation, bytes] | None:
        """Return an immutable file and its content, or None if the content is not in memory."""
        file = self._scan.files.get(name)
        if file is None or not file.is_immutable:
            return None
        chosen = file.best(accepted_encodings(accept_encoding))
        content = self._in_memory.get(chosen.path)
        return None if content is None else (chosen, content)

    def read(self, name: str, accept_encoding: bytes) -> tuple[Representation, bytes | BinaryIO] | None:
        """Return a file and its content (an open file if it is large), or None if it does not exist. Blocks."""
        for _ in range(_ATTEMPTS):
            file = self._scan.files.get(name)
            if file is not None and (file.is_immutable or _is_same(file)):
                chosen = file.best(accepted_encodings(accept_encoding))
                if (content := _content_of(chosen)) is not None:
                    if file.is_immutable and isinstance(content, bytes):
                        self._keep(chosen.path, content)
                    return chosen, content
            if not self._find_again(is_needed=file is not None):
                return None
        return None

    def _find_again(self, *, is_needed: bool) -> bool:
        """Scan again if that is needed or the folders have changed, and return whether a scan was made."""
        with self._lock:
            if not is_needed and self._scan.is_current():
                return False
            self._scan = scan_build(self._bundle_dir, self._allowed)
            self._in_memory.clear()
            self._memory_size = 0
            return True

    def _keep(self, path: str, content: bytes) -> None:
        if len(content) > _KEPT:
            return
        with self._lock:
            if path in self._in_memory:
                return
            self._in_memory[path] = content
            self._memory_size += len(content)
            while self._memory_size > _MEMORY:
                oldest = next(iter(self._in_memory))
                self._memory_size -= len(self._in_memory.pop(oldest))

    def __repr__(self) -> str:
        return f"<BuiltFiles files={len(self._scan.files)} in_memory={self._memory_size}>"


def _is_same(file: BuiltFile) -> bool:
    """Return whether a file is unchanged since the scan. If so, its compressed copies are current too."""
    found = file.representations[IDENTITY]
    try:
        status = os.stat(found.path)  # noqa: PTH116 - at each request
    except OSError:
        return False
    return status.st_mtime_ns == found.mtime_ns and status.st_size == found.size


def _content_of(chosen: Representation) -> bytes | BinaryIO | None:
    """Return the content of a file, or None if it has changed since the scan."""
    try:
        file = os.fdopen(os.open(chosen.path, _FLAGS), "rb", buffering=0)
    except OSError:
        return None
    is_open = False
    try:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size != chosen.size:
            return None
        if chosen.size > _WHOLE:
            is_open = True
            return file
        content = file.read(chosen.size) if chosen.size else b""
        return content if content is not None and len(content) == chosen.size else None
    except OSError:
        return None
    finally:
        if not is_open:
            file.close()
