"""All uses of private parts of Litestar's channels. With `seams`, the only module that does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar.channels import ChannelsPlugin
    from litestar.channels.subscriber import Subscriber


def refused_channels(plugin: ChannelsPlugin, names: Iterable[str]) -> list[str]:
    """Return the channels to which Litestar would refuse to subscribe. A name with parameters is one of them."""
    allows_all = plugin._arbitrary_channels_allowed  # noqa: SLF001
    return [] if allows_all else [name for name in names if name not in plugin._channels]  # noqa: SLF001


def kept_history(plugin: ChannelsPlugin) -> tuple[int, int]:
    """Return how many events the backend keeps for a channel, and for how many milliseconds after the last one.

    0 milliseconds: the events live as long as the process. Unknown backends are taken to keep nothing for sure.
    """
    backend: Any = plugin._backend  # noqa: SLF001
    entries: Any = getattr(backend, "_history_limit", None) or getattr(backend, "_max_history_length", 0)
    return int(entries), int(getattr(backend, "_stream_ttl", 0))


def forget_channel(plugin: ChannelsPlugin, name: str) -> None:
    """Drop the entry of a channel without subscribers, which Litestar keeps for ever."""
    if plugin._arbitrary_channels_allowed and not plugin._channels.get(name, True):  # noqa: SLF001
        del plugin._channels[name]  # noqa: SLF001


async def subscribe(plugin: ChannelsPlugin, name: str) -> Subscriber:
    """Subscribe to a channel. If the backend fails, no trace is left.

    Litestar keeps a subscriber that has failed, takes the channel for open, and never asks the backend again.
    """
    before = set(plugin._channels.get(name, ()))  # noqa: SLF001
    try:
        return await plugin.subscribe(name)
    except BaseException:
        plugin._channels.get(name, set()).intersection_update(before)  # noqa: SLF001
        raise


def revive_delivery(plugin: ChannelsPlugin) -> BaseException | None:
    """Start the task that delivers events again if it has ended, and return its error.

    It ends for good when the backend fails once, such as when Redis restarts.
    """
    task = plugin._sub_task  # noqa: SLF001
    if task is None or not task.done() or task.cancelled():
        return None
    plugin._sub_task = asyncio.create_task(plugin._sub_worker())  # noqa: SLF001
    return task.exception() or RuntimeError("the backend's stream has ended")
