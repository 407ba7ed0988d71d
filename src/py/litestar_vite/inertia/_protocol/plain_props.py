"""Separates plain props, which only need the encoder, from prop types, callables and dotted names: they need a plan."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from typing import Any, Final, cast

from litestar_vite.exceptions import PropError
from litestar_vite.inertia._protocol.props import Prop

# 256 keys: a dict of props is written by hand. A longer one is data, such as rows by id, and is passed to the encoder
# unread.
MAX_KEYS: Final = 256
CALLABLE_TYPES: Final = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinMethodType,
    functools.partial,
    type(functools.cache(lambda: None)),  # Functions with @cache and @lru_cache.
)
# The types that most props have; a set lookup is several times cheaper than the cached call behind it.
SCALARS: Final = frozenset({list, str, int, float, bool, type(None), tuple})


@functools.cache
def is_noteworthy(kind: type) -> bool:
    """Return whether values of this type need more than encoding: prop types and callables."""
    return issubclass(kind, (Prop, *CALLABLE_TYPES))


def is_plain(props: Mapping[str, Any]) -> bool:
    """Return whether a mapping of props, including nested dicts, contains neither prop types nor callables.

    Each dict is visited once, so that cycles end. Most dicts are small, so a loop over their values is faster than a
    call for each of them."""
    dicts: list[Mapping[str, Any]] = [props]
    seen: set[int] = set()
    for each in dicts:  # It grows during the loop.
        for value in each.values():
            kind: Any = type(value)
            if kind in SCALARS:
                continue
            if kind is dict or issubclass(kind, dict):
                if len(value) <= MAX_KEYS and id(value) not in seen:
                    seen.add(id(value))
                    dicts.append(value)
            elif is_noteworthy(kind):
                return False
    return True


def has_dots(props: Mapping[str, Any]) -> bool:
    """Return whether a top-level key is dotted and has to be unpacked.

    Raises:
        PropError: A key is not a string.
    """
    try:
        return "." in "".join(props)
    except TypeError:
        wrong: Any = next(key for key in cast("Mapping[Any, Any]", props) if not isinstance(key, str))
        raise PropError(
            f"The name of a prop must be a string, not {wrong!r}. For data by number, return "
            f"{{'items': {{{wrong!r}: ...}}}}."
        ) from None


def unpack_dotted(props: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted top-level keys, `"auth.user"`, into nested dicts (protocol B16). The user's own dicts are copied, not
    changed.
    """
    unpacked: dict[str, Any] = {}
    for dotted, value in props.items():
        *parents, last = dotted.split(".")
        target = unpacked
        for key in parents:
            existing = target.get(key)
            child = dict(cast("dict[str, Any]", existing)) if isinstance(existing, dict) else {}
            target[key] = child
            target = child
        target[last] = value
    return unpacked
