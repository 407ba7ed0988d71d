"""Runs the project's package manager, with the Node that was found."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.programs import run
from litestar_vite._toolchain.package_json import require_package
from litestar_vite._toolchain.package_manager import PackageManager, find_package_manager, lock_files
from litestar_vite._toolchain.packages import has_plug_and_play, upwards
from litestar_vite._toolchain.runtime import Runtime, find_runtime
from litestar_vite.config._resolve import without_secrets

# Additional options for a quiet, fast install, which prefers the package cache to the registry.
_INSTALL_FLAGS: Final = {
    "npm": ("--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"),
    "pnpm": ("--prefer-offline",),
}
# A command of a script, not a word in a path or in another command.
_VITE_BUILD: Final = re.compile(r"(?<![\w./-])vite build(?![\w-])")
_MODE: Final = re.compile(r"[A-Za-z0-9][\w.-]*\Z").match


class Toolchain(Struct, frozen=True):
    """The tools of one front end, and how to run them.

    Attributes:
        root: The folder of package.json.
        program: How it is started: a program, or Node and a script.
        environment: The environment of its processes; Node's folder leads PATH, without the app's secret.
        is_bundled: Node comes from the extra `litestar-vite[node]`.
    """

    root: Path
    manager: PackageManager
    program: tuple[str, ...]
    environment: dict[str, str]
    is_bundled: bool = False

    @classmethod
    def of(cls, root: Path, environ: Mapping[str, str], manager: str | None = None) -> Toolchain:
        """Find the tools of a project.

        Raises:
            CommandError: The package manager is missing.
            DevServerError: No JavaScript runtime was found.
        """
        chosen = PackageManager(manager, root) if manager else find_package_manager(root)
        runtime = find_runtime()
        path = os.pathsep.join([str(Path(runtime.path).parent), environ.get("PATH", "")])
        return cls(
            root,
            chosen,
            _program_of(chosen, runtime, path),
            {**without_secrets(environ), "PATH": path},
            runtime.is_bundled,
        )

    def install(self, *, verbose: bool = False) -> str:
        """Install the packages of package.json."""
        arguments = self.manager.install[1:]
        return self._run(*arguments, *_INSTALL_FLAGS.get(self.manager.name, ()), verbose=verbose)

    def run_script(self, name: str, *, verbose: bool = False) -> str:
        """Run a script of package.json.

        Raises:
            CommandError: The script does not exist or failed, or package.json cannot be read.
        """
        self._script(name)
        return self._run(*self.manager.run(name)[1:], verbose=verbose)

    def run_build_in_mode(self, mode: str, *, verbose: bool = False) -> str:
        """Run the "build" script with `--mode` for each `vite build` in it.

        Package managers append arguments to a script's last command only, which would leave out the client build.
        So the script is run in the same way: by the system's shell, with the packages' programs in PATH.

        Raises:
            CommandError: The mode is invalid, the script does not call Vite itself, or it failed.
        """
        if _MODE(mode) is None or mode == "local":
            raise CommandError(
                f"--mode is {mode!r}. Use a name such as 'staging'; Vite reads .env.staging. It reserves 'local'."
            )
        script = self._script("build")
        line = _VITE_BUILD.sub(rf"\g<0> --mode {mode}", script)
        if line == script or "--mode" in script or has_plug_and_play(self.root):
            raise CommandError(
                f'--mode cannot be added to the script "build" in package.json: {script!r}. It must call '
                f"'vite build' itself and without --mode, and the packages must be in node_modules. Add a script for "
                f'this mode, such as "build:{mode}": "vite build --mode {mode} && vite build --ssr --mode {mode}", and '
                "run it."
            )
        shell = ("cmd", "/d", "/s", "/c") if os.name == "nt" else ("/bin/sh", "-c")
        programs = [str(folder / "node_modules" / ".bin") for folder in upwards(self.root)]
        path = os.pathsep.join([*programs, self.environment.get("PATH", "")])
        return run([*shell, line], self.root, {**self.environment, "PATH": path}, verbose=verbose)

    def _script(self, name: str) -> str:
        scripts: Any = require_package(self.root).get("scripts") or {}
        if name not in scripts:
            raise CommandError(
                f"package.json in '{self.root}' has no script {name!r}; it has {sorted(scripts)}. Add: "
                f'"{name}": "vite build && vite build --ssr"'
            )
        return str(scripts[name])

    def _run(self, *arguments: str, verbose: bool) -> str:
        return run([*self.program, *arguments], self.root, self.environment, verbose=verbose)


def version_of(manager: str) -> str:
    """Return the version of a package manager in PATH; "" if it is missing or reports no version."""
    if (found := shutil.which(manager)) is None:
        return ""
    try:
        said = run([found, "--version"], Path.cwd(), os.environ)
    except CommandError:
        return ""
    version = re.search(r"\d+\.\d+\.\d+", said)
    return version[0] if version else ""


def how_to_get(manager: PackageManager) -> str:
    """Return what to do when a project's package manager is not installed."""
    if manager.name == "npm":
        return "npm comes with Node.js: install that from https://nodejs.org, or run: pip install 'litestar-vite[node]'"
    files = [name for name, owner in lock_files(manager.folder).items() if owner == manager.name]
    if files:
        return (
            f"Install it (npm i -g {manager.name}), or delete {' and '.join(files)} in '{manager.folder}' to use npm."
        )
    return (
        f"Install it (npm i -g {manager.name}), or name another: packageManager in package.json, "
        "--package-manager of init."
    )


def _program_of(manager: PackageManager, runtime: Runtime, path: str) -> tuple[str, ...]:
    # The [node] extra brings npm as a script next to Node.
    if manager.name == "npm" and runtime.npm is not None:
        return runtime.npm
    if found := shutil.which(manager.name, path=path):
        return (found,)
    raise CommandError(f"{manager.name} is not in PATH. {how_to_get(manager)}")
