"""The text of a vite.config, of which only what is written out can be told: nothing is executed."""

from __future__ import annotations

import re
from typing import Final

__all__ = ("base_in", "without_comments")

_STRING: Final = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
# Strings are matched first, and kept: "https://…" and "src/**/*.ts" hold no comments.
_COMMENT: Final = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN: Final = re.compile(rf"{_STRING}|\.\.\.|[\w$]+|\S", re.DOTALL)
_CONFIG: Final = re.compile(r"(?:\bexport\s+default|\bmodule\.exports\s*=)\s*(?:defineConfig\s*\(\s*)?\{")
_QUOTES: Final = "\"'`"


def without_comments(text: str) -> str:
    """Return the text of a file without its comments."""
    return _COMMENT.sub(lambda match: match[1] or "", text)


def base_in(text: str) -> str | None:
    """Return the `base` of a config without comments; None when it has none, or one that only Vite can know."""
    base = None
    for name, value in _members(text):
        if name == "...":
            return None
        if name.strip(_QUOTES) == "base":
            base = _literal(value)
    return base


def _members(text: str) -> list[tuple[str, list[str]]]:
    """Return names and values of the exported object as lists of words; nothing when it is no object, or has no end."""
    begin = _CONFIG.search(text)
    if begin is None:
        return []
    members: list[tuple[str, list[str]]] = []
    member: list[str] = []
    depth = 1
    for word in _TOKEN.findall(text, begin.end()):
        depth += (word in "([{") - (word in ")]}")
        if depth == 0 or (depth == 1 and word == ","):
            if member:
                members.append((member[0], member[1:]))
            member = []
        else:
            member.append(word)
        if depth == 0:
            return members
    return []


def _literal(value: list[str]) -> str | None:
    if len(value) != 2 or value[0] != ":" or value[1][0] not in _QUOTES or "\\" in value[1] or "${" in value[1]:  # noqa: PLR2004 - colon and text
        return None
    return value[1][1:-1]
