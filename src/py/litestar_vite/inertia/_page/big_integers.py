"""Sends integers that JavaScript's numbers cannot hold as the client's BigInt: `{"$bigint": "9007199254740993"}`.

How it works: the encoder writes integers as usual. Then the JSON is searched for numbers of 16 digits or more, outside
strings, and those beyond 2^53 - 1 are replaced. Data is never walked, and a page without such a number costs one
search. Integers from 2^64 on, which msgspec cannot encode, are replaced before encoding.

The client only converts exactly `{"$bigint": s}` back, where s matches `^(0|-?[1-9]\\d*)$`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

MARKER: Final = "$bigint"
MAX_SAFE: Final = 2**53 - 1
"""JavaScript's Number.MAX_SAFE_INTEGER."""

_DIGITS: Final = re.compile(r"(?:0|-?[1-9][0-9]*)", re.ASCII)
# 4,300 digits: Python refuses to parse longer ones, to prevent attacks.
_MAX_DIGITS: Final = 4300
# Strings first, so that digits inside them are skipped. Numbers with a fraction do not match.
_STRING_OR_LONG: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]{16,}(?![0-9.eE])|[0-9]+\.[0-9]+')
_LONG: Final = re.compile(rb"[:,\[{]-?[0-9]{16}")


def has_unsafe(page_json: bytes) -> bool:
    """Return whether JSON may contain an integer that a browser rounds. One search, unaware of strings."""
    return _LONG.search(page_json) is not None or _LONG_ALONE.match(page_json) is not None


_LONG_ALONE: Final = re.compile(rb"-?[0-9]{16}")


def with_markers(value_json: bytes) -> bytes:
    """Return JSON with its unsafe integers as markers."""
    return _STRING_OR_LONG.sub(_marked, value_json) if has_unsafe(value_json) else value_json


def _marked(match: re.Match[bytes]) -> bytes:
    found = match[0]
    if found.startswith(b'"') or b"." in found or abs(int(found)) <= MAX_SAFE:
        return found
    return b'{"$bigint":"' + found + b'"}'


def mark_unsafe(value: Any) -> Any:
    """Return builtins with the integers that only a BigInt can hold as markers, as a client sends them."""
    return _marked_outside(value, -MAX_SAFE, MAX_SAFE)


def mark_huge(value: Any) -> Any:
    """Return builtins with the integers that msgspec cannot encode as markers."""
    return _marked_outside(value, -(2**63), 2**64 - 1)


def _marked_outside(value: Any, least: int, most: int) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if least <= value <= most else {MARKER: str(value)}
    if isinstance(value, dict):
        return {key: _marked_outside(item, least, most) for key, item in value.items()}
    return [_marked_outside(item, least, most) for item in value] if isinstance(value, (list, tuple)) else value


def unmarked(value: Any, make: Callable[[str], Any] = int) -> Any:
    """Return a client's data with its markers as integers. Anything that is not exactly a marker is unchanged.

    `make` creates the integer from its digits.
    """
    if isinstance(value, dict):
        found = value
        digits = found.get(MARKER) if len(found) == 1 else None
        if isinstance(digits, str) and len(digits) <= _MAX_DIGITS and _DIGITS.fullmatch(digits):
            return make(digits)
        return {key: unmarked(item, make) for key, item in found.items()}
    if isinstance(value, list):
        return [unmarked(item, make) for item in value]
    return value


def unmarked_fields(value: Any) -> Any:
    """Return the fields of a form with markers replaced by their digits, as a form sends integers."""
    if not isinstance(value, dict):
        return value
    fields = value
    number = unmarked(fields)
    return str(number) if isinstance(number, int) else {key: unmarked_fields(item) for key, item in fields.items()}


def unsafe_paths(value: Any, path: str = "") -> list[str]:
    """Return the paths of integers that a browser rounds, in decoded JSON."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int):
        return [path] if abs(value) > MAX_SAFE else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in unsafe_paths(item, f"{path}.{key}" if path else str(key))]
