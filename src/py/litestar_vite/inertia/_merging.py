"""Props that the client merges into those that it has: `merge`, `prepend`, `deep_merge`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias, TypeVar, overload

from litestar_vite.inertia._older_helpers import unkeyed
from litestar_vite.inertia._protocol.props import Merge, MergeMode, Prop, prop_of

T = TypeVar("T")
MatchOn: TypeAlias = str | Iterable[str] | None
"""The field or fields by which items are matched."""


@overload
def merge(
    value: str, rest: Any, /, *args: Any, path: str | None = ..., match_on: MatchOn = ..., strategy: MergeMode = ...
) -> Prop[Any]: ...


@overload
def merge(
    value: Callable[..., Awaitable[T]] | Prop[T], *, path: str | None = ..., match_on: MatchOn = ...
) -> Prop[T]: ...


@overload
def merge(value: Callable[..., T], *, path: str | None = ..., match_on: MatchOn = ...) -> Prop[T]: ...


@overload
def merge(value: T, *, path: str | None = ..., match_on: MatchOn = ...) -> Prop[T]: ...


def merge(
    value: Any, *rest: Any, path: str | None = None, match_on: MatchOn = None, strategy: MergeMode = "append"
) -> Prop[Any]:
    """Let the client append the new value to the one it has (lists are joined, objects are merged one level deep).

    Args:
        value: The value, a callable, or a prop type.
        rest: Only for the keyed form.
        path: The dotted path inside the value to merge, for example "data"; None for the whole value.
        match_on: One or more fields by which a new item replaces an existing one, for example "id".
        strategy: The older form of `prepend` and `deep_merge`: "prepend" or "deep".
    """
    return _merge(strategy, value, rest, path, match_on)


@overload
def prepend(value: str, rest: Any, /, *args: Any, path: str | None = ..., match_on: MatchOn = ...) -> Prop[Any]: ...


@overload
def prepend(
    value: Callable[..., Awaitable[T]] | Prop[T], *, path: str | None = ..., match_on: MatchOn = ...
) -> Prop[T]: ...


@overload
def prepend(value: Callable[..., T], *, path: str | None = ..., match_on: MatchOn = ...) -> Prop[T]: ...


@overload
def prepend(value: T, *, path: str | None = ..., match_on: MatchOn = ...) -> Prop[T]: ...


def prepend(value: Any, *rest: Any, path: str | None = None, match_on: MatchOn = None) -> Prop[Any]:
    """Like `merge`, but put new list items before the old ones."""
    return _merge("prepend", value, rest, path, match_on)


@overload
def deep_merge(value: str, rest: Any, /, *args: Any, match_on: MatchOn = ...) -> Prop[Any]: ...


@overload
def deep_merge(value: Callable[..., Awaitable[T]] | Prop[T], *, match_on: MatchOn = ...) -> Prop[T]: ...


@overload
def deep_merge(value: Callable[..., T], *, match_on: MatchOn = ...) -> Prop[T]: ...


@overload
def deep_merge(value: T, *, match_on: MatchOn = ...) -> Prop[T]: ...


def deep_merge(value: Any, *rest: Any, match_on: MatchOn = None) -> Prop[Any]:
    """Let the client merge objects at every depth and append lists.

    Args:
        value: The value, a callable, or a prop type.
        rest: Only for the keyed form.
        match_on: Dotted paths inside the value that identify items, for example "messages.id".
    """
    return _merge("deep", value, rest, None, match_on)


def _merge(mode: MergeMode, value: Any, rest: tuple[Any, ...], path: str | None, match_on: MatchOn) -> Prop[Any]:
    value, _ = unkeyed(value, rest)
    return prop_of(value).with_label(Merge(mode, path, keys_of(match_on)))


def keys_of(match_on: MatchOn) -> tuple[str, ...]:
    """Return the fields by which items are matched, from a string or several."""
    return (match_on,) if isinstance(match_on, str) else tuple(match_on or ())
