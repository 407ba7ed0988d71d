"""Observes each request: makes an Observation in front of the app, and shows it to the listeners with the response.

Rule: a listener that raises is logged once and not called again. The response is unaffected."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, cast

from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from typing_extensions import override

from litestar_vite.inertia._litestar.seams import set_function
from litestar_vite.inertia._page.observation import SCOPE_KEY, Listener, Observation, Tracing, current
from litestar_vite.inertia._page.observed_props import observed_function

logger = logging.getLogger("litestar_vite.inertia")

_TIMED: Final = "litestar_vite.timed"


class ObservedApp:
    """ASGI middleware that creates an Observation for each request.

    `tracing` makes the spans of pages; None without tracing.
    """

    def __init__(self, app: ASGIApp, tracing: Tracing | None = None) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        observation = Observation(scope, self._tracing)
        carrier: Any = scope
        carrier[SCOPE_KEY] = observation
        token = current.set(observation)
        try:
            await self._app(scope, receive, send)
        finally:
            current.reset(token)


class Listeners:
    """Shows each observation to the listeners. The app's last before_send hook, which sees responses as sent."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = list(listeners)

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        carrier: Any = scope
        observation: Observation | None = carrier.get(SCOPE_KEY)
        if observation is None:
            return
        observation.answered = time.perf_counter()
        for listener in tuple(self._listeners):
            try:
                listener(observation, message)
            except Exception:
                logger.exception("%r failed and is not called again", listener)
                self._listeners.remove(listener)

    def __repr__(self) -> str:
        return f"<Listeners {self._listeners!r}>"


def time_function(handler: HTTPRouteHandler) -> None:
    """Measure the time of a handler's function. Has no effect in apps without listeners that share the handler."""
    if _TIMED not in handler.opt:
        handler.opt[_TIMED] = True
        set_function(handler, observed_function(handler.fn, is_sync=handler.has_sync_callable))
        if (before := cast("Any", handler.before_request)) is not None:
            handler.before_request = _observed_hook(before)


def _observed_hook(before: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    """Return a before_request hook that records when it ended, which is the start of the dependencies' time."""

    async def before_request(request: Any) -> Any:
        observation = current.get()
        if observation is not None:
            observation.enter()
        answer = await before(request)
        if observation is not None:
            observation.hooked = time.perf_counter()
        return answer

    return before_request


def traced_route_class(route_class: type[HTTPRoute]) -> type[HTTPRoute]:
    """Return a class of routes whose requests run in the span of their page.

    The span is opened and closed around `handle`, in one task, behind all middleware. So it is the parent of what
    guards, dependencies, handler, props and render record, such as SQL statements.
    """

    class TracedRoute(route_class):  # type: ignore[misc,valid-type]  # The base is chosen at start-up.
        """A route whose requests run in the span of their page."""

        __slots__ = ()

        @override
        async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
            observation = current.get()
            if observation is None or observation.tracing is None:
                await super().handle(scope, receive, send)
                return
            with observation.tracing.opened(observation):
                await super().handle(scope, receive, send)

    return TracedRoute


async def keep_exception(exc: Exception, scope: Scope) -> None:
    """Store an exception with the request's observation. An `after_exception` hook."""
    observation: Observation | None = scope.get(SCOPE_KEY)  # type: ignore[assignment]  # ASGI lets extensions add keys.
    if observation is not None:
        observation.raised = exc
