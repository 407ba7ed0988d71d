"""Source maps that link positions in a generated file to their positions in Python files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from litestar_vite._typegen.shapes import Source

_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CONTINUES: Final = 32


def declaration_map(file: Path, places: list[tuple[int, int, Source]]) -> str:
    """Return the source map of a generated file. `places` are those of its `Writer`."""
    folder = os.path.realpath(file.parent)
    names = {file: relative_to(folder, file) for file in {source.file for _, _, source in places}}
    sources = sorted(set(names.values()))
    positions = {name: index for index, name in enumerate(sources)}
    lines: list[list[str]] = []
    last = (0, 0, 0)
    column_before = 0
    for line, column, source in places:
        while len(lines) <= line:
            lines.append([])
            column_before = 0
        now = (positions[names[source.file]], source.line - 1, source.column)
        steps = (column - column_before, *(new - old for new, old in zip(now, last, strict=True)))
        lines[line].append("".join(map(_number, steps)))
        last, column_before = now, column
    content = {
        "version": 3,
        "file": file.name,
        "sourceRoot": "",
        "sources": sources,
        "names": [],
        "mappings": ";".join(",".join(segments) for segments in lines),
    }
    return json.dumps(content, ensure_ascii=False) + "\n"


def relative_to(folder: str, file: str) -> str:
    """Return a file's path relative to a folder, with forward slashes."""
    return os.path.relpath(os.path.realpath(file), folder).replace(os.sep, "/")


def _number(value: int) -> str:
    """Encode a number as a Base64 VLQ."""
    rest, text = (-value << 1) | 1 if value < 0 else value << 1, ""
    while True:
        digit, rest = rest & (_CONTINUES - 1), rest >> 5
        text += _DIGITS[digit | (_CONTINUES if rest else 0)]
        if not rest:
            return text
