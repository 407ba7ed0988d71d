"""The Python environment of a new project.

How it works:
1. When this program runs in an activated environment, or in the project's `.venv`, missing packages are installed
   there.
2. Otherwise (uvx, pipx, a system Python) the project gets a `.venv`: by `uv sync` if uv is available, else by venv
   and pip.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite._cli.programs import run, typed

_NAME: Final = "litestar-vite"
# The requirements of every starter's pyproject.toml: the server and the test tools.
_TOOLS: Final = ("uvicorn[standard]>=0.30", "pytest>=8.4", "playwright>=1.55")


class Origin(Struct, frozen=True):
    """Where this package was installed from.

    Attributes:
        pin: The version specifier in pyproject.toml.
        url: The URL of the wheel or folder, for pip; None when installed from a registry.
        wheel: The wheel file; None when installed from elsewhere.
        folder: The source folder; None when installed from elsewhere.
    """

    pin: str
    url: str | None = None
    wheel: Path | None = None
    folder: Path | None = None

    def requirement(self, extras: str) -> str:
        """Return the requirement for pip."""
        return f"{_NAME}[{extras}] @ {self.url}" if self.url else f"{_NAME}[{extras}]{self.pin}"


def origin_of_package() -> Origin:
    """Read the origin from the installed distribution's direct_url.json (PEP 610)."""
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
    """The environment that a project's Python packages are installed into.

    Attributes:
        kind: "current" (the environment this program runs in), "uv" or "venv" (the project's `.venv`).
        program: The environment's Python executable, which may not exist yet.
        uv: The uv executable; None when uv is not installed.
        is_activated: The environment's programs are in the user's PATH.
        packages: The starter's requirements, except this package, the server and the test tools.
    """

    kind: str
    program: Path
    uv: str | None
    is_activated: bool = False
    packages: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path, environ: Mapping[str, str], packages: tuple[str, ...] = ()) -> PythonEnvironment:
        """Return the environment for a project in `folder`."""
        prefix = Path(sys.prefix).resolve()
        activated = environ.get("VIRTUAL_ENV")
        own = folder.resolve() / ".venv"
        uv = environ.get("UV") or shutil.which("uv", path=environ.get("PATH"))
        is_activated = bool(activated) and Path(activated or "").resolve() == prefix
        if sys.prefix != sys.base_prefix and (prefix == own or is_activated):
            return cls("current", Path(sys.executable), uv, is_activated, packages)
        program = own / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        return cls("uv" if uv else "venv", program, uv, packages=packages)

    def install(self, folder: Path, environ: Mapping[str, str], requirement: str, *, verbose: bool = False) -> None:
        """Install the packages in the project's pyproject.toml, including the development group."""
        # VIRTUAL_ENV would make uv warn about the other environment, or use it.
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
        if missing := self._missing_packages(requirement):
            run([*self._install_command(), "--quiet", *missing], folder, environ, verbose=verbose)

    def install_lines(self, requirement: str) -> list[str]:
        """Return the commands that do what `install` does, to be run in the project's folder.

        Empty when everything is installed.
        """
        if self.kind == "uv":
            return ["uv sync"]
        lines = (
            [typed([_own_python(), "-m", "venv", ".venv"])] if self.kind == "venv" and not self.program.exists() else []
        )
        if missing := self._missing_packages(requirement):
            where = [] if self.is_activated else ["--python", self.command("python")]
            pip = (
                ["uv", "pip", "install", *where]
                if self.uv is not None
                else [self.command("python"), "-m", "pip", "install"]
            )
            lines.append(typed([*pip, *missing]))
        return lines

    @property
    def installer(self) -> str:
        return "uv" if self.uv is not None else "pip"

    def _missing_packages(self, requirement: str) -> list[str]:
        others = [*self.packages, *_TOOLS]
        return (
            [requirement, *others] if self.kind == "venv" else [other for other in others if not _is_installed(other)]
        )

    def _install_command(self) -> list[str]:
        # uv creates environments without pip.
        if self.uv is not None:
            return [self.uv, "pip", "install", "--python", str(self.program)]
        return [str(self.program), "-m", "pip", "--disable-pip-version-check", "install"]

    def command(self, *arguments: str) -> str:
        """Return a command line, to be typed in the project's folder, that runs in this environment."""
        line = " ".join(arguments)
        if self.is_activated:
            return line
        if self.kind == "uv":
            return f"uv run {line}"
        scripts = ".venv\\Scripts\\" if os.name == "nt" else ".venv/bin/"
        return f"{scripts}{line}"


def _own_python() -> str:
    """Return the running Python: its name if PATH resolves to it, else its path."""
    names = ((name, shutil.which(name)) for name in ("python3", "python"))
    own = Path(sys.executable).resolve()
    return next((name for name, found in names if found and Path(found).resolve() == own), sys.executable)


def _is_installed(requirement: str) -> bool:
    try:
        distribution(requirement.split(">", 1)[0].partition("[")[0])
    except PackageNotFoundError:
        return False
    return True
