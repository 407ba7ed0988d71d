"""Finds the SSR bundle, and notices when a later build replaces it."""

from __future__ import annotations

import os
import re
from hashlib import blake2b
from pathlib import Path
from typing import Final

from litestar_vite.exceptions import ConfigError

_PREFERRED_BUNDLES: Final = ("ssr.js", "ssr.mjs", "app.js", "app.mjs", "main.js", "main.mjs")
_SCRIPTS: Final = frozenset({".js", ".mjs", ".cjs"})
# A string that starts with ./ or ../, as in `import("./Users-D2a.js")`. It is ignored if the file does not exist.
_RELATIVE: Final = re.compile(rb"""["'`](\.\.?/[^"'`\n\0$]{1,500})["'`]""")


def find_bundle(ssr_dir: Path, bundle: str | Path | None, root: Path) -> Path:
    """Return the path of the SSR bundle: the configured one, or the one in `ssr_dir`.

    Raises:
        ConfigError: No bundle was found, or several without a conventional name.
    """
    if bundle is not None:
        path = root / bundle
        if not path.is_file():
            msg = f"SSRConfig.bundle names '{path}', which is not a file. Run: vite build --ssr"
            raise ConfigError(msg)
        return path
    found = sorted(path for pattern in ("*.js", "*.mjs") for path in ssr_dir.glob(pattern))
    if not found:
        msg = f"No SSR bundle in '{ssr_dir}'. Run: vite build --ssr, or set SSRConfig.bundle, or turn SSR off."
        raise ConfigError(msg)
    by_name = {path.name: path for path in found}
    preferred = next((by_name[name] for name in _PREFERRED_BUNDLES if name in by_name), None)
    if preferred is None and len(found) > 1:
        msg = f"Several SSR bundles in '{ssr_dir}': {sorted(by_name)}. Name one in SSRConfig.bundle."
        raise ConfigError(msg)
    return preferred or found[0]


class BundleVersion:
    """The SSR bundle as it was when the app started, so that pages of different builds are not mixed.

    A bundle consists of its entry and all files that it imports by a relative path, directly or through others.

    Attributes:
        hash: A hash of these files; empty when the entry is missing, as with a render server on another machine.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        files = _files(path) if path is not None else {}
        self.hash = _hash(files)
        self._seen = {file: _stamp(file) for file in files}

    @classmethod
    def of(cls, ssr_dir: Path, bundle: str | Path | None, root: Path) -> BundleVersion:
        """Find the bundle; see `find_bundle`."""
        try:
            return cls(find_bundle(ssr_dir, bundle, root))
        except ConfigError:
            return cls(None)

    def is_current(self) -> bool:
        """Return whether a worker that starts now loads this bundle. Costs a `stat` per file, and reads all files after
        a change.
        """
        if self._path is None or not self.hash:
            return True
        seen = {file: _stamp(file) for file in self._seen}
        # A missing bundle, as during a build, cannot be loaded.
        if seen != self._seen and seen[self._path] is not None:
            files = _files(self._path)
            if _hash(files) != self.hash:
                return False
            self._seen = {file: _stamp(file) for file in files}
        return True

    def is_same(self, other_hash: str) -> bool:
        """Return whether a hexadecimal hash belongs to this bundle; True if either is unknown."""
        return not self.hash or not other_hash or self.hash.hex() == other_hash


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _files(entry: Path) -> dict[Path, bytes]:
    """Return the readable files of a bundle, with the entry first."""
    files: dict[Path, bytes] = {}
    wanted = [entry]
    while wanted:
        path = wanted.pop()
        if path in files:
            continue
        try:
            files[path] = path.read_bytes()
        except (OSError, ValueError):  # ValueError: The string is not a path.
            continue
        if path.suffix in _SCRIPTS:
            found = {_beside(path, text) for text in _RELATIVE.findall(files[path])}
            wanted += sorted(other for other in found if other not in files)
    return files


def _beside(path: Path, relative: bytes) -> Path:
    return Path(os.path.normpath(path.parent / os.fsdecode(relative)))


def _hash(files: dict[Path, bytes]) -> bytes:
    """Return a hash of contents and names, relative to the first file, the entry; empty without files."""
    if not files:
        return b""
    whole = blake2b(digest_size=16)
    entry = next(iter(files))
    for path, data in sorted(files.items(), key=lambda file: (file[0] != entry, file[0])):
        name = os.path.relpath(path, entry.parent) if path != entry else ""
        for part in (os.fsencode(name), data):
            whole.update(len(part).to_bytes(8, "big") + part)
    return whole.digest()
