"""The client, gateway, cache and URL that render pages. They are replaced together when the render server
changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from litestar_vite._ssr.cache import RenderCache
    from litestar_vite._ssr.client import SSRClient
    from litestar_vite._ssr.gateway import Gateway
    from litestar_vite._ssr.observe.telemetry import Telemetry
    from litestar_vite._ssr.upstreams import Upstreams
    from litestar_vite.config import SSRConfig


class Rendering(Struct, frozen=True):
    """Everything that renders a page.

    Attributes:
        url: The full URL that renders pages; None without a render server, for several servers, and for sockets.
        client: The shared client; None before start-up, after shutdown, and without a render server.
        gateway: Renders pages through the client; None if `client` is None.
        cache: Rendered pages; None in development and without a gateway.
    """

    url: str | None = None
    client: SSRClient | None = None
    gateway: Gateway | None = None
    cache: RenderCache | None = None

    async def aclose(self) -> None:
        """Stop background renders, then waiting ones, then close the connections."""
        for part in (self.cache, self.gateway, self.client):
            if part is not None:
                await part.aclose()


def open_rendering(
    ssr: SSRConfig | None,
    upstreams: Upstreams | None,
    url: str | None,
    *,
    unix_path: str | None = None,
    cache: RenderCache | None = None,
    telemetry: Telemetry | None = None,
) -> Rendering:
    """Connect to the app's workers, the URL, or the configured servers. Without any of them, nothing is opened.

    Args:
        ssr: The settings; None turns rendering off.
        upstreams: The app's render workers.
        url: The full URL that renders pages.
        unix_path: A Unix socket of the same server as `url`.
        cache: The cache of rendered pages.
        telemetry: Traces and counts renders.
    """
    servers = upstreams if upstreams is not None else url or (ssr.url if ssr is not None else None)
    if ssr is None or servers is None:
        return Rendering(url)
    # Imported here: an app without SSR loads no HTTP client.
    from litestar_vite._ssr.client import open_client
    from litestar_vite._ssr.gateway import RenderGateway

    client = open_client(servers, unix_path=unix_path, max_connections=ssr.max_connections, ssl_context=ssr.ssl_context)
    make = RenderGateway if telemetry is None else telemetry.gateway
    # For several servers, and for sockets, the URL's host is only used in the Host header.
    gateway = make(client, url or "http://localhost/render", ssr, cache)
    if upstreams is not None:
        upstreams.on_return = gateway.breaker.try_again
    return Rendering(url, client, gateway, cache)
