"""Dotted paths into JSON, as the Inertia client writes them: "users.0.name".

A key that holds a dot itself (the `errors` of nested fields do) is found too: at each level the longest key that fits
wins."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Final, cast

__all__ = ("MISSING", "look_up", "nearest", "paths_of")

MISSING: Final = object()
"""There is nothing at the path; None is a value."""

# 2,000 paths and the first 3 items of a list: enough to find what was meant, and nothing that slows a failing test
# down.
_MAX_PATHS: Final = 2_000
_MAX_ITEMS: Final = 3


def look_up(value: Any, path: str) -> Any:
    """Return what is at the path, `MISSING` when there is nothing; the empty path is the value itself."""
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
    """Return the paths of everything in a value, outer ones first."""
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
    """Return the existing path that was probably meant, None when none is close."""
    known = [candidate for candidate, _ in zip(paths_of(value), range(_MAX_PATHS), strict=False)]
    # "user" for "name.user", "email" for "user.email": the last name in another place.
    last = path.rpartition(".")[2]
    elsewhere = [candidate for candidate in known if candidate.rpartition(".")[2] == last]
    close = difflib.get_close_matches(path, known, n=1, cutoff=0.6)
    found = close or elsewhere or difflib.get_close_matches(path, known, n=1, cutoff=0.4)
    return found[0] if found else None
