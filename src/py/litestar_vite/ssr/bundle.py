"""What a render worker runs: the worker script, the SSR bundle, and the command line of the JavaScript runtime."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite.config.resolve import without_secrets
from litestar_vite.exceptions import ConfigError

__all__ = ("BundleVersion", "WorkerCommand", "default_workers", "find_bundle", "worker_script")

_PREFERRED_BUNDLES: Final = ("ssr.js", "ssr.mjs", "app.js", "app.mjs", "main.js", "main.mjs")
# 4: renders take milliseconds, so that four answer more than a thousand first visits a second; each costs about 70 MB.
_MOST_WORKERS: Final = 4


def worker_script() -> Path:
    """Return the path of the worker script that travels in this package.

    Raises:
        ConfigError: This is a source checkout whose JavaScript has not been built.
    """
    path = Path(__file__).parent.parent / "js" / "worker.mjs"
    if not path.is_file():
        msg = f"The render worker is missing at '{path}'. In a source checkout run: make js"
        raise ConfigError(msg)
    return path


def find_bundle(ssr_dir: Path, bundle: str | Path | None, root: Path) -> Path:
    """Return the SSR bundle: the configured one, or the one in `ssr_dir`.

    Raises:
        ConfigError: There is none, or there are several and none has a usual name.
    """
    if bundle is not None:
        path = root / bundle
        if not path.is_file():
            msg = f"SSRConfig.bundle names '{path}', which is no file. Run: vite build --ssr"
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
    """The SSR bundle as it was when the app started, so that pages of another build are not taken for those of this
    one.

    Attributes:
        hash: A hash of its bytes; empty when it is not here, as with a render server on another machine.
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
        """Tell whether no worker can have loaded another bundle: costs a `stat`, and reads the file when that says that
        it was written.
        """
        if self._path is None or not self.hash:
            return True
        stamp = _stamp(self._path)
        # One that is gone, as in the middle of a build, is loaded by nobody.
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
    """Return a hash of a bundle; empty when it is not there."""
    try:
        return blake2b(bundle.read_bytes(), digest_size=16).digest()
    except OSError:
        return b""


def default_workers() -> int:
    """Return how many workers there are by default: one for each core that this process may use, at most 4.

    Measured by `python -m benchmarks WORKERS`: on two cores a second worker adds 45 % to the pages a second, a third
    and fourth nothing."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_WORKERS)


class WorkerCommand(Struct, frozen=True):
    """How a worker is started.

    Attributes:
        runtime: node, bun or deno: a name in PATH or a path.
        bundle: The SSR bundle.
        max_heap_mb: JavaScript heap, in MiB.
        isolate_seconds: Run each render in a fresh context, and end it after so long; 0 renders all in one.
    """

    runtime: str
    bundle: Path
    max_heap_mb: int = 512
    isolate_seconds: float = 0.0

    def arguments(self) -> list[str]:
        """Return the command line.

        Raises:
            ConfigError: The worker script has not been built.
        """
        heap = f"--max-old-space-size={self.max_heap_mb}"
        name = Path(self.runtime).name.lower()
        if name.startswith("deno"):
            flags = ["run", "--allow-all", "--no-prompt", f"--v8-flags={heap}"]
        elif name.startswith("bun"):
            flags = ["--bun"]  # It has no limit of its heap; `SSRConfig.recycle_mb` works there as well.
        else:
            flags = [heap]
        return [self.runtime, *flags, str(worker_script()), str(self.bundle)]

    def environment(self) -> dict[str, str]:
        isolate = f"{self.isolate_seconds * 1000:.0f}"
        return {"NODE_ENV": "production", **without_secrets(os.environ), "LITESTAR_VITE_SSR_ISOLATE": isolate}
