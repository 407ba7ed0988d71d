"""A bare copy of this repository, and the wheel and sdist that are built from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from msgspec import Struct

ROOT = Path(__file__).parents[2]
# Generous: package caches may be cold.
LIMIT_SECONDS = 400


class Distributions(Struct, frozen=True):
    """The output of `uv build` in a bare clone: the sdist, and a wheel that is built from the sdist."""

    wheel: Path
    sdist: Path
    output: str

    @property
    def version(self) -> str:
        return self.wheel.name.split("-")[1]

    @property
    def metadata(self) -> str:
        """The name of the wheel's metadata folder."""
        return f"litestar_vite-{self.version}.dist-info"


class Uv:
    """Runs uv. With `node=False`, PATH contains no programs; uv and Python are called by their full paths."""

    def __init__(self, empty: Path) -> None:
        found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
        assert Path(found).is_file(), "uv is missing. Run: make install"
        self._uv = found
        self._empty = empty

    def try_to(self, *arguments: str, cwd: Path, node: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        if not node:
            environment["PATH"] = str(self._empty)
        return subprocess.run(
            [self._uv, *arguments],
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )

    def __call__(self, *arguments: str, cwd: Path, node: bool = True) -> str:
        """Return the output of a command that must succeed."""
        done = self.try_to(*arguments, cwd=cwd, node=node)
        assert done.returncode == 0, f"uv {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def venv(self, folder: Path) -> Path:
        self("venv", "--quiet", "--python", sys.executable, str(folder / ".venv"), cwd=folder)
        return folder / ".venv" / "bin" / "python"


@pytest.fixture(scope="session")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Uv:
    return Uv(tmp_path_factory.mktemp("no-programs"))


@pytest.fixture(scope="session")
def tracked() -> frozenset[str]:
    """Return the files under version control. An unpacked sdist does not list them, so the test is skipped there."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(name for name in listed.stdout.splitlines() if (ROOT / name).exists())


def copy(tracked: frozenset[str], target: Path) -> Path:
    for name in tracked:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target / name)
    return target


@pytest.fixture
def clone(tracked: frozenset[str], tmp_path: Path) -> Path:
    """Return a bare clone, without built files and node_modules."""
    return copy(tracked, tmp_path / "clone")


@pytest.fixture(scope="session")
def built_clone(tracked: frozenset[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the clone in which `distributions` builds."""
    return copy(tracked, tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def distributions(uv: Uv, built_clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    folder = tmp_path_factory.mktemp("dist")
    output = uv("build", "--python", sys.executable, "--out-dir", str(folder), cwd=built_clone)
    return Distributions(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")), output)


@pytest.fixture(scope="session")
def unpacked(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the unpacked sdist."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(distributions.sdist) as archive:
        # Early releases of Python 3.11 lack extraction filters. The archive is trusted.
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return next(folder.iterdir())
