"""Running processes, and the owner process that a child must not outlive.

Under a reloader or several workers, server processes come and go while their parent stays. The parent then owns Vite,
and each server process finds it running. See docs/design/0015-who-owns-the-dev-server.md."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from msgspec import Struct


class Owner(Struct, frozen=True):
    """A process.

    Attributes:
        pid: The process id.
        start: The start time in kernel ticks, which distinguishes it from a later process with this id; None
            without /proc.
        is_parent: The process is the parent of this one and outlives it.
    """

    pid: int
    start: str | None
    is_parent: bool


def find_owner() -> Owner:
    """Return the owner of this process's dev server.

    uvicorn's reloader, uvicorn's and granian's workers and hypercorn start their server processes through
    multiprocessing."""
    parent = multiprocessing.parent_process()
    pid = parent.pid if parent is not None and parent.pid is not None else os.getpid()
    return process(pid, is_parent=parent is not None)


def process(pid: int, *, is_parent: bool = False) -> Owner:
    """Return a process by its id and start time."""
    return Owner(pid, _start_time(pid), is_parent)


def is_same_process(owner: Owner) -> bool:
    """Return whether this process still runs, and not a later one with its id."""
    return is_running(owner.pid) and (owner.start is None or _start_time(owner.pid) == owner.start)


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    fields = _stat(pid)
    return fields is None or fields[0] not in {"Z", "X"}


def _start_time(pid: int) -> str | None:
    fields = _stat(pid)
    return fields[19] if fields is not None else None


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/<pid>/stat from the state on; None without that file."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("latin-1")
    except OSError:
        return None
    # The program's name is in parentheses and may contain spaces and parentheses.
    return text[text.rindex(")") + 2 :].split(" ")
