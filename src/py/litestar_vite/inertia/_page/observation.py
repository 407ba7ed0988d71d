"""Records times and facts of one request for listeners: DevTools, Server-Timing and warnings in development.

How it works:
1. If `InertiaPlugin.observe` was called before the app was created, the app has an ObservedApp, which creates an
   Observation for each request, and an encoder, a prop runner and a render function that write to it.
2. Without a listener, none of these exist, and requests run as if this module did not exist.

Rule: an observation contains measurements. It makes no decisions, and pages do not depend on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any, Final, Protocol

from msgspec import Struct, field

from litestar_vite.inertia._carry import OBSERVATION_KEY
from litestar_vite.inertia._protocol.props import Prop

Listener = Callable[["Observation", Any], None]
"""Called with the observation and ASGI's `http.response.start`, before it is sent."""


SCOPE_KEY: Final = OBSERVATION_KEY
MARK_KEY: Final = "litestar_vite.mark"
"""The scope's key for a function that takes the CSP nonce and returns HTML for the end of a document's body."""

current: ContextVar[Observation | None] = ContextVar("litestar_vite_observation", default=None)
"""The observation of the request that is handled in this context."""


class ObservedProp(Struct, gc=False):
    """A prop that was called or awaited.

    Attributes:
        prop: The prop type; a plain Prop for a bare callable.
        started: The time of the first call, from `time.perf_counter`.
        seconds: The time of the callable; for an async one, until it returned its value.
        is_rescued: The prop failed and was left out.
        error: The class of the exception; None if the prop returned a value.
    """

    prop: Prop[Any]
    started: float = 0.0
    seconds: float = 0.0
    is_rescued: bool = False
    error: str | None = None


class Tracing(Protocol):
    """The trace of a request: a page's span is current while its handler, props and render run."""

    def capture(self) -> Any:
        """Return the current trace context."""
        ...

    def opened(self, observation: Observation) -> AbstractContextManager[object]:
        """Make the span of the request's page current, and start it at the first call. The response ends it."""
        ...


class Observation(Struct, eq=False):
    """The times and facts of one request so far. Times are in seconds.

    Attributes:
        started: The arrival time, from `time.perf_counter`.
        started_ns: The same, in nanoseconds since the epoch.
        hooked: The time at which the hooks before the handler's dependencies had ended.
        dependency_seconds: The time of parameters and dependencies; None if the handler was not called.
        handler_seconds: The time of the handler's function.
        component: The page component; None for other responses.
        page: The page object that was encoded.
        page_json: Its JSON.
        encode_seconds: The time of the encoder.
        props: The props that were called, by path.
        outcome: How the page was rendered: rendered, client-side, cached, or the kind of a failure; None without SSR.
        render_seconds: The time that the page waited for the render, or for the cache.
        cache: "hit", "stale" or "miss" of the cache of rendered pages; None when the route's pages are not cached.
        raised: The exception that the response is for.
        shared: The file and line of each `share`, by prop.
        statements: The number of SQL statements; None without SQLAlchemy.
        is_invalid: A form was sent back, or answered, with validation errors.
        lost: The sections of carried values that did not fit: "errors", "flash".
        tracing: Makes the page's span; None without tracing.
        trace_context: The trace context of the request; None if no route was reached.
        page_context: The trace context of the page, in which its span is current; None until it has started.
        answered: The start time of the response.
    """

    scope: Any
    tracing: Tracing | None = None
    started_ns: int = field(default_factory=time.time_ns)
    started: float = field(default_factory=time.perf_counter)
    hooked: float = 0.0
    answered: float | None = None
    dependency_seconds: float | None = None
    handler_seconds: float | None = None
    component: str | None = None
    page: Mapping[str, Any] | None = None
    page_json: bytes = b""
    encode_seconds: float | None = None
    props: dict[str, ObservedProp] = {}
    outcome: str | None = None
    failure: Any = None
    render_seconds: float | None = None
    cache: str | None = None
    raised: Exception | None = None
    shared: dict[str, tuple[str, int]] = {}
    statements: int | None = None
    is_invalid: bool = False
    lost: tuple[str, ...] = ()
    trace_context: Any = None
    page_context: Any = None

    def __post_init__(self) -> None:
        self.hooked = self.started

    @property
    def prop_seconds(self) -> float:
        """The time of all props; props that ran together count once each."""
        return sum(observed.seconds for observed in self.props.values())

    @property
    def seconds(self) -> float:
        """The time until the response started, or until now."""
        return (self.answered or time.perf_counter()) - self.started

    def enter(self) -> None:
        """Store the trace context of the request, unless it is known. Called where the request's span is current."""
        if self.tracing is not None and self.trace_context is None:
            self.trace_context = self.tracing.capture()

    def __repr__(self) -> str:
        return (
            f"<Observation {self.component or self.scope['path']} {self.seconds * 1000:.1f} ms props={len(self.props)}>"
        )


def note_errors(scope: Any) -> None:
    """Record that a form was answered with validation errors."""
    observation: Observation | None = scope.get(SCOPE_KEY)
    if observation is not None:
        observation.is_invalid = True
