"""The app's Vite process: starts it, finds it again after a reload, watches it, restarts it when it ends, and stops it.

How it works:
1. `start` reads the state file. A Vite of the same owner that responds to its nonce is used; otherwise a new one is
   started.
2. The Vite plugin writes its URL into the state file. File, process and output are checked ten times a second.
3. When Vite ends unexpectedly it is restarted, after a pause that doubles up to 5 s; its last output is kept.
4. `stop` ends its process group, unless the parent process owns it: the parent's next server process will find it.

Rules: a URL is used only after `GET /__litestar_vite/<nonce>/ping` has answered 204. Vite ends with its owner, even
after SIGKILL (js/guard.mjs). The event loop is blocked only for small local files."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from anyio import to_thread

from litestar_vite._devserver.output import Output
from litestar_vite._devserver.state import DevState, StateFile
from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._net.pool import ConnectionPool
from litestar_vite._net.reply import Reply
from litestar_vite._processes.backoff import Backoff
from litestar_vite._processes.group import end_group
from litestar_vite._processes.liveness import find_owner, is_running
from litestar_vite._toolchain.runtime import NODE_REMEDY, find_runtime, too_old
from litestar_vite._toolchain.vite import old_vite, vite_command
from litestar_vite.config._resolve import without_secrets
from litestar_vite.exceptions import DevServerError

logger = logging.getLogger("litestar_vite.devserver")

_POLL_SECONDS: Final = 0.1
_STOP_SECONDS: Final = 1.5
_FIRST_PAUSE_SECONDS: Final = 0.5
_MAX_PAUSE_SECONDS: Final = 5.0
# A Vite that ran for longer than this had started well, so the pause is reset.
_STEADY_SECONDS: Final = 10.0
# A Vite that prints its address but does not report it lacks the litestar() plugin.
_UNREPORTED_SECONDS: Final = 5.0
_PING_SECONDS: Final = 3.0
_NO_PLUGIN: Final = (
    "Vite runs, but it does not know this app: its config lacks our plugin. Add litestar() "
    "from 'litestar-vite' to the plugins in vite.config."
)


class DevServer:
    """One Vite dev server.

    Attributes:
        state: Vite's state once it is ready, else None.
        problem: Why Vite does not run, for the developer; None while it starts or runs.
        was_found: It was already running at start-up, so this is a server process after a reload.
    """

    def __init__(
        self,
        root: Path,
        *,
        base: str,
        root_path: str = "",
        watch: list[str],
        csp_nonce: bool,
        runtime: str = "node",
        on_ready: Callable[[DevState], Awaitable[None]] | None = None,
        on_lost: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._root = root
        self._runtime = runtime
        self._settings: dict[str, Any] = {"base": base, "rootPath": root_path, "watch": watch, "cspNonce": csp_nonce}
        self._on_ready = on_ready
        self._on_lost = on_lost
        self._owner = find_owner()
        self._file = StateFile(root, self._owner)
        self._output = Output(self._file.log_path)
        self._process: subprocess.Popen[bytes] | None = None
        self._expected: DevState | None = None
        self._started_at = 0.0
        self._backoff = Backoff(_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS)
        self._retry_at = 0.0
        self._watcher: asyncio.Task[None] | None = None
        self._pool: ConnectionPool | None = None
        self.state: DevState | None = None
        self.problem: str | None = None
        self._logged: str | None = None
        self._warned: str | None = None
        self.restarts = 0
        self.was_found = False

    @property
    def output(self) -> str:
        """The last lines that Vite printed."""
        return self._output.text

    @property
    def pid(self) -> int | None:
        """The process id of Vite; None if it is not running."""
        return self._expected.pid if self._expected is not None and is_running(self._expected.pid) else None

    async def start(self) -> None:
        """Find or start Vite, and watch it. Does not wait until it is ready."""
        self._file.remove_strays()
        await self._find_or_start()
        self._watcher = asyncio.create_task(self._watch(), name="litestar-vite-dev-server")

    async def stop(self) -> None:
        """Stop watching, and end Vite unless the parent process owns it. Takes at most about 3 s."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._pool is not None:
            await self._pool.aclose()
        process, self._process = self._process, None
        if self._owner.is_parent:
            if process is not None:
                # It outlives this process; Popen would warn about a process that was not waited for.
                process.returncode = 0
            return
        self._output.follow()
        if process is not None:
            await end_group(process, _STOP_SECONDS)
        self._file.remove()

    async def call(self, action: str, body: bytes = b"", *, method: str = "POST") -> Reply:
        """Call an endpoint of the Vite plugin; see src/js/src/dev/endpoint.ts.

        Raises:
            ConnectionFailed: Vite is not running.
        """
        state, pool = self.state, self._pool
        if state is None or pool is None:
            raise ConnectionFailed("Vite is not ready")
        return await pool.request(
            method, f"/__litestar_vite/{state.nonce}/{action}", body, (("Content-Type", "text/plain; charset=utf-8"),)
        )

    async def _find_or_start(self) -> None:
        if self._owner.is_parent and not is_running(self._owner.pid):
            # Vite would exit at once if its owner has exited.
            await self._fail(f"The reloader (pid {self._owner.pid}) is gone, and Vite with it. Start the server again.")
            return
        found = self._file.read()
        if found is not None and is_running(found.pid) and (found.url is None or await _answers(found)):
            self._expect(found)
            self.was_found = True
            self._output.begin(at_end=True)
            await self._look()
            return
        # Without the lock, another process of the same owner is starting Vite. The next check finds it.
        if (lock := self._file.lock()) is not None:
            try:
                await self._launch()
            finally:
                lock.release()

    async def _launch(self) -> None:
        nonce = secrets.token_urlsafe(24)
        self.problem = None
        try:
            process = await to_thread.run_sync(self._spawn, nonce)
        except (DevServerError, OSError) as error:
            await self._fail(str(error))
            return
        self._process = process
        state = DevState(process.pid, nonce)
        self._file.write(state)
        self._expect(state)
        self._output.begin(at_end=False)

    def _spawn(self, nonce: str) -> subprocess.Popen[bytes]:
        guard = Path(__file__).parent.parent / "js" / "guard.mjs"
        if not guard.is_file():
            raise DevServerError(f"'{guard}' is missing. In a source checkout run: make js")
        runtime = find_runtime(self._runtime)
        if (old := old_vite(self._root)) is not None and old != self._warned:
            self._warned = old
            logger.warning("%s", old)
        command = vite_command(self._root, runtime, "--clearScreen", "false", preload=guard)
        owner = {"pid": self._owner.pid, "start": self._owner.start}
        session = {**self._settings, "state": str(self._file.path), "nonce": nonce, "owner": owner}
        log = os.open(self._file.log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            return subprocess.Popen(  # noqa: S603 - the command is the project's own Vite
                command,
                cwd=self._root,
                env=_environment(os.environ, session),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal goes to the whole process group. This class ends Vite, or Vite exits with its
                # owner.
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _expect(self, state: DevState) -> None:
        self._expected = state
        self._started_at = time.monotonic()
        self.problem = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self._look()
            except Exception:
                logger.exception("Watching Vite failed; trying again")

    async def _look(self) -> None:
        """Check output, process and state file once."""
        self._output.follow()
        expected = self._expected
        if expected is None:
            if time.monotonic() >= self._retry_at:
                await self._find_or_start()
            return
        if self._has_ended(expected):
            await self._lost()
            return
        reported = self._file.read()
        if reported is None or reported.nonce != expected.nonce or reported.url is None:
            await self._explain_silence()
        elif (self.state is None or reported.url != self.state.url) and await _answers(reported):
            await self._use(reported)

    def _has_ended(self, expected: DevState) -> bool:
        return self._process.poll() is not None if self._process is not None else not is_running(expected.pid)

    async def _use(self, state: DevState) -> None:
        """Use a Vite that is ready, or that has restarted its server at another address."""
        if self._pool is not None:
            await self._pool.aclose()
        self._pool = ConnectionPool(state.peer)
        self.state = self._expected = state
        self.problem = self._logged = None
        if self._on_ready is not None:
            await self._on_ready(state)

    async def _lost(self) -> None:
        self._output.follow()
        code = self._process.returncode if self._process is not None else None
        self._process = None
        is_steady = self.state is not None and time.monotonic() - self._started_at > _STEADY_SECONDS
        if is_steady:
            self._backoff.reset()
        # If Vite has worked before, Node is not the cause.
        advice = await to_thread.run_sync(self._advise) if self.state is None else ""
        await self._fail(f"Vite ended{'' if code is None else f' with code {code}'}. {advice}It is started again.")

    def _advise(self) -> str:
        """Return why Vite did not start on this runtime, and what to do; empty if the runtime is supported."""
        try:
            found = too_old(find_runtime(self._runtime))
        except DevServerError:  # The next start reports it.
            return ""
        return f"{found} {NODE_REMEDY}. " if found else ""

    async def _fail(self, problem: str) -> None:
        self.state = self._expected = None
        # Vite is restarted every few seconds, but the reason is only logged once.
        if problem != self._logged:
            logger.error("%s", problem)
            self._logged = problem
        self.problem = problem
        self.restarts += 1
        self._retry_at = time.monotonic() + self._backoff.next_seconds()
        if self._on_lost is not None:
            await self._on_lost(problem)

    async def _explain_silence(self) -> None:
        is_late = time.monotonic() - self._started_at > _UNREPORTED_SECONDS
        if self.state is None and is_late and self.problem is None and "Local:" in self.output:
            self.problem = _NO_PLUGIN
            logger.error(_NO_PLUGIN)
            if self._on_lost is not None:
                await self._on_lost(_NO_PLUGIN)

    def __repr__(self) -> str:
        state = (
            f"ready {self.state.url}"
            if self.state
            else "failed"
            if self.problem
            else "starting"
            if self._expected
            else "stopped"
        )
        return f"<DevServer {state} pid={self.pid} owner={self._owner.pid} restarts={self.restarts}>"


async def _answers(state: DevState) -> bool:
    """Return whether the URL of a state belongs to the process that wrote it."""
    pool = ConnectionPool(state.peer, max_connections=1)
    try:
        async with asyncio.timeout(_PING_SECONDS):
            reply = await pool.request("GET", f"/__litestar_vite/{state.nonce}/ping", b"")
    except (TimeoutError, ConnectionFailed):
        return False
    else:
        return reply.status == 204  # noqa: PLR2004
    finally:
        await pool.aclose()


def _environment(environ: Mapping[str, str], session: dict[str, Any]) -> dict[str, str]:
    colours = {"FORCE_COLOR": "1"} if sys.stderr.isatty() and "NO_COLOR" not in environ else {}
    return {**colours, **without_secrets(environ), "LITESTAR_VITE_DEV": msgspec.json.encode(session).decode()}
