"""The app's own render workers: Node processes that it starts, watches, replaces and stops.

How it works:
1. `start` runs a number of processes, each with a socket in one folder of mode 0700, and waits until they are healthy
   and warm.
2. A process that ends unexpectedly is restarted, after a pause that doubles up to 5 s while it keeps failing early.
3. The health of each is checked continuously. A worker that fails its health check for `timeout + 0.5 s` and has
   rendered nothing in that time is considered hung and is killed. A busy worker still renders.
4. A worker that has rendered too many pages, or uses too much memory, is replaced: the new one is warm before the old
   one is withdrawn.
5. A page component that crashes or blocks its worker is quarantined (_ssr/quarantine.py). If a page replaces a built-in
   function, its worker is replaced.
6. `stop` ends all of them. They also end when the app is killed.

Rule: the `upstreams` contain only running workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from litestar_vite._processes.backoff import Backoff
from litestar_vite._ssr.quarantine import Quarantine
from litestar_vite._ssr.upstreams import Upstream, Upstreams
from litestar_vite._ssr.workers.launcher import Launcher

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from litestar_vite._ssr.bundle import BundleVersion
    from litestar_vite._ssr.workers.command import WorkerCommand
    from litestar_vite._ssr.workers.process import Health, WorkerProcess


logger = logging.getLogger("litestar_vite.ssr.worker")

_FIRST_PAUSE_SECONDS: Final = 0.2
_MAX_PAUSE_SECONDS: Final = 5.0
# A worker that lived for two seconds had started well, so the pause is reset.
_STABLE_SECONDS: Final = 2.0
# Waiting does not fix a broken bundle or install Node: start-up continues after this many failures of each worker.
_MAX_FAILED_STARTS: Final = 3
_HEALTH_PAUSE_SECONDS: Final = 0.5
# Added to the deadline of a render, which a worker may use up.
_GRACE_SECONDS: Final = 0.5
# Other processes that share the workers look for changes five times a second.
_RETIRE_SECONDS: Final = 1.0


class WorkerPolicy(Struct, frozen=True):
    """Settings of the workers.

    Attributes:
        count: Number of processes.
        max_connections: Connections to each.
        timeout_seconds: The deadline of a render.
        recycle_renders: A worker is replaced after this many renders; 0 for never.
        recycle_mb: A worker that uses more memory is replaced, in MiB; 0 for never.
    """

    count: int = 1
    max_connections: int = 20
    timeout_seconds: float = 2.0
    recycle_renders: int = 0
    recycle_mb: int = 0


class WorkerSet:
    """The render workers of one app, or of one server.

    Attributes:
        upstreams: The running workers.
        restarts: Number of restarts after an unexpected end.
        recycled: Number of replacements.
        on_change: Called when a worker comes or goes.
    """

    def __init__(
        self,
        command: WorkerCommand,
        policy: WorkerPolicy | None = None,
        folder: Path | None = None,
        upstreams: Upstreams | None = None,
        warm_up: Sequence[str] = (),
        build: BundleVersion | None = None,
    ) -> None:
        """`folder` is for the sockets, a temporary one if None; `upstreams` receives the workers; `warm_up` names page
        components; `build` is the bundle of the app's build, None for the current one.
        """
        self.upstreams = upstreams if upstreams is not None else Upstreams()
        if self.upstreams.quarantine is None:
            self.upstreams.quarantine = Quarantine()
        self._quarantine = self.upstreams.quarantine
        self.restarts = 0
        self.recycled = 0
        self.on_change: Callable[[], None] | None = None
        self._policy = policy or WorkerPolicy()
        self._launcher = Launcher(command, self._policy.max_connections, warm_up, build)
        self._given_folder = folder
        self._folder: Path | None = None
        self._serving: dict[WorkerProcess, Upstream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled = asyncio.Event()
        self._given_up = 0
        self._is_stopping = False

    @property
    def pids(self) -> list[int]:
        """The processes that serve pages."""
        return [process.pid for process in self._serving if process.pid is not None]

    @property
    def sockets(self) -> list[str]:
        """The URLs of the processes that serve pages."""
        return [process.url for process in self._serving]

    @property
    def has_given_up(self) -> bool:
        """True if no worker is running and waiting is pointless: each failed to start repeatedly, or the bundle exports
        no render function.
        """
        return not self._serving and (self._launcher.renders_nothing or self._given_up >= self._policy.count)

    async def start(self, timeout_seconds: float) -> bool:
        """Start the processes and wait until all are warm. After the timeout, they continue to start in the background.

        A process that fails to start repeatedly, or has a bundle without a render function, is not waited for: the site
        must not be down because rendering is broken.

        Returns:
            True if at least one is running.
        """
        # mkdtemp creates the folder with mode 0700, so that other users cannot connect.
        self._folder = self._given_folder or Path(tempfile.mkdtemp(prefix="litestar-vite-"))
        for number in range(self._policy.count):
            self._in_background(self._keep_one(), f"litestar-vite-ssr-worker-{number}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._settled.wait()
        return bool(self._serving)

    async def stop(self) -> None:
        """End the processes and remove their folder. Takes at most about 3 s."""
        self._is_stopping = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for process in list(self._serving):
            self._withdraw(process)
        try:
            await self._launcher.stop_all()
        finally:
            await self.upstreams.aclose()
            if self._folder is not None and self._given_folder is None:
                shutil.rmtree(self._folder, ignore_errors=True)

    async def _keep_one(self) -> None:
        """Keep one worker running, through all its processes."""
        loop = asyncio.get_running_loop()
        backoff = Backoff(_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS)
        failed_starts = 0
        while True:
            began = loop.time()
            process = await self._launch()
            if process is None:
                failed_starts += 1
                if failed_starts == _MAX_FAILED_STARTS:
                    self._given_up += 1
                    self._changed()
            else:
                if failed_starts >= _MAX_FAILED_STARTS:
                    self._given_up -= 1
                failed_starts = 0
                await self._serve(process)
                if loop.time() - began > _STABLE_SECONDS:
                    backoff.reset()
            self.restarts += 1
            await asyncio.sleep(backoff.next_seconds())

    async def _launch(self) -> WorkerProcess | None:
        """Start a process and return it; None if it did not become ready."""
        assert self._folder is not None  # noqa: S101 - `start` has created it
        rendered_nothing = self._launcher.renders_nothing
        process = await self._launcher.launch(self._folder)
        if self._launcher.renders_nothing != rendered_nothing:
            self._changed()
        return process

    async def _serve(self, process: WorkerProcess) -> None:
        """Let a process and its replacements serve pages, until one ends unexpectedly."""
        self._publish(process)
        while await self._is_due(process):
            replacement = await self._launch()
            if replacement is None:
                await process.ends_within(_MAX_PAUSE_SECONDS)
                continue
            self.recycled += 1
            self._publish(replacement)
            self._in_background(self._retire(process), "litestar-vite-ssr-retire")
            process = replacement
        self._quarantine.blame(process.rendering(), process.cause, is_sure=not process.was_killed_from_outside)
        self._withdraw(process)
        await self._launcher.clean_up(process)

    async def _is_due(self, process: WorkerProcess) -> bool:
        """Watch a process until it is due for replacement (True) or has ended (False)."""
        while not await process.ends_within(_HEALTH_PAUSE_SECONDS):
            if process.is_unreachable:
                logger.warning("The socket of the render worker (pid %s) was removed: it is replaced", process.pid)
                return True
            renders = _replies(process)
            health = await process.health(self._policy.timeout_seconds + _GRACE_SECONDS)
            if health is not None:
                if health.spoiled and self._launcher.may_start():
                    self._quarantine.blame([health.spoiled_by], f"had {health.spoiled} replaced by it", is_sure=True)
                    return True
                if self._wears_out(health) and self._launcher.may_start():
                    logger.info(
                        "The render worker (pid %s) is replaced: %d renders, %d MiB",
                        process.pid,
                        health.renders,
                        health.rss >> 20,
                    )
                    return True
            elif _replies(process) == renders and not await process.ends_within(_FIRST_PAUSE_SECONDS):
                logger.error("The render worker (pid %s) does not answer: a page spins. It is killed", process.pid)
                process.kill()
                await process.ended.wait()
        return False

    def _wears_out(self, health: Health) -> bool:
        policy = self._policy
        return 0 < policy.recycle_renders <= health.renders or 0 < policy.recycle_mb << 20 < health.rss

    async def _retire(self, process: WorkerProcess) -> None:
        """Stop a process after its last page."""
        upstream = self._withdraw(process)
        deadline = asyncio.get_running_loop().time() + self._policy.timeout_seconds
        await asyncio.sleep(_RETIRE_SECONDS)
        now = asyncio.get_running_loop().time
        while upstream is not None and upstream.busy and now() < deadline:  # noqa: ASYNC110 - one look at a counter
            await asyncio.sleep(_HEALTH_PAUSE_SECONDS / 10)
        await self._launcher.stop(process)

    def _publish(self, process: WorkerProcess) -> None:
        assert process.pool is not None  # noqa: S101 - it is ready
        upstream = self._serving[process] = Upstream(process.url, process.pool, process.prefix)
        self.upstreams.add(upstream)
        self._changed()

    def _withdraw(self, process: WorkerProcess) -> Upstream | None:
        upstream = self._serving.pop(process, None)
        if upstream is not None:
            self.upstreams.remove(upstream)
            self._changed()
        return upstream

    def _changed(self) -> None:
        if self._launcher.renders_nothing or len(self._serving) + self._given_up >= self._policy.count:
            self._settled.set()
        if self.on_change is not None:
            self.on_change()

    def _in_background(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("The supervisor of a render worker failed: pages are rendered in the browser", exc_info=error)

    def __repr__(self) -> str:
        state = "stopping" if self._is_stopping else "ready" if self._serving else "starting"
        return (
            f"<WorkerSet {state} {len(self._serving)}/{self._policy.count} pids={self.pids} "
            f"restarts={self.restarts} recycled={self.recycled} {self._folder}>"
        )


def _replies(process: WorkerProcess) -> int:
    return process.pool.replies_total if process.pool is not None else 0
