"""Command line errors: a message with a suggestion, never a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import rich_click as click

from litestar_vite.exceptions import LitestarViteError

P = ParamSpec("P")
R = TypeVar("R")


class CommandError(LitestarViteError):
    """A command failed. The message says why and what to do."""


def click_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Convert the errors of this package and of the file system to ClickException."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LitestarViteError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            where = f" '{error.filename}'" if error.filename else ""
            raise click.ClickException(
                f"{error.strerror or error}:{where}. Check that the path exists and that you may read and write it."
            ) from error

    return guarded
