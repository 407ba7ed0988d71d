"""A development server: a copy of the project, with a Vite process that the app starts."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from litestar_vite._devserver.state import DevState, running_states
from litestar_vite._processes.liveness import is_running
from tests.e2e.conftest import browser, chromium, complaints, new_context, page  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parent / "project"
REPOSITORY = Path(__file__).parents[2]
PACKAGES = REPOSITORY / "examples" / "react-contacts" / "node_modules"
# Generous: the machines that run this are slow and shared.
DEADLINE_SECONDS = 90.0


def wait_for(condition: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Poll until a condition holds, and return its value."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"timed out waiting for {what() if callable(what) else what}"
        time.sleep(0.05)
    return found


SERVERS = {
    "uvicorn": ("uvicorn", "app:app"),
    "granian": ("granian", "--interface", "asgi", "app:app"),
    "litestar": ("litestar", "run"),
}


class DevApp:
    """A copy of the project, served in development by uvicorn, granian or `litestar run`, each with its default timeout
    for shutdown.
    """

    def __init__(self, folder: Path, project: Path = PROJECT) -> None:
        assert PACKAGES.is_dir(), "the example is not installed; run: make example"
        self.folder = folder.resolve() / "project"
        shutil.copytree(project, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        # A folder of symlinks, so that each copy has its own Vite cache in node_modules, as real projects do.
        (self.folder / "node_modules").mkdir()
        for package in PACKAGES.iterdir():
            if not package.name.startswith("."):
                (self.folder / "node_modules" / package.name).symlink_to(package)
        self.log_path = folder / "server.log"
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_path.read_text("utf-8", "replace")

    def start(
        self,
        *arguments: str,
        server: str = "uvicorn",
        prepare: Callable[[int], None] | None = None,
        **environment: str,
    ) -> Self:
        """Start the server, and wait for its first response.

        Args:
            prepare: Called with the process id, before the process does anything.
        """
        command = [sys.executable, "-m", *SERVERS[server], "--port", str(self.port), *arguments]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=_environment(environment), stdout=log, stderr=log, start_new_session=True
            )
        if prepare is not None:
            self.process.send_signal(signal.SIGSTOP)
            prepare(self.process.pid)
            self.process.send_signal(signal.SIGCONT)
        wait_for(self._answers, "the server to start")
        return self

    def started(self, *arguments: str, server: str = "uvicorn", **environment: str) -> Self:
        """Start, and wait until Vite serves modules."""
        self.start(*arguments, server=server, **environment)
        wait_for(
            lambda: self.vite is not None and self.get("/static/src/app.tsx").status_code == 200, "Vite to be ready"
        )
        return self

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=DEADLINE_SECONDS, trust_env=False, **options)

    @property
    def vite(self) -> DevState | None:
        """The state of the Vite process that is ready, or None."""
        return next((state for state in running_states(self.folder) if state.url is not None), None)

    def page_with(self, text: str) -> str:
        """Return the page as soon as it contains `text`."""
        html = ""

        def has_text() -> bool:
            nonlocal html
            with contextlib.suppress(httpx.TransportError):
                html = self.get("/").text
            return text in html

        wait_for(has_text, f"{text!r} in the page")
        return html

    def edit(self, path: str, old: str, new: str) -> None:
        # Vite's watcher drops the second of two changes to a file within 50 ms, and never reads it. No developer saves
        # that fast.
        time.sleep(0.1)
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def processes(self) -> list[int]:
        """Return all processes in the project's folder: servers, reloaders, Vite processes and their children."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if (entry / "cwd").readlink() == self.folder and is_running(int(entry.name)):
                        found.append(int(entry.name))
        return found

    def wait_until_nobody_is_left(self) -> None:
        wait_for(lambda: not self.processes(), lambda: f"the processes of {self.folder} to end: {self.processes()}")

    def interrupt(self, how: signal.Signals = signal.SIGINT) -> int:
        """Signal the whole process group, as a terminal does, and return the exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, how)
        code = self.process.wait(DEADLINE_SECONDS)
        self.process = None
        return code

    def clean_up(self) -> None:
        """Kill all processes that a failed test has left."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended:\n{self.log}"
        with contextlib.suppress(httpx.TransportError):
            return self.get("/plain").status_code == 200
        return False


@pytest.fixture
def new_app(tmp_path: Path) -> Iterator[Callable[[], DevApp]]:
    """Make copies of the project, and kill their remaining processes after the test."""
    apps: list[DevApp] = []

    def make() -> DevApp:
        folder = tmp_path / f"app{len(apps)}"
        folder.mkdir()
        apps.append(DevApp(folder))
        return apps[-1]

    yield make
    for app in apps:
        app.clean_up()


@pytest.fixture
def app(new_app: Callable[[], DevApp]) -> DevApp:
    return new_app()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevApp]:
    """A server shared by the tests of a module, which must not break it."""
    app = DevApp(tmp_path_factory.mktemp("shared"))
    try:
        yield app.started()
    finally:
        app.clean_up()


def ssr_text(html: str) -> str:
    """Return the text of the application element; empty if the page is rendered in the browser."""
    found = re.search(r'<div[^>]* id="app"[^>]*>(.*)</div>', html, re.DOTALL) or re.search(
        r'<div id="app"[^>]*>(.*)</div>', html, re.DOTALL
    )
    return re.sub(r"<[^>]+>|<!--.*?-->", "", found[1]) if found else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(extra: dict[str, str]) -> dict[str, str]:
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VITE_", "LITESTAR_", "COV_", "COVERAGE"))
    }
    # The package of this checkout, and the loop ticker of the chaos tests, which the project's app imports.
    python_path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "src" / "py")])
    return {**ours, "VITE_DEV_MODE": "1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": python_path, **extra}
