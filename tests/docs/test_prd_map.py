"""The PRD's map in docs/design is complete, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "design" / "0001-prd-map.md").read_text("utf-8")


def test_every_test_that_the_map_names_exists() -> None:
    named = re.findall(r"(test_\w+\.py)::(test_\w+)", MAP)
    assert len(named) > 30
    for file, test in named:
        source = (ROOT / "tests" / "unit" / "inertia" / file).read_text("utf-8")
        assert re.search(rf"def {test}\(", source), f"{file}::{test} is on the map but does not exist"


def test_no_line_of_the_map_is_empty() -> None:
    rows = [
        line
        for line in MAP.splitlines()
        if line.startswith("|") and not line.startswith(("|---", "| line", "| claim", "| risk |", "| note |"))
    ]
    assert len(rows) > 30
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert all(cells), f"empty cell: {row}"


def test_every_prd_test_is_on_the_map() -> None:
    for file in ("test_plugin.py", "test_response.py"):
        source = (ROOT / "tests" / "unit" / "inertia" / file).read_text("utf-8")
        for test in re.findall(r"def (test_prd_\w+)\(", source):
            assert test in MAP, f"{file}::{test} is missing from docs/design/0001-prd-map.md"
