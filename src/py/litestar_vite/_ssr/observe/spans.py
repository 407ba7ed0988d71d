"""Renders as OpenTelemetry spans.

How it works:
1. A render is the span `ssr.render`, a child of the current span, which is the request's. It starts before the queue
   and ends with the outcome.
2. Its attributes are the component and the outcome, without props and the render server's messages, which may contain
   user input.
3. The render server gets the span in request headers (`traceparent`, or as propagation is configured), so that its
   spans become children of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry import context, propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from typing_extensions import override

from litestar_vite._ssr import render_request
from litestar_vite._ssr.gateway import RenderGateway
from litestar_vite._ssr.outcome import ClientSide, Failed, Outcome
from litestar_vite.exceptions import SSRError

if TYPE_CHECKING:
    import httpx

    from litestar_vite._ssr.cache import RenderCache
    from litestar_vite.config._ssr import SSRConfig


_NAME: Final = "ssr.render"
_COMPONENT: Final = "inertia.component"
_OUTCOME: Final = "ssr.outcome"
# The attribute for an error's class in OpenTelemetry's conventions.
_ERROR_TYPE: Final = "error.type"


async def _render(client: httpx.AsyncClient, url: str, page_json: bytes, timeout_seconds: float) -> Outcome:
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    # tracestate and baggage come from clients: values that would break the request head are left out.
    sent = [(name, value) for name, value in carrier.items() if value.isascii() and value.isprintable()]
    return await render_request.render(client, url, page_json, timeout_seconds, [*render_request.HEADERS, *sent])


class TracedGateway(RenderGateway):
    """A RenderGateway that records a span for each render."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, config: SSRConfig, cache: RenderCache | None, tracer: Tracer
    ) -> None:
        super().__init__(client, url, config, cache)
        self._send = _render
        self._tracer = tracer

    @override
    async def render(self, page_json: bytes, component: str) -> Outcome:
        """Render one page, in a span."""
        # The error's message comes from the render server, so it is not recorded.
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
                _set_failure(span, error.kind)
                raise
            except BaseException:
                span.set_attribute(_OUTCOME, "cancelled")
                raise
            if isinstance(outcome, Failed):
                _set_failure(span, outcome.kind)
            else:
                span.set_attribute(_OUTCOME, "client-side" if isinstance(outcome, ClientSide) else "rendered")
            return outcome

    @override
    async def _probe(self, page_json: bytes, component: str) -> bool:
        """Probe outside the trace in which the breaker opened."""
        token = context.attach(context.Context())
        try:
            return await super()._probe(page_json, component)
        finally:
            context.detach(token)


def _set_failure(span: Span, kind: str) -> None:
    span.set_attributes({_OUTCOME: kind, _ERROR_TYPE: kind})
    span.set_status(Status(StatusCode.ERROR, kind))
