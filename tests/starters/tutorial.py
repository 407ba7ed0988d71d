"""Reads the tutorial as steps, each with the files to write and the commands to run.

How it works:
1. A heading "## Step 3: …" begins a step. The text above the first heading is step 0.
2. A block below a line such as "`src/pages/Home.tsx`:" is a file. A `diff` block is a change to the file.
3. A line "$ …" in a `console` block is a command.
4. Only one framework's tabs are read. Comments, which are not rendered, and blocks without a file name are skipped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tests.docs.patches import patched
from tests.docs.test_snippets import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_STEP = re.compile(r"^## (?=Step \d+: )", re.MULTILINE)
_TAB = re.compile(r"^:::\{tab-item\} \w+\n:sync: (?P<framework>\w+)\n(?P<text>.*?)^:::$\n?", re.MULTILINE | re.DOTALL)


class Command(Struct, frozen=True):
    """A command line for the terminal."""

    line: str


class Edit(Struct, frozen=True):
    """A file to write or to change."""

    path: str
    text: str
    is_diff: bool

    def apply(self, folder: Path) -> None:
        file = folder / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = patched(file.read_text("utf-8"), self.text) if self.is_diff else self.text
        file.write_text(text, "utf-8")


class Step(Struct, frozen=True):
    title: str
    actions: list[Command | Edit]

    @property
    def commands(self) -> list[str]:
        return [action.line for action in self.actions if isinstance(action, Command)]


def read_steps(framework: str) -> list[Step]:
    """Return the steps of the tutorial. Step 0 creates and starts the project."""
    text = _COMMENT.sub("", PAGE.read_text("utf-8"))
    text = _TAB.sub(lambda tab: tab["text"] if tab["framework"] == framework else "", text)
    first, *steps = _STEP.split(text)
    return [
        Step("Before you begin", list(actions_of(first))),
        *(Step(step.partition("\n")[0], list(actions_of(step))) for step in steps),
    ]


def actions_of(text: str) -> Iterator[Command | Edit]:
    """Yield the files to write and the commands to run, in order."""
    for block in BLOCK.finditer(text):
        if block["language"] == "console":
            yield from (Command(line[2:]) for line in block["text"].splitlines() if line.startswith("$ "))
        elif block["file"] is not None:
            yield Edit(block["file"], block["text"], block["language"] == "diff")
