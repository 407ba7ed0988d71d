"""The processes of a run: app servers and render servers that start and stop separately, and queries of /proc."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("AppServer", "RenderServer", "children_of", "free_port", "is_alive", "refusing_port")

REPOSITORY = Path(__file__).parents[2]
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def refusing_port() -> Iterator[int]:
    """Yield a port that is bound but not listening, so that every connection is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def is_alive(pid: int) -> bool:
    """Return whether a process is running; a zombie is not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def children_of(pid: int) -> list[int]:
    """Return the ids of all descendants of a process."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX":
                parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


class RenderServer:
    """A `tests.chaos.render_server` process that can be killed and restarted on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        self._control: socket.socket | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, **command: Any) -> None:
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.render_server", "--port", str(self.port)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        self.port, control_port = map(int, process.stdout.readline().split())
        self._control = socket.create_connection(("127.0.0.1", control_port))
        self._lines = self._control.makefile("r")
        if command:
            self.tell(**command)

    def tell(self, **command: Any) -> dict[str, Any]:
        """Set a fault or a delay, or reset the counters. Returns the counters from before the reset."""
        assert self._control is not None
        self._control.sendall(json.dumps(command).encode() + b"\n")
        counters: dict[str, Any] = json.loads(self._lines.readline())
        return counters

    def end(self, how: int = signal.SIGKILL) -> None:
        process = self._process
        if process is None:
            return
        self._process = None
        assert process.stdin is not None
        assert process.stdout is not None
        assert self._control is not None
        process.send_signal(how)
        process.wait(_STOP_SECONDS)
        process.stdin.close()
        process.stdout.close()
        self._lines.close()
        self._control.close()


class AppServer:
    """One app under uvicorn or granian.

    Attributes:
        port: The port that it listens on, at 127.0.0.1.
        pid: The id of the server process; under granian, the app runs in a child process.
        log: The output of the server, since `forget_log`.
    """

    def __init__(
        self,
        kind: str,
        options: dict[str, Any],
        folder: Path,
        *,
        python: str = sys.executable,
        factory: str = "create_app",
        prefix: Sequence[str] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        """`prefix` precedes the server's command; `environment` replaces the environment of this process."""
        self.kind = kind
        self._log_start = 0
        self.port = free_port()
        self._log_path = folder / f"{kind}-{self.port}.log"
        if environment is None:
            ours = ("VITE_", "LITESTAR_", "INERTIA_")
            environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [*prefix, *_command(kind, python, self.port, f"tests.chaos.app:{factory}")],
                cwd=REPOSITORY,
                env={**environment, "CHAOS_APP": json.dumps(options)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.app_pid = self._wait_until_ready()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log_path.read_bytes()[self._log_start :].decode(errors="replace")

    def forget_log(self) -> None:
        self._log_start = self._log_path.stat().st_size

    def get_json(self, path: str) -> Any:
        return self._ask("GET", path, b"")

    def post_json(self, path: str, content: Any) -> Any:
        return self._ask("POST", path, json.dumps(content).encode())

    def _ask(self, method: str, path: str, body: bytes) -> Any:
        with socket.create_connection(("127.0.0.1", self.port), timeout=30.0) as client:
            head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            client.sendall(head.encode() + body)
            data = b""
            while piece := client.recv(65_536):
                data += piece
        return json.loads(data.partition(b"\r\n\r\n")[2])

    def vitals(self, *, reset: bool = False, series: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = self.get_json(f"/vitals?reset={reset}&series={series}".lower())
        return answer

    def signal(self, how: int) -> None:
        self._process.send_signal(how)

    def wait(self, seconds: float = _STOP_SECONDS) -> float | None:
        """Wait for the server to exit. Returns how long it took, or None if the server is still running."""
        started = time.monotonic()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - started

    def stop(self) -> None:
        """Stop the server and its descendants."""
        family = children_of(self.pid)
        if self._process.poll() is None:
            self._process.terminate()
            if self.wait() is None:
                self._process.kill()
                self._process.wait()
        for pid in family:
            with suppress(ProcessLookupError):
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)

    def _wait_until_ready(self) -> int:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                msg = f"{self.kind} ended with {self._process.returncode}:\n{self.log}"
                raise RuntimeError(msg)
            with suppress(OSError, ValueError):
                return int(self.get_json("/ready")["pid"])
            time.sleep(0.02)
        self.stop()
        msg = f"{self.kind} did not start:\n{self.log}"
        raise RuntimeError(msg)


def _command(kind: str, python: str, port: int, target: str) -> list[str]:
    if kind == "uvicorn":
        quiet = ["--log-level", "warning", "--no-access-log", "--timeout-graceful-shutdown", "3"]
        return [python, "-m", "uvicorn", "--factory", target, "--host", "127.0.0.1", "--port", str(port), *quiet]
    quiet = ["--log-level", "warning", "--workers-kill-timeout", "4"]
    return [
        python,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--factory",
        target,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        *quiet,
    ]
