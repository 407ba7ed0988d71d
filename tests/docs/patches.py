"""Changes of a file, as the documentation shows them.

A block of `diff` below a file name has the lines that change and some lines around them: " " keeps a line, "-" removes
one, "+" adds one. A line with "…" stands for lines that stay.
"""

from __future__ import annotations

_GAP = "…"


def patched(text: str, diff: str) -> str:
    """Return the text with the changes of a diff.

    Raises:
        AssertionError: The lines that a part keeps or removes are not in the text, or not in one place only.
    """
    for part in _parts(diff):
        before = "".join(f"{line[1:]}\n" for line in part if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in part if not line.startswith("-"))
        assert before, f"Nothing says where these lines go: {part}"
        count = f"\n{text}".count(f"\n{before}")
        assert count == 1, f"These lines are {count} times in the file:\n{before}\nThe file:\n{text}"
        text = f"\n{text}".replace(f"\n{before}", f"\n{after}", 1)[1:]
    return text


def _parts(diff: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in diff.splitlines():
        if line == _GAP:
            parts.append([])
        else:
            # Editors remove the space of an empty line.
            assert line[:1] in {" ", "+", "-", ""}, f"A line of a diff begins with a space, + or -: {line!r}"
            parts[-1].append(line or " ")
    return parts
