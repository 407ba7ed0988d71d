"""Names with brackets, as Inertia's forms and query strings write nested data: `items[0][name]`, `tags[]`, `a[b]`.

Rules: only pairs whose whole name is well formed are nested, all others stay as they are; lists are made of the indexes
that came, in their order, so that `a[1000000]` costs one item; a name that says something else than an earlier one is
left out of the nested data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote_plus, unquote_plus

__all__ = ("expand_query", "has_brackets", "nest")

_NAME: Final = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])+")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")
_LIST: Final = re.compile(r"([^\[\]]+)\[\d*\]")
# 32 levels: no form nests deeper, and a hostile name must not drive our recursion.
_MAX_DEPTH: Final = 32


def has_brackets(names: Iterable[str]) -> bool:
    """Tell whether any name is nested."""
    return any(name[-1:] == "]" and _NAME.fullmatch(name) for name in names)


def nest(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Return form data with its bracketed names nested; a value may be a list when a name came more than once.

    `{"items[0][name]": "x", "tags[]": ["a", "b"]}` → `{"items": [{"name": "x"}], "tags": ["a", "b"]}`.
    """
    nested: dict[str, Any] = {}
    for name, value in pairs.items():
        if not _NAME.fullmatch(name):
            nested[name] = value
            continue
        parts = [name.partition("[")[0], *_PART.findall(name)]
        if len(parts) <= _MAX_DEPTH:
            _put(nested, parts, value)
    return {name: _listed(value) for name, value in nested.items()}


class _Numbered(dict[str, Any]):
    """A mapping that grew from brackets, which becomes a list if its keys are indexes."""


def _put(target: dict[str, Any], parts: list[str], value: Any) -> None:
    *parents, last = parts
    node = target
    for part in parents:
        child = node.setdefault(part or str(len(node)), _Numbered())
        if not isinstance(child, _Numbered):  # `a=1&a[b]=2`
            return
        node = cast("dict[str, Any]", child)
    if last:
        node.setdefault(last, value)
    else:
        for item in value if isinstance(value, list) else [value]:
            node[str(len(node))] = item


def _listed(value: Any) -> Any:
    if not isinstance(value, _Numbered):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    if all(key.isascii() and key.isdecimal() and len(key) < 10 for key in items):  # noqa: PLR2004 - an index, not a number by which people key
        return [items[key] for key in sorted(items, key=int)]
    return items


def expand_query(query: bytes) -> bytes:
    """Return a query string in which `a[]=x` and `a[0]=x` are also `a=x`, the form in which Litestar reads lists."""
    lists: list[bytes] = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if match := _LIST.fullmatch(unquote_plus(name.decode("latin-1"))):
            lists.append(quote_plus(match[1]).encode() + b"=" + value)
    return b"&".join((query, *lists)) if lists else query
