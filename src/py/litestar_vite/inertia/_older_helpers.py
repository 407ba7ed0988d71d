"""The keyed form of older apps, `defer("users", fn)`: the name before the value, which the dict key says too."""

from __future__ import annotations

from typing import Any


def unkeyed(first: Any, rest: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return the value and the other arguments of a helper, without a name in front of them."""
    if isinstance(first, str) and rest:
        return rest[0], rest[1:]
    return first, rest
