"""Compares JSON values with expected values, types and predicates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec
from litestar.exceptions import SerializationException
from litestar.serialization import encode_json

from litestar_vite.inertia._page.big_integers import mark_huge, unmarked

JsonType = str | type | None | tuple["str | type | None", ...]
"""A JSON type: a name ("string", "integer", "number", "boolean", "object", "array", "null"), a Python type, None, or a
tuple of these.
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
    """Encode and decode a value as JSON, so that tests can expect structs, enums, dates and tuples."""
    try:
        return json.loads(encode_json(expected))
    except (OverflowError, SerializationException):
        # msgspec does not encode integers from 2^64 on.
        return unmarked(json.loads(encode_json(mark_huge(msgspec.to_builtins(expected)))))


def _same(actual: Any, expected: Any) -> bool:
    """Compare JSON values. Unlike in Python, `1` does not equal `true`."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        left, right = cast("dict[str, Any]", actual), cast("dict[str, Any]", expected)
        return left.keys() == right.keys() and all(_same(value, right[key]) for key, value in left.items())
    if isinstance(actual, list) and isinstance(expected, list):
        return len(actual) == len(expected) and all(map(_same, actual, expected))
    return isinstance(actual, bool) == isinstance(expected, bool) and bool(actual == expected)


def is_expected(actual: Any, expected: Any) -> bool:
    """Return whether a JSON value matches an expectation.

    Args:
        actual: The JSON value.
        expected: A value, a type, or a predicate that is called with the value.
    """
    if isinstance(expected, type):
        return has_type(actual, expected)
    if callable(expected):
        return bool(cast("Callable[[Any], Any]", expected)(actual))
    return _same(actual, as_json(expected))


def contains(actual: Any, expected: Any) -> bool:
    """Return whether a list, a string or an object contains an expected item, substring or entries."""
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
    """Return whether a JSON value has a type, or one of several.

    Raises:
        ValueError: A name is not a JSON type.
    """
    if isinstance(expected, tuple):
        return any(has_type(actual, one) for one in expected)
    if expected is None:
        return actual is None
    if isinstance(expected, str):
        if expected not in _NAMES:
            raise ValueError(f"{expected!r} is not a JSON type. Use one of {', '.join(_NAMES)}, or a Python type.")
        types = _NAMES[expected]
    else:
        types = (int, float) if expected is float else (expected,)
    # bool is a subclass of int in Python, but a separate type in JSON.
    return isinstance(actual, types) and (not isinstance(actual, bool) or bool in types)


def describe_type(expected: JsonType) -> str:
    """Return a type's name for a failure message."""
    if isinstance(expected, tuple):
        return " or ".join(map(describe_type, expected))
    return expected if isinstance(expected, str) else "null" if expected is None else expected.__name__


def show_expected(expected: Any) -> str:
    """Return the expectation's text for a failure message."""
    if isinstance(expected, type):
        return f"a value of type {expected.__name__}"
    if callable(expected):
        name = getattr(expected, "__name__", type(expected).__name__)
        return "a value that the predicate accepts" if name == "<lambda>" else f"a value that {name}() accepts"
    return json.dumps(as_json(expected), ensure_ascii=False)
