"""The route of the event stream: `GET /live?channel=orders@1764561600000&channel=…`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from litestar import Request, get
from litestar.exceptions import ClientException, ServiceUnavailableException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from litestar_vite.config._live import LiveConfig
from litestar_vite.inertia._live.channels import LiveChannels
from litestar_vite.inertia._live.history import time_of
from litestar_vite.inertia._live.hub import Hub
from litestar_vite.inertia._live.stream import LiveStream

# 64: more than a page listens to. Each one takes a place in the stream's ids.
_MAX_CHANNELS: Final = 64


class _LiveResponse(Response[None]):
    """Sends a stream as long as the client listens."""

    def __init__(self, stream: LiveStream, hub: Hub) -> None:
        super().__init__(None)
        self._stream = stream
        self._hub = hub

    @override
    def to_asgi_response(self, app: Any, request: Any, **options: Any) -> ASGIApp:  # type: ignore[override]  # Litestar passes all by keyword.
        async def respond(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
            try:
                await self._hub.enter(self._stream)
                await self._stream.respond(receive, send)
            finally:
                self._hub.leave(self._stream)

        return respond


def live_route(
    config: LiveConfig, channels: LiveChannels, hub_of: Callable[[], Hub], opt: dict[str, Any]
) -> HTTPRouteHandler:
    """Return the handler of the event stream. It uses the app's middleware, which identifies the user."""

    @get(config.path, name="litestar_vite.live", include_in_schema=False, opt=opt)
    async def live_events(request: Request[Any, Any, Any]) -> Response[Any]:
        hub = hub_of()
        if hub.is_closing:
            raise ServiceUnavailableException("The server is shutting down.", headers={"Retry-After": "1"})
        wanted = _positions(request)
        allowed = [name for name in wanted if await channels.allows(request, name)]
        denied = [name for name in wanted if name not in allowed]
        return _LiveResponse(LiveStream({name: wanted[name] for name in allowed}, denied, config), hub)

    return live_events


def _positions(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the position of each requested channel. Those of Last-Event-ID are later than those of the URL.

    Raises:
        ClientException: The number of channels is 0 or too large.
    """
    positions = _read(request.query_params.getall("channel", []))
    if not 0 < len(positions) <= _MAX_CHANNELS:
        raise ClientException(f"Name 1 to {_MAX_CHANNELS} channels: ?channel=orders")
    last = _read(request.headers.get("last-event-id", "").split(","))
    return positions | {name: position for name, position in last.items() if name in positions}


def _read(pairs: Iterable[str]) -> dict[str, str]:
    """Return the positions by channel. A malformed one counts as 0, which is before any history."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, position = pair.partition("@")
        if name:
            found[name] = position if time_of(position) is not None else "0"
    return found
