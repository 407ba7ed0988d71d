"""Runs other programs: npm, uv, Vite."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from litestar_vite._cli.errors import CommandError
from litestar_vite._colours import without_colours

_SHOWN_LINES: Final = 40
# Characters that have no special meaning in cmd and PowerShell.
_PLAIN_ON_WINDOWS: Final = re.compile(r"[\w+\-.:/\\]+").fullmatch


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], *, verbose: bool = False) -> str:
    """Run a program and return its output; with `verbose`, it prints to the terminal instead.

    Raises:
        CommandError: The program cannot be started, or failed. The message contains its last lines.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell
            list(command),
            cwd=folder,
            env=dict(environment) if verbose else _colourless(environment),
            stdin=subprocess.DEVNULL,
            stdout=None if verbose else subprocess.PIPE,
            stderr=None if verbose else subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise CommandError(
            f"Cannot run '{shown(command)}': {error.strerror}. Is {command[0]} installed and in PATH?"
        ) from error
    # Rolldown colours its messages even in pipes, whatever the environment says.
    output = without_colours(done.stdout or "")
    if done.returncode != 0:
        tail = "\n".join(output.rstrip().splitlines()[-_SHOWN_LINES:])
        raise CommandError(f"'{shown(command)}' failed with exit code {done.returncode}, in {folder}:\n\n{tail}")
    return output


def _colourless(environment: Mapping[str, str]) -> dict[str, str]:
    # Node heeds FORCE_COLOR before NO_COLOR, and warns when both are set.
    return {**{name: value for name, value in environment.items() if name != "FORCE_COLOR"}, "NO_COLOR": "1"}


def shown(command: Sequence[str]) -> str:
    """Return a command as a user would type it: the program without its folder."""
    first, *rest = command
    return " ".join([first.replace("\\", "/").rsplit("/", 1)[-1], *rest])


def typed(words: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Return a command line that can be pasted into a shell, quoted for the system's shell."""
    if windows:
        return " ".join(word if _PLAIN_ON_WINDOWS(word) else f'"{word}"' for word in words)
    return shlex.join(words)
