"""Removes terminal colours from the output of Node and Vite, which may be logged to a file."""

from __future__ import annotations

import re
from typing import Final

# ECMA-48: control sequences (colours, cursor), operating system commands (links, titles) and single-character escapes
# (reset).
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")


def without_colours(text: str) -> str:
    """Return a text without terminal escape sequences."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text
