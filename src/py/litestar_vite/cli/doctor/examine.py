"""Runs the checks and tells what they found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar_vite.cli.doctor.app_checks import APP_CHECKS
from litestar_vite.cli.doctor.build_checks import BUILD_CHECKS
from litestar_vite.cli.doctor.diagnosis import Diagnosis, Finding
from litestar_vite.cli.doctor.project_checks import PROJECT_CHECKS
from litestar_vite.cli.mistakes import CommandError
from litestar_vite.config import ViteConfig, resolve
from litestar_vite.exceptions import DevServerError, LitestarViteError
from litestar_vite.plugin import VitePlugin
from litestar_vite.toolchain.package_json import package_problem, read_package
from litestar_vite.toolchain.runtime import find_runtime, too_old
from litestar_vite.toolchain.vite import ask_vite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar import Litestar

    from litestar_vite.cli.terminal import Terminal
    from litestar_vite.toolchain.vite import ViteFacts

__all__ = ("diagnose", "examine", "report", "run_doctor")


def diagnose(load_app: Callable[[], Litestar | None], folder: Path, environ: Mapping[str, str]) -> Diagnosis:
    """Gather what the checks look at; an app that cannot be imported is a finding and no error.

    Args:
        load_app: Returns the app, or None when there is none; may raise anything.
        folder: The working directory, for a front end without an app.
        environ: The environment.
    """
    app, app_error = None, None
    try:
        app = load_app()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's own code runs here
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


def examine(patient: Diagnosis) -> list[Finding]:
    """Return everything that is wrong, what is fatal first."""
    findings = [finding for check in (*APP_CHECKS, *PROJECT_CHECKS, *BUILD_CHECKS) for finding in check(patient)]
    return sorted(findings, key=lambda finding: not finding.is_fatal)


def report(terminal: Terminal, findings: list[Finding], *, fix: bool) -> bool:
    """Print the findings, mend what can be mended when `fix` is set, and tell whether anything fatal is left."""
    terminal.blank()
    left = 0
    for finding in findings:
        (terminal.bad if finding.is_fatal else terminal.warn)(finding.problem, finding.name)
        mended = _mend(terminal, finding) if fix else False
        if not mended:
            terminal.remedy(finding.remedy)
            left += finding.is_fatal
        terminal.blank()
    fixable = sum(finding.fix is not None for finding in findings)
    if not findings:
        terminal.done("Nothing is wrong that I know of.")
        terminal.blank()
    elif fixable and not fix:
        terminal.note(f"{fixable} of {len(findings)} can be mended for you: litestar assets doctor --fix")
        terminal.blank()
    return left > 0


def describe(error: BaseException) -> str:
    """Return type, message and place of an error of the user's code, in one line."""
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return message  # It names file and line itself.
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


def load_from(context_object: Any) -> Callable[[], Litestar | None]:
    """Return a loader of the app of a command's context: Litestar's environment, or the function that makes it."""
    from litestar.cli._utils import LitestarCLIException, LitestarEnv

    def load() -> Litestar | None:
        if isinstance(context_object, LitestarEnv):
            return context_object.app
        try:
            env: Any = context_object() if callable(context_object) else LitestarEnv.from_env(None)
        except LitestarCLIException:
            return None
        app: Litestar = env.app
        return app

    return load


def _mend(terminal: Terminal, finding: Finding) -> bool:
    if finding.fix is None:
        return False
    try:
        done = finding.fix()
    except (LitestarViteError, OSError) as error:
        terminal.note(f"Could not be mended: {error}")
        return False
    terminal.done(f"Mended: {done}")
    return True


def run_doctor(terminal: Terminal, context_object: Any, *, fix: bool) -> None:
    """Examine the project of a command.

    Raises:
        CommandError: Something fatal is left.
    """
    findings = examine(diagnose(load_from(context_object), Path.cwd(), os.environ))
    if report(terminal, findings, fix=fix):
        msg = "Not everything is well. Each ✗ above keeps the app from working as it should."
        raise CommandError(msg)
