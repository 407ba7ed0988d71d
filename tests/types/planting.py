"""Pages with one planted mistake each, and the check that a compiler reports each mistake in its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.types.mistakes import MISTAKES
from tests.types.projects import PAGE, right_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.types.mistakes import Mistake
    from tests.types.projects import Complaint


def pages_with_mistakes(framework: str) -> tuple[dict[str, str], dict[str, int]]:
    """Return pages by folder, the right one and those with mistakes, and the lines of the mistakes by folder."""
    pages, lines = {"right": right_page(framework)}, dict[str, int]()
    for number, mistake in enumerate(MISTAKES):
        folder = f"mistake{number}"
        pages[folder], lines[folder] = _planted(framework, mistake)
    return pages, lines


def _planted(framework: str, mistake: Mistake) -> tuple[str, int]:
    text, right = right_page(framework), mistake.right_in(framework)
    assert right in text, f"{right!r} is missing in {PAGE[framework]}"
    place = text.index(mistake.at or right)
    return text.replace(right, mistake.wrong_in(framework), 1), text[:place].count("\n") + 1


def judge(found: Iterable[Complaint], framework: str, lines: dict[str, int]) -> None:
    """Assert that each mistake is reported in its line, and that the other files compile."""
    found, missed = list(found), []
    for number, mistake in enumerate(MISTAKES):
        folder = f"mistake{number}"
        said = [each for each in found if f"{folder}/{PAGE[framework]}" in each.file]
        if not any(each.line == lines[folder] and mistake.message in each.message for each in said):
            missed.append((mistake.name, lines[folder], said))
    assert not missed, "\n".join(map(str, missed))
    assert [each for each in found if "mistake" not in each.file] == []
