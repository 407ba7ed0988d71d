"""Apply the diffs in the documentation to files.

A `diff` block below a file name contains the lines that change and some context: " " keeps a line, "-" removes one,
"+" adds one. A line with "…" represents unchanged lines.
"""

from __future__ import annotations

_GAP = "…"


def patched(text: str, diff: str) -> str:
    """Apply a diff to a text, and return the result.

    Raises:
        AssertionError: The lines that a part keeps or removes do not occur exactly once in the text.
    """
    for part in _parts(diff):
        before = "".join(f"{line[1:]}\n" for line in part if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in part if not line.startswith("-"))
        assert before, f"These lines of the diff need context: {part}"
        count = f"\n{text}".count(f"\n{before}")
        assert count == 1, f"These lines occur {count} times in the file:\n{before}\nThe file:\n{text}"
        text = f"\n{text}".replace(f"\n{before}", f"\n{after}", 1)[1:]
    return text


def _parts(diff: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in diff.splitlines():
        if line == _GAP:
            parts.append([])
        else:
            # Editors strip the space of an empty context line.
            assert line[:1] in {" ", "+", "-", ""}, f"A line of a diff must begin with a space, + or -: {line!r}"
            parts[-1].append(line or " ")
    return parts
