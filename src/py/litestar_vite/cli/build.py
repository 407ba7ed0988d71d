"""`litestar assets build`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from litestar_vite.assets.manifest import parse_manifest
from litestar_vite.cli.mistakes import CommandError
from litestar_vite.cli.refresh import refresh
from litestar_vite.cli.toolchain import Toolchain
from litestar_vite.ssr.bundle import find_bundle
from litestar_vite.toolchain.package_json import read_package

if TYPE_CHECKING:
    from litestar_vite.cli.project import Project
    from litestar_vite.cli.terminal import Terminal

__all__ = ("build_front_end",)


def build_front_end(terminal: Terminal, project: Project) -> None:
    """Refresh, build, and check that the build is what the app will look for.

    Raises:
        CommandError: Packages are missing, the build failed, or it wrote elsewhere than ViteConfig says.
    """
    project.require_package_json()
    toolchain = Toolchain.of(project.root, os.environ)
    project.require_packages()
    if refresh(terminal, project) and toolchain.manager.name != "npm":
        # npm links the folder, so that it has the new one already; the others hold a copy.
        with terminal.step("Installing npm packages", f"npm packages installed with {toolchain.manager.name}"):
            toolchain.install(verbose=terminal.verbose)
    with terminal.step("Building the front end", "Front end built"):
        toolchain.run_script("build", verbose=terminal.verbose)
    _check(terminal, project)
    terminal.next_steps(
        [("litestar run", "serve it (a server that runs must be restarted)"), *_typecheck(project, toolchain)]
    )


def _check(terminal: Terminal, project: Project) -> None:
    config = project.config
    if not config.manifest_path.is_file():
        msg = (
            f"The build left no manifest at '{config.manifest_path}', where the app will look for it. "
            "Add litestar() to the plugins of vite.config, and leave build.outDir and build.manifest to it."
        )
        raise CommandError(msg)
    manifest = parse_manifest(config.manifest_path.read_bytes(), str(config.manifest_path))
    terminal.done(f"{_shown(config.bundle_dir, project)}: {len(manifest.pages)} pages", _size(config.bundle_dir))
    if config.ssr is not None and config.ssr.url is None:
        bundle = find_bundle(config.ssr_dir, config.ssr.bundle, config.root)
        terminal.done(f"{_shown(bundle, project)}: rendering on the server", _size(bundle))


def _typecheck(project: Project, toolchain: Toolchain) -> list[tuple[str, str]]:
    """Return the command that checks types, where package.json has one: Vite only takes them away."""
    if "typecheck" not in (read_package(project.root).get("scripts") or {}):
        return []
    where = "" if project.root == Path.cwd() else f" (in '{os.path.relpath(project.root)}')"
    return [(" ".join(toolchain.manager.run("typecheck")), f"check its types, which the build does not look at{where}")]


def _shown(path: Path, project: Project) -> str:
    return path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else str(path)


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return f"{sum(file.stat().st_size for file in files) / 1024:.0f} kB"
