"""Live props: clients cannot make memory use grow without limit."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from litestar_vite.config import LiveConfig
from litestar_vite.inertia._litestar import channel_seams
from litestar_vite.inertia._live import hub as hub_module
from litestar_vite.inertia._live.events import decode, encode
from litestar_vite.inertia._live.hub import Hub
from litestar_vite.inertia._live.stream import LiveStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    plugin = ChannelsPlugin(MemoryChannelsBackend(history=10), arbitrary_channels_allowed=True)
    async with plugin:
        made = Hub(plugin, 10)
        yield made
        await made.stop()


def stream_of(*names: str, backlog: int = 100) -> LiveStream:
    return LiveStream(dict.fromkeys(names, "0"), [], LiveConfig(channels=["any"], backlog=backlog))


async def test_channels_without_streams_are_closed_beyond_a_number(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_IDLE", 3)
    kept = stream_of("kept")
    await hub.enter(kept)
    for number in range(8):
        stream = stream_of(f"order.{number}")
        await hub.enter(stream)
        hub.leave(stream)
    await hub._close_idle()
    # The most recent ones, whose visitors are the most likely to reconnect.
    assert sorted(hub._channels) == ["kept", "order.5", "order.6", "order.7"]


class Unreachable(MemoryChannelsBackend):
    """A backend that is down."""

    is_down = True

    async def subscribe(self, channels: Any) -> None:
        if self.is_down:
            raise ConnectionError("down")
        await super().subscribe(channels)

    async def unsubscribe(self, channels: Any) -> None:
        if self.is_down:
            raise ConnectionError("down")
        await super().unsubscribe(channels)


async def test_channels_that_could_not_be_opened_or_closed_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Unreachable(history=10)
    plugin = ChannelsPlugin(backend, arbitrary_channels_allowed=True)
    async with plugin:
        hub = Hub(plugin, 10)
        for number in range(20):
            stream = stream_of(f"refused.{number}")
            with pytest.raises(ConnectionError):
                await hub.enter(stream)
            hub.leave(stream)
        assert (plugin._channels, hub._channels) == ({}, {})
        backend.is_down = False
        for number in range(5):
            stream = stream_of(f"order.{number}")
            await hub.enter(stream)
            hub.leave(stream)
        backend.is_down = True
        monkeypatch.setattr(hub_module, "IDLE_SECONDS", -1.0)
        await hub._close_idle()
        assert (plugin._channels, hub._channels) == ({}, {})
        await hub.stop()


async def test_a_channel_whose_end_is_never_answered_does_not_stop_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(MemoryChannelsBackend):
        async def unsubscribe(self, channels: Any) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(channel_seams, "_STEP_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "IDLE_SECONDS", -1.0)
    plugin = ChannelsPlugin(Silent(history=10), arbitrary_channels_allowed=True)
    async with plugin:
        hub, stream = Hub(plugin, 10), stream_of("orders", "others", "third")
        await hub.enter(stream)
        hub.leave(stream)
        async with asyncio.timeout(30):
            await hub._close_idle()
        assert len(hub._channels) == 2  # One wait for each check, however many channels are idle.
        await hub.stop()


async def test_a_channel_that_a_failed_subscriber_holds_is_opened() -> None:
    """Litestar keeps a subscriber when the backend fails."""
    backend = Unreachable(history=10)
    plugin = ChannelsPlugin(backend, arbitrary_channels_allowed=True)
    async with plugin:
        with pytest.raises(ConnectionError):
            await plugin.subscribe("orders")
        backend.is_down = False
        hub, stream = Hub(plugin, 10), stream_of("orders")
        await hub.enter(stream)
        await plugin.wait_published(encode("orders", "changed", None), "orders")
        async with asyncio.timeout(30):
            while not stream._waiting:
                await asyncio.sleep(0)
        hub.leave(stream)
        await hub.stop()


async def test_a_slow_client_keeps_no_more_than_its_backlog_and_then_reloads() -> None:
    stream = stream_of("orders", backlog=3)
    sent: list[Any] = []
    may_send = asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 2:  # After the response start and "hello", the client is slow.
            await may_send.wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    response = asyncio.create_task(stream.respond(receive, send))
    while len(sent) < 2:
        await asyncio.sleep(0)
    for number in range(50):
        event = decode("orders", encode("orders", "changed", msgspec.json.encode({"total": number})))
        assert event is not None
        stream.put(event)
    assert len(stream._waiting) <= 3
    may_send.set()
    async with asyncio.timeout(30):
        while len(sent) < 3:
            await asyncio.sleep(0)
    stream.close()
    await response
    assert b"event: lost" in sent[2]["body"]
    assert sent[2]["body"].count(b'"total"') <= 3


async def test_large_values_are_sent_in_pieces_and_in_order() -> None:
    stream = stream_of("orders")
    bodies: list[bytes] = []

    async def send(message: Any) -> None:
        bodies.append(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.Event().wait()

    for number in range(20):
        event = decode("orders", encode("orders", "changed", msgspec.json.encode({"n": number, "x": "x" * 30_000})))
        assert event is not None
        stream.put(event)
    response = asyncio.create_task(stream.respond(receive, send))
    async with asyncio.timeout(30):
        while not bodies or b'"n":19,' not in bodies[-1]:
            await asyncio.sleep(0)
    stream.close()
    await response
    assert max(map(len, bodies)) < 100_000
    assert re.findall(rb'"n":(\d+),', b"".join(bodies)) == [b"%d" % number for number in range(20)]


async def test_the_ids_of_events_count_for_the_size_of_a_piece() -> None:
    """The id of an event has the positions of all channels."""
    names = [f"{number:02}{'x' * 120}" for number in range(64)]
    stream = LiveStream(dict.fromkeys(names, "0"), [], LiveConfig(channels=["any"], backlog=100))
    for name in names:
        event = decode(name, encode(name, "changed", None))
        assert event is not None
        stream.put(event)
    pieces: list[bytes] = []
    while piece := stream._drain():
        pieces.append(piece)
    assert max(map(len, pieces)) < 100_000
    assert sum(piece.count(b"data: ") for piece in pieces) == len(names)
