"""Reads package.json, which may be malformed: users edit it by hand, and merges leave conflict markers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from litestar_vite.exceptions import ConfigError


def read_package(folder: Path) -> dict[str, Any]:
    """Return a folder's package.json; empty if it is missing or malformed."""
    return _read(folder)[0]


def package_problem(folder: Path) -> str | None:
    """Return why a folder's package.json cannot be read; None if it can, or does not exist."""
    return _read(folder)[1]


def require_package(folder: Path) -> dict[str, Any]:
    """Return a folder's package.json; empty if it is missing.

    Raises:
        ConfigError: It is malformed.
    """
    package, problem = _read(folder)
    if problem is not None:
        raise ConfigError(f"package.json cannot be read: {problem}. Correct '{folder / 'package.json'}'.")
    return package


def _read(folder: Path) -> tuple[dict[str, Any], str | None]:
    try:
        value: Any = json.loads((folder / "package.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}, None
    except (OSError, ValueError) as error:
        return {}, str(error)
    if isinstance(value, dict) and value:
        return cast("dict[str, Any]", value), None
    return {}, "it is empty, or not an object"
