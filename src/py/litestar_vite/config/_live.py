"""Configuration of live props."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from litestar import Request

ChannelGuard: TypeAlias = "Callable[[Request[Any, Any, Any], Mapping[str, str]], bool | Awaitable[bool]]"
"""Decides whether a request may listen to a private channel. Receives the request and the parameters of the channel's
name, and returns True to allow it. It may also raise Litestar's NotAuthorizedException or PermissionDeniedException."""


@dataclass
class LiveConfig:
    """Configuration of live props: which channels pages may listen to, and how events reach browsers."""

    channels: Mapping[str, ChannelGuard | None] | Collection[str] = field(default_factory=dict)
    """The channels that pages may listen to. A name may contain parameters, such as "orders.{order_id}", each of which
    matches the characters up to the next dot. With a mapping, the value is the guard of a private channel, or None for
    a channel that everyone may listen to. Default: none."""

    path: str = "/live"
    """The path of the event stream. Default: "/live"."""

    heartbeat_seconds: float = 15.0
    """The time between heartbeats on a quiet stream. Proxies must allow a longer pause. Default: 15 seconds."""

    reconnect_after_seconds: float = 900.0
    """Streams end after about this time, and the browser reconnects without losing an event. The guards are then asked
    again. Default: 900 seconds."""

    backlog: int = 100
    """The number of events that wait for a slow client. With more, they are dropped and the client reloads its live
    props. Default: 100."""

    history: int = 100
    """The number of events that each process keeps for each channel, for clients that reconnect. Default: 100."""
