"""Parses bracketed names, which nest data in Inertia's forms and query strings: `items[0][name]`, `tags[]`, `a[b]`.

How it works: `grouped` collects the fields under one bracket into a group, by their keys. The field that receives a
group decides whether it is a list or a mapping: `listed` and `mapped`. Without a type, `nested` reads the keys 0, 1, 2
… as a list and any others as a mapping, as JSON would have sent them.

Rules: only well-formed names are nested, all others stay flat. Indexes give the order of a list, not its length, so
`a[1000000]` adds one item. Values are never dropped: names that conflict or nest too deeply raise BracketError. The
work is linear in the number of names, and the number of groups is capped while they are created."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

# The name of a list in a query string.
_LIST: Final = re.compile(r"([^\[\]]+)\[[0-9]*\]")
# 32 levels: no real form nests deeper, and hostile names must not exhaust the recursion limit.
MAX_DEPTH: Final = 32
_MAX_INDEX_DIGITS: Final = 9
_MAX_QUOTED: Final = 60


class BracketError(ValueError):
    """Names that conflict, nest too deeply or create too many groups."""


def has_brackets(names: Iterable[str]) -> bool:
    """Return whether any name may be nested."""
    return any(name.endswith("]") and name.find("[") > 0 for name in names)


Group = dict[str | int, Any]
"""The fields under one bracket. Items of `[]` have an int as their key: their position."""


def grouped(pairs: Mapping[str, Any], max_groups: int) -> dict[str, Any]:
    """Return form data with the fields of bracketed names in groups. A repeated name has a list as its value.

    `{"rows[7][name]": "x", "tags[]": ["a", "b"]}` → `{"rows": {"7": {"name": "x"}}, "tags": {0: "a", 1: "b"}}`.

    Args:
        pairs: Values by name, without dicts.
        max_groups: The largest number of groups to create.

    Raises:
        BracketError: A name is nested too deeply, conflicts with another, or there are too many groups.
    """
    root: Group = {}
    groups = 0
    for name, value in pairs.items():
        *parents, last = _keys_of(name)
        node = root
        for key in parents:
            child = node.get(key) if key else None
            if child is None:
                groups += 1
                if groups > max_groups:
                    raise BracketError(f"The form has more than {max_groups} lists and groups of fields.")
                node[key or len(node)] = child = {}
            elif type(child) is not dict:
                raise _conflict(name)
            node = child
        _put(node, last, value, name, is_push=not last and bool(parents))
    return cast("dict[str, Any]", root)


def _put(node: Group, key: str, value: Any, name: str, *, is_push: bool) -> None:
    if is_push:
        items: list[Any] = value if isinstance(value, list) else [value]
        for item in items:
            node[len(node)] = item
    elif key in node:
        raise _conflict(name)
    else:
        node[key] = value


def _keys_of(name: str) -> list[str]:
    """Return the keys that lead to a field: `["a", "0", "b"]` for `a[0][b]`, only the name if it is not nested."""
    base, bracket, inner = name.partition("[")
    if not bracket or not base or not inner.endswith("]") or "]" in base:
        return [name]
    others = inner.count("[")
    if others + 2 > MAX_DEPTH:
        raise BracketError(f"The form field {_quoted(name)} is nested too deeply: at most {MAX_DEPTH} levels are read.")
    keys = inner[:-1].split("][")
    return [base, *keys] if len(keys) == others + 1 == inner.count("]") else [name]


def _conflict(name: str) -> BracketError:
    return BracketError(f"The form field {_quoted(name)} conflicts with another field.")


def _quoted(name: str) -> str:
    return repr(name if len(name) <= _MAX_QUOTED else f"{name[:_MAX_QUOTED]}…")


def nested(value: Any) -> Any:
    """Return a value with its groups as lists if their keys count from 0, else as mappings. Replaces them in place."""
    if type(value) is not dict:
        return value
    group = cast("Group", value)
    pushes = 0
    for key, part in group.items():
        if type(part) is dict:
            group[key] = nested(part)
        pushes += isinstance(key, int)
    items = listed(group)
    # A group with an item of `[]` is a list, even if its indexes have gaps.
    if items is not None and (pushes or _counts(group)):
        return items
    return mapped(group) if pushes else group


def listed(group: Group) -> list[Any] | None:
    """Return a group as a list in the order of its indexes, followed by its `[]` items; None if it has other keys."""
    indexes = 0
    for key in group:
        if not isinstance(key, int):
            if not (key.isdecimal() and key.isascii() and len(key) <= _MAX_INDEX_DIGITS):
                return None
            indexes += 1
    items = group if not indexes else sorted(group, key=lambda key: (isinstance(key, int), int(key)))
    return [group[key] for key in items]


def mapped(group: Group) -> dict[str, Any]:
    """Return a group as a mapping: each item of `[]` gets the next free number as its key."""
    numbers = (str(number) for number in range(len(group) * 2) if str(number) not in group)
    return {next(numbers) if isinstance(key, int) else key: value for key, value in group.items()}


def _counts(group: Group) -> bool:
    """Return whether the indexes of a group are 0, 1, 2 … in any order."""
    return {int(key) for key in group} == set(range(len(group)))


def expand_query(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs of a query string, with `a[]=x` and `a[0]=x` also as `a=x`, which Litestar reads as a list."""
    given = list(pairs)
    return given + [
        (match[1], value) for name, value in given if name.endswith("]") and (match := _LIST.fullmatch(name))
    ]
