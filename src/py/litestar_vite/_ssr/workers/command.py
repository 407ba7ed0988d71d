"""The command line of a render worker: the JavaScript runtime, the worker script and the SSR bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite.config._resolve import without_secrets
from litestar_vite.exceptions import ConfigError

# 4: renders take milliseconds, so four workers serve more than a thousand first visits per second. Each costs 70 MB.
_MOST_WORKERS: Final = 4


def worker_script() -> Path:
    """Return the path of the worker script in this package.

    Raises:
        ConfigError: This is a source checkout without built JavaScript.
    """
    path = Path(__file__).parents[2] / "js" / "worker.mjs"
    if not path.is_file():
        msg = f"The render worker is missing at '{path}'. In a source checkout run: make js"
        raise ConfigError(msg)
    return path


def default_workers() -> int:
    """Return the default number of workers: one for each core that this process may use, at most 4.

    Measured by `python -m benchmarks WORKERS`: on two cores, a second worker adds 45 % more pages per second, and a
    third and fourth add nothing."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_WORKERS)


class WorkerCommand(Struct, frozen=True):
    """The command of a render worker.

    Attributes:
        runtime: node, bun or deno: a name in PATH or a path.
        bundle: The SSR bundle.
        max_heap_mb: JavaScript heap, in MiB.
        isolate_seconds: Run each render in a fresh context, and end it after this many seconds; 0 shares one context.
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
            flags = ["--bun"]  # Bun cannot limit its heap; `SSRConfig.recycle_mb` works with Bun too.
        else:
            flags = [heap]
        return [self.runtime, *flags, str(worker_script()), str(self.bundle)]

    def environment(self) -> dict[str, str]:
        isolate = f"{self.isolate_seconds * 1000:.0f}"
        return {"NODE_ENV": "production", **without_secrets(os.environ), "LITESTAR_VITE_SSR_ISOLATE": isolate}
