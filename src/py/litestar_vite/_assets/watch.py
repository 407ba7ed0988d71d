"""Detects that the front end was rebuilt while the app runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from anyio import to_thread

from litestar_vite.exceptions import ConfigError

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
    folder = manifest_path.parent.parent

    async def changed() -> None:
        if read_again is not None and await to_thread.run_sync(read_again):
            logger.info("The front end was built again; pages use the build in '%s'.", folder)
        else:
            logger.warning(
                "The front end was built again in '%s'. Pages still use the files of the build that existed at "
                "start-up. Restart the server.",
                folder,
            )

    async with watched_file(manifest_path, changed):
        yield


@asynccontextmanager
async def watched_file(
    path: Path, changed: Callable[[], Awaitable[None]], *, settles: bool = False
) -> AsyncIterator[None]:
    """Call a function after each change of a file.

    Args:
        path: The file. While it is missing, a build is in progress.
        changed: Is called in the event loop. Its expected errors are logged.
        settles: Wait until the file has not changed for a second, since other files are written after it.
    """
    known = await to_thread.run_sync(_stamp, path)
    task = asyncio.create_task(_watch(path, known, changed, settles=settles))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(path: Path, known: _Stamp | None, changed: Callable[[], Awaitable[None]], *, settles: bool) -> None:
    last = known
    while True:
        await asyncio.sleep(_POLL_SECONDS)
        found, before = await to_thread.run_sync(_stamp, path), last
        last = found
        if found is None or found == known or (settles and found != before):
            continue
        known = found
        try:
            await changed()
        except (ConfigError, OSError) as error:
            logger.error("The new build '%s' cannot be used: %s", path, error)  # noqa: TRY400


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
