"""Detects that the front end was rebuilt while the app runs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


logger = logging.getLogger("litestar_vite")

# Developers look at the page seconds after a build. One `stat` costs microseconds.
_POLL_SECONDS: Final = 1.0

_Stamp: TypeAlias = "tuple[int, int, int]"


@asynccontextmanager
async def watched_build(manifest_path: Path, read_again: Callable[[], bool] | None) -> AsyncIterator[None]:
    """Log when the manifest changes.

    Args:
        manifest_path: The manifest, which Vite writes last.
        read_again: Loads the new build, and returns whether it succeeded. None if the app keeps its first build.
    """
    known = await to_thread.run_sync(_stamp, manifest_path)
    task = asyncio.create_task(_watch(manifest_path, known, read_again))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(path: Path, known: _Stamp | None, read_again: Callable[[], bool] | None) -> None:
    while True:
        await asyncio.sleep(_POLL_SECONDS)
        found = await to_thread.run_sync(_stamp, path)
        # A missing manifest is a build in progress.
        if found is None or found == known:
            continue
        known = found
        if read_again is not None and await to_thread.run_sync(read_again):
            logger.info("The front end was built again; pages use the build in '%s'.", path.parent.parent)
        else:
            logger.warning(
                "The front end was built again in '%s'. Pages still use the files of the build that existed at "
                "start-up. Restart the server.",
                path.parent.parent,
            )


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
