"""Renders as spans of OpenTelemetry.

How it works:
1. A render is the span `ssr.render`, a child of the span that is current: the request's. It begins before the queue and
   ends with the outcome.
2. It says which component, what came of it, and nothing that a user wrote: no props, no message of the render server.
3. The render server gets the span in its headers (`traceparent`, or what else is set to propagate), so that its own
spans stand below ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry import context, propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from typing_extensions import override

from litestar_vite.exceptions import SSRError
from litestar_vite.ssr import render
from litestar_vite.ssr.gateway import RenderGateway
from litestar_vite.ssr.outcome import ClientSide, Failed, Outcome

if TYPE_CHECKING:
    import httpx

    from litestar_vite.config.ssr import SSRConfig
    from litestar_vite.ssr.cache import RenderCache

__all__ = ("TracedGateway",)

_NAME: Final = "ssr.render"
_COMPONENT: Final = "inertia.component"
_OUTCOME: Final = "ssr.outcome"
# The name that OpenTelemetry's conventions have for a class of errors.
_ERROR_TYPE: Final = "error.type"


async def _render(client: httpx.AsyncClient, url: str, page_json: bytes, timeout_seconds: float) -> Outcome:
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    # A tracestate, or baggage, is what somebody sent us: whatever would break a head does not go into one.
    sent = [(name, value) for name, value in carrier.items() if value.isascii() and value.isprintable()]
    return await render.render(client, url, page_json, timeout_seconds, [*render.HEADERS, *sent])


class TracedGateway(RenderGateway):
    """A RenderGateway whose renders are spans."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, config: SSRConfig, cache: RenderCache | None, tracer: Tracer
    ) -> None:
        super().__init__(client, url, config, cache)
        self._send = _render
        self._tracer = tracer

    @override
    async def render(self, page_json: bytes, component: str) -> Outcome:
        """Render one page, in a span."""
        # What is raised has a message of the render server's, so it is not recorded.
        with self._tracer.start_as_current_span(
            _NAME,
            kind=SpanKind.CLIENT,
            attributes={_COMPONENT: component},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                outcome = await super().render(page_json, component)
            except SSRError as error:
                _tell_failure(span, error.kind)
                raise
            except BaseException:
                span.set_attribute(_OUTCOME, "cancelled")
                raise
            if isinstance(outcome, Failed):
                _tell_failure(span, outcome.kind)
            else:
                span.set_attribute(_OUTCOME, "client-side" if isinstance(outcome, ClientSide) else "rendered")
            return outcome

    @override
    async def _probe(self, page_json: bytes, component: str) -> bool:
        """Probe for nobody: not for the visitor in whose trace the breaker opened."""
        token = context.attach(context.Context())
        try:
            return await super()._probe(page_json, component)
        finally:
            context.detach(token)


def _tell_failure(span: Span, kind: str) -> None:
    span.set_attributes({_OUTCOME: kind, _ERROR_TYPE: kind})
    span.set_status(Status(StatusCode.ERROR, kind))
