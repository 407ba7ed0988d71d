"""Folders for run-time files that only this user may enter: a process that can write there speaks for ours."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from litestar_vite.exceptions import ConfigError

_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - the folder in it is private


def user_folder(name: str) -> Path:
    """Return the path of this user's folder for run-time files; it may not exist yet.

    Args:
        name: Begins the folder's name; the user id follows.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    # Another user's environment, or a container's, may name a folder that is not ours.
    parent = runtime if runtime and os.access(runtime, os.W_OK) else temporary_folder()
    return Path(parent) / f"{name}-{user}"


def temporary_folder() -> str:
    """Return the folder for temporary files. If no disk can be written, as in a read-only container, it is shared
    memory; without that, it is a folder in which nothing can be made.
    """
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else os.sep


def make_folder(folder: Path) -> None:
    """Make a folder with mode 0700 unless it exists.

    Raises:
        ConfigError: The existing folder is a link, belongs to another user, or is open to other users.
        OSError: The folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(folder)


def check_folder(folder: Path) -> None:
    """Refuse a folder in which another user could put files.

    Raises:
        ConfigError: It is a link, belongs to another user, or is open to other users.
        OSError: It does not exist.
    """
    if not hasattr(os, "getuid"):
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        msg = (
            f"'{folder}' is not a folder that only this user may enter. Remove it, or make it so: chmod 700 '{folder}'"
        )
        raise ConfigError(msg)
