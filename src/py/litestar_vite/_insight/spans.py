"""Pages as OpenTelemetry spans.

How it works:
1. A page is the span `inertia.page`, a child of the request's span. It is current while the route runs: guards,
   dependencies, handler, props and render. So the spans of SQL statements and renders are its children.
2. It ends when the response starts, and gets its attributes then, from the measured times.
3. Slow props, and props that failed, are `inertia.prop` spans below it.
4. The request's span gets the component and the kind of visit too, for searches.

Rules: attributes are names and times, never values of props or messages of exceptions, which may contain user input. A
span is opened and closed in one task, since a trace context cannot be restored in another."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue

    from litestar_vite._insight.facts import Facts
    from litestar_vite.inertia._page.observation import Observation


_COMPONENT: Final = "inertia.component"
_VISIT: Final = "inertia.visit"
_NANOSECONDS: Final = 1_000_000_000
# Attributes in seconds, with the attributes of an Observation.
_TIMES: Final = (
    ("inertia.dependencies.duration", "dependency_seconds"),
    ("inertia.handler.duration", "handler_seconds"),
    ("inertia.props.duration", "prop_seconds"),
    ("inertia.ssr.duration", "render_seconds"),
    ("inertia.encode.duration", "encode_seconds"),
)
_SERVER_ERROR: Final = 500


class PageSpans:
    """Makes the spans of one tracer. `make_tracer` is called at the first page, since providers may be set late."""

    def __init__(self, make_tracer: Callable[[], Tracer], slow_prop_seconds: float) -> None:
        self._make_tracer = make_tracer
        self._slow_prop_seconds = slow_prop_seconds

    @cached_property
    def _tracer(self) -> Tracer:
        return self._make_tracer()

    def capture(self) -> Any:
        """Return the current trace context."""
        return context.get_current()

    @contextmanager
    def opened(self, observation: Observation) -> Iterator[None]:
        """Make the span of the request's page current, and start it at the first call. The response ends it."""
        observation.enter()
        page = self._page(observation)
        token = context.attach(observation.page_context)
        try:
            yield
        except Exception:
            # The response to the exception ends the span.
            raise
        except BaseException:
            # Cancelled: the visitor has left, so nothing is sent.
            _end(page)
            raise
        finally:
            context.detach(token)

    def __call__(self, observation: Observation, facts: Facts | None, status: int) -> None:
        """Record a response that has started. `facts` is None if there is nothing to record about it."""
        if facts is not None:
            request = trace.get_current_span(observation.trace_context)
            if request.is_recording():
                request.set_attributes(_of_request(observation, facts))
        if observation.page is None and observation.page_context is None:
            return
        page = self._page(observation)
        if page.is_recording():
            page.set_attributes(_of_page(observation, facts))
            if observation.raised is not None and status >= _SERVER_ERROR:
                page.set_attribute("error.type", type(observation.raised).__name__)
                page.set_status(trace.StatusCode.ERROR, type(observation.raised).__name__)
            self._props(observation)
            _end(page, observation.started_ns + int(observation.seconds * _NANOSECONDS))

    def _page(self, observation: Observation) -> Span:
        """Return the span of the page, which is started at the first call."""
        if observation.page_context is not None:
            return trace.get_current_span(observation.page_context)
        request = observation.trace_context
        page = self._tracer.start_span("inertia.page", context=request, start_time=_started(observation))
        observation.page_context = trace.set_span_in_context(page, request)
        return page

    def _props(self, observation: Observation) -> None:
        for path, prop in observation.props.items():
            if prop.seconds <= self._slow_prop_seconds and prop.error is None:
                continue
            started = observation.started_ns + int((prop.started - observation.started) * _NANOSECONDS)
            started = max(started, _started(observation))
            attributes: dict[str, AttributeValue] = {"inertia.prop": path, _COMPONENT: observation.component or ""}
            if prop.error is not None:
                attributes["error.type"] = prop.error
            span = self._tracer.start_span(
                "inertia.prop", context=observation.page_context, attributes=attributes, start_time=started
            )
            if prop.error is not None:
                span.set_status(trace.StatusCode.ERROR, prop.error)
            span.end(started + int(prop.seconds * _NANOSECONDS))


def _started(observation: Observation) -> int:
    """Return when a page started, in nanoseconds. The observation is older than the request's span, which is opened by
    a middleware.
    """
    request = trace.get_current_span(observation.trace_context)
    return max(observation.started_ns, getattr(request, "start_time", None) or 0)


def _end(span: Span, time_ns: int | None = None) -> None:
    if span.is_recording():
        span.end(time_ns)


def _of_page(observation: Observation, facts: Facts | None) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {}
    if facts is not None:
        found[_VISIT] = facts.visit
    if observation.component is not None:
        found[_COMPONENT] = observation.component
    for name, attribute in _TIMES:
        if seconds := getattr(observation, attribute):
            found[name] = seconds
    if observation.outcome is not None:
        found["ssr.outcome"] = observation.outcome
    if observation.cache is not None:
        found["ssr.cache"] = observation.cache
    return found


def _of_request(observation: Observation, facts: Facts) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {_VISIT: facts.visit}
    if observation.component is not None:
        found[_COMPONENT] = observation.component
    if facts.conflict is not None:
        found["inertia.conflict"] = facts.conflict
    if facts.invalid_route is not None:
        found["inertia.invalid"] = True
    return found
