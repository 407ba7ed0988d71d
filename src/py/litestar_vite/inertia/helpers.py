"""The public helpers for props: `defer`, `optional`, `always`, `once`, `merge`, `prepend`, `deep_merge`.

How it works:
1. Each helper takes the value or callable first and returns a `Prop`; the dict key in the handler's return value is the
   prop's name.
2. Helpers compose by wrapping: `merge(defer(fn))`, `once(defer(fn), key="plans")`, in either order.
3. The keyed form of older apps, `defer("users", fn)`, is accepted: a string before another positional argument is taken
   as the name and dropped, since the dict key has the same meaning.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, overload

from litestar_vite.inertia._deferred import DeferredProp
from litestar_vite.inertia._merging import deep_merge, merge, prepend
from litestar_vite.inertia._older_helpers import unkeyed
from litestar_vite.inertia._protocol.props import Once, Presence, Prop, prop_of

__all__ = ("DeferredProp", "always", "deep_merge", "defer", "lazy", "merge", "once", "optional", "prepend")

T = TypeVar("T")


def _fields_of(value: Any) -> dict[str, Any]:
    """Return the constructor arguments of a Prop around `value`, or those of `value` if it is one."""
    return value.fields() if isinstance(value, Prop) else {"value": value}


def _fields_of_call(fn: Any, args: tuple[Any, ...], *, concurrent: bool, sync_to_thread: bool) -> dict[str, Any]:
    """Return the constructor arguments of a Prop around a call of `fn`. The call settings of a prop type are kept."""
    fn, args = unkeyed(fn, args)
    fields = _fields_of(fn)
    fields["concurrent"] = concurrent or fields.get("concurrent", False)
    fields["sync_to_thread"] = sync_to_thread or fields.get("sync_to_thread", False)
    if args:
        fields["args"] = args
    return fields


@overload
def defer(
    fn: Callable[..., Awaitable[T]] | Prop[T],
    *args: Any,
    group: str = ...,
    rescue: bool = ...,
    concurrent: bool = ...,
    sync_to_thread: bool = ...,
    inline_within_ms: float | None = ...,
) -> DeferredProp[T]: ...


@overload
def defer(
    fn: Callable[..., T],
    *args: Any,
    group: str = ...,
    rescue: bool = ...,
    concurrent: bool = ...,
    sync_to_thread: bool = ...,
    inline_within_ms: float | None = ...,
) -> DeferredProp[T]: ...


@overload
def defer(
    fn: str,
    *args: Any,
    group: str = ...,
    rescue: bool = ...,
    concurrent: bool = ...,
    sync_to_thread: bool = ...,
    inline_within_ms: float | None = ...,
) -> DeferredProp[Any]: ...


def defer(
    fn: Any,
    *args: Any,
    group: str = "default",
    rescue: bool = False,
    concurrent: bool = False,
    sync_to_thread: bool = False,
    inline_within_ms: float | None = None,
) -> DeferredProp[Any]:
    """Show the page first and fetch this prop right after it.

    Args:
        fn: Computes the value, sync or async; called with `args`. Or a prop to defer.
        args: Positional arguments for `fn`.
        group: Props of one group arrive in one request.
        rescue: When `fn` raises, leave the prop out and report the error, instead of failing the request.
        concurrent: May run together with other concurrent props. Do not use it for two props on one database session.
        sync_to_thread: Run a sync `fn` in a worker thread.
        inline_within_ms: Send the prop with the page once it is known to take at most this time, in milliseconds. Until
            then, and whenever it was slower, it is fetched afterwards. None for `InertiaConfig.inline_deferred_ms`, 0
            to fetch it afterwards always.
    """
    if not isinstance(fn, (str, Prop)):  # The usual form, without the copies that the other forms need.
        return DeferredProp(
            fn,
            args=args,
            presence=Presence.DEFERRED,
            group=group,
            rescue=rescue,
            concurrent=concurrent,
            sync_to_thread=sync_to_thread,
            inline_within_ms=inline_within_ms,
        )
    fields = _fields_of_call(fn, args, concurrent=concurrent, sync_to_thread=sync_to_thread)
    own = {"presence": Presence.DEFERRED, "group": group, "rescue": rescue, "inline_within_ms": inline_within_ms}
    return DeferredProp(**{**fields, **own})


@overload
def optional(fn: str, rest: Any, /, *args: Any, concurrent: bool = ..., sync_to_thread: bool = ...) -> Prop[Any]: ...


@overload
def optional(
    fn: Callable[..., Awaitable[T]] | Prop[T], *args: Any, concurrent: bool = ..., sync_to_thread: bool = ...
) -> Prop[T]: ...


@overload
def optional(fn: Callable[..., T], *args: Any, concurrent: bool = ..., sync_to_thread: bool = ...) -> Prop[T]: ...


def optional(fn: Any, *args: Any, concurrent: bool = False, sync_to_thread: bool = False) -> Prop[Any]:
    """Send the prop only to partial reloads that ask for it.

    Args:
        fn: Computes the value, sync or async; called with `args`.
        args: Positional arguments for `fn`.
        concurrent: May run together with other concurrent props.
        sync_to_thread: Run a sync `fn` in a worker thread.
    """
    fields = _fields_of_call(fn, args, concurrent=concurrent, sync_to_thread=sync_to_thread)
    return Prop(**{**fields, "presence": Presence.OPTIONAL})


lazy = optional
"""The older name of `optional`."""


@overload
def always(value: str, rest: Any, /, *args: Any) -> Prop[Any]: ...


@overload
def always(value: Callable[..., Awaitable[T]] | Prop[T]) -> Prop[T]: ...


@overload
def always(value: Callable[..., T]) -> Prop[T]: ...


@overload
def always(value: T) -> Prop[T]: ...


def always(value: Any, *rest: Any) -> Prop[Any]:
    """Send the prop on every visit, also when a partial reload does not ask for it."""
    value, _ = unkeyed(value, rest)
    return Prop(**{**_fields_of(value), "presence": Presence.ALWAYS})


@overload
def once(
    value: str,
    rest: Any,
    /,
    *args: Any,
    key: str | None = ...,
    until: datetime | timedelta | float | None = ...,
    fresh: bool = ...,
) -> Prop[Any]: ...


@overload
def once(
    value: Callable[..., Awaitable[T]] | Prop[T],
    *,
    key: str | None = ...,
    until: datetime | timedelta | float | None = ...,
    fresh: bool = ...,
) -> Prop[T]: ...


@overload
def once(
    value: Callable[..., T],
    *,
    key: str | None = ...,
    until: datetime | timedelta | float | None = ...,
    fresh: bool = ...,
) -> Prop[T]: ...


@overload
def once(
    value: T, *, key: str | None = ..., until: datetime | timedelta | float | None = ..., fresh: bool = ...
) -> Prop[T]: ...


def once(
    value: Any,
    *rest: Any,
    key: str | None = None,
    until: datetime | timedelta | float | None = None,
    fresh: bool = False,
) -> Prop[Any]:
    """Send the prop once; the client keeps it over later visits.

    Args:
        value: The value, a callable, or a prop type.
        rest: Only for the keyed form.
        key: Share the value between pages under this name; None for the prop's path.
        until: How long the client may keep it: a timedelta or seconds from now, or a point in time. None means until it
            reloads.
        fresh: Send it even if the client has it.

    Raises:
        ValueError: `until` is a datetime without a time zone.
    """
    value, _ = unkeyed(value, rest)
    label = Once(key, fresh=fresh)
    if isinstance(until, datetime):
        if until.tzinfo is None:
            raise ValueError(f"once(until={until!r}) lacks a time zone. Use datetime.now(timezone.utc) or a timedelta.")
        label = Once(key, expires_at_ms=round(until.astimezone(UTC).timestamp() * 1000), fresh=fresh)
    elif until is not None:
        label = Once(key, until.total_seconds() if isinstance(until, timedelta) else float(until), fresh=fresh)
    return prop_of(value).with_label(label)
