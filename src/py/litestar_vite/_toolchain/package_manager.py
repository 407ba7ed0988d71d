"""Detects a project's package manager: by the nearest lock file, upwards from the front end's folder, else by
`packageManager` in package.json, else npm.

Reads a few small files; call it off the event loop.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite._toolchain.package_json import read_package
from litestar_vite._toolchain.packages import upwards

MANAGERS: Final = ("npm", "pnpm", "yarn", "bun", "deno")
# npm's lock files come last, since projects that moved to another package manager often keep them.
_LOCK_FILES: Final = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "deno.lock": "deno",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}


class PackageManager(Struct, frozen=True):
    """The package manager of a project.

    Attributes:
        name: npm, pnpm, yarn, bun or deno.
        folder: The folder of its lock file or package.json: the front end's folder, or the root of a workspace.
    """

    name: str
    folder: Path

    @property
    def install(self) -> tuple[str, ...]:
        """The command that installs the project's packages."""
        return (self.name, "install")

    def add(self, package: str, *, is_dev: bool = False) -> tuple[str, ...]:
        """Return the command that adds a package, or changes its version ("vite@8")."""
        flag = ("-d" if self.name == "bun" else "-D",) if is_dev else ()
        return (
            self.name,
            "install" if self.name == "npm" else "add",
            *flag,
            f"npm:{package}" if self.name == "deno" else package,
        )

    def run(self, script: str) -> tuple[str, ...]:
        """Return the command that runs a script of package.json."""
        return ("deno", "task", script) if self.name == "deno" else (self.name, "run", script)


def lock_files(folder: Path) -> dict[str, str]:
    """Return the lock files in a folder and the package manager of each."""
    return {name: manager for name, manager in _LOCK_FILES.items() if (folder / name).is_file()}


def find_package_manager(root: Path) -> PackageManager:
    """Return the package manager of the project at `root`."""
    for folder in upwards(root):
        for manager in lock_files(folder).values():
            return PackageManager(manager, folder)
        named = read_package(folder).get("packageManager")
        if isinstance(named, str) and (name := named.partition("@")[0]) in MANAGERS:
            return PackageManager(name, folder)
    return PackageManager("npm", root)
