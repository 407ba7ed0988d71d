"""Unix sockets in folders with long paths.

The kernel limits the length of a socket's path, but not of the path that a link in it points to. So a link in a
private folder with a short path points to the long one. Each process creates or finds the same link."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

from litestar_vite._processes.folder import make_folder, temporary_folder
from litestar_vite.exceptions import ConfigError

# sockaddr_un.sun_path: 104 bytes on macOS, including the final NUL.
_MAX_BYTES: Final = 103


def short_path(path: Path) -> Path | None:
    """Return a path to the same file that is short enough for a Unix socket; None if that is impossible.

    Creates a folder and a link if the path is too long.
    """
    if _fits(path):
        return path
    name = blake2b(os.fsencode(path.parent), digest_size=8).hexdigest()
    for base in _short_folders():
        link = base / name
        if not _fits(link / path.name):
            continue
        try:
            make_folder(base)
            _make_link(link, path.parent)
        except (OSError, ConfigError):
            continue
        return link / path.name
    return None


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _MAX_BYTES


def _short_folders() -> list[Path]:
    if not hasattr(os, "getuid"):
        return []
    user = os.getuid()
    # The folder that is made in one of them is private.
    parents = [Path(f"/run/user/{user}"), Path(temporary_folder()), Path("/tmp")]  # noqa: S108
    return [parent / f"litestar-vite-{user}-links" for parent in parents if os.access(parent, os.W_OK)]


def _make_link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    draft = link.with_name(f"{link.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)
