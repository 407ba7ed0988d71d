"""Reads package.json, which may be broken: people edit it by hand, and merges leave marks in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("package_problem", "read_package", "require_package")


def read_package(folder: Path) -> dict[str, Any]:
    """Return a folder's package.json; empty when there is none that can be read."""
    try:
        value: Any = json.loads((folder / "package.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def package_problem(folder: Path) -> str | None:
    """Return why a folder's package.json cannot be read; None when it can, or when there is none."""
    try:
        value: Any = json.loads((folder / "package.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return str(error)
    return None if isinstance(value, dict) and value else "it is empty, or no object"


def require_package(folder: Path) -> dict[str, Any]:
    """Return a folder's package.json.

    Raises:
        ConfigError: It is there and cannot be read.
    """
    if problem := package_problem(folder):
        msg = f"package.json cannot be read: {problem}. Mend '{folder / 'package.json'}'."
        raise ConfigError(msg)
    return read_package(folder)
