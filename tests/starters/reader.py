"""A reader of the tutorial, with an empty folder, a terminal, and another terminal for the server."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import httpx

from tests.e2e.server import wait_for
from tests.starters.conftest import INSTALL_SECONDS
from tests.starters.tutorial import Command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.starters.tutorial import Step

PACKAGE = "uvx --from /path/to/litestar-vite"


class Reader:
    """Follows the steps of the tutorial.

    Attributes:
        folder: The terminal's working directory, initially an empty folder.
        output: The output of the last command.
    """

    def __init__(self, folder: Path, framework: str, uv: str, wheel: Path, environ: dict[str, str]) -> None:
        self.framework = framework
        self.folder = folder / "empty"
        self.folder.mkdir()
        self.output = ""
        self.url = ""
        self._uv, self._wheel, self._environ = uv, wheel, environ
        self._server: subprocess.Popen[bytes] | None = None

    def follow(self, step: Step) -> None:
        """Write the files of a step and run its commands, in order."""
        for action in step.actions:
            if isinstance(action, Command):
                self.type(action.line)
            else:
                action.apply(self.folder)

    def type(self, line: str) -> None:
        """Type a command."""
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
        elif " litestar run" in line:
            self._start_server(line)
        else:
            if line.startswith(PACKAGE):
                # Without a terminal, `init` cannot ask for the framework.
                line = f"{line.replace(PACKAGE, f'{self._uv} tool run --from {self._wheel}')} --{self.framework}"
            self.output = self._run(line)

    def check(self) -> None:
        """Check that the server has written the types, that the project compiles, and that its tests pass."""
        programs = self.folder / ".venv" / "bin"
        check = [str(programs / "litestar-vite"), "types", "--check"]
        wait_for(lambda: self._ended(check).returncode == 0, "the server to write the types")
        self._run("npm run typecheck")
        self._run(f"{programs / 'python'} -m pytest -q -m 'not browser'")

    def html(self, path: str) -> str:
        """Return a page as the server sends it, without scripts."""
        text = httpx.get(self.url + path, timeout=60, trust_env=False).text
        return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)

    def stop_server(self) -> None:
        """Press Ctrl-C in the server's terminal."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(60)
            self._server = None

    leave = stop_server

    def _start_server(self, line: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        log = self.folder.parent / "server.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                ["sh", "-c", f"exec env {line} --port {port}"],
                cwd=self.folder,
                env=self._environ,
                stdout=output,
                stderr=output,
            )
        self._server = server

        def has_started() -> bool:
            text = log.read_text("utf-8", "replace")
            assert server.poll() is None, f"the server exited:\n{text}"
            return "Application startup complete" in text

        wait_for(has_started, "the server to start")

    def _run(self, line: str) -> str:
        done = self._ended(["sh", "-c", line])
        assert done.returncode == 0, f"{line} exited with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def _ended(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
