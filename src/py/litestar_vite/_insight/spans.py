"""Pages as OpenTelemetry spans.

How it works:
1. A page is the span `inertia.page`, a child of the request's span. It is made when the response starts, from the
   measured times, so that it never wraps the app's code. Renders are `ssr.render` spans beside it.
2. Slow props, and props that failed, are `inertia.prop` spans below it.
3. The request's span gets the component and the kind of visit too, for searches.

Rule: attributes are names and times, never values of props or messages of exceptions, which may contain user input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry import trace

if TYPE_CHECKING:
    from opentelemetry.context import Context
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


class PageSpans:
    """Makes the spans of one tracer."""

    def __init__(self, tracer: Tracer, slow_prop_seconds: float) -> None:
        self._tracer = tracer
        self._slow_prop_seconds = slow_prop_seconds

    def __call__(self, observation: Observation, facts: Facts) -> None:
        """Record a response that has started."""
        request = trace.get_current_span(observation.trace_context)
        if request.is_recording():
            request.set_attributes(_of_request(observation, facts))
        if observation.page is not None:
            self._page(observation, facts, request)

    def _page(self, observation: Observation, facts: Facts, request: Span) -> None:
        # The observation starts before the request's span, which is opened by a middleware.
        started: int = max(observation.started_ns, getattr(request, "start_time", None) or 0)
        attributes: dict[str, AttributeValue] = {_COMPONENT: observation.component or "", _VISIT: facts.visit}
        for name, attribute in _TIMES:
            if seconds := getattr(observation, attribute):
                attributes[name] = seconds
        if observation.outcome is not None:
            attributes["ssr.outcome"] = observation.outcome
        if observation.cache is not None:
            attributes["ssr.cache"] = observation.cache
        page = self._tracer.start_span(
            "inertia.page", context=observation.trace_context, attributes=attributes, start_time=started
        )
        if observation.props and page.is_recording():
            self._props(observation, trace.set_span_in_context(page, observation.trace_context), started)
        page.end(observation.started_ns + int(observation.seconds * _NANOSECONDS))

    def _props(self, observation: Observation, context: Context, page_started: int) -> None:
        for path, prop in observation.props.items():
            if prop.seconds <= self._slow_prop_seconds and prop.error is None:
                continue
            started = observation.started_ns + int((prop.started - observation.started) * _NANOSECONDS)
            started = max(started, page_started)
            attributes: dict[str, AttributeValue] = {"inertia.prop": path, _COMPONENT: observation.component or ""}
            if prop.error is not None:
                attributes["error.type"] = prop.error
            span = self._tracer.start_span("inertia.prop", context=context, attributes=attributes, start_time=started)
            if prop.error is not None:
                span.set_status(trace.StatusCode.ERROR, prop.error)
            span.end(started + int(prop.seconds * _NANOSECONDS))


def _of_request(observation: Observation, facts: Facts) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {_VISIT: facts.visit}
    if observation.component is not None:
        found[_COMPONENT] = observation.component
    if facts.conflict is not None:
        found["inertia.conflict"] = facts.conflict
    if facts.invalid_route is not None:
        found["inertia.invalid"] = True
    return found
