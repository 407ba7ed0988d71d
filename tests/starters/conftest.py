"""Starters as users get them: from the wheel, with the documented commands. Each framework is installed differently."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from litestar_vite._cli.starter import FRAMEWORKS
from tests.e2e.conftest import browser, chromium, complaints, find_chromium, new_context, page  # noqa: F401 - fixtures
from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# Generous: the machines that run this are slow and shared, and package caches may be cold.
INSTALL_SECONDS = 400
# For tests of the server, which behaves the same with each framework.
ONE_FRAMEWORK = pytest.mark.parametrize("app_kit", ["react"], indirect=True)
WITHOUT_NODE = frozenset({"node", "nodejs", "npm", "npx", "corepack"})
WITHOUT_UV = frozenset({"uv", "uvx"})


class Starter:
    """A generated project."""

    def __init__(self, folder: Path, framework: str, environ: dict[str, str]) -> None:
        self.folder = folder
        self.framework = framework
        self.environ = environ

    @property
    def python(self) -> str:
        return str(self.folder / ".venv" / "bin" / "python")

    def run(self, *command: str) -> str:
        """Run a command in the project and return its output. The command must succeed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}"
        return done.stdout

    @property
    def log(self) -> Path:
        """The output of the server."""
        return self.folder / "server.log"

    def served_from_sources(self) -> AbstractContextManager[str]:
        """Serve the project with Vite, without the mark of Inertia's DevTools, which only exists in development."""
        return self.served(VITE_DEV_MODE="1", VITE_DEVTOOLS="0")

    @contextmanager
    def served(self, *arguments: str, **environ: str) -> Iterator[str]:
        """Serve the project on a free port and yield its URL. `environ` adds environment variables."""
        log = self.log
        with log.open("wb") as output:
            server = subprocess.Popen(
                [self.python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", "0", *arguments],
                cwd=self.folder,
                env={**self.environ, **environ},
                stdout=output,
                stderr=output,
            )
        try:
            address: list[str] = []

            def has_started() -> bool:
                text = log.read_text("utf-8", "replace")
                assert server.poll() is None, f"the server ended:\n{text}"
                address[:] = re.findall(r"running on (http://127\.0\.0\.1:\d+)", text)
                return "Application startup complete" in text and bool(address)

            wait_for(has_started, "the server to start")
            yield address[0]
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
                raise


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Assign all tests of a generated project to one process, so that it is generated once.

    With STARTERS=short, only tests marked `each_framework` run for Vue and Svelte; all run for React.
    """
    if os.environ.get("STARTERS") == "short":
        left_out = [item for item in items if _is_left_out(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        params = _params(item)
        for fixture in ("starter", "app_kit", "mode_starter", "zoo"):
            if fixture in params:
                item.add_marker(pytest.mark.xdist_group(f"{fixture}-{params[fixture]}"))


def _is_left_out(item: pytest.Item) -> bool:
    is_other = item.get_closest_marker("starters") and {"vue", "svelte"} & {*_params(item).values()}
    return bool(is_other) and item.get_closest_marker("each_framework") is None


def _params(item: pytest.Item) -> dict[str, object]:
    params: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return params


@pytest.fixture(scope="session")
def uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    assert Path(found).is_file(), "uv is missing. Run: make install"
    return found


@pytest.fixture(scope="session")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it would be published, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", str(folder)], cwd=ROOT, check=True, timeout=INSTALL_SECONDS
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session", params=["react", "vue", "svelte"])
def starter(request: pytest.FixtureRequest, uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Starter:
    """A project, generated, installed and built by the documented command.

    React uses `uvx` and the machine's Node, Vue only uses `pip`, and Svelte uses `uvx` on a machine without Node.
    """
    framework = request.param
    base = tmp_path_factory.mktemp(framework)
    folder = base / f"my-{framework}"
    folder.mkdir()
    missing = {"react": frozenset[str](), "vue": WITHOUT_UV, "svelte": WITHOUT_NODE}[framework]
    project = Starter(folder, framework, environment(base / "programs", missing))
    begin = time.monotonic()
    if framework == "vue":
        project.run(sys.executable, "-m", "venv", ".venv")
        project.run(project.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{wheel}[cli]")
        project.run(str(folder / ".venv" / "bin" / "litestar-vite"), "init", "--vue", "--tailwind", "--kit", "minimal")
    else:
        source = f"{wheel}[cli,node]" if framework == "svelte" else str(wheel)
        project.run(uv, "tool", "run", "--from", source, "litestar-vite", "init", f"--{framework}", "--kit", "minimal")
    # Not asserted, as caches and machines differ. Shown with -rA, and documented in docs/getting-started.md.
    print(f"{framework}: generated, installed and built in {time.monotonic() - begin:.1f} s")  # noqa: T201
    return project


class AppKit(Starter):
    """A generated project with the app kit."""

    @contextmanager
    def in_production(self, **extra: str) -> Iterator[str]:
        """Migrate an empty database, serve the project with two granian workers and yield its URL.

        `extra` adds environment variables.
        """
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        settings = {"APP_ENV": "production", "APP_URL": url, "SECRET_KEY": "k" * 32, "VAR": str(self.folder / "var-2")}
        environ = {**self.environ, **settings, **extra}
        programs = self.folder / ".venv" / "bin"
        migrate = [str(programs / "litestar"), "database", "upgrade", "--no-prompt"]
        subprocess.run(migrate, cwd=self.folder, env=environ, check=True, timeout=INSTALL_SECONDS, capture_output=True)
        command = [str(programs / "granian"), "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
        with self.log.open("wb") as output:
            server = subprocess.Popen(
                [*command, "--workers", "2", "app:app"], cwd=self.folder, env=environ, stdout=output, stderr=output
            )
        try:

            def has_started() -> bool:
                text = self.log.read_text("utf-8", "replace")
                assert server.poll() is None, f"the server ended:\n{text}"
                return text.count("Started worker-") == 2

            wait_for(has_started, "two workers")
            yield url
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


@pytest.fixture(scope="session", params=FRAMEWORKS)
def app_kit(request: pytest.FixtureRequest, uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> AppKit:
    """A project with the app kit, generated, installed and built by one command."""
    base = tmp_path_factory.mktemp(f"app-{request.param}")
    folder = base / "acme"
    folder.mkdir()
    project = AppKit(folder, request.param, environment(base / "programs", frozenset()))
    begin = time.monotonic()
    project.run(uv, "tool", "run", "--from", str(wheel), "litestar-vite", "init", f"--{request.param}")
    print(f"app kit, {request.param}: generated, installed and built in {time.monotonic() - begin:.1f} s")  # noqa: T201
    return project


@pytest.fixture(scope="session", params=["spa", "htmx"])
def mode_starter(
    request: pytest.FixtureRequest, uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Starter:
    """A project in a mode other than Inertia, generated, installed and built by one command."""
    base = tmp_path_factory.mktemp(request.param)
    folder = base / f"my-{request.param}"
    folder.mkdir()
    project = Starter(folder, request.param, environment(base / "programs", frozenset()))
    project.run(uv, "tool", "run", "--from", str(wheel), "litestar-vite", "init", "--mode", request.param)
    return project


def environment(programs: Path, missing: frozenset[str]) -> dict[str, str]:
    """Return the environment without this checkout's variables, and with a PATH that lacks some programs."""
    programs.mkdir()
    seen: set[str] = set(missing)
    for folder in os.environ["PATH"].split(os.pathsep):
        # The project must not use the programs of this checkout's environment.
        for program in sorted(Path(folder).iterdir()) if Path(folder).is_dir() and ".venv" not in folder else ():
            if program.name not in seen:
                seen.add(program.name)
                (programs / program.name).symlink_to(program)
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VITE_", "LITESTAR_", "VIRTUAL_ENV", "UV", "PYTEST_", "COV_"))
    }
    return {**own, "PATH": str(programs), "CHROMIUM": find_chromium(), "NO_COLOR": "1", "COLUMNS": "200"}
