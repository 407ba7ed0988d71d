"""Shapes: descriptions of JSON values. The generator writes them as TypeScript, and the guard compares them with the
data that is sent.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct


class Source(Struct, frozen=True):
    """A position in a Python file. `line` starts at 1, `column` at 0."""

    file: str
    line: int
    column: int = 0

    def where(self, root: Path) -> str:
        """Return the file, relative to a folder, and the line. Terminals show it as a link."""
        path = os.path.relpath(os.path.realpath(self.file), os.path.realpath(root)).replace(os.sep, "/")
        return f"{path}:{self.line}"


class Word(Struct, frozen=True):
    """A TypeScript keyword: `string`, `number`, `bigint`, `boolean`, `null` or `never`. Inputs may also use names like
    `File`.
    """

    name: str


class Unknown(Struct, frozen=True):
    """A value of unknown type. `reason` says why."""

    reason: str


class Constant(Struct, frozen=True):
    """One value of a Literal or an enum. `kind` distinguishes True from 1. Create it with `constant`."""

    value: str | int | float | bool
    kind: str


class Items(Struct, frozen=True):
    """A list of any length."""

    item: Shape


class Fixed(Struct, frozen=True):
    """A list with a fixed type for each position; `rest` is the type of any further items."""

    items: tuple[Shape, ...]
    rest: Shape | None = None


class Dictionary(Struct, frozen=True):
    """An object with arbitrary keys. If `keys` is set, only these are allowed, and each is optional."""

    value: Shape
    keys: tuple[str, ...] | None = None


class Field(Struct, frozen=True):
    """A key of an object."""

    name: str
    shape: Shape
    is_optional: bool = False
    source: Source | None = None
    note: str = ""


class Fields(Struct, frozen=True):
    """An object with known keys. If `is_open`, it may have others."""

    fields: tuple[Field, ...]
    is_open: bool = False


class Either(Struct, frozen=True):
    """One of several shapes. Create it with `either`."""

    options: tuple[Shape, ...]


class Declaration:
    """A named type. Its shape is set after it is created, since types refer to each other.

    Attributes:
        module: The Python module, which distinguishes types of the same name.
        source: The position of the class or the alias.
        name: Its name in the generated file; empty until all types are known.
    """

    __slots__ = ("module", "name", "shape", "source", "title")

    def __init__(self, title: str, module: str, source: Source | None = None) -> None:
        self.title = title
        self.module = module
        self.source = source
        self.shape: Shape = NEVER
        self.name = ""

    def __repr__(self) -> str:
        return f"<Declaration {self.module}.{self.title}>"


class Named(Struct, frozen=True):
    """A reference to a named type."""

    declaration: Declaration


Shape: TypeAlias = Word | Unknown | Constant | Items | Fixed | Dictionary | Fields | Either | Named

STRING: Final = Word("string")
NUMBER: Final = Word("number")
BIGINT: Final = Word("bigint")
BOOLEAN: Final = Word("boolean")
NULL: Final = Word("null")
NEVER: Final = Word("never")


def constant(value: str | int | float | bool) -> Constant:  # noqa: FBT001, PYI041 - all that JSON has
    """Return the shape of one value."""
    return Constant(value, type(value).__name__)


def either(*shapes: Shape) -> Shape:
    """Return the union of shapes, flattened and without duplicates. An unknown member makes the union unknown."""
    options: list[Shape] = []
    for shape in shapes:
        for option in shape.options if isinstance(shape, Either) else (shape,):
            if option != NEVER and option not in options:
                options.append(option)
    if (unknown := next((option for option in options if isinstance(option, Unknown)), None)) is not None:
        return unknown
    if BOOLEAN in options:
        options = [
            option for option in options if not (isinstance(option, Constant) and isinstance(option.value, bool))
        ]
    if any(isinstance(option, Items) and option.item != NEVER for option in options):
        options = [option for option in options if option != Items(NEVER)]  # An empty list adds no information.
    if not options:
        return NEVER
    return options[0] if len(options) == 1 else Either(tuple(options))
