"""The helpers that publish events for live props: `publish` in a request, `publish_now` anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._live_prop import DEFAULT_EVENT
from litestar_vite.inertia._page.context import InertiaContext

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litestar import Litestar
    from litestar.connection import ASGIConnection

    from litestar_vite.inertia._live.publishing import Publisher

__all__ = ("publish", "publish_now")


def publish(
    connection: ASGIConnection[Any, Any, Any, Any],
    channel: str | Iterable[str],
    props: Mapping[str, Any] | None = None,
    *,
    event: str = DEFAULT_EVENT,
) -> None:
    """Publish an event when the response starts, after the transaction is committed; not if the request fails.

    Args:
        connection: The request.
        channel: The channel or channels.
        props: Values by the path of the live prop, which pages show without a reload. Everyone on the channel receives
            the same values. Default: None, with which pages reload the prop.
        event: The event's name, which `live(events=...)` lists.

    Raises:
        ConfigError: `InertiaConfig.live` is not set, or does not contain the channel.
        RuntimeError: The response has started, or the connection is a websocket. Use `publish_now`.
    """
    from litestar_vite.inertia._live.publishing import NOTED, SENT

    events = _publisher(connection.app).note(channel, event, props)
    scope: Any = connection.scope
    noted = scope.setdefault(NOTED, [])
    if noted is SENT or scope["type"] != "http":
        raise RuntimeError(
            f"No response will publish the event on {channel!r}. Use 'await publish_now(app, {channel!r})'."
        )
    noted.extend(events)


async def publish_now(
    app: Litestar, channel: str | Iterable[str], props: Mapping[str, Any] | None = None, *, event: str = DEFAULT_EVENT
) -> None:
    """Publish an event at once: in background tasks, websockets and workers. Commit the transaction first.

    Args:
        app: The app, which is running.
        channel: The channel or channels.
        props: Values by the path of the live prop. See `publish`.
        event: The event's name.

    Raises:
        ConfigError: `InertiaConfig.live` is not set, or does not contain the channel.
        Exception: The backend's error, if the event could not be published.
    """
    publisher = _publisher(app)
    await publisher.publish(publisher.note(channel, event, props))


def _publisher(app: Litestar) -> Publisher:
    publisher: Publisher | None = InertiaContext.of(app).publisher
    if publisher is None:
        raise ConfigError(
            "Nothing can be published: set InertiaConfig(live=LiveConfig(channels=[...])), and start the app."
        )
    return publisher
