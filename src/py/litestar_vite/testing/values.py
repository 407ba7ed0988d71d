"""What a test expects, compared with what came as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from litestar.serialization import encode_json

__all__ = ("JsonType", "as_json", "contains", "describe_type", "has_type", "is_expected", "show_expected")

JsonType = str | type | None | tuple["str | type | None", ...]
"""A type of JSON: its name ("string", "integer", "number", "boolean", "object", "array", "null"), the Python type,
None, or several.
"""

_NAMES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "double": (float,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def as_json(expected: Any) -> Any:
    """Return a value as it looks after a trip through JSON, so that a test may expect structs, enums, dates and tuples."""
    return json.loads(encode_json(expected))


def _same(actual: Any, expected: Any) -> bool:
    """Compare JSON values; unlike Python, `1` is not `true`."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        ours, theirs = cast("dict[str, Any]", actual), cast("dict[str, Any]", expected)
        return ours.keys() == theirs.keys() and all(_same(value, theirs[key]) for key, value in ours.items())
    if isinstance(actual, list) and isinstance(expected, list):
        mine, yours = actual, expected
        return len(mine) == len(yours) and all(map(_same, mine, yours))
    return isinstance(actual, bool) == isinstance(expected, bool) and bool(actual == expected)


def is_expected(actual: Any, expected: Any) -> bool:
    """Tell whether a JSON value is what a test expects.

    Args:
        actual: The value that came.
        expected: A value, a type ("is a str"), or a predicate that gets the value and returns whether it will do.
    """
    if isinstance(expected, type):
        return has_type(actual, expected)
    if callable(expected):
        return bool(cast("Callable[[Any], Any]", expected)(actual))
    return _same(actual, as_json(expected))


def contains(actual: Any, expected: Any) -> bool:
    """Tell whether a list has an item, a string a part, or an object all entries, that are expected."""
    if isinstance(actual, list):
        return any(is_expected(item, expected) for item in actual)
    if isinstance(actual, dict) and isinstance(expected, Mapping):
        entries = cast("dict[str, Any]", actual)
        return all(
            key in entries and is_expected(entries[key], value)
            for key, value in cast("Mapping[str, Any]", expected).items()
        )
    return isinstance(actual, str) and isinstance(expected, str) and expected in actual


def has_type(actual: Any, expected: JsonType) -> bool:
    """Tell whether a JSON value is of a type, or of one of several.

    Raises:
        ValueError: A name is no type of JSON.
    """
    if isinstance(expected, tuple):
        return any(has_type(actual, one) for one in expected)
    if expected is None:
        return actual is None
    if isinstance(expected, str):
        if expected not in _NAMES:
            msg = f"{expected!r} is no type of JSON; use one of {', '.join(_NAMES)}, or a Python type."
            raise ValueError(msg)
        kinds = _NAMES[expected]
    else:
        kinds = (int, float) if expected is float else (expected,)
    # bool is an int in Python, and is none in JSON.
    return isinstance(actual, kinds) and (not isinstance(actual, bool) or bool in kinds)


def describe_type(expected: JsonType) -> str:
    """Return a type as the failure message names it."""
    if isinstance(expected, tuple):
        return " or ".join(map(describe_type, expected))
    return expected if isinstance(expected, str) else "null" if expected is None else expected.__name__


def show_expected(expected: Any) -> str:
    """Return what was expected as the failure message names it."""
    if isinstance(expected, type):
        return f"a value of type {expected.__name__}"
    if callable(expected):
        name = getattr(expected, "__name__", type(expected).__name__)
        return "a value that the predicate accepts" if name == "<lambda>" else f"a value that {name}() accepts"
    return json.dumps(as_json(expected), ensure_ascii=False)
