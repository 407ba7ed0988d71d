"""The npm half of this package, and how it comes into a project.

How it works: the folder `js` of this package is copied to `vendor/litestar-vite` in the front end's root, and
package.json names it as `file:vendor/litestar-vite`. The copy is made again whenever it differs, so that Python and npm
never have different versions.

Why a copy, and why it is committed: docs/design/0010-npm-companion.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar_vite.exceptions import ConfigError

__all__ = (
    "COMPANION_FOLDER",
    "COMPANION_SPEC",
    "companion_differs",
    "companion_files",
    "is_vendored",
    "sync_companion",
)

COMPANION_FOLDER: Final = "vendor/litestar-vite"
COMPANION_SPEC: Final = f"file:{COMPANION_FOLDER}"
# What Python starts from within its own package; no part of the npm package.
_NOT_FOR_NPM: Final = frozenset({"worker.mjs", "guard.mjs"})


def companion_files() -> dict[str, bytes]:
    """Return the content of the npm package by file name.

    Raises:
        ConfigError: This is a source checkout whose JavaScript has not been built.
    """
    source = Path(__file__).parent.parent / "js"
    if not (source / "package.json").is_file():
        msg = f"The npm companion is missing at '{source}'. In a source checkout run: make js"
        raise ConfigError(msg)
    return {
        path.name: path.read_bytes()
        for path in sorted(source.iterdir())
        if path.is_file() and path.name not in _NOT_FOR_NPM
    }


def is_vendored(root: Path) -> bool:
    """Tell whether package.json takes the npm package from the project's copy."""
    try:
        return f'"{COMPANION_SPEC}"' in (root / "package.json").read_text("utf-8")
    except OSError:
        return False


def companion_differs(root: Path) -> bool:
    """Tell whether the project's copy is missing, or not the one of this package."""
    return _content_of(root / COMPANION_FOLDER) != companion_files()


def sync_companion(root: Path) -> bool:
    """Bring the project's copy up to date and tell whether that changed anything; files that are no longer part of it
    go.
    """
    folder, wanted = root / COMPANION_FOLDER, companion_files()
    found = _content_of(folder)
    if found == wanted:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in wanted.items():
        if found.get(name) != content:
            (folder / name).write_bytes(content)
    for name in found.keys() - wanted.keys():
        (folder / name).unlink()
    return True


def _content_of(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
