"""Runs other programs: npm, uv, Vite."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from litestar_vite.cli.mistakes import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ("run", "shown")

_SHOWN_LINES: Final = 40


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], *, verbose: bool = False) -> str:
    """Run a program to its end and return what it printed; with `verbose` it prints for itself.

    Raises:
        CommandError: It cannot be started, or failed; the message holds its last lines.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=None if verbose else subprocess.PIPE,
            stderr=None if verbose else subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        msg = f"Cannot run '{shown(command)}': {error.strerror}. Is {command[0]} installed and in PATH?"
        raise CommandError(msg) from error
    output = done.stdout or ""
    if done.returncode != 0:
        tail = "\n".join(output.rstrip().splitlines()[-_SHOWN_LINES:])
        msg = f"'{shown(command)}' failed with exit code {done.returncode}, in {folder}:\n\n{tail}"
        raise CommandError(msg)
    return output


def shown(command: Sequence[str]) -> str:
    """Return a command as people type it: programs without their folder."""
    first, *rest = command
    return " ".join([first.replace("\\", "/").rsplit("/", 1)[-1], *rest])
