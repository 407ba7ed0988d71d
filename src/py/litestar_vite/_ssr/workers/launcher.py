"""Starts render workers, and waits until they are healthy and warm, or logs why they are not.

How it works:
1. A process starts, loads the bundle, passes its health check, and renders the pages of the app's routes without props.
2. A process that ends early, or does not finish loading its bundle, is cleaned up. The error contains its output.
3. A page that crashes or blocks its worker during the warm-up is skipped, and another process is started at once: the
   page may render with props, and the other pages must be rendered.
4. No process is started from a bundle of another build, since documents link to the files of the app's build.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from typing import TYPE_CHECKING, Final

from litestar_vite._processes.folder import make_folder
from litestar_vite._ssr.bundle import BundleVersion
from litestar_vite._ssr.workers.process import WorkerProcess
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from litestar_vite._ssr.workers.command import WorkerCommand


logger = logging.getLogger("litestar_vite.ssr.worker")

# A bundle loads within a second on a small machine. After a minute, it will not finish.
_LOAD_SECONDS: Final = 60
# After this many pages that crash or block their worker, workers are no longer warmed up: each costs a start.
_MAX_LEFT_OUT: Final = 5


class Launcher:
    """Starts worker processes, and cleans up after them.

    Attributes:
        processes: Processes that were started and not yet cleaned up.
        renders_nothing: The bundle exports no render function, as the last process reported.
        skipped: The number of pages that are not warmed up, since they crash or block their worker.
    """

    def __init__(
        self,
        command: WorkerCommand,
        max_connections: int,
        warm_up: Sequence[str] = (),
        build: BundleVersion | None = None,
    ) -> None:
        """`warm_up` names the page components that the first visitors may request; `build` is the bundle of the app's
        build, None for the current one.
        """
        self.processes: set[WorkerProcess] = set()
        self.renders_nothing = False
        self.skipped = 0
        self._command = command
        self._max_connections = max_connections
        self._warm_up = warm_up
        self.build = build or BundleVersion(command.bundle)
        self._is_replaced = False

    async def launch(self, folder: Path) -> WorkerProcess | None:
        """Start a process with its socket in `folder`, and return it; None if it does not become ready."""
        while self.may_start():
            process = await self._start(folder)
            if process is None:
                return None
            is_ready = await self._becomes_ready(process)
            self.renders_nothing = process.renders_nothing
            if is_ready:
                if self.may_start():
                    return process
                await self.stop(process)
                return None
            component = process.spins_on or process.ends_on
            if component is None:
                # The output is logged at INFO, which production often hides, so the error repeats it.
                await self.clean_up(process, await process.last_output())
                return None
            await self._skip(component, process)
        return None

    def may_start(self) -> bool:
        """Return whether a process would load the app's build. If not, this is logged once."""
        was_replaced, self._is_replaced = self._is_replaced, not self.build.is_current()
        if self._is_replaced and not was_replaced:
            logger.error(
                "The bundle '%s' is of another build than the app: no render worker is started from it. "
                "Workers that run are kept. "
                "Restart the app",
                self._command.bundle,
            )
        return not self._is_replaced

    async def stop(self, process: WorkerProcess) -> None:
        """End a process. Takes at most about 2.5 s."""
        await process.stop()
        self.processes.discard(process)

    async def stop_all(self) -> None:
        try:
            await asyncio.gather(*(process.stop() for process in list(self.processes)))
        finally:
            self.processes.clear()

    async def clean_up(self, process: WorkerProcess, output: Sequence[str] = ()) -> None:
        """Log that a process has ended unexpectedly, with its output, and clean up after it."""
        logger.error(
            "The render worker (pid %s) ended with code %s%s; it is started again%s",
            process.last_pid,
            process.exit_code,
            _because(process),
            _below(output),
        )
        await self._forget(process)

    async def _start(self, folder: Path) -> WorkerProcess | None:
        process = WorkerProcess(self._command, folder, self._max_connections, self._warm_up)
        self.processes.add(process)
        try:
            make_folder(folder)
            await process.start()
        except (OSError, ConfigError) as error:
            self.processes.discard(process)
            runtime = self._command.runtime
            name = runtime if runtime in {"bun", "deno"} else "Node.js"
            # uvloop's errors do not name the file.
            is_missing = isinstance(error, OSError) and shutil.which(runtime) is None
            remedy = f" Install {name} or set SSRConfig.node." if is_missing else ""
            logger.error("Cannot start the render worker with %r: %s.%s", runtime, error, remedy)  # noqa: TRY400
            return None
        return process

    async def _becomes_ready(self, process: WorkerProcess) -> bool:
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                return await process.becomes_ready()
        except TimeoutError:
            logger.error(  # noqa: TRY400
                "The render worker (pid %s) has not loaded its bundle within %d s: code at the top of a "
                "module does not come to its end (an "
                "endless loop, or an `await` for something that never comes). It is killed",
                process.pid,
                _LOAD_SECONDS,
            )
            await process.kill_and_wait()
            return False

    async def _skip(self, component: str, process: WorkerProcess) -> None:
        """Clean up after a process that a page without props has crashed or blocked, and skip that page from now
        on.
        """
        if process.spins_on is not None:
            logger.error(
                "The render worker (pid %s) does not come back from page %r, rendered without props to warm "
                "up. It is killed, and the next "
                "one starts without rendering that page.",
                process.pid,
                component,
            )
            await process.kill_and_wait()
        else:
            logger.error(
                "The render worker (pid %s) ended with code %s by page %r, rendered without props to warm "
                "up%s. The next one starts without "
                "rendering that page.%s",
                process.last_pid,
                process.exit_code,
                component,
                _because(process),
                _below(await process.last_output()),
            )
        # Several workers may fail on the same page at the same time.
        if component in self._warm_up:
            self.skipped += 1
            self._warm_up = (
                [other for other in self._warm_up if other != component] if self.skipped < _MAX_LEFT_OUT else []
            )
        await self._forget(process)

    async def _forget(self, process: WorkerProcess) -> None:
        self.processes.discard(process)
        await process.close()


def _because(process: WorkerProcess) -> str:
    return f" ({process.fatal})" if process.fatal is not None else ""


def _below(output: Sequence[str]) -> str:
    return "".join(f"\n  {line}" for line in output)
