"""Folders of sockets that nobody else may enter: whoever can write there answers for the render workers."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("check_folder", "make_folder")


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone, if it is not there.

    Raises:
        ConfigError: It was there, and is a link, somebody else's, or open to others.
        OSError: It cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(folder)


def check_folder(folder: Path) -> None:
    """Refuse a folder where somebody else could put workers of theirs.

    Raises:
        ConfigError: It is a link, somebody else's, or open to others.
        OSError: It is not there.
    """
    if not hasattr(os, "getuid"):
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        msg = (
            f"'{folder}' is not a folder that only this user may enter. Remove it, or make it so: chmod 700 '{folder}'"
        )
        raise ConfigError(msg)
