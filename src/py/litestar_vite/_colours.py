"""Cleans text for the log: removes the terminal colours of Node and Vite, and escapes line ends from elsewhere.

An error message may quote a visitor's input. A line end in it would forge a log entry, and an escape sequence would
control the terminal in which the log is read."""

from __future__ import annotations

import re
from typing import Final

# ECMA-48: control sequences (colours, cursor), operating system commands (links, titles) and single-character escapes
# (reset).
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")


# Controls of C0 and C1, and Unicode's line ends. Tabs stay: they indent code.
_CONTROLS: Final = re.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u2028\\u2029]")


def without_colours(text: str) -> str:
    """Return the text without terminal escape sequences."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def on_one_line(text: str) -> str:
    """Return the text without terminal escape sequences, with control characters and line ends escaped as in Python."""
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], without_colours(text))
