"""Controls which open files a child process inherits.

Servers make their listening sockets inheritable for their own processes: uvicorn and granian for `--workers`, gunicorn
for all. asyncio closes them in other children, uvloop does not."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


_OPEN_FILES: Final = "/proc/self/fd", "/dev/fd"  # Linux and macOS. Windows inherits nothing unless it is listed.
_STANDARD_STREAMS: Final = 3


@contextlib.contextmanager
def only_standard_streams() -> Iterator[None]:
    """Let child processes started in this context inherit only stdin, stdout and stderr."""
    changed = [fd for fd in _open_files() if _set_inheritable(fd, before=True, after=False)]
    try:
        yield
    finally:
        for fd in changed:
            _set_inheritable(fd, before=False, after=True)


def _open_files() -> list[int]:
    for folder in _OPEN_FILES:
        with contextlib.suppress(OSError):
            return [int(name) for name in os.listdir(folder) if int(name) >= _STANDARD_STREAMS]  # noqa: PTH208
    return []


def _set_inheritable(fd: int, *, before: bool, after: bool) -> bool:
    """Change whether a file is inheritable from `before` to `after`; return False if it was not `before`."""
    try:
        if os.get_inheritable(fd) is not before:
            return False
        os.set_inheritable(fd, after)
    except OSError:  # Closed in the meantime, like the file of the listing itself.
        return False
    return True
