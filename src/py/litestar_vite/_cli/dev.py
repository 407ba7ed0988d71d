"""`litestar assets dev`."""

from __future__ import annotations

import os
import sys

from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import Project
from litestar_vite._cli.refresh import refresh
from litestar_vite._cli.terminal import Terminal


def serve_for_development(terminal: Terminal, project: Project, arguments: tuple[str, ...]) -> None:
    """Replace this process with `litestar run --reload`.

    Raises:
        CommandError: No app was found, or its npm packages are not installed.
    """
    if project.app_path is None:
        raise CommandError(
            "No app was found. Pass one with 'litestar --app module:app assets dev', "
            "or create one with 'litestar-vite init'."
        )
    project.require_package_json()
    project.require_packages()
    refresh(terminal, project)
    # exec, so that Ctrl-C, signals and the exit code reach the server directly.
    command = [sys.executable, "-m", "litestar", "--app", project.app_path, "run", "--reload", *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - our own Python, no shell
