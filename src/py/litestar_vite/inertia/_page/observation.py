"""The times and facts of one request, for its listeners: DevTools, Server-Timing and the warnings of development.

How it works:
1. `InertiaPlugin.observe` is called before the app is made; only then does an app have an ObservedApp, which makes an
   Observation for each request, and an encoder, a prop runner and a render function that write to it.
2. Without a listener none of these exists, and a request does what it would do without this module.

Rule: an observation holds what was measured. It decides nothing, and no page depends on it."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar_vite.inertia._protocol.props import Prop

    Listener = Callable[["Observation", Any], None]
    """Called with the observation and ASGI's `http.response.start`, before it is sent."""


SCOPE_KEY: Final = "litestar_vite.observation"
MARK_KEY: Final = "litestar_vite.mark"
"""In the scope, a function that returns HTML for the end of a first document's body; it takes the CSP nonce."""

current: ContextVar[Observation | None] = ContextVar("litestar_vite_observation", default=None)
"""The observation of the request that is handled in this context."""


class ObservedProp(Struct, gc=False):
    """A prop that was called or awaited.

    Attributes:
        prop: Its prop type; a bare callable has a plain Prop.
        seconds: The time of its callable, of an async one until its value was there.
        is_rescued: It failed, and was left out.
        error: The class of its exception; None when it gave a value.
    """

    prop: Prop[Any]
    seconds: float = 0.0
    is_rescued: bool = False
    error: str | None = None


class Observation:
    """The times and facts of one request, as far as it has come. Times are in seconds.

    Attributes:
        scope: The request's ASGI scope.
        started: When it came, as `time.perf_counter` counts.
        started_ns: The same, in nanoseconds since the epoch.
        hooked: When the hooks that come before the handler's dependencies had ended.
        dependency_seconds: The time of parameters and dependencies; None when the handler was not called.
        handler_seconds: The time of the handler's function.
        component: The page component; None for any other answer.
        page: The page object that was encoded.
        page_json: Its JSON.
        encode_seconds: The time of the encoder.
        props: The props that were called, by path.
        outcome: How the page was rendered: rendered, client-side, cached, or the kind of a failure; None without SSR.
        failure: The failed render.
        render_seconds: The time that the page waited for the render, or for the cache.
        cache: "hit" or "miss" of the cache of rendered pages; None when the page may not be kept.
        raised: The exception that the answer is for.
        shared: The file and line of each `share`, by prop.
        statements: The number of SQL statements; None without SQLAlchemy.
        answered: When the answer began.
    """

    __slots__ = (
        "answered",
        "cache",
        "component",
        "dependency_seconds",
        "encode_seconds",
        "failure",
        "handler_seconds",
        "hooked",
        "outcome",
        "page",
        "page_json",
        "props",
        "raised",
        "render_seconds",
        "scope",
        "shared",
        "started",
        "started_ns",
        "statements",
    )

    def __init__(self, scope: Any) -> None:
        self.scope = scope
        self.started_ns = time.time_ns()
        self.started = self.hooked = time.perf_counter()
        self.answered: float | None = None
        self.dependency_seconds: float | None = None
        self.handler_seconds: float | None = None
        self.component: str | None = None
        self.page: Mapping[str, Any] | None = None
        self.page_json = b""
        self.encode_seconds: float | None = None
        self.props: dict[str, ObservedProp] = {}
        self.outcome: str | None = None
        self.failure: Any = None
        self.render_seconds: float | None = None
        self.cache: str | None = None
        self.raised: Exception | None = None
        self.shared: dict[str, tuple[str, int]] = {}
        self.statements: int | None = None

    @property
    def prop_seconds(self) -> float:
        """The time of all props; props that ran together count once each."""
        return sum(observed.seconds for observed in self.props.values())

    @property
    def seconds(self) -> float:
        """The time until the answer began, or until now."""
        return (self.answered or time.perf_counter()) - self.started

    def __repr__(self) -> str:
        return (
            f"<Observation {self.component or self.scope['path']} {self.seconds * 1000:.1f} ms props={len(self.props)}>"
        )
