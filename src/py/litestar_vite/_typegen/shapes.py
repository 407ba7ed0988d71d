"""What a value looks like in JSON. One description, which the generator writes as TypeScript and the guard compares
with what is sent.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct


class Source(Struct, frozen=True):
    """A place in a Python file. `line` starts at 1, `column` at 0."""

    file: str
    line: int
    column: int = 0


class Word(Struct, frozen=True):
    """`string`, `number`, `boolean`, `null` or `never`; for inputs also a word such as `File`."""

    name: str


class Unknown(Struct, frozen=True):
    """Nothing is known of the value. `reason` says why."""

    reason: str


class Constant(Struct, frozen=True):
    """One value of a Literal or an enum. `kind` tells True from 1. Make it with `constant`."""

    value: str | int | float | bool
    kind: str


class Items(Struct, frozen=True):
    """A list of any length."""

    item: Shape


class Fixed(Struct, frozen=True):
    """A list with a place for each item; `rest` is for any number of further ones."""

    items: tuple[Shape, ...]
    rest: Shape | None = None


class Dictionary(Struct, frozen=True):
    """An object with any keys. With `keys`, each may be absent, and no other is there."""

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
    """An object with known keys. With `is_open`, others may be there too."""

    fields: tuple[Field, ...]
    is_open: bool = False


class Either(Struct, frozen=True):
    """One of several shapes. Make it with `either`."""

    options: tuple[Shape, ...]


class Declaration:
    """A named type. Its shape is filled in after it is made, since types refer to each other.

    Attributes:
        title: The name that it would like to have.
        module: The Python module, for two types of one name.
        shape: What it looks like.
        source: The class, or the alias.
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
    """A use of a named type."""

    declaration: Declaration


Shape: TypeAlias = Word | Unknown | Constant | Items | Fixed | Dictionary | Fields | Either | Named

STRING: Final = Word("string")
NUMBER: Final = Word("number")
BOOLEAN: Final = Word("boolean")
NULL: Final = Word("null")
NEVER: Final = Word("never")


def constant(value: str | int | float | bool) -> Constant:  # noqa: FBT001, PYI041 - all that JSON has
    """Return the shape of one value."""
    return Constant(value, type(value).__name__)


def either(*shapes: Shape) -> Shape:
    """Return the union of shapes, flat and without repetition; what is unknown makes the union unknown."""
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
        options = [option for option in options if option != Items(NEVER)]  # An empty list says nothing.
    if not options:
        return NEVER
    return options[0] if len(options) == 1 else Either(tuple(options))
