"""The project's own Vite, started as `node node_modules/vite/bin/vite.js`: one process, without a package manager's
wrapper between us and it.

Reads a few small files; call it off the event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite.exceptions import DevServerError
from litestar_vite.toolchain.package_json import read_package
from litestar_vite.toolchain.package_manager import find_package_manager
from litestar_vite.toolchain.packages import find_package, has_plug_and_play

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite.toolchain.runtime import Runtime

__all__ = ("vite_command",)


def vite_command(root: Path, runtime: Runtime, *arguments: str, preload: Path | None = None) -> tuple[str, ...]:
    """Return the command that runs the project's own Vite.

    Raises:
        DevServerError: There is no package.json, or Vite is not installed; the message holds the install command.
    """
    if (package := find_package(root, "vite")) is not None:
        binary = read_package(package).get("bin")
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
