"""Finds the SSR bundle, and notices when a later build replaces it."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Final

from litestar_vite.exceptions import ConfigError

_PREFERRED_BUNDLES: Final = ("ssr.js", "ssr.mjs", "app.js", "app.mjs", "main.js", "main.mjs")


def find_bundle(ssr_dir: Path, bundle: str | Path | None, root: Path) -> Path:
    """Return the SSR bundle: the configured one, or the one in `ssr_dir`.

    Raises:
        ConfigError: No bundle was found, or several without a usual name.
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

    Attributes:
        hash: A hash of its bytes; empty when the file is missing, as with a render server on another machine.
    """

    def __init__(self, path: Path | None) -> None:
        self.hash = _fingerprint(path) if path is not None else b""
        self._path = path
        self._seen = _stamp(path) if path is not None else None

    @classmethod
    def of(cls, ssr_dir: Path, bundle: str | Path | None, root: Path) -> BundleVersion:
        """Look for the bundle; see `find_bundle`."""
        try:
            return cls(find_bundle(ssr_dir, bundle, root))
        except ConfigError:
            return cls(None)

    def is_current(self) -> bool:
        """Return whether all workers have loaded this bundle. Costs a `stat`, and a read of the file after a change."""
        if self._path is None or not self.hash:
            return True
        stamp = _stamp(self._path)
        # A missing bundle, as in the middle of a build, cannot be loaded.
        if stamp is not None and stamp != self._seen:
            if _fingerprint(self._path) not in {self.hash, b""}:
                return False
            self._seen = stamp
        return True


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _fingerprint(bundle: Path) -> bytes:
    """Return a hash of a bundle; empty when it is missing."""
    try:
        return blake2b(bundle.read_bytes(), digest_size=16).digest()
    except OSError:
        return b""
