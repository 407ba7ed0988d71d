"""Publishes the events of live props.

How it works:
1. `publish` in a handler only notes the event in the request's scope.
2. When the response starts, after plugins such as Advanced Alchemy have committed the transaction, a `before_send` hook
   publishes it: a page that reloads at once already sees the change.
3. If the handler has failed, the event is dropped with its transaction."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from litestar.serialization import encode_json, get_serializer

from litestar_vite.inertia._live.events import encode
from litestar_vite.inertia._page.request import SCOPE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litestar.channels import ChannelsPlugin

    from litestar_vite.inertia._live.channels import LiveChannels

logger = logging.getLogger("litestar_vite.inertia")

NOTED: Final = "litestar_vite.published"
SENT: Final = ()
"""Replaces the noted events once the response has started."""
_ERROR: Final = 400


class Publisher:
    """Publishes to the live channels of one app."""

    def __init__(self, plugin: ChannelsPlugin, channels: LiveChannels, type_encoders: Any) -> None:
        self._plugin = plugin
        self._channels = channels
        self._serializer = get_serializer(dict(type_encoders or {}))

    def encode(
        self, channels: str | Iterable[str], name: str, props: Mapping[str, Any] | None
    ) -> list[tuple[str, str, bytes]]:
        """Return the channel, the event's name and the data of each event.

        Raises:
            ConfigError: No page can listen to a channel.
        """
        found: list[tuple[str, str, bytes]] = []
        for channel in (channels,) if isinstance(channels, str) else channels:
            self._channels.check(channel)
            found.append((channel, name, encode(channel, name, props, self._encode_value)))
        return found

    async def publish(self, events: Iterable[tuple[str, str, bytes]]) -> None:
        """Publish encoded events.

        An event with values that the backend refuses is published without them, so that pages reload. Postgres allows
        8,000 bytes.
        """
        for channel, name, data in events:
            try:
                await self._plugin.wait_published(data, channel)
            except Exception:
                plain = encode(channel, name, None, self._encode_value)
                if len(plain) >= len(data):
                    raise
                await self._plugin.wait_published(plain, channel)
                logger.warning(
                    "The values of an event on %r (%d bytes) could not be published; pages reload instead. Publish "
                    "large values without props.",
                    channel,
                    len(data),
                )

    async def publish_noted(self, status: int, scope: Any) -> None:
        """Publish the events of a request when its response starts. A failure is logged: the change is committed."""
        noted, scope[NOTED] = scope.get(NOTED), SENT
        if not noted:
            return
        request = scope.get(SCOPE_KEY)
        # A form with invalid input is answered by a redirect.
        if status >= _ERROR or (request is not None and request.raised is not None):
            logger.info("%d live events of a failed request (%s) were dropped", len(noted), scope["path"])
            return
        try:
            await self.publish(noted)
        except Exception:
            logger.exception("The live events of %s could not be published: open pages keep old values", scope["path"])

    def _encode_value(self, value: Any) -> bytes:
        return encode_json(value, self._serializer)
