"""The peer: litestar-vite 0.32.0 from PyPI in a separate venv, driven over stdin and stdout.

`python -m benchmarks.peer` builds the venv (like `make bench-peer`); it needs `uv`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.harness import Side

PEER = "litestar-vite==0.32.0"
_HERE = Path(__file__).parent
_VENV = _HERE / ".peer"
PYTHON = _VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def build() -> None:
    """Build the peer's venv, with the same Litestar as this library."""
    same = [f"{package}=={version(package)}" for package in ("litestar", "msgspec", "uvicorn", "httptools")]
    uv = shutil.which("uv") or str(Path(__file__).parent.parent / ".tools/bin/uv")  # set by the Makefile
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_VENV)], check=True)
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", str(PYTHON), PEER, *same, "cryptography", "uvicorn", "httptools"],
        check=True,
    )


class PeerProcess:
    """A running peer_worker.py. This process is idle while a slice runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __repr__(self) -> str:
        return f"PeerProcess(pid={self._process.pid}, returncode={self._process.poll()})"

    async def sides(self, case: str, **options: Any) -> dict[str, Side]:
        """Open a case; return "peer floor" (plain Litestar in the peer's interpreter) and "peer"."""
        opened = self.ask({"open": case, "options": options})
        names = {"floor": "peer floor", "subject": "peer"}
        return {names[side]: self._side(side) for side in opened["sides"]}

    def versions(self) -> dict[str, str]:
        found: dict[str, str] = self.ask({"versions": True})["versions"]
        return found

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            msg = f"The peer's process ended (exit status {self._process.wait()}) at {command}. Run 'make bench-peer'."
            raise RuntimeError(msg)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            msg = f"The peer failed at {command}:\n{answer['error']}"
            raise RuntimeError(msg)
        return answer

    def _side(self, name: str) -> Side:
        async def side(calls: int) -> float:
            seconds: float = self.ask({"time": name, "calls": calls})["seconds"]
            return seconds

        return side


@contextmanager
def running_peer() -> Iterator[PeerProcess | None]:
    """Start the peer's process; return None if its venv has not been built."""
    if not PYTHON.exists():
        yield None
        return
    process = subprocess.Popen(
        [str(PYTHON), "-m", "benchmarks.peer_worker"],
        cwd=_HERE.parent,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    peer = PeerProcess(process)
    try:
        yield peer
        if process.poll() is None:
            peer.ask({"close": True})
    finally:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def clean_environment() -> dict[str, str]:
    """Remove variables that configure either plugin, or that make the interpreters differ."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VITE_", "LITESTAR_", "INERTIA_", "PYTHONPATH", "PYTHONHOME")) and name != "ASSET_URL"
    }


if __name__ == "__main__":
    build()
