"""The parent processes of a development server: when one of them ends, the server ends.

A killed reloader leaves its server process behind, which holds the port. `litestar run --reload` starts uvicorn's
reloader as a separate program, and SIGTERM ends `litestar` without ending it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from typing import TYPE_CHECKING, Final

from litestar_vite._processes.liveness import Owner, find_owner, is_same_process, process

if TYPE_CHECKING:
    from collections.abc import Iterator


logger = logging.getLogger("litestar_vite.devserver")

_POLL_SECONDS: Final = 0.25
_VARIABLE: Final = "LITESTAR_VITE_RUN"


@contextlib.contextmanager
def running_command() -> Iterator[None]:
    """Pass this process id to the processes that `litestar run` starts."""
    me = process(os.getpid())
    os.environ[_VARIABLE] = f"{me.pid} {me.start or ''}"
    try:
        yield
    finally:
        os.environ.pop(_VARIABLE, None)


async def follow_parents() -> None:
    """Wait until the reloader, or the command that started it, has ended. Then end this process by SIGTERM.

    Returns at once without a reloader: such a server receives its signals directly.
    """
    reloader = find_owner()
    if not reloader.is_parent:
        return
    command = _command()
    while True:
        await asyncio.sleep(_POLL_SECONDS)
        if not is_same_process(reloader):
            logger.warning("The reloader (pid %s) is gone, so its server ends.", reloader.pid)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        if command is not None and not is_same_process(command):
            logger.warning(
                "'litestar run' (pid %s) is gone, so its reloader (pid %s) and server end.", command.pid, reloader.pid
            )
            # The reloader then ends this process.
            os.kill(reloader.pid, signal.SIGTERM)
            command = None


def _command() -> Owner | None:
    """Return the `litestar run` process that started the reloader; None without one."""
    pid, _, start = os.environ.get(_VARIABLE, "").partition(" ")
    return Owner(int(pid), start or None, is_parent=True) if pid.isdigit() else None
