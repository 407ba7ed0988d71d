"""The `httpx.AsyncClient` that the app shares for its render server.

How it works:
1. For http:// and Unix sockets the client's transport is our own ConnectionPool. httpx 0.28's pool loses slots for good when requests are
   cancelled (httpcore issue 1093), never retries a stale connection, and costs more than the hop itself.
2. For https:// it is httpx's own transport, with the PRD's limits and a keep-alive shorter than Node's.
3. No TLS context is made for http:// (about 50 of the 70 ms that a new client costs), and proxies of the environment never see props.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from litestar_vite.ssr.pool import KEEPALIVE_SECONDS, ConnectionFailed, ConnectionPool, Peer

__all__ = ("PooledTransport", "SSRClient", "open_client")

MAX_KEEPALIVE_CONNECTIONS: Final = 10
DEFAULT_MAX_CONNECTIONS: Final = 20


class PooledTransport(httpx.AsyncBaseTransport):
    """Lets httpx send through a ConnectionPool."""

    def __init__(self, pool: ConnectionPool) -> None:
        self.pool = pool

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw
            if name.lower() not in {b"host", b"content-length", b"transfer-encoding", b"connection"}
        ]
        try:
            # httpx's read time-out is taken for the whole exchange.
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
                reply = await self.pool.request(request.method, request.url.raw_path.decode("ascii"), await request.aread(), headers)
        except TimeoutError as error:
            msg = f"no answer from {self.pool.peer} in time"
            raise httpx.ReadTimeout(msg, request=request) from error
        except ConnectionFailed as error:
            raise httpx.ConnectError(str(error), request=request) from error
        return httpx.Response(reply.status, headers=list(reply.headers), content=reply.body, request=request)

    @override
    async def aclose(self) -> None:
        await self.pool.aclose()


class SSRClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` for one render server; `pool` is the short way to it, None for https://."""

    def __init__(self, url: str, *, unix_path: str | None = None, max_connections: int, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        self.pool: ConnectionPool | None = None
        transport: httpx.AsyncBaseTransport
        if parts.scheme == "https":
            transport = httpx.AsyncHTTPTransport(
                trust_env=False,
                limits=httpx.Limits(
                    max_keepalive_connections=MAX_KEEPALIVE_CONNECTIONS,
                    max_connections=max_connections,
                    keepalive_expiry=KEEPALIVE_SECONDS,
                ),
            )
        else:
            peer = Peer(parts.hostname or "127.0.0.1", parts.port or 80, unix_path)
            self.pool = ConnectionPool(peer, max_connections=max_connections)
            transport = PooledTransport(self.pool)
        super().__init__(transport=transport, timeout=httpx.Timeout(timeout_seconds), trust_env=False)

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "open"
        return f"<SSRClient {state} {self.pool!r}>" if self.pool is not None else f"<SSRClient {state} https>"


def open_client(
    url: str,
    *,
    unix_path: str | None = None,
    max_connections: int = DEFAULT_MAX_CONNECTIONS,
    timeout_seconds: float = 10.0,
) -> SSRClient:
    """Return a client for the render server at `url`; the caller closes it.

    Args:
        url: Base URL. With `unix_path` its host is only a name.
        unix_path: Path of a Unix socket to connect to.
        max_connections: Connections at the same time.
        timeout_seconds: Time for one request of the client; a render has a total deadline of its own.
    """
    return SSRClient(url, unix_path=unix_path, max_connections=max_connections, timeout_seconds=timeout_seconds)
