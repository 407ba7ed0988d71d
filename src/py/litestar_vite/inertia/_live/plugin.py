"""Live props in an app: the route of the event stream, the hub, and the events that handlers publish.

InertiaPlugin adds this plugin if `InertiaConfig.live` is set."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin
from litestar.types import Message, Scope
from typing_extensions import override

from litestar_vite._processes.shutdown import on_shutdown_signal
from litestar_vite.config._live import LiveConfig
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._litestar.channel_seams import longest_name, refused_channels
from litestar_vite.inertia._live.channels import LiveChannels
from litestar_vite.inertia._live.hub import Hub
from litestar_vite.inertia._live.publishing import Publisher
from litestar_vite.inertia._live.route import live_route
from litestar_vite.inertia._page.context import InertiaContext

_COMPRESSION_OPT = "litestar_vite.live"


class LivePlugin(InitPlugin):
    """The live props of one app."""

    def __init__(self, config: LiveConfig, context: InertiaContext) -> None:
        self._config = config
        self._channels = LiveChannels(config.channels)
        self._plugin: ChannelsPlugin
        self._context = context
        self._hub: Hub | None = None
        context.channel_type = self._channels.type_of

    @override
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add the route. It is not compressed: Litestar's compression would hold back events.

        Raises:
            ConfigError: The ChannelsPlugin is missing, does not serve all live channels, or a name is too long for it.
        """
        # This plugin is appended to the list, so all others are known.
        self._plugin = _channels_plugin(app_config.plugins, self._channels)
        self._channels.limit_names(longest_name(self._plugin))
        opt: dict[str, Any] = {}
        if (compression := app_config.compression_config) is not None:
            if compression.exclude_opt_key is None:
                compression.exclude_opt_key = _COMPRESSION_OPT
            opt[compression.exclude_opt_key] = True
        route = live_route(self._config, self._channels, self._get_hub, opt)
        app_config.route_handlers = [*app_config.route_handlers, route]
        app_config.lifespan.append(self._lifespan)
        return app_config

    async def publish_noted(self, message: Message, scope: Scope) -> None:
        """Publish the events of a request: a `before_send` hook, after those of other plugins."""
        if message["type"] == "http.response.start" and self._context.publisher is not None:
            await self._context.publisher.publish_noted(message["status"], scope)

    def _get_hub(self) -> Hub:
        if self._hub is None:
            raise RuntimeError("The app is not running.")
        return self._hub

    @asynccontextmanager
    async def _lifespan(self, app: Litestar) -> AsyncIterator[None]:
        hub = self._hub = Hub(self._plugin, self._config.history)
        self._context.publisher = Publisher(self._plugin, self._channels, app.type_encoders)
        check = asyncio.create_task(hub.run())
        try:
            # Servers wait for open streams before they end the lifespan.
            with on_shutdown_signal(hub.close):
                yield
        finally:
            self._hub = self._context.publisher = None
            check.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await check
            await hub.stop()

    def __repr__(self) -> str:
        return f"<LivePlugin {self._hub!r}>"


def _channels_plugin(plugins: Iterable[object], channels: LiveChannels) -> ChannelsPlugin:
    plugin = next((each for each in plugins if isinstance(each, ChannelsPlugin)), None)
    if plugin is None:
        raise ConfigError(
            "InertiaConfig.live needs Litestar's ChannelsPlugin. Add it to the app: Litestar(plugins=["
            "ChannelsPlugin(MemoryChannelsBackend(history=100), arbitrary_channels_allowed=True), VitePlugin(...)])."
        )
    if refused := refused_channels(plugin, channels.all_names):
        raise ConfigError(
            f"The ChannelsPlugin refuses the live channels {', '.join(map(repr, refused))}. List names without "
            "parameters in ChannelsPlugin(channels=[...]), or set arbitrary_channels_allowed=True."
        )
    return plugin
