"""The encoder, prop runner and handler function of an app with listeners. They work as without listeners, and record
their times in the request's Observation."""

from __future__ import annotations

import functools
import inspect
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from typing_extensions import override

from litestar_vite.inertia._page.encode import Encoding
from litestar_vite.inertia._page.evaluate import Rescue, run
from litestar_vite.inertia._page.observation import SCOPE_KEY, Observation, ObservedProp, current
from litestar_vite.inertia._protocol.props import Prop
from litestar_vite.inertia._protocol.resolver import Node, Plan


class ObservedEncoding(Encoding):
    """An encoder that records the page object and its JSON."""

    __slots__ = ()

    @override
    def encode_page(self, page: Mapping[str, Any], *, plain: bool) -> bytes:
        observation = current.get()
        if observation is None or not page["component"]:
            return super().encode_page(page, plain=plain)
        started = time.perf_counter()
        page_json = super().encode_page(page, plain=plain)
        observation.encode_seconds = (observation.encode_seconds or 0.0) + time.perf_counter() - started
        observation.component, observation.page, observation.page_json = page["component"], page, page_json
        return page_json


def run_observed(plan: Plan, node: Node, on_rescue: Rescue) -> Awaitable[None] | None:
    """Run a prop as `evaluate.run` does, and record its time."""
    observation = current.get()
    if observation is None:
        return run(plan, node, on_rescue)
    observed = observation.props.setdefault(node.path, ObservedProp(node.prop))
    # The last call decides, since a callable may return another prop type.
    observed.prop = node.prop

    def rescued(path: str, error: Exception) -> None:
        observed.is_rescued, observed.error = True, type(error).__name__
        on_rescue(path, error)

    started = time.perf_counter()
    observed.started = observed.started or started
    try:
        rest = run(plan, node, rescued)
    except Exception as error:
        observed.error = type(error).__name__
        raise
    finally:
        observed.seconds += time.perf_counter() - started
    return None if rest is None else _await_observed(rest, observed)


async def _await_observed(rest: Awaitable[Any], observed: ObservedProp) -> Any:
    started = time.perf_counter()
    try:
        return await rest
    except Exception as error:
        observed.error = type(error).__name__
        raise
    finally:
        observed.seconds += time.perf_counter() - started


def observed_function(function: Callable[..., Any], *, is_sync: bool) -> Callable[..., Any]:
    """Return a handler's function that records its time and that of its dependencies."""

    @functools.wraps(function)
    def sync(*args: Any, **kwargs: Any) -> Any:
        observation = _handler_begins()
        try:
            return function(*args, **kwargs)
        finally:
            _handler_ends(observation)

    @functools.wraps(function)
    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        observation = _handler_begins()
        try:
            return await function(*args, **kwargs)
        finally:
            _handler_ends(observation)

    return sync if is_sync else asynchronous


def _handler_begins() -> Observation | None:
    observation = current.get()
    if observation is not None:
        observation.enter()
        now = time.perf_counter()
        observation.dependency_seconds = now - observation.hooked
        observation.handler_seconds = -now
    return observation


def _handler_ends(observation: Observation | None) -> None:
    if observation is not None and observation.handler_seconds is not None:
        observation.handler_seconds += time.perf_counter()


def observed_share(name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a shared callable that records its time."""

    def call(request: Any) -> Any:
        observation = current.get()
        if observation is None:
            return function(request)
        observed = observation.props.setdefault(name, ObservedProp(Prop(function)))
        started = time.perf_counter()
        observed.started = observed.started or started
        try:
            value = function(request)
        except Exception as error:
            observed.error = type(error).__name__
            raise
        finally:
            observed.seconds += time.perf_counter() - started
        return _await_observed(value, observed) if inspect.isawaitable(value) else value

    return call


def note_share(scope: Any, name: str) -> None:
    """Record the file and line of the user's code that calls `share`."""
    observation: Observation | None = scope.get(SCOPE_KEY)
    if observation is None:
        return
    frame = sys._getframe(1)  # noqa: SLF001 - a documented function of CPython, and far cheaper than `inspect.stack`
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("litestar_vite."):
        frame = frame.f_back
    observation.shared[name.split(".", 1)[0]] = (frame.f_code.co_filename, frame.f_lineno)
