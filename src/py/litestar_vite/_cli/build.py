"""`litestar assets build`."""

from __future__ import annotations

import os
from pathlib import Path

from litestar_vite._assets.manifest import parse_manifest
from litestar_vite._assets.pages import page_problems
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import Project
from litestar_vite._cli.refresh import refresh
from litestar_vite._cli.terminal import Terminal
from litestar_vite._cli.toolchain import Toolchain
from litestar_vite._routes import named_components
from litestar_vite._ssr.bundle import find_bundle
from litestar_vite._toolchain.package_json import read_package


def build_front_end(terminal: Terminal, project: Project, mode: str | None = None) -> None:
    """Refresh the generated files, build, and check that the app will find the build. `mode` is Vite's mode for the
    browser's and the server's build; None for that of the script.

    Raises:
        CommandError: Packages are missing, the build failed, or its output is not where ViteConfig expects it.
    """
    project.require_package_json()
    toolchain = Toolchain.of(project.root, os.environ)
    project.require_packages()
    if refresh(terminal, project) and toolchain.manager.name != "npm":
        # npm links the vendored folder; the other package managers copy it and must install again.
        with terminal.step("Installing npm packages", f"npm packages installed with {toolchain.manager.name}"):
            toolchain.install(verbose=terminal.verbose)
    with terminal.step("Building the front end", "Front end built"):
        if mode is None:
            toolchain.run_script("build", verbose=terminal.verbose)
        else:
            toolchain.run_build_in_mode(mode, verbose=terminal.verbose)
    _check(terminal, project)
    if project.app is not None:
        for found in page_problems(project.root, named_components(project.app, project.config.inertia)):
            terminal.warn(found.problem, found.name)
            terminal.hint(found.hint)
    terminal.next_steps([("litestar run", "serve the app (restart a running server)"), *_typecheck(project, toolchain)])


def _check(terminal: Terminal, project: Project) -> None:
    config = project.config
    if not config.manifest_path.is_file():
        raise CommandError(
            f"The build wrote no manifest to '{config.manifest_path}', where the app expects it. "
            "Add litestar() to the plugins in vite.config, and remove build.outDir and build.manifest."
        )
    manifest = parse_manifest(config.manifest_path.read_bytes(), str(config.manifest_path))
    terminal.done(f"{_relative(config.bundle_dir, project)}: {len(manifest.pages)} pages", _size(config.bundle_dir))
    if config.ssr is not None and config.ssr.url is None:
        bundle = find_bundle(config.ssr_dir, config.ssr.bundle, config.root)
        terminal.done(f"{_relative(bundle, project)}: server-side rendering", _size(bundle))


def _typecheck(project: Project, toolchain: Toolchain) -> list[tuple[str, str]]:
    """Return the project's type check command, if package.json has one: Vite strips types without checking them."""
    if "typecheck" not in (read_package(project.root).get("scripts") or {}):
        return []
    where = "" if project.root == Path.cwd() else f" (in '{os.path.relpath(project.root)}')"
    return [(" ".join(toolchain.manager.run("typecheck")), f"check types, which the build skips{where}")]


def _relative(path: Path, project: Project) -> str:
    return path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else str(path)


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return f"{sum(file.stat().st_size for file in files) / 1024:.0f} kB"
