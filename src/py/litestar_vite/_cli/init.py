"""`litestar-vite init`: create an application, install its packages and build it."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import rich_click as click
from msgspec import structs

from litestar_vite._assets.bridge import write_bridge
from litestar_vite._assets.npm_package import sync_companion
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.package_wheel import wheel_name, write_wheel
from litestar_vite._cli.programs import typed
from litestar_vite._cli.python_environment import Origin, PythonEnvironment, origin_of_package
from litestar_vite._cli.scaffold import Plan, plan_files, write_plan
from litestar_vite._cli.starter import FRAMEWORKS, MODES, Choices, python_packages, starter_files
from litestar_vite._cli.terminal import Terminal
from litestar_vite._cli.toolchain import Toolchain
from litestar_vite.config import ViteConfig, resolve
from litestar_vite.inertia import InertiaConfig

_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")


def framework_for(mode: str, given: str | None, *, assume_yes: bool) -> str:
    """Return the framework of a starter. Only Inertia has a choice.

    Raises:
        CommandError: The starter does not have the framework, or the user cannot be asked.
    """
    if mode == "inertia":
        return given or ask_framework(assume_yes=assume_yes)
    if given not in ({None, "react"} if mode == "spa" else {None}):
        raise CommandError(f"The {mode} starter is not available for {FRAMEWORKS[given or '']}. Omit --{given}.")
    return "react"


def ask_framework(*, assume_yes: bool) -> str:
    """Ask which framework to use.

    Raises:
        CommandError: Standard input is not a terminal.
    """
    if assume_yes:
        return "react"
    if not sys.stdin.isatty():
        raise CommandError("Which framework? Add --react, --vue or --svelte (standard input is not a terminal).")
    names = list(FRAMEWORKS)
    answer: str = click.prompt(
        "  React, Vue or Svelte?", type=click.Choice(names, case_sensitive=False), default="react", show_choices=False
    )
    return answer


def kit_for(mode: str, given: str | None) -> str:
    """Return the kit of a starter: by default, app for Inertia and minimal for the other modes.

    Raises:
        CommandError: The mode does not have kits.
    """
    if mode == "inertia":
        return given or "app"
    if given == "app":
        raise CommandError(f"The {mode} starter does not have an app kit. Omit --kit.")
    return "minimal"


def initialise(
    terminal: Terminal, folder: Path, choices: Choices, *, force: bool, dry_run: bool, install: bool
) -> None:
    """Write a starter into `folder`, install its packages and build it.

    Raises:
        CommandError: Files would be overwritten, or a program is missing or failed.
    """
    # Programs run in the folder, where a relative path would name another one.
    folder = folder.resolve()
    origin = _vendored(origin_of_package(), folder)
    # First, so that a missing Node does not leave an incomplete project.
    toolchain = Toolchain.of(folder, os.environ, choices.manager) if install and not dry_run else None
    extras = "cli,node" if toolchain is not None and toolchain.is_bundled else "cli"
    choices = _with_origin(choices, origin, f"{extras},jinja" if choices.mode == "htmx" else extras)
    files = starter_files(choices)
    plan = plan_files(folder, files)
    title = FRAMEWORKS[choices.framework] if choices.mode == "inertia" else MODES[choices.mode]
    terminal.heading(f"{title} starter, app kit" if choices.kit == "app" else f"{title} starter", str(folder))
    if dry_run:
        _show(terminal, plan)
        terminal.note("Nothing was written (--dry-run).")
        return
    if plan.conflicts and not force:
        _refuse(terminal, plan)
    python = PythonEnvironment.of(folder, os.environ, python_packages(files))
    folder.mkdir(parents=True, exist_ok=True)
    write_plan(folder, files, plan)
    _write_secret(folder)
    sync_companion(folder)
    write_bridge(resolve(ViteConfig(root=folder, inertia=InertiaConfig()), {}))
    if origin.wheel is not None and origin.folder is None and origin.wheel.is_file():
        shutil.copy(origin.wheel, folder / "vendor" / origin.wheel.name)
    elif origin.folder is not None and origin.wheel is not None:
        write_wheel(origin.wheel)
    terminal.done(
        f"{len(plan.new) + len(plan.conflicts)} files written", f"{len(plan.same)} unchanged" if plan.same else ""
    )
    if toolchain is not None:
        _install(terminal, folder, python, toolchain, origin.requirement(choices.extras))
    _show_next_steps(terminal, folder, python, None if install else origin.requirement(choices.extras))


def _install(
    terminal: Terminal, folder: Path, python: PythonEnvironment, toolchain: Toolchain, requirement: str
) -> None:
    where = "the current environment" if python.kind == "current" else ".venv"
    with ThreadPoolExecutor(1) as executor:
        # Python and npm packages are independent, so they install in parallel.
        packages = executor.submit(python.install, folder, os.environ, requirement, verbose=terminal.verbose)
        manager = toolchain.manager.name
        with terminal.step(
            f"Installing npm and Python packages ({manager}, {python.installer})",
            f"npm packages installed with {manager}",
        ):
            toolchain.install(verbose=terminal.verbose)
        with terminal.step("Building the front end", "Front end built"):
            toolchain.run_script("build", verbose=terminal.verbose)
        with terminal.step(
            "Installing Python packages", f"Python packages installed into {where} by {python.installer}"
        ):
            packages.result()


def _write_secret(folder: Path) -> None:
    """Write a secret key for this machine, so that cookies stay valid across restarts. git ignores the file."""
    path = folder / ".secret-key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(32), "utf-8")
        path.chmod(0o600)


def _vendored(origin: Origin, folder: Path) -> Origin:
    """Replace a clone by the wheel that will be in the project, which works on every machine."""
    if origin.folder is None:
        return origin
    wheel = folder / "vendor" / wheel_name()
    return structs.replace(origin, url=wheel.as_uri(), wheel=wheel)


def _with_origin(choices: Choices, origin: Origin, extras: str) -> Choices:
    """Make pyproject.toml install this package from the same source as the running one."""
    source = f'litestar-vite = {{ path = "vendor/{origin.wheel.name}" }}' if origin.wheel is not None else None
    return structs.replace(choices, extras=extras, python_pin=origin.pin, uv_source=source)


def _show(terminal: Terminal, plan: Plan) -> None:
    for name in plan.new:
        terminal.done(name, "new")
    for name in plan.same:
        terminal.note(f"= {name}  unchanged")
    for name, (added, removed) in plan.conflicts.items():
        terminal.warn(name, f"exists, +{added} -{removed} lines")


def _refuse(terminal: Terminal, plan: Plan) -> None:
    for name, (added, removed) in plan.conflicts.items():
        terminal.bad(name, f"exists and would change: +{added} -{removed} lines")
    terminal.blank()
    raise CommandError(
        f"{len(plan.conflicts)} file(s) exist with different content. Nothing was written. "
        "Choose another folder ('litestar-vite init my-app'), or overwrite them with --force."
    )


def _show_next_steps(terminal: Terminal, folder: Path, python: PythonEnvironment, missing: str | None) -> None:
    """Print the remaining steps. `missing` is the requirement for pip; None when everything is installed."""
    steps: list[tuple[str, str]] = []
    if folder.resolve() != Path.cwd().resolve():
        steps.append((typed(["cd", os.path.relpath(folder)]), ""))
    if missing is not None:
        steps += [(line, "") for line in python.install_lines(missing)]
        steps.append((python.command("litestar", "assets", "install"), "install the npm packages"))
        steps.append((python.command("litestar", "assets", "build"), "build the front end"))
    steps.append((python.command("litestar", "run", "--reload"), "serve the app at http://127.0.0.1:8000"))
    steps.append((python.command("pytest"), "run the tests"))
    terminal.next_steps(steps)


def project_name(folder: Path) -> str:
    """Turn a folder's name into a valid npm and Python package name: "Café Übung" becomes cafe-ubung."""
    letters = unicodedata.normalize("NFKD", folder.resolve().name.casefold())
    return (
        _SEPARATORS.sub("-", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip("-")
        or "app"
    )
