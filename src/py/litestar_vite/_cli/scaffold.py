"""Writes files into a folder that may not be empty.

All files are compared before the first one is written, and existing files are only overwritten on request.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Plan(Struct, frozen=True):
    """The changes that writing would make. Names are paths relative to the folder.

    Attributes:
        new: Files that do not exist yet.
        same: Files that exist with the same content.
        conflicts: Files that exist with different content, and the number of lines added and removed.
    """

    new: tuple[str, ...]
    same: tuple[str, ...]
    conflicts: dict[str, tuple[int, int]]


def plan_files(folder: Path, files: Mapping[str, bytes]) -> Plan:
    """Compare files with the folder's content, without writing."""
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
            conflicts[name] = (0, 0)  # A folder has this name.
    return Plan(tuple(new), tuple(same), conflicts)


def write_plan(folder: Path, files: Mapping[str, bytes], plan: Plan) -> None:
    """Write the new and the conflicting files."""
    for name in (*plan.new, *plan.conflicts):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])


def _changed_lines(found: bytes, content: bytes) -> tuple[int, int]:
    """Return the number of lines added and removed."""
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (found, content))
    changes = [
        line[:1]
        for line in difflib.unified_diff(before, after, n=0, lineterm="")
        if not line.startswith(("+++", "---"))
    ]
    return changes.count("+"), changes.count("-")
