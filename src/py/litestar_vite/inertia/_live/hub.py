"""Receives the events of channels once for each process, and passes them to the open streams.

How it works:
1. The first stream of a channel opens it: the hub subscribes, then reads the backend's history.
2. One task for each channel decodes its events and puts them into the streams, which share the bytes.
3. A channel without streams stays open for some minutes, so that a reload of a page misses no event.
4. A periodic check starts the delivery again after the backend has failed. All streams then reload, since events may be
   missing.

Rule: a stream is added and its missed events are chosen without an await in between, so no event is lost or doubled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Final

from litestar.channels import ChannelsPlugin
from litestar.channels.subscriber import Subscriber
from typing_extensions import override

from litestar_vite.inertia._litestar.channel_seams import kept_history, revive_delivery, subscribe, unsubscribe
from litestar_vite.inertia._live.events import decode, now_ms
from litestar_vite.inertia._live.history import History
from litestar_vite.inertia._live.stream import LiveStream

logger = logging.getLogger("litestar_vite.inertia")

# 5 minutes: longer than a reload, a deploy or a short loss of the network.
IDLE_SECONDS: Final = 300.0
# 1,000 channels: clients choose the parameters in names, and must not fill the memory with them.
MAX_IDLE: Final = 1_000
_CHECK_SECONDS: Final = 5.0


class _Collector(Subscriber):
    """Takes a channel's history from Litestar's plugin."""

    def __init__(self, plugin: ChannelsPlugin) -> None:
        super().__init__(plugin)
        self.entries: list[bytes] = []

    @override
    async def put(self, item: bytes | None) -> None:
        if item is not None:
            self.entries.append(item)


class Channel:
    """An open channel.

    Attributes:
        idle_since: The monotonic time at which the last stream left.
        task: Passes its events on.
    """

    def __init__(self, name: str, history: History, subscriber: Subscriber) -> None:
        self.name = name
        self.history = history
        self.streams: set[LiveStream] = set()
        self.idle_since = time.monotonic()
        self.subscriber = subscriber
        self.task = asyncio.create_task(self._deliver())

    async def _deliver(self) -> None:
        async for raw in self.subscriber.iter_events():
            event = decode(self.name, raw)
            if event is not None and self.history.add(event):
                for stream in self.streams:
                    stream.put(event)


class Hub:
    """The open channels and streams of one process."""

    def __init__(self, plugin: ChannelsPlugin, history_size: int) -> None:
        self._plugin = plugin
        self._size = history_size
        self._channels: dict[str, asyncio.Task[Channel]] = {}
        self._streams: set[LiveStream] = set()
        # A backend in memory has the events since the hub was made, or since a channel was last closed: Litestar drops
        # the history of a channel without subscribers.
        self._complete_since_ms = now_ms()
        self._has_failed = False
        self.is_closing = False

    async def enter(self, stream: LiveStream) -> None:
        """Let a stream listen to its channels, and give it the events that its client has missed."""
        self._streams.add(stream)
        for name in stream.positions:
            while True:
                channel = await asyncio.shield(self._open(name))
                if self._is_open(name, channel):  # The channel may have been closed during the wait.
                    break
            channel.streams.add(stream)
            missed = channel.history.after(stream.positions[name])
            if missed is None:
                stream.lose(name)
            for event in missed or ():
                stream.put(event)

    def leave(self, stream: LiveStream) -> None:
        """Remove a stream from its channels."""
        self._streams.discard(stream)
        for name in stream.positions:
            task = self._channels.get(name)
            if task is not None and task.done() and not task.cancelled() and task.exception() is None:
                channel = task.result()
                channel.streams.discard(stream)
                channel.idle_since = time.monotonic()

    def close(self) -> None:
        """End all streams. Clients reconnect to the next process."""
        self.is_closing = True
        for stream in self._streams:
            stream.close()

    async def run(self) -> None:
        """Check the delivery and the idle channels until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            try:
                await self._check_delivery()
                await self._close_idle()
            except Exception:
                logger.exception("The live channels could not be checked")

    async def stop(self) -> None:
        """Stop all tasks. Litestar's plugin may have ended before."""
        self.close()
        for name in list(self._channels):
            task = self._channels.pop(name)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                (await task).task.cancel()

    def _open(self, name: str) -> asyncio.Task[Channel]:
        task = self._channels.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._channels[name] = asyncio.create_task(self._subscribe(name))
            task.add_done_callback(lambda done: self._forget_failed(name, done))
        return task

    def _forget_failed(self, name: str, task: asyncio.Task[Channel]) -> None:
        """Keep no channel that could not be opened: clients choose the parameters in names."""
        if (task.cancelled() or task.exception() is not None) and self._channels.get(name) is task:
            del self._channels[name]

    def _is_open(self, name: str, channel: Channel) -> bool:
        task = self._channels.get(name)
        return task is not None and task.done() and task.result() is channel

    async def _subscribe(self, name: str) -> Channel:
        subscriber = await subscribe(self._plugin, name)
        collector = _Collector(self._plugin)
        is_kept = True
        try:
            await self._plugin.put_subscriber_history(collector, name)
        except NotImplementedError:  # Redis Pub/Sub and Postgres.
            is_kept = False
        except BaseException:
            await unsubscribe(self._plugin, subscriber, name)
            raise
        entries, kept_ms = kept_history(self._plugin)
        events = [event for raw in collector.entries if (event := decode(name, raw)) is not None]
        history = History(max(self._size, entries, len(events)), 0)
        for event in events:
            history.add(event)
        now = now_ms()
        first_ms = min((event.ms for event in events), default=now)
        if not is_kept or not entries:
            history.forget(now)
        elif len(events) >= entries:  # Older ones may have been dropped.
            history.since_ms = first_ms
        else:
            history.since_ms = first_ms - kept_ms if kept_ms else self._complete_since_ms
        return Channel(name, history, subscriber)

    async def _check_delivery(self) -> None:
        try:
            error = await revive_delivery(self._plugin)
        except Exception as still_down:  # noqa: BLE001 - Logged below.
            error = still_down
        if error is not None:
            self._has_failed = True
            logger.error("The channels backend failed, and live props receive no events; trying again", exc_info=error)
        elif self._has_failed:
            self._has_failed = False
            logger.warning("The channels backend works again; the live props of all visitors are reloaded")
            for channel in self._opened():
                channel.history.forget(now_ms())
                for stream in channel.streams:
                    stream.lose(channel.name)

    async def _close_idle(self) -> None:
        before = time.monotonic() - IDLE_SECONDS
        idle = sorted((each for each in self._opened() if not each.streams), key=lambda each: each.idle_since)
        for place, channel in enumerate(idle):
            is_surplus = len(idle) - place > MAX_IDLE
            # A stream may have entered during a wait.
            if not channel.streams and (is_surplus or channel.idle_since < before):
                del self._channels[channel.name]
                self._complete_since_ms = now_ms()
                channel.task.cancel()
                try:
                    await unsubscribe(self._plugin, channel.subscriber, channel.name)
                except TimeoutError:
                    return  # The others would wait as long, and the delivery must be checked first.
                except Exception as error:  # noqa: BLE001 - The backend is down: `_check_delivery` reports it.
                    logger.debug("The live channel %r could not be closed: %s", channel.name, error)

    def _opened(self) -> list[Channel]:
        tasks = [task for task in self._channels.values() if task.done() and not task.cancelled()]
        return [task.result() for task in tasks if task.exception() is None]

    def __repr__(self) -> str:
        return f"<Hub channels={len(self._channels)} streams={len(self._streams)}>"
