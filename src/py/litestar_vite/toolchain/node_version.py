"""Which Node Vite 8 runs on, and a word about one that it does not run on."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from litestar_vite.toolchain.executor import Runtime

__all__ = ("REMEDY", "is_supported", "too_old")

REMEDY: Final = (
    "Install a newer one from https://nodejs.org, or let pip bring it along: pip install 'litestar-vite[node]'"
)
_VERSION: Final = re.compile(r"v(\d+)\.(\d+)")
# The first start of a Node on a cold disk takes seconds.
_SECONDS: Final = 10


def is_supported(major: int, minor: int) -> bool:
    """Tell whether Vite 8 runs on this Node: its own words are ^20.19.0 || >=22.12.0."""
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22  # noqa: PLR2004 - Node's versions


def too_old(runtime: Runtime) -> str | None:
    """Return a sentence about a Node that is too old for Vite 8, None for any other runtime; starts it, so call it off
    the event loop.
    """
    if runtime.name != "node":
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a runtime that we found
            [runtime.path, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.match(done.stdout)
    if match is None or is_supported(int(match[1]), int(match[2])):
        return None
    return f"Node is {done.stdout.strip()} ('{runtime.path}'); Vite 8 needs 20.19 or newer, or 22.12 or newer."
