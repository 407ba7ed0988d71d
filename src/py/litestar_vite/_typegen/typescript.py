"""Writes shapes as TypeScript, and records the Python position of each part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from litestar_vite._typegen.shapes import (
    Constant,
    Declaration,
    Dictionary,
    Either,
    Field,
    Fields,
    Fixed,
    Items,
    Named,
    Shape,
    Source,
    Unknown,
    Word,
)

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_NOT_IN_NAMES: Final = re.compile(r"[^\w$]")
RESERVED: Final = frozenset(
    """
    Pages SharedProps FlashData Inputs PageProps
    any unknown never string number boolean object symbol bigint undefined null void true false as async await
    break case catch class const continue debugger declare default delete do else enum export extends finally for
    from function get if implements import in instanceof interface is keyof let module namespace new of package
    private protected public readonly require return set static super switch this throw try type typeof var while
    with yield
    Array Record Date Map Set Promise Partial File Object String Number Boolean Symbol Function Error
    """.split()  # noqa: SIM905 - a list of words, not of lines
)


class Writer:
    """TypeScript text with the Python positions of its parts.

    Attributes:
        places: Lines and columns in the text, both counted from 0, in order, each with its Python position.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._line = self._column = 0
        self.places: list[tuple[int, int, Source]] = []

    def write(self, text: str, source: Source | None = None) -> None:
        if source is not None:
            self.places.append((self._line, self._column, source))
        self._parts.append(text)
        if (breaks := text.count("\n")) > 0:
            self._line += breaks
            self._column = len(text) - text.rfind("\n") - 1
        else:
            self._column += len(text)

    def shape(self, shape: Shape, indent: str = "", *, in_union: bool = False) -> None:
        """Write a type: an object's lines with an indentation and, `in_union`, a union in parentheses."""
        match shape:
            case Word():
                self.write(shape.name)
            case Unknown():
                self.write(f"unknown /* {comment(shape.reason)} */")
            case Constant():
                self.write(literal(shape.value))
            case Named():
                self.write(shape.declaration.name)
            case Items():
                self.shape(shape.item, indent, in_union=True)
                self.write("[]")
            case Fixed():
                self._fixed(shape, indent)
            case Dictionary():
                self._dictionary(shape, indent)
            case Fields():
                self.fields(shape, indent)
            case Either():
                self._either(shape, indent, in_union=in_union)

    def fields(self, shape: Fields, indent: str = "") -> None:
        """Write an object type."""
        if not shape.fields:
            self.write("Record<string, unknown>" if shape.is_open else "{}")
            return
        self.write("{\n")
        for field in shape.fields:
            self._field(field, indent + "  ")
        if shape.is_open:
            self.write(f"{indent}  [key: string]: unknown\n")
        self.write(f"{indent}}}")

    def _field(self, field: Field, indent: str) -> None:
        self.write(indent)
        self.write(key(field.name), field.source)
        self.write("?: " if field.is_optional else ": ")
        self.shape(field.shape, indent)
        self.write(f" // {comment(field.note)}\n" if field.note else "\n")

    def _fixed(self, shape: Fixed, indent: str) -> None:
        self.write("[")
        for index, item in enumerate(shape.items):
            self.write(", " if index else "")
            self.shape(item, indent)
        if shape.rest is not None:
            self.write(", ..." if shape.items else "...")
            self.shape(shape.rest, indent, in_union=True)
            self.write("[]")
        self.write("]")

    def _dictionary(self, shape: Dictionary, indent: str) -> None:
        if shape.keys is None:
            self.write("{ [key: string]: ")
        else:
            self.write(f"{{ [key in {' | '.join(map(literal, shape.keys)) or 'never'}]?: ")
        self.shape(shape.value, indent)
        self.write(" }")

    def _either(self, shape: Either, indent: str, *, in_union: bool) -> None:
        self.write("(" if in_union else "")
        for index, option in enumerate(shape.options):
            self.write(" | " if index else "")
            self.shape(option, indent)
        self.write(")" if in_union else "")

    def __str__(self) -> str:
        return "".join(self._parts)


def name_declarations(declarations: Iterable[Declaration]) -> list[Declaration]:
    """Name each type, and return the types sorted by name. Types with the same title are prefixed with their module."""
    by_title: dict[str, list[Declaration]] = {}
    for declaration in declarations:
        title = _NOT_IN_NAMES.sub("", declaration.title) or "Type"
        title = f"_{title}" if title[0].isdigit() else title
        by_title.setdefault(f"{title}Model" if title in RESERVED else title, []).append(declaration)
    taken = {title for title, found in by_title.items() if len(found) == 1}
    named: list[Declaration] = []
    for title in sorted(by_title):
        same = sorted(by_title[title], key=lambda each: (each.module, each.source.line if each.source else 0))
        for declaration in same:
            declaration.name = title if len(same) == 1 else _free(title, declaration.module, taken)
            taken.add(declaration.name)
            named.append(declaration)
    return sorted(named, key=lambda each: each.name)


def _free(title: str, module: str, taken: set[str]) -> str:
    """Return a title, prefixed with as much of the module's name as makes it unique."""
    prefix = ""
    for part in reversed(module.split(".")):
        prefix = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", part)) + prefix
        if (name := prefix + title) not in taken:
            return name
    number = 2
    while (name := f"{prefix}{title}{number}") in taken:
        number += 1
    return name


def key(name: str) -> str:
    """Return a property's name, quoted if necessary."""
    return name if _IDENTIFIER.match(name) else literal(name)


def literal(value: str | int | float | bool) -> str:  # noqa: PYI041, FBT001 - all that JSON has
    """Return a literal type."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
        return "'" + text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "'"
    return json.dumps(value)


def comment(text: str) -> str:
    """Return a text that is safe inside a comment."""
    return re.sub(r"\s+", " ", text).replace("*/", "* /").replace("</", "< /")
