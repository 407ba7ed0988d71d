"""Ends a process together with its children."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


async def end_group(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Terminate a process group, then kill the rest of it. Waits up to `seconds` for the process after each signal."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.terminate()
            else:
                os.killpg(process.pid, number)
        deadline = time.monotonic() + seconds
        # subprocess has no event for this.
        while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
