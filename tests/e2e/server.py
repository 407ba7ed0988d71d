"""The contacts example as a real server: uvicorn, SQLite, and the Node render worker that the app starts."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = Path(__file__).parent / "clients"
EXAMPLE = Path(__file__).parents[2] / "examples" / "react-contacts"
# Generous: the machines that run this are slow and shared.
DEADLINE_SECONDS = 60.0


def wait_for(
    condition: Callable[[], object], what: str, pause: Callable[[], object] = lambda: time.sleep(0.05)
) -> None:
    """Poll until a condition holds, calling `pause` between attempts."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"timed out waiting for {what}"
        pause()


class Server:
    """The app in a folder's `app.py`, or another `module`, served by uvicorn."""

    module = "app"
    scheme = "http"
    options: tuple[str, ...] = ()

    def __init__(self, folder: Path, log: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        # The system chooses a port at the first start. Later starts reuse it, so that open pages can reach the server.
        self._port = 0
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        assert self._port, "the server was never started"
        return f"{self.scheme}://127.0.0.1:{self._port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def start(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "uvicorn",
                    f"{self.module}:app",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    str(self._port),
                    *self.options,
                ],
                cwd=self.folder,
                env={**_environment(), **self._environment},
                stdout=log,
                stderr=log,
            )
        wait_for(self._has_started, "the server to start")
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise
            finally:
                self._process = None

    def client(self, **headers: str) -> httpx.Client:
        """Return an HTTP client that keeps cookies and does not follow redirects."""
        return httpx.Client(base_url=self.url, headers=headers, timeout=DEADLINE_SECONDS, trust_env=False)

    def html(self, path: str) -> str:
        """Return a page as the server sends it to a browser."""
        with self.client() as client:
            return client.get(path).text

    def worker_pids(self) -> list[int]:
        """Return the pids of the server's Node children."""
        return [pid for pid in _pids() if _parent_of(pid) == self.pid and "node" in _command_of(pid)]

    def _has_started(self) -> bool:
        assert self.is_running, f"the server exited: {self.log}"
        running = re.search(r"Uvicorn running on https?://127\.0\.0\.1:(\d+)", self.log)
        if running is None:
            return False
        self._port = int(running[1])
        return True


class ExampleServer(Server):
    """A running copy of the example, with a separate database and build."""

    def __init__(self, folder: Path, **environment: str) -> None:
        assert (EXAMPLE / "dist" / "ssr").is_dir(), "the example is not built; run: make example"
        copy = folder / "app"
        shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("node_modules", "*.sqlite3*", "__pycache__"))
        environment = {"SECRET_KEY": "the same after a restart", **environment}
        super().__init__(copy, folder / "server.log", environment)

    def new_build(self) -> None:
        """Change the manifest, as a new build would. The asset version is its hash."""
        manifest = self.folder / "dist" / "client" / ".vite" / "manifest.json"
        manifest.write_bytes(manifest.read_bytes() + b"\n")

    @property
    def ssr_bundle(self) -> Path:
        return self.folder / "dist" / "ssr" / "app.js"

    def renders(self) -> bool:
        """Return whether the server renders pages."""
        return "<table" in self.html("/contacts")


class ClientServer(Server):
    """The app in `clients/`, for one of the three clients. Visitor and build are cookies, so tests can share it."""

    def __init__(self, client: str, folder: Path) -> None:
        assert (CLIENTS / client / "dist" / "ssr").is_dir(), "the clients are not built; run: make clients"
        super().__init__(CLIENTS, folder / f"{client}.log", {"CLIENT": client})


class ShopServer(Server):
    """The app in `clients/shop.py`. The visitor is a cookie, so tests can share it."""

    module = "shop"

    def __init__(self, folder: Path, **environment: str) -> None:
        assert (CLIENTS / "react" / "dist" / "client").is_dir(), "the clients are not built; run: make clients"
        super().__init__(CLIENTS, folder / "shop.log", environment)


def _environment() -> dict[str, str]:
    """Return the environment without DATABASE_URL and VITE_*, which would reconfigure the example."""
    return {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL" and not name.startswith("VITE_")
    }


def process_exists(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    return (stat := _stat_of(pid)) is not None and stat[0] != "Z"


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent_of(pid: int) -> int | None:
    return None if (stat := _stat_of(pid)) is None else int(stat[1])


def _stat_of(pid: int) -> list[str] | None:
    """Return the fields after the name: state, parent and so on. The name may contain spaces and parentheses."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rsplit(")", 1)[1].split()
    except OSError:
        return None


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0", 1)[0]
    except OSError:
        return ""
