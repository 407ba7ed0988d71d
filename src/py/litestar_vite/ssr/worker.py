"""Our own render worker: a Node process that the app starts, watches and stops.

How it works:
1. `start` runs the worker script on the built bundle. It listens on a Unix socket in a folder that only we may enter.
2. The worker is ready when `GET /health` answers {"status": "OK"}.
3. When the process ends by itself it is started again, after a pause that doubles up to 5 s.
4. `stop` closes its standard input, which ends it; then SIGTERM, then SIGKILL. It also ends by itself when we are killed.

Its stdout and stderr are logs and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from litestar_vite.exceptions import ConfigError
from litestar_vite.ssr.pool import ConnectionFailed, ConnectionPool, Peer

__all__ = ("RenderWorker", "find_bundle", "worker_script")

logger = logging.getLogger("litestar_vite.ssr.worker")

_POLL_SECONDS: Final = 0.02
_STOP_SECONDS: Final = 1.5
_FIRST_PAUSE_SECONDS: Final = 0.2
_MAX_PAUSE_SECONDS: Final = 5.0
# 64 KiB: a longer line of output is cut, so that a worker which prints without line ends cannot fill our memory.
_MAX_LINE_BYTES: Final = 64 * 1024
_PREFERRED_BUNDLES: Final = ("ssr.js", "ssr.mjs", "app.js", "app.mjs", "main.js", "main.mjs")


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


class RenderWorker:
    """One Node process that renders pages.

    Attributes:
        url: Base URL for the client; its host is only a name.
        unix_path: The socket.
        pid: Process id of the running child, None when there is none.
        is_ready: Health was seen since the last start.
    """

    url = "http://localhost"

    def __init__(self, node: str, bundle: Path) -> None:
        if not hasattr(socket, "AF_UNIX"):
            msg = "The app's own render worker needs Unix sockets. On this system start one by hand and set SSRConfig.url."
            raise ConfigError(msg)
        self._script = worker_script()
        self._node = node
        self._bundle = bundle
        # mkdtemp makes the folder with mode 0700: nobody else can connect.
        self._folder = Path(tempfile.mkdtemp(prefix="litestar-vite-"))
        self.unix_path = str(self._folder / "ssr.sock")
        self.is_ready = False
        self.restarts = 0
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self, timeout_seconds: float) -> bool:
        """Start the process and wait until it is healthy; it goes on starting in the background after the time-out.

        Returns:
            Whether it is ready.
        """
        self._supervisor = asyncio.create_task(self._supervise(), name="litestar-vite-ssr-worker")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._ready.wait()
        return self.is_ready

    async def stop(self) -> None:
        """End the process and remove its folder; takes at most about 3 s."""
        self._stopping.set()
        try:
            await self._end_process()
        finally:
            if self._supervisor is not None:
                self._supervisor.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._supervisor
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _supervise(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                await self._run_once()
            except OSError as error:
                logger.error("Cannot start the render worker with %r: %s. Install Node.js or set SSRConfig.node.", self._node, error)  # noqa: TRY400
            if self._stopping.is_set():
                return
            pause = _FIRST_PAUSE_SECONDS if self.is_ready else min(pause * 2, _MAX_PAUSE_SECONDS)
            self.is_ready = False
            self.restarts += 1
            await asyncio.sleep(pause)

    async def _run_once(self) -> None:
        """Run the process from start to end."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.unix_path)  # noqa: PTH108 - one call on a local socket; anyio.Path would take a thread for it
        process = await asyncio.create_subprocess_exec(
            self._node,
            str(self._script),
            str(self._bundle),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"NODE_ENV": "production", **os.environ, "LITESTAR_VITE_SSR_SOCKET": self.unix_path},
            limit=_MAX_LINE_BYTES,
            # Ctrl-C in a terminal goes to the whole process group; the worker ends when we say so, after the last page.
            start_new_session=True,
        )
        self._process = process
        async with asyncio.TaskGroup() as tasks:
            watcher = tasks.create_task(self._watch_health())
            tasks.create_task(self._log_output(process))
            code = await process.wait()
            watcher.cancel()
        if not self._stopping.is_set():
            logger.error("The render worker (pid %d) ended with code %s; it is started again", process.pid, code)

    async def _watch_health(self) -> None:
        while not await self._is_healthy():  # noqa: ASYNC110 - it waits for another process, which sends us no event
            await asyncio.sleep(_POLL_SECONDS)
        self.is_ready = True
        self._ready.set()

    async def _is_healthy(self) -> bool:
        pool = ConnectionPool(Peer(unix_path=self.unix_path), max_connections=1)
        try:
            async with asyncio.timeout(1.0):
                reply = await pool.request("GET", "/health", b"")
            return bool(reply.status == 200 and msgspec.json.decode(reply.body).get("status") == "OK")  # noqa: PLR2004
        except (TimeoutError, ConnectionFailed, msgspec.DecodeError, AttributeError):
            return False
        finally:
            await pool.aclose()

    async def _log_output(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        while stream is not None:
            try:
                line = await stream.readline()
            except ValueError:  # A line over the limit; what was read of it is dropped.
                continue
            if not line:
                return
            logger.info("%s", line.decode("utf-8", "replace").rstrip())

    async def _end_process(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        for ask in (process.terminate, process.kill):
            if await _ends_within(process, _STOP_SECONDS):
                return
            with contextlib.suppress(ProcessLookupError):
                ask()
        await _ends_within(process, _STOP_SECONDS)

    def __repr__(self) -> str:
        state = "ready" if self.is_ready else "starting" if self.pid else "stopped"
        return f"<RenderWorker {state} pid={self.pid} restarts={self.restarts} {self.unix_path}>"


async def _ends_within(process: asyncio.subprocess.Process, seconds: float) -> bool:
    """Tell whether the process ends in time. `process.wait` would also wait for processes of the bundle that hold its output open."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while process.returncode is None:  # noqa: ASYNC110 - asyncio has no event for this
                await asyncio.sleep(_POLL_SECONDS)
    return process.returncode is not None
