"""Runs the checks and prints the findings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from litestar import Litestar

from litestar_vite._cli.doctor.app_checks import APP_CHECKS
from litestar_vite._cli.doctor.build_checks import BUILD_CHECKS
from litestar_vite._cli.doctor.diagnosis import Diagnosis, Finding
from litestar_vite._cli.doctor.mode_checks import MODE_CHECKS
from litestar_vite._cli.doctor.project_checks import PROJECT_CHECKS
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import load_env
from litestar_vite._cli.terminal import Terminal
from litestar_vite._toolchain.package_json import package_problem, read_package
from litestar_vite._toolchain.runtime import find_runtime, too_old
from litestar_vite._toolchain.vite import ViteFacts, ask_vite
from litestar_vite.config import ViteConfig, resolve
from litestar_vite.exceptions import DevServerError, LitestarViteError
from litestar_vite.plugin import VitePlugin


def diagnose(load_app: Callable[[], Litestar | None], folder: Path, environ: Mapping[str, str]) -> Diagnosis:
    """Read the project; without an app, that of the working directory. An app that cannot be imported becomes a
    finding, not an error.
    """
    app, app_error = None, None
    try:
        app = load_app()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - runs the user's code
        app_error = describe(error)
    plugin = (
        next((plugin for plugin in app.plugins if isinstance(plugin, VitePlugin)), None) if app is not None else None
    )
    config = plugin.config if plugin is not None else resolve(ViteConfig(root=folder), environ)
    return Diagnosis(
        config=config,
        app=app,
        app_error=app_error,
        has_plugin=plugin is not None,
        package=read_package(config.root),
        package_error=package_problem(config.root),
        vite=_ask_vite(config.root),
    )


def _ask_vite(root: Path) -> ViteFacts | None:
    try:
        runtime = find_runtime()
    except DevServerError:
        return None
    return ask_vite(root, runtime, os.environ) if too_old(runtime) is None else None


def run_checks(project: Diagnosis) -> list[Finding]:
    """Return the findings of all checks, fatal ones first."""
    findings = [
        finding for check in (*APP_CHECKS, *MODE_CHECKS, *PROJECT_CHECKS, *BUILD_CHECKS) for finding in check(project)
    ]
    return sorted(findings, key=lambda finding: not finding.is_fatal)


def report(terminal: Terminal, findings: list[Finding], *, fix: bool) -> bool:
    """Print the findings, apply fixes if `fix` is set, and return whether a fatal problem remains."""
    terminal.blank()
    remaining = 0
    for finding in findings:
        (terminal.bad if finding.is_fatal else terminal.warn)(finding.problem, finding.name)
        is_fixed = _apply_fix(terminal, finding) if fix else False
        if not is_fixed:
            terminal.hint(finding.hint)
            remaining += finding.is_fatal
        terminal.blank()
    fixable = sum(finding.fix is not None for finding in findings)
    if not findings:
        terminal.done("No problems found.")
        terminal.blank()
    elif fixable and not fix:
        terminal.note(f"{fixable} of {len(findings)} can be fixed automatically: litestar assets doctor --fix")
        terminal.blank()
    return remaining > 0


def describe(error: BaseException) -> str:
    """Return type, message and source line of an error in the user's code, on one line."""
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return message  # The message already names file and line.
    frame = error.__traceback__
    place = ""
    while frame is not None:
        code: Any = frame.tb_frame.f_code
        if (
            "site-packages" not in code.co_filename
            and "<frozen" not in code.co_filename
            and "litestar_vite" not in code.co_filename
        ):
            place = f" ({code.co_filename}, line {frame.tb_lineno})"
        frame = frame.tb_next
    return message + place


def _apply_fix(terminal: Terminal, finding: Finding) -> bool:
    if finding.fix is None:
        return False
    try:
        done = finding.fix()
    except (LitestarViteError, OSError) as error:
        terminal.note(f"The fix failed: {error}")
        return False
    terminal.done(f"Fixed: {done}")
    return True


def run_doctor(terminal: Terminal, context_object: Any, *, fix: bool) -> None:
    """Check the project of a command.

    Raises:
        CommandError: A fatal problem remains.
    """

    def load() -> Litestar | None:
        env = load_env(context_object)
        return env.app if env is not None else None

    findings = run_checks(diagnose(load, Path.cwd(), os.environ))
    if report(terminal, findings, fix=fix):
        raise CommandError("Problems found. Fix those marked ✗ for the app to work correctly.")
