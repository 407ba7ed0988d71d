"""Names with brackets, as Inertia's forms and query strings write nested data: `items[0][name]`, `tags[]`, `a[b]`.

Rules: only well-formed names are nested, all others stay flat. Indexes give the order of a list and not its length, so
`a[1000000]` adds one item. No value is dropped: names that conflict or nest too deeply raise BracketError. The work is
linear in the number of names, and the number of groups is capped while they are created."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

# The raw name of a list in a query string; brackets may be percent-encoded.
_LIST: Final = re.compile(rb"((?:(?!%5[BbDd])[^\[\]])+)(?:\[|%5[Bb])\d*(?:\]|%5[Dd])")
_LIST_ENDS: Final = (b"]", b"%5D", b"%5d")
# 32 levels: no real form nests deeper, and hostile names must not exhaust the recursion limit.
MAX_DEPTH: Final = 32
_MAX_INDEX_DIGITS: Final = 9
_MAX_QUOTED: Final = 60


class BracketError(ValueError):
    """Names that conflict, nest too deeply or create too many groups."""


def has_brackets(names: Iterable[str]) -> bool:
    """Return whether any name may be nested."""
    return any(name.endswith("]") and name.find("[") > 0 for name in names)


def nest(pairs: Mapping[str, Any], max_groups: int) -> dict[str, Any]:
    """Return form data with its bracketed names nested; a repeated name has a list as its value.

    `{"items[0][name]": "x", "tags[]": ["a", "b"]}` → `{"items": [{"name": "x"}], "tags": ["a", "b"]}`.

    Args:
        pairs: Values by name; none is a dict.
        max_groups: The largest number of lists and mappings to create.

    Raises:
        BracketError: A name is nested too deeply, conflicts with another, or there are too many groups.
    """
    root: _Group = {}
    groups = 0
    for name, value in pairs.items():
        *parents, last = _keys_of(name)
        node = root
        for key in parents:
            child = node.get(key) if key else None
            if child is None:
                groups += 1
                if groups > max_groups:
                    msg = f"The form has more than {max_groups} lists and groups of fields."
                    raise BracketError(msg)
                node[key or len(node)] = child = {}
            elif type(child) is not dict:
                raise _conflict(name)
            node = child
        _put(node, last, value, name, is_push=not last and bool(parents))
    return {cast("str", name): _finished(value) if type(value) is dict else value for name, value in root.items()}


# The fields under one bracket. Items of `[]` have an int as their key: their position.
_Group = dict[str | int, Any]


def _put(node: _Group, key: str, value: Any, name: str, *, is_push: bool) -> None:
    if is_push:
        items: list[Any] = value if isinstance(value, list) else [value]
        for item in items:
            node[len(node)] = item
    elif key in node:
        raise _conflict(name)
    else:
        node[key] = value


def _keys_of(name: str) -> list[str]:
    """Return the keys that lead to a field: `["a", "0", "b"]` for `a[0][b]`, the name alone when it is not nested."""
    base, bracket, inner = name.partition("[")
    if not bracket or not base or not inner.endswith("]") or "]" in base:
        return [name]
    others = inner.count("[")
    if others + 2 > MAX_DEPTH:
        msg = f"The form field {_quoted(name)} is nested too deeply: at most {MAX_DEPTH} levels are read."
        raise BracketError(msg)
    keys = inner[:-1].split("][")
    return [base, *keys] if len(keys) == others + 1 == inner.count("]") else [name]


def _conflict(name: str) -> BracketError:
    return BracketError(f"The form field {_quoted(name)} conflicts with another field.")


def _quoted(name: str) -> str:
    return repr(name if len(name) <= _MAX_QUOTED else f"{name[:_MAX_QUOTED]}…")


def _finished(group: _Group) -> Any:
    """Return a group as a list if all its keys are indexes, else as a dict; nested groups are replaced in place."""
    indexes = pushes = 0
    for key, value in group.items():
        if type(value) is dict:
            group[key] = _finished(value)
        if isinstance(key, int):
            pushes += 1
        elif key.isdecimal() and key.isascii() and len(key) <= _MAX_INDEX_DIGITS:
            indexes += 1
    if indexes + pushes == len(group):
        items = group if not indexes else sorted(group, key=lambda key: (isinstance(key, int), int(key)))
        return [group[key] for key in items]
    return _with_text_keys(group) if pushes else group


def _with_text_keys(group: _Group) -> dict[str, Any]:
    """Return a mixed group as a dict: each item of `[]` gets the next free number as its key."""
    numbers = (str(number) for number in range(len(group) * 2) if str(number) not in group)
    return {next(numbers) if isinstance(key, int) else key: value for key, value in group.items()}


def expand_query(query: bytes) -> bytes:
    """Return a query string in which `a[]=x` and `a[0]=x` are also `a=x`, the form in which Litestar reads lists."""
    lists: list[bytes] = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name.endswith(_LIST_ENDS) and (match := _LIST.fullmatch(name)):
            lists.append(match[1] + b"=" + value)
    return b"&".join((query, *lists)) if lists else query
