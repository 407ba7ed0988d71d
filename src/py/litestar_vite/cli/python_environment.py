"""Where the project's Python packages go.

How it works:
1. This program runs in an environment that the user has activated, or in the project's own `.venv`: what is missing
   goes there.
2. Otherwise (uvx, pipx, a system Python) the project gets a `.venv` of its own: by `uv sync` where uv is, else by venv
and pip."""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from litestar_vite.cli.programs import run, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("Origin", "PythonEnvironment", "origin_of_package")

_NAME: Final = "litestar-vite"
# What a new project uses besides, as in the starters' pyproject.toml: the server, and the tests.
_TOOLS: Final = ("uvicorn[standard]>=0.30", "pytest>=8.4", "playwright>=1.55")


class Origin(Struct, frozen=True):
    """Where this package was installed from.

    Attributes:
        pin: What follows name and extras in pyproject.toml.
        url: The file or folder, for pip; None when it came from a registry.
        wheel: The wheel file it came from, None otherwise.
        folder: The source folder it came from, None otherwise.
    """

    pin: str
    url: str | None = None
    wheel: Path | None = None
    folder: Path | None = None

    def requirement(self, extras: str) -> str:
        """Return what pip is told."""
        return f"{_NAME}[{extras}] @ {self.url}" if self.url else f"{_NAME}[{extras}]{self.pin}"


def origin_of_package() -> Origin:
    """Read it from the installation's own record (PEP 610)."""
    here = version(_NAME)
    record = distribution(_NAME).read_text("direct_url.json")
    url: str = json.loads(record).get("url", "") if record else ""
    if url.startswith("file://"):
        from urllib.parse import unquote, urlsplit
        from urllib.request import url2pathname

        path = Path(url2pathname(unquote(urlsplit(url).path)))
        is_wheel = path.suffix == ".whl"
        return Origin("", url, path if is_wheel else None, None if is_wheel else path)
    return Origin(f">={here}")


class PythonEnvironment(Struct, frozen=True):
    """How Python packages come into a project.

    Attributes:
        kind: "current" (the environment this program runs in), "uv" or "venv" (a `.venv` of the project's own).
        program: The Python of that environment; it may not exist yet.
        uv: The uv program, None where there is none.
        is_activated: Its programs are in the user's PATH.
    """

    kind: str
    program: Path
    uv: str | None
    is_activated: bool = False

    @classmethod
    def of(cls, folder: Path, environ: Mapping[str, str]) -> PythonEnvironment:
        """Decide which environment a project in `folder` uses."""
        prefix = Path(sys.prefix).resolve()
        activated = environ.get("VIRTUAL_ENV")
        own = folder.resolve() / ".venv"
        uv = environ.get("UV") or shutil.which("uv", path=environ.get("PATH"))
        is_activated = bool(activated) and Path(activated or "").resolve() == prefix
        if sys.prefix != sys.base_prefix and (prefix == own or is_activated):
            return cls("current", Path(sys.executable), uv, is_activated)
        program = own / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        return cls("uv" if uv else "venv", program, uv)

    def install(self, folder: Path, environ: Mapping[str, str], requirement: str, *, verbose: bool = False) -> None:
        """Install the packages of the project's pyproject.toml, the development group included."""
        # uv would warn about the other environment, or use it.
        environ = (
            {name: value for name, value in environ.items() if name != "VIRTUAL_ENV"}
            if self.kind != "current"
            else environ
        )
        if self.kind == "uv" and self.uv is not None:
            run([self.uv, "sync", "--quiet"], folder, environ, verbose=verbose)
            return
        if self.kind == "venv" and not self.program.exists():
            run([sys.executable, "-m", "venv", str(folder / ".venv")], folder, environ, verbose=verbose)
        if wanted := self._wanted(requirement):
            run([*self._install_command(), "--quiet", *wanted], folder, environ, verbose=verbose)

    def install_lines(self, requirement: str) -> list[str]:
        """Return what `install` does as command lines, to be typed in the project's folder; empty when everything is
        installed.
        """
        if self.kind == "uv":
            return ["uv sync"]
        lines = (
            [typed([_own_python(), "-m", "venv", ".venv"])] if self.kind == "venv" and not self.program.exists() else []
        )
        if wanted := self._wanted(requirement):
            where = [] if self.is_activated else ["--python", self.command("python")]
            pip = (
                ["uv", "pip", "install", *where]
                if self.uv is not None
                else [self.command("python"), "-m", "pip", "install"]
            )
            lines.append(typed([*pip, *wanted]))
        return lines

    @property
    def installer(self) -> str:
        return "uv" if self.uv is not None else "pip"

    def _wanted(self, requirement: str) -> list[str]:
        return [requirement, *_TOOLS] if self.kind == "venv" else [tool for tool in _TOOLS if not _is_installed(tool)]

    def _install_command(self) -> list[str]:
        # An environment made by uv has no pip.
        if self.uv is not None:
            return [self.uv, "pip", "install", "--python", str(self.program)]
        return [str(self.program), "-m", "pip", "--disable-pip-version-check", "install"]

    def command(self, *words: str) -> str:
        """Return a command line that runs in this environment, as people type it."""
        line = " ".join(words)
        if self.is_activated:
            return line
        if self.kind == "uv":
            return f"uv run {line}"
        scripts = ".venv\\Scripts\\" if os.name == "nt" else ".venv/bin/"
        return f"{scripts}{line}"


def _own_python() -> str:
    """Return the Python that runs this, by its name where PATH leads to it."""
    names = ((name, shutil.which(name)) for name in ("python3", "python"))
    own = Path(sys.executable).resolve()
    return next((name for name, found in names if found and Path(found).resolve() == own), sys.executable)


def _is_installed(requirement: str) -> bool:
    try:
        distribution(requirement.split(">", 1)[0].partition("[")[0])
    except PackageNotFoundError:
        return False
    return True
