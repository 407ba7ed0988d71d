"""Folders for run-time files that only this user may enter. Write access would let a process act for this one."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from litestar_vite.exceptions import ConfigError

_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - the folder in it is private


def user_folder(name: str) -> Path:
    """Return the path of this user's folder for run-time files. It may not exist yet.

    Args:
        name: Begins the folder's name; the user id follows.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    # The variable may come from another user's environment, or from a container's, and name a folder of another user.
    parent = runtime if runtime and os.access(runtime, os.W_OK) else temporary_folder()
    return Path(parent) / f"{name}-{user}"


def temporary_folder() -> str:
    """Return the folder for temporary files. If no disk is writable, as in a read-only container, return shared
    memory; without that, a folder in which nothing can be created.
    """
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else os.sep


def make_folder(folder: Path) -> None:
    """Create a folder with mode 0700 unless it exists.

    Raises:
        ConfigError: The existing folder is a link, belongs to another user, or is open to other users.
        OSError: The folder cannot be created.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(folder)


def check_folder(folder: Path) -> None:
    """Reject a folder in which another user could put files.

    Raises:
        ConfigError: The folder is a link, belongs to another user, or is open to other users.
        OSError: The folder does not exist.
    """
    if not hasattr(os, "getuid"):
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        msg = (
            f"'{folder}' is not a folder that only this user may enter. Remove it, or make it so: chmod 700 '{folder}'"
        )
        raise ConfigError(msg)
