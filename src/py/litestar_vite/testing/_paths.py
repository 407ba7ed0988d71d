"""Dotted paths into JSON values, in the Inertia client's syntax: "users.0.name".

Keys may contain dots, as in the `errors` of nested fields: at each level, the longest matching key wins.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Final, cast

MISSING: Final = object()
"""The path does not exist. A sentinel, because None is a value."""

# 2,000 paths and 3 items per list are enough for a suggestion, and keep failing tests fast.
_MAX_PATHS: Final = 2_000
_MAX_ITEMS: Final = 3


def look_up(value: Any, path: str) -> Any:
    """Return the value at the path, or `MISSING`. The empty path is the value itself."""
    if not path:
        return value
    if isinstance(value, dict):
        return _in_dict(cast("dict[str, Any]", value), path)
    head, _, rest = path.partition(".")
    if isinstance(value, list) and head.isdecimal():
        items = value
        return look_up(items[int(head)], rest) if int(head) < len(items) else MISSING
    return MISSING


def _in_dict(value: dict[str, Any], path: str) -> Any:
    if path in value:
        return value[path]
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        key = ".".join(parts[:length])
        if key in value and (found := look_up(value[key], ".".join(parts[length:]))) is not MISSING:
            return found
    return MISSING


def paths_of(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield all paths in a value, outer paths first."""
    if isinstance(value, dict):
        entries: list[tuple[str, Any]] = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        entries = [(str(number), item) for number, item in enumerate(value[:_MAX_ITEMS])]
    else:
        return
    for key, _ in entries:
        yield f"{prefix}{key}"
    for key, item in entries:
        yield from paths_of(item, f"{prefix}{key}.")


def nearest(value: Any, path: str) -> str | None:
    """Return the existing path that was probably meant; None if no path is close."""
    known = [candidate for candidate, _ in zip(paths_of(value), range(_MAX_PATHS), strict=False)]
    # The same last name elsewhere: "user.email" for "email".
    last = path.rpartition(".")[2]
    elsewhere = [candidate for candidate in known if candidate.rpartition(".")[2] == last]
    close = difflib.get_close_matches(path, known, n=1, cutoff=0.6)
    found = close or elsewhere or difflib.get_close_matches(path, known, n=1, cutoff=0.4)
    return found[0] if found else None
