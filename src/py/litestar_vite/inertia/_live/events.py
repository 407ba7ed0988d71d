"""Events as they are stored in a channel, and as they are sent to a browser.

How it works:
1. `encode` makes the JSON that is published: the id, the channel, the event's name and, for pushed values,
   `{"__inertia": {"props": {...}}}`.
2. `decode` reads it once in each process. The same bytes are sent to every listener.
3. Data that another publisher wrote, such as `channels.publish("x", "orders")`, counts as an event without a value."""

from __future__ import annotations

import secrets
import time
from typing import Any, Final

import msgspec
from msgspec import Struct

from litestar_vite.inertia._live_prop import DEFAULT_EVENT


class Event(Struct, frozen=True, gc=False):
    """A published event.

    Attributes:
        id: Milliseconds since the epoch and a random part: "1764561600000-9f86d081".
        ms: The time in the id.
        channel: The channel's name.
        name: The event's name.
        data: The `data` line of the event stream, with the blank line that ends the event.
        has_values: The event contains values of props.
    """

    id: str
    ms: int
    channel: str
    name: str
    data: bytes
    has_values: bool


class _Envelope(Struct):
    id: str
    channel: str
    event: str
    inertia: msgspec.Raw = msgspec.field(name="__inertia", default=msgspec.Raw(b""))


_decode: Final = msgspec.json.Decoder(_Envelope).decode
_encode: Final = msgspec.json.Encoder().encode


def now_ms() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def encode(channel: str, name: str, values: bytes | None) -> bytes:
    """Return the bytes to publish now. `values` are the pushed values of props as JSON."""
    envelope: dict[str, Any] = {"id": f"{now_ms()}-{secrets.token_hex(4)}", "channel": channel, "event": name}
    if values is not None:
        envelope["__inertia"] = {"props": msgspec.Raw(values)}
    return _encode(envelope)


def decode(channel: str, raw: bytes) -> Event | None:
    """Return the event; None for one of another channel. Redis streams do not distinguish upper and lower case."""
    try:
        found = _decode(raw)
        ms = int(found.id.partition("-")[0])
    except (msgspec.DecodeError, ValueError):
        return _foreign(channel)
    if found.channel != channel:
        return None
    return Event(found.id, ms, channel, found.event, b"data: %b\n\n" % raw, bool(found.inertia))


def _foreign(channel: str) -> Event:
    """Return an event for data without an id, with the time of its arrival."""
    ms = now_ms()
    event_id = f"{ms}-{secrets.token_hex(4)}"
    data = _encode({"id": event_id, "channel": channel, "event": DEFAULT_EVENT})
    return Event(event_id, ms, channel, DEFAULT_EVENT, b"data: %b\n\n" % data, has_values=False)
