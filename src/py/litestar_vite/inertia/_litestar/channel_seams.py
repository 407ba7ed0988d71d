"""All uses of private parts of Litestar's channels. With `seams`, the only module that does."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from litestar.channels.subscriber import Subscriber

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar.channels import ChannelsPlugin

_POSTGRES: Final = {"litestar.channels.backends.asyncpg", "litestar.channels.backends.psycopg"}
# 63 bytes: a channel is an identifier (NAMEDATALEN). psycopg would listen to the cut name, and drop all its events.
_POSTGRES_NAME: Final = 63
_PING_SECONDS: Final = 5.0
# 10 s: a server that has just started answers slowly, and a silent network never does.
_STEP_SECONDS: Final = 10.0


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
    """Subscribe to a channel, with a queue that drops nothing, and leave no trace if the backend fails.

    Litestar's `subscribe` uses the plugin's `subscriber_max_backlog`, beyond which events are lost silently. And it
    keeps a subscriber that has failed, so other subscribers do not prove that the backend delivers the channel: it is
    asked every time.
    """
    subscriber = Subscriber(plugin)
    plugin._channels.setdefault(name, set()).add(subscriber)  # noqa: SLF001
    try:
        await plugin._backend.subscribe([name])  # noqa: SLF001
    except BaseException:
        plugin._channels[name].discard(subscriber)  # noqa: SLF001
        forget_channel(plugin, name)
        raise
    return subscriber


async def unsubscribe(plugin: ChannelsPlugin, subscriber: Subscriber, name: str) -> None:
    """Unsubscribe from a channel, and leave no trace, also if the backend fails.

    Raises:
        TimeoutError: The backend does not answer.
    """
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            await plugin.unsubscribe(subscriber, name)
    finally:
        forget_channel(plugin, name)


def longest_name(plugin: ChannelsPlugin) -> int | None:
    """Return how many bytes the name of a channel may have; None if there is no limit."""
    return _POSTGRES_NAME if _is_postgres(plugin) else None


async def revive_delivery(plugin: ChannelsPlugin) -> BaseException | None:
    """Start the delivery of events again if it has failed, and return the error.

    The task that delivers ends for good when the backend fails once, such as when Redis restarts. Postgres also needs
    a new connection, and asyncpg does not report the loss of the old one.

    Raises:
        Exception: Postgres is still down. The next call tries again.
    """
    task = plugin._sub_task  # noqa: SLF001
    if task is None:
        return None
    is_postgres = _is_postgres(plugin)
    error: BaseException | None = None
    if task.cancelled():  # By a reconnect that has failed, or at the end of the app.
        error = RuntimeError("the backend was not connected") if is_postgres else None
    elif task.done():
        error = task.exception() or RuntimeError("the backend's stream has ended")
    elif is_postgres:
        error = await _connection_error(plugin)
    if error is None:
        return None
    if is_postgres:
        await _reconnect(plugin, task)
    plugin._sub_task = asyncio.create_task(plugin._sub_worker())  # noqa: SLF001
    return error


def _is_postgres(plugin: ChannelsPlugin) -> bool:
    return any(base.__module__ in _POSTGRES for base in type(plugin._backend).__mro__)  # noqa: SLF001


async def _connection_error(plugin: ChannelsPlugin) -> BaseException | None:
    """Return why asyncpg's connection no longer delivers. psycopg reports a loss itself."""
    backend: Any = plugin._backend  # noqa: SLF001
    connection = backend._listener_conn  # noqa: SLF001
    if not hasattr(connection, "is_closed"):
        return None
    try:
        # A connection that only listens never sees that the network has dropped it. A LISTEN may be waiting for an
        # answer, with the lock.
        async with asyncio.timeout(_PING_SECONDS), backend._listener_lock:  # noqa: SLF001
            await connection.execute("SELECT 1")
    except Exception as error:  # noqa: BLE001 - Returned.
        with contextlib.suppress(Exception):  # A connection of a pool may have gone back.
            connection.terminate()  # close() would wait for an answer.
        return error
    return None


async def _reconnect(plugin: ChannelsPlugin, task: asyncio.Task[None]) -> None:
    backend: Any = plugin._backend  # noqa: SLF001
    task.cancel()  # It may wait for events of the old connection.
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_STEP_SECONDS):
            await backend.on_shutdown()
    # The old connection may have failed to close. The new one listens to nothing yet.
    backend._subscribed_channels.clear()  # noqa: SLF001
    async with asyncio.timeout(_STEP_SECONDS):
        await backend.on_startup()
    names = [name for name, subscribers in plugin._channels.items() if subscribers]  # noqa: SLF001
    async with asyncio.timeout(_STEP_SECONDS):
        await backend.subscribe(names)
