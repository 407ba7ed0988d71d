"""Configuration of the generated types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class TypesConfig:
    """Configuration of the types that are generated for the front end."""

    folder: str | Path = "src/generated"
    """The folder of the generated files, relative to `ViteConfig.root`. Default: "src/generated"."""

    include: Sequence[str] = ("*",)
    """Names of the routes that the front end may know, with "*" for any text. Default: all."""

    exclude: Sequence[str] = ()
    """Names of routes that stay private, with "*" for any text: "admin.*". Default: none."""

    exclude_tags: Collection[str] = ()
    """Routes with one of these tags stay private. Default: none."""

    exclude_guards: Collection[Callable[..., Any]] = ()
    """Routes with one of these guards stay private. Default: none."""
