"""`litestar assets dev`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from litestar_vite.cli.errors import CommandError
from litestar_vite.cli.refresh import refresh

if TYPE_CHECKING:
    from litestar_vite.cli.project import Project
    from litestar_vite.cli.terminal import Terminal

__all__ = ("serve_for_development",)


def serve_for_development(terminal: Terminal, project: Project, arguments: tuple[str, ...]) -> None:
    """Become `litestar run --reload`.

    Raises:
        CommandError: There is no app, or its packages are not installed.
    """
    if project.app_path is None:
        msg = "There is no app here. Name it: litestar --app module:app assets dev, or start one: litestar-vite init"
        raise CommandError(msg)
    project.require_package_json()
    project.require_packages()
    refresh(terminal, project)
    # Replaces this process: Ctrl-C, exit codes and signals are then those of the server itself.
    command = [sys.executable, "-m", "litestar", "--app", project.app_path, "run", "--reload", *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - our own Python, no shell
