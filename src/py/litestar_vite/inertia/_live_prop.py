"""The helper for props that follow the events of a channel: `live`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar, overload

from litestar_vite.inertia._protocol.live import Live
from litestar_vite.inertia._protocol.props import Prop, prop_of

T = TypeVar("T")

DEFAULT_EVENT: Final = "changed"
"""The event of `live` and `publish` without a name."""


@overload
def live(
    value: Callable[..., Awaitable[T]] | Prop[T],
    *,
    channel: str | Iterable[str],
    events: str | Iterable[str] = ...,
    throttle_ms: int | None = ...,
) -> Prop[T]: ...


@overload
def live(
    value: Callable[..., T],
    *,
    channel: str | Iterable[str],
    events: str | Iterable[str] = ...,
    throttle_ms: int | None = ...,
) -> Prop[T]: ...


@overload
def live(
    value: T, *, channel: str | Iterable[str], events: str | Iterable[str] = ..., throttle_ms: int | None = ...
) -> Prop[T]: ...


def live(
    value: Any,
    *,
    channel: str | Iterable[str],
    events: str | Iterable[str] = DEFAULT_EVENT,
    throttle_ms: int | None = None,
) -> Prop[Any]:
    """Reload the prop in open pages when an event is published to a channel.

    Args:
        value: The value, a callable, or a prop type. Only a callable saves the work for reloads of other props.
        channel: The channel or channels, which `LiveConfig.channels` must contain.
        events: The event or events to follow.
        throttle_ms: The shortest time between two reloads, in milliseconds. Default: None, for no limit.
    """
    return prop_of(value).with_label(Live(_names(channel), _names(events), throttle_ms))


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
