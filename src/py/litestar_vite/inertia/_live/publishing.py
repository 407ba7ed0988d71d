"""Publishes the events of live props.

How it works:
1. `publish` in a handler only notes the event in the request's scope.
2. When the response starts, after plugins such as Advanced Alchemy have committed the transaction, a `before_send` hook
   publishes it: a page that reloads at once already sees the change.
3. If the handler has failed, the event is dropped with its transaction."""

from __future__ import annotations

import asyncio
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
# 5 s: visitors wait for the response, and a backend behind a silent network never answers.
_PUBLISH_SECONDS: Final = 5.0


class Publisher:
    """Publishes to the live channels of one app."""

    def __init__(self, plugin: ChannelsPlugin, channels: LiveChannels, type_encoders: Any) -> None:
        self._plugin = plugin
        self._channels = channels
        self._serializer = get_serializer(dict(type_encoders or {}))

    def note(
        self, channels: str | Iterable[str], name: str, props: Mapping[str, Any] | None
    ) -> list[tuple[str, str, bytes | None]]:
        """Return the channel, the event's name and the encoded props of each event.

        Raises:
            ConfigError: No page can listen to a channel.
        """
        names = [channels] if isinstance(channels, str) else list(channels)
        for channel in names:
            self._channels.check(channel)
        values = None if props is None else encode_json(props, self._serializer)
        return [(channel, name, values) for channel in names]

    async def publish(self, events: Iterable[tuple[str, str, bytes | None]]) -> None:
        """Publish events, with the time of now: a page that was made before the commit is older than its event.

        An event with values that the backend refuses is published without them, so that pages reload. Postgres allows
        8,000 bytes.
        """
        for channel, name, values in events:
            data = encode(channel, name, values)
            try:
                await self._plugin.wait_published(data, channel)
            except Exception:
                if values is None:
                    raise
                await self._plugin.wait_published(encode(channel, name, None), channel)
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
            async with asyncio.timeout(_PUBLISH_SECONDS):
                await self.publish(noted)
        except Exception:
            logger.exception("The live events of %s could not be published: open pages keep old values", scope["path"])
