"""Writes files into a folder that may not be empty: nothing is overwritten unasked, and nothing is written before all
is known.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ("Plan", "plan_files", "write_plan")


class Plan(Struct, frozen=True):
    """What writing would do; each name is a path relative to the folder.

    Attributes:
        new: Files that do not exist.
        same: Files that exist with this very content.
        conflicts: Files that exist with other content, each with the lines that would be added and removed.
    """

    new: tuple[str, ...]
    same: tuple[str, ...]
    conflicts: dict[str, tuple[int, int]]


def plan_files(folder: Path, files: Mapping[str, bytes]) -> Plan:
    """Compare files with what is in the folder; writes nothing."""
    new: list[str] = []
    same: list[str] = []
    conflicts: dict[str, tuple[int, int]] = {}
    for name, content in files.items():
        path = folder / name
        if not path.exists():
            new.append(name)
        elif path.is_file() and (found := path.read_bytes()) != content:
            conflicts[name] = _changed_lines(found, content)
        elif path.is_file():
            same.append(name)
        else:
            conflicts[name] = (0, 0)  # A folder of that name.
    return Plan(tuple(new), tuple(same), conflicts)


def write_plan(folder: Path, files: Mapping[str, bytes], plan: Plan) -> None:
    """Write what is new, and what is in conflict."""
    for name in (*plan.new, *plan.conflicts):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])


def _changed_lines(found: bytes, wanted: bytes) -> tuple[int, int]:
    """Return how many lines would be added and removed."""
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (found, wanted))
    changes = [
        line[:1]
        for line in difflib.unified_diff(before, after, n=0, lineterm="")
        if not line.startswith(("+++", "---"))
    ]
    return changes.count("+"), changes.count("-")
