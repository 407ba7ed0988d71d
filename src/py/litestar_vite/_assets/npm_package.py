"""Vendors the litestar-vite npm package into a project.

How it works: the folder `js` of this package is copied to `vendor/litestar-vite` in the front end's root, and
package.json installs it from `file:vendor/litestar-vite`. The copy is updated whenever it differs, so the Python and
npm packages always have the same version.

docs/design/0010-npm-companion.md explains why the package is copied and committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar_vite.exceptions import ConfigError

COMPANION_FOLDER: Final = "vendor/litestar-vite"
COMPANION_SPEC: Final = f"file:{COMPANION_FOLDER}"
# Python runs these files from its own package.
_NOT_FOR_NPM: Final = frozenset({"worker.mjs", "guard.mjs"})


def companion_files() -> dict[str, bytes]:
    """Return the content of the npm package's files by name.

    Raises:
        ConfigError: The JavaScript of a source checkout has not been built.
    """
    source = Path(__file__).parent.parent / "js"
    if not (source / "package.json").is_file():
        raise ConfigError(f"The npm package is missing at '{source}'. In a source checkout, run: make js")
    return {
        path.name: path.read_bytes()
        for path in sorted(source.iterdir())
        if path.is_file() and path.name not in _NOT_FOR_NPM
    }


def is_vendored(root: Path) -> bool:
    """Return whether package.json installs the npm package from the vendored copy."""
    try:
        return f'"{COMPANION_SPEC}"' in (root / "package.json").read_text("utf-8")
    except OSError:
        return False


def companion_differs(root: Path) -> bool:
    """Return whether the vendored copy is missing or outdated."""
    return _content_of(root / COMPANION_FOLDER) != companion_files()


def sync_companion(root: Path) -> bool:
    """Update the vendored copy, delete obsolete files in it, and return whether anything changed."""
    folder, current = root / COMPANION_FOLDER, companion_files()
    found = _content_of(folder)
    if found == current:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in current.items():
        if found.get(name) != content:
            (folder / name).write_bytes(content)
    for name in found.keys() - current.keys():
        (folder / name).unlink()
    return True


def _content_of(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
