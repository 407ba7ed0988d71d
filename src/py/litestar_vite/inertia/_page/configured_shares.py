"""The props of `InertiaConfig.share`, inspected once at start-up.

How it works:
1. Values and prop types are shared as they are; a callable is called for each page, with the request if it takes one.
2. A full visit needs all of them: `call` calls the callables, `defaults` contains the other values.
3. `for_request` leaves it to the plan of a partial reload, or of props that run together, which callables are
   called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from litestar_vite.inertia._protocol.plain_props import has_dots, is_plain
from litestar_vite.inertia._protocol.props import Prop

_ABSENT: Final = object()

# Types that are never awaitable: `inspect` costs more than most callables.
_VALUES: Final = frozenset({dict, list, str, int, float, bool, type(None), tuple})


class ConfiguredShares:
    """The shares from the config, for every page, and the session keys that pages get while the session has them.

    Attributes:
        names: The names, in order.
        defaults: All names except session keys, with their values; None for callables.
        callables: The callables by name, including session keys; each takes the request.
        bound_props: Props with a callable that takes the request, by name; each is a function from the request to the
            prop.
        is_plain: The shares contain no prop types and no dotted names.
    """

    def __init__(self, share: Mapping[str, Any], session_keys: Iterable[str] = ()) -> None:
        # A share is set last, so it replaces a session key of the same name.
        self._session_keys = tuple(key for key in session_keys if key not in share)
        self._values = {name: _bindable(value) for name, value in share.items()}
        self.names = (*self._session_keys, *share)
        self.callables: dict[str, Callable[[Any], Any]] = {
            name: _with_request(value)
            for name, value in share.items()
            if callable(value) and not isinstance(value, Prop)
        }
        self.callables.update({key: functools.partial(_from_session, key) for key in self._session_keys})
        self.defaults = {name: None if name in self.callables else value for name, value in share.items()}
        self.bound_props = {
            name: value
            for name, value in self._values.items()
            if isinstance(value, _Bindable) and value.prop is not None
        }
        self.is_plain = is_plain(self.defaults) and not has_dots(self.defaults)

    def __bool__(self) -> bool:
        return bool(self.names)

    def source(self, name: str) -> Any:
        """Return the function behind a shared prop, to show its source to a developer; None for a value."""
        value = next((value for key, value in self._values.items() if key.split(".", 1)[0] == name), None)
        if isinstance(value, _Bindable):
            return value.value
        value = value.value if isinstance(value, Prop) else value
        return value if callable(value) else None

    def for_request(self, request: Any) -> dict[str, Any]:
        """Return the shares of one request; callables are bound, not called."""
        found = {key: value for key in self._session_keys if (value := _from_session(key, request)) is not _ABSENT}
        shared = {
            name: value(request) if isinstance(value, _Bindable) else value for name, value in self._values.items()
        }
        return {**found, **shared}

    async def call(self, request: Any, props: Mapping[str, Any]) -> dict[str, Any]:
        """Call the callables, one after another, except those that the page replaces by a prop of the same name."""
        called: dict[str, Any] = {}
        for name, fn in self.callables.items():
            if name not in props:
                value = fn(request)
                if value is not _ABSENT:
                    called[name] = await value if type(value) not in _VALUES and inspect.isawaitable(value) else value
        return called


def _from_session(key: str, request: Any) -> Any:
    """Return the value of a key in a request's session; _ABSENT if it is missing."""
    session = request.scope.get("session")
    return session.get(key, _ABSENT) if isinstance(session, dict) else _ABSENT


class _Bindable:
    """A shared callable that takes the request."""

    def __init__(self, value: Callable[..., Any], prop: Prop[Any] | None) -> None:
        self.value = value
        self.prop = prop

    def __call__(self, request: Any) -> Any:
        bound = functools.partial(self.value, request)
        return self.prop.replace(value=bound) if self.prop is not None else bound


def _bindable(value: Any) -> Any:
    """Determine once whether a share, or the callable in a prop type, takes the request."""
    prop = value if isinstance(value, Prop) else None
    fn = prop.value if prop is not None else value
    if callable(fn) and inspect.signature(fn).parameters and not (prop is not None and prop.args):
        return _Bindable(fn, prop)
    return value


def _with_request(fn: Callable[..., Any]) -> Callable[[Any], Any]:
    return fn if inspect.signature(fn).parameters else lambda _: fn()
