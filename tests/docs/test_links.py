"""Links between the pages work on GitHub; Sphinx checks only its own pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "design").glob("*.md")]
LINK = re.compile(r"(?:\]\(|<img src=\")(?P<path>[^)\s#\":]*)(?:#(?P<anchor>[^)\s\"]+))?[)\"]")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the ids that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in sorted(PAGES)])
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    for link in LINK.finditer(CODE.sub("", page.read_text("utf-8"))):
        target = page.parent / link["path"] if link["path"] else page
        assert target.exists(), f"{page.name}: {link[0]} points to no file"
        if link["anchor"] is not None:
            assert link["anchor"] in anchors(target), f"{page.name}: {link[0]} points to no heading of {target.name}"


def test_there_are_links_to_check() -> None:
    found = sum(len(LINK.findall(page.read_text("utf-8"))) for page in PAGES)
    assert found >= 30
