"""A Node process that renders pages, from its start to its end.

How it works:
1. It runs the worker script on the built bundle in a new session, so that Ctrl-C in a terminal reaches only the app,
   which ends it after the last page.
2. It listens on a Unix socket in a private folder or, where that is impossible, on a free port of 127.0.0.1. Any user
   can connect to a port, so the paths of its requests start with a secret.
3. It is healthy if `GET /health` returns {"status": "OK"}, together with its number of renders and its memory.
4. `stop` closes its standard input, which ends it, followed by SIGTERM and SIGKILL. It also ends when the app is
   killed.

Its stdout and stderr are logged. After the process has ended, a grandchild that keeps its output open delays
nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import secrets
import signal
import socket
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import msgspec
from typing_extensions import override

from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._net.pool import ConnectionPool, Peer
from litestar_vite._processes.inheritance import only_standard_streams
from litestar_vite._processes.socket_path import short_path
from litestar_vite._ssr.workers.line_log import LineLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from litestar_vite._net.reply import Reply
    from litestar_vite._ssr.workers.command import WorkerCommand


_POLL_SECONDS: Final = 0.02
# The worker gives pages in flight one second.
_DRAIN_SECONDS: Final = 1.5
_TERMINATE_SECONDS: Final = 0.5
# Enough for an error in Node: the message, the remedy, and ten stack frames.
_KEPT_LINES: Final = 16
_OUTPUT_SECONDS: Final = 0.2
# Pages are rendered without props before the first visitor arrives. Most fail, but their code is loaded and compiled.
_WARM_UP_SECONDS: Final = 2.0
_SPIN_SECONDS: Final = 1.0
# A broken connection is often the first sign that the process has ended.
_BROKEN_SECONDS: Final = 1.0
# The exit code of a worker if the bundle exports no render function (src/js/src/worker.ts).
_RENDERS_NOTHING: Final = 3
_numbers: Final = itertools.count(1)


class Health(msgspec.Struct, frozen=True):
    """A worker's response to `GET /health`.

    Attributes:
        status: "OK".
        renders: The number of pages since its start.
        rss: Its memory, in bytes.
        spoiled: The built-in function that a page has replaced, such as JSON.stringify; empty without one.
        spoiled_by: The page's component.
    """

    status: str
    renders: int = 0
    rss: int = 0
    spoiled: str = ""
    spoiled_by: str = ""


_decode_health = msgspec.json.Decoder(Health).decode
_decode_names = msgspec.json.Decoder(list[str]).decode


class WorkerProcess(asyncio.SubprocessProtocol):
    """One worker process.

    Attributes:
        socket_path: The path of its Unix socket, or of the file with its port.
        prefix: The start of its request paths: a secret if it listens on a port, else empty.
        pool: Connections for pages; None until it is healthy.
        ended: Set when the process has ended.
        spins_on: The page component that did not return from its warm-up; None without one.
    """

    def __init__(self, command: WorkerCommand, folder: Path, max_connections: int, warm_up: Sequence[str] = ()) -> None:
        """`warm_up` names the page components that the first visitors may request."""
        self._command = command
        self._warm_up = warm_up
        self._max_connections = max_connections
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self.socket_path = folder / f"{os.getpid()}-{next(_numbers)}.sock"
        self._note = self.socket_path.with_suffix(".note")
        self._address = short_path(self.socket_path) if hasattr(socket, "AF_UNIX") else None
        self.prefix = f"/{secrets.token_urlsafe(16)}" if self._address is None else ""
        self.ended = asyncio.Event()
        self.spins_on: str | None = None
        self._was_killed = False
        self._warming: str | None = None
        self._port: int | None = None
        self.pool: ConnectionPool | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self._health: ConnectionPool | None = None
        self._open_outputs = {1, 2}
        self._outputs_ended = asyncio.Event()
        self._logs = {1: LineLog(self._last_lines), 2: LineLog(self._last_lines)}

    @property
    def pid(self) -> int | None:
        """The process id, None before the start and after the end."""
        return self.last_pid if not self.ended.is_set() else None

    @property
    def last_pid(self) -> int | None:
        """The process id, also after the end."""
        return self._transport.get_pid() if self._transport is not None else None

    @property
    def exit_code(self) -> int | None:
        return self._transport.get_returncode() if self._transport is not None else None

    @property
    def ends_on(self) -> str | None:
        """The page component that ended the process during the warm-up; None without one."""
        return self._warming if self.ended.is_set() and self._warming in self._warm_up else None

    @property
    def renders_nothing(self) -> bool:
        """True if it ended because its bundle exports no render function. Only a new build helps."""
        return self.ended.is_set() and self.exit_code == _RENDERS_NOTHING

    @property
    def was_killed_from_outside(self) -> bool:
        return self.exit_code in {-signal.SIGKILL, -signal.SIGTERM} and not self._was_killed

    @property
    def cause(self) -> str:
        """Why it ended, to complete a sentence about it."""
        if self._was_killed:
            return "did not come back"
        return f"ended with code {self.exit_code}{f' ({self.fatal})' if self.fatal is not None else ''}"

    def rendering(self) -> list[str]:
        """Return the page components that it noted as being rendered, now or when it ended, without warm-ups."""
        try:
            return _decode_names(self._note.read_bytes().partition(b"\n")[0])
        except (OSError, msgspec.DecodeError):
            return []

    @property
    def peer(self) -> Peer:
        """The address on which it listens.

        Raises:
            ConnectionFailed: It listens on a port, but has not written the port to the file yet.
        """
        if self._address is not None:
            return Peer(unix_path=str(self._address))
        if self._port is None:
            try:
                self._port = int(self.socket_path.read_text("ascii"))
            except (OSError, ValueError) as error:
                msg = "the worker has no port yet"
                raise ConnectionFailed(msg) from error
        return Peer("127.0.0.1", self._port)

    @property
    def url(self) -> str:
        """The URL for all processes that share the worker; secret if it listens on a port."""
        return f"unix:{self.socket_path}" if self._address is not None else f"http://{self.peer}{self.prefix}"

    @property
    def is_unreachable(self) -> bool:
        """True if its socket was removed: new connections fail, but open ones are not affected."""
        return self._address is not None and not self._address.exists()

    @property
    def fatal(self) -> str | None:
        """V8's reason for a crash, such as a full heap; None without one."""
        return self._logs[2].fatal or self._logs[1].fatal

    async def start(self) -> None:
        """Start the process.

        Raises:
            OSError: The runtime cannot be started.
            ConfigError: The worker script has not been built.
        """
        address = (
            {"LITESTAR_VITE_SSR_SOCKET": str(self._address)}
            if self._address is not None
            else {"LITESTAR_VITE_SSR_PORT_FILE": str(self.socket_path), "LITESTAR_VITE_SSR_SECRET": self.prefix[1:]}
        )
        with only_standard_streams():
            transport, _ = await asyncio.get_running_loop().subprocess_exec(
                lambda: self,
                *self._command.arguments(),
                env={
                    **self._command.environment(),
                    **address,
                    "LITESTAR_VITE_SSR_NOTE": str(self._note),
                },
                start_new_session=True,
            )
        self._transport = transport

    async def becomes_ready(self) -> bool:
        """Wait until it is healthy and warm. False if it has ended (see `ends_on`), or hangs (see `spins_on`)."""
        while not self.ended.is_set():
            if await self.health(1.0) is not None:
                pool = self.pool = ConnectionPool(self.peer, max_connections=self._max_connections)
                try:
                    self.spins_on = await self._warm(pool)
                except ConnectionFailed:
                    await self.ends_within(_BROKEN_SECONDS)
                return self.spins_on is None and not self.ended.is_set()
            await self.ends_within(_POLL_SECONDS)
        return False

    async def _warm(self, pool: ConnectionPool) -> str | None:
        """Render the pages of `warm_up` without props, and return the page that hangs; None without one.

        Most renders fail, which the worker does not report.

        Raises:
            ConnectionFailed: The process has probably ended.
        """
        try:
            async with asyncio.timeout(_WARM_UP_SECONDS):
                for wanted in self._warm_up or ("litestar-vite/warm-up",):
                    page: dict[str, Any] = {"component": wanted, "props": {"errors": {}}, "url": "/", "version": None}
                    self._warming = wanted
                    await pool.request("POST", f"{self.prefix}/warm-up", msgspec.json.encode(page))
            self._warming = None
        except TimeoutError:
            component = self._warming
            # While a page is slow or awaits something, the worker still answers health checks.
            if component in self._warm_up and not self.ended.is_set() and await self.health(_SPIN_SECONDS) is None:
                return component
        return None

    async def health(self, timeout_seconds: float) -> Health | None:
        """Return the response to a health check; None if it does not arrive in time."""
        try:
            if self._health is None:
                self._health = ConnectionPool(self.peer, max_connections=1)
            reply: Reply = await self._health.request(
                "GET", f"{self.prefix}/health", b"", timeout_seconds=timeout_seconds
            )
            health = _decode_health(reply.body)
        except (TimeoutError, ConnectionFailed, msgspec.DecodeError):
            return None
        return health if health.status == "OK" else None

    async def stop(self) -> None:
        """End the process. Takes at most about 2.5 s."""
        transport = self._transport
        if transport is None:
            return
        try:
            if not self.ended.is_set():
                stdin: Any = transport.get_pipe_transport(0)
                if stdin is not None:
                    stdin.close()
                for ask, seconds in ((transport.terminate, _DRAIN_SECONDS), (transport.kill, _TERMINATE_SECONDS)):
                    if await self.ends_within(seconds):
                        return
                    _signal(ask)
                await self.ends_within(_TERMINATE_SECONDS)
        finally:
            await self.close()

    def kill(self) -> None:
        if self._transport is not None and not self.ended.is_set():
            self._was_killed = True
            _signal(self._transport.kill)

    async def kill_and_wait(self) -> None:
        self.kill()
        await self.ended.wait()

    async def close(self) -> None:
        """Close the connections to a process that has ended, and remove its socket."""
        if self._transport is not None:
            self._transport.close()
        for pool in (self._health, self.pool):
            if pool is not None:
                await pool.aclose()
        for path in (self.socket_path, self._note):
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - one call on a local file; anyio.Path would take a thread for it

    async def ends_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        return self.ended.is_set()

    async def last_output(self) -> list[str]:
        """Return the last lines of its output, after a short wait: the process may end before its output is read."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_OUTPUT_SECONDS):
                await self._outputs_ended.wait()
        return list(self._last_lines)

    # asyncio's callbacks.

    @override
    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._logs[fd].feed(data)

    @override
    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd in self._logs:
            self._logs[fd].end()
            self._open_outputs.discard(fd)
            if not self._open_outputs:
                self._outputs_ended.set()

    @override
    def process_exited(self) -> None:
        self.ended.set()

    def __repr__(self) -> str:
        state = "ended" if self.ended.is_set() else "running"
        return f"<WorkerProcess {state} pid={self.pid} {self.socket_path}>"


def _signal(send: Callable[[], None]) -> None:
    with contextlib.suppress(ProcessLookupError):
        send()
