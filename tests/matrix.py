"""`python -m tests.matrix [full]`: run the core tests on other versions of Python, Litestar and msgspec.

Each row gets a separate virtual environment in `.tools/matrix`, with the locked packages except those that the row
names. A Python version that is not installed is reported and skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / ".tools" / "matrix"
CORE: Final = ("tests/protocol", "tests/integration", "tests/unit/inertia")
FAST: Final = "not slow and not services and not e2e and not starters and not chaos and not dev and not packaging"


class Row(NamedTuple):
    """One environment: a Python version, and requirements that replace the locked ones."""

    python: str
    requirements: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return " ".join(("Python", self.python, *self.requirements))


ROWS: Final = (
    Row("3.11", ("litestar==2.22.0",)),
    Row("3.13", ("msgspec==0.23.*",)),
)
MORE: Final = (Row("3.12"), Row("3.13"), Row("3.12", ("litestar==2.22.0",)), Row("3.11", ("msgspec==0.23.*",)))


def main(arguments: list[str]) -> int:
    """Run the rows and return the exit code: 0 if the tests passed on every installed Python."""
    is_full = "full" in arguments
    tests = ("tests",) if is_full else CORE
    failed = 0
    for row in (*ROWS, *(MORE if is_full else ())):
        python = _python_for(row)
        if python is None:
            print(f"  - {row.name}: Python {row.python} is not installed")
            continue
        failed += subprocess.run(
            [
                str(ROOT / "scripts" / "step"),
                f"Core tests on {row.name}",
                sys.executable,
                "-m",
                "tests.matrix",
                "--row",
                row.python,
                python,
                *row.requirements,
                "--",
                *tests,
            ],
            cwd=ROOT,
            env={**os.environ, "STEP_SHOW": "[0-9]+ (passed|failed)"},
            check=False,
        ).returncode
    return 1 if failed else 0


def run_row(arguments: list[str]) -> int:
    """Install the environment of a row and run its tests. `main` calls this through `scripts/step`."""
    separator = arguments.index("--")
    version, python, *requirements = arguments[:separator]
    folder = FOLDER / "-".join((version, *requirements)).replace("==", "-").replace("*", "x")
    uv = _uv()
    locked = FOLDER / "requirements.txt"
    FOLDER.mkdir(parents=True, exist_ok=True)
    export = [uv, "export", "--frozen", "--all-groups", "--no-hashes", "--no-emit-project", "--quiet"]
    names = tuple(requirement.partition("==")[0] + "==" for requirement in requirements)
    lines = subprocess.run(export, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    locked.write_text("\n".join(line for line in lines if not line.startswith(names or "\0")))
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", python, str(folder)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "-r", str(locked)]
    subprocess.run([*install, *requirements, "-e", f"{ROOT}[cli,opentelemetry,prometheus]"], check=True)
    pytest = [str(folder / "bin" / "python"), "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", "-m", FAST]
    cache = ["-o", f"cache_dir={folder / 'pytest-cache'}"]
    return subprocess.run([*pytest, *cache, *arguments[separator + 1 :]], cwd=ROOT, check=False).returncode


def _uv() -> str:
    return shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")


def _python_for(row: Row) -> str | None:
    """Return the path of an interpreter from PATH or pyenv, or None if it is not installed."""
    in_path = shutil.which(f"python{row.python}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for python in (in_path, *pyenv.glob(f"{row.python}.*/bin/python")):
        if python is not None and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(python)
    return None


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(run_row(given[1:]) if given[:1] == ["--row"] else main(given))
