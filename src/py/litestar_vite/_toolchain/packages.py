"""The npm packages of a front end: in `node_modules` of its folder or of a folder above (workspaces), or in Yarn's
Plug'n'Play.

Reads a few small files; call it off the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PLUG_AND_PLAY: Final = ".pnp.cjs"


def are_packages_installed(root: Path) -> bool:
    """Return whether the packages of the front end at `root` are installed. Checks for Vite, which every front end
    needs.
    """
    return find_package(root, "vite") is not None or has_plug_and_play(root)


def find_package(root: Path, name: str) -> Path | None:
    """Return the folder of an installed package; None when it is missing, or in Plug'n'Play, where only Yarn finds
    it.
    """
    for folder in upwards(root):
        package = folder / "node_modules" / name
        if (package / "package.json").is_file():
            return package
        if (folder / _PLUG_AND_PLAY).is_file():
            return None
    return None


def has_plug_and_play(root: Path) -> bool:
    """Return whether Yarn's Plug'n'Play replaces node_modules."""
    return any((folder / _PLUG_AND_PLAY).is_file() for folder in upwards(root))


def upwards(root: Path) -> Iterator[Path]:
    """Yield the folder and its parents, up to the root of the repository."""
    for folder in (root, *root.parents):
        yield folder
        if (folder / ".git").exists():
            return
