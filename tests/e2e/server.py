"""The contacts example as a real server: uvicorn, SQLite, and the Node render worker that the app starts itself."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / "examples" / "react-contacts"
# Generous: the machines that run this are slow and shared.
DEADLINE_SECONDS = 60.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Poll until a condition holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


class ExampleServer:
    """One running copy of the example, with a database and a build of its own."""

    def __init__(self, folder: Path) -> None:
        assert (EXAMPLE / "dist" / "ssr").is_dir(), "the example is not built; run: make example"
        self.folder = folder / "app"
        shutil.copytree(EXAMPLE, self.folder, ignore=shutil.ignore_patterns("node_modules", "*.sqlite3*", "__pycache__"))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def start(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=self.folder,
                env={**os.environ, "SECRET_KEY": "the same after a restart"},
                stdout=log,
                stderr=log,
            )
        wait_for(self._answers, f"the server to answer; its log: {self._log}")
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(DEADLINE_SECONDS)
            self._process = None

    def new_build(self) -> None:
        """Change the manifest as another build would; the asset version is its hash."""
        manifest = self.folder / "dist" / "client" / ".vite" / "manifest.json"
        manifest.write_bytes(manifest.read_bytes() + b"\n")

    def worker_pids(self) -> list[int]:
        """Return the pids of the server's Node children."""
        return [pid for pid in _pids() if _parent_of(pid) == self.pid and "node" in _command_of(pid)]

    def worker_is_ready(self) -> bool:
        """Tell whether pages come rendered by the server."""
        return "<table" in httpx.get(f"{self.url}/contacts").text

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the server ended: {self.log}"
        try:
            return httpx.get(f"{self.url}/contacts").status_code == 200
        except httpx.TransportError:
            return False


def is_running(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[1])
    except OSError:
        return -1


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").split("\0", 1)[0]
    except OSError:
        return ""
