"""Run servers in private mount and PID namespaces, as in a container."""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ("HOME", "are_available", "inside")

HOME: Final = "/mnt/site"
"""Path of the project inside each namespace."""


@functools.cache
def are_available() -> bool:
    """Return whether this user may create mount and PID namespaces, as root may on Linux."""
    try:
        command = ["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def inside(site: Path, mounts: Sequence[str] = (), *, own_pids: bool = False, run_as: int | None = None) -> list[str]:
    """Return a command prefix that mounts `site` at HOME, runs `mounts` (shell commands) and then the command."""
    script = [
        "mount -t tmpfs -o mode=755 tmpfs /mnt",
        f"mkdir {HOME}",
        f"mount --bind '{site}' {HOME}",
        *mounts,
    ]
    user = f"setpriv --reuid={run_as} --regid={run_as} --clear-groups " if run_as is not None else ""
    pids = ["--pid", "--fork", "--kill-child", "--mount-proc"] if own_pids else []
    return ["unshare", "--mount", *pids, "sh", "-ec", "; ".join([*script, f'exec {user}"$@"']), "sh"]
