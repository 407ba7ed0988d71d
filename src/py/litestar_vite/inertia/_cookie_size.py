"""Divides carried values between a cookie and the rest: the first messages that fit, each with its own key.

How it works:
1. Marks are a few bytes and always fit.
2. Errors and flash messages alternate, starting with an error, so that a refused form never looks like success.
3. Lists of messages are divided; any other value fits as a whole or not at all.
4. The input of a native form is the first to go: its fields are then empty."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final, cast

import msgspec

_MAX_NAMED: Final = 10
_MAX_NAME: Final = 60
# Most messages are shorter, and several of this length fit with their field names.
_MAX_MESSAGE: Final = 300
_MAX_FIELD: Final = 200

_Entry = tuple[tuple[str, ...], Any]
"""The path of a value, `("errors", "bag", "field")`, and the value. For a list of messages, a list with one of them."""


def json_size(value: Any) -> int:
    return len(msgspec.json.encode(value))


def split(values: dict[str, Any], max_bytes: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that fit into this many bytes of JSON, and the rest. Merged, they are the original values."""
    if json_size(values) <= max_bytes:
        return values, {}
    if "input" in values:
        fitting, others = split({section: value for section, value in values.items() if section != "input"}, max_bytes)
        return fitting, {**others, "input": values["input"]}
    kept = {section: value for section, value in values.items() if not isinstance(value, dict)}
    rest: dict[str, Any] = {}
    room = max_bytes - json_size(kept) - len('"errors":{},"flash":{},')
    turns = zip_longest(_entries(values, "errors"), _entries(values, "flash"))
    for path, value in (entry for turn in turns for entry in turn if entry is not None):
        # Names are counted for each message, so at worst a message that would just fit is left out.
        size = json_size(value) + sum(json_size(name) + 3 for name in path[1:])
        if size <= room:
            room -= size
            _put(kept, path, value)
        else:
            _put(rest, path, value)
    return kept, rest


def merge(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Merge two parts of the carried values. Lists are appended; for other values, the first part wins."""
    merged = dict(first)
    for name, value in second.items():
        own = merged.setdefault(name, value)
        if own is value:
            continue
        if isinstance(own, dict) and isinstance(value, dict):
            merged[name] = merge(cast("dict[str, Any]", own), cast("dict[str, Any]", value))
        elif isinstance(own, list) and isinstance(value, list):
            merged[name] = [*own, *value]
    return merged


def shorten_errors(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values with long error messages and field names cut, and the errors that were cut."""
    errors: dict[str, Any] = {}
    cut: dict[str, Any] = {}
    for path, value in _entries(values, "errors"):
        *where, field = path[1:]
        messages = [_cut(each, _MAX_MESSAGE) if isinstance(each, str) else each for each in value]
        short: list[str] = [*where, _cut(field, _MAX_FIELD)]
        _put(errors, ("errors", *short), messages)
        if short[-1] != field or messages != value:
            _put(cut, path, value)
    return {**values, **errors}, cut


def names(values: dict[str, Any]) -> str:
    """Name the lost values, down to the keys of flash and errors."""
    from litestar_vite._colours import on_one_line

    return ", ".join(
        f"{section} ({on_one_line(_listed(list(map(str, value))))})" if isinstance(value, dict) else section
        for section, value in values.items()
    )


def _entries(values: dict[str, Any], section: str) -> Iterator[_Entry]:
    entries: dict[str, Any] = values.get(section) or {}
    for key, value in entries.items():
        if section == "errors" and isinstance(value, dict):
            bag = cast("dict[str, Any]", value)
            for field in bag:
                yield from _messages((section, key, field), bag[field])
        else:
            yield from _messages((section, key), value)


def _messages(path: tuple[str, ...], value: Any) -> Iterator[_Entry]:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        yield from ((path, [message]) for message in cast("list[str]", value))
    else:
        yield path, value


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Insert an entry at its path, in place, after the existing messages."""
    *where, key = path
    for name in where:
        values = values.setdefault(name, {})
    values[key] = [*values[key], *value] if key in values and isinstance(value, list) else value


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _listed(found: list[str]) -> str:
    """Return names for the log: a client may send long ones, and many."""
    shown = [_cut(name, _MAX_NAME) for name in found[:_MAX_NAMED]]
    return ", ".join(shown if len(found) <= _MAX_NAMED else [*shown, f"{len(found) - _MAX_NAMED} more"])
