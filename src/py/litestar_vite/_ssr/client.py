"""The `httpx.AsyncClient` that the app shares for its render servers.

How it works:
1. For http:// and Unix sockets, the client's transport is this package's ConnectionPool. httpx 0.28's pool loses slots
   permanently when requests are cancelled (httpcore issue 1093), never retries a stale connection, and costs more than
   the hop itself.
2. For https://, it is httpx's own transport, with the same limits and a keep-alive shorter than Node's. It trusts
   certifi's authorities, or the user's TLS context.
3. For several servers, or the app's own workers, it is a set of Upstreams, each with one of these transports.
4. For http://, no TLS context is created (about 50 of the 70 ms that a new client costs). Proxies configured in the
   environment are ignored, so that they never see props."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from litestar_vite._net.failures import MAX_REPLY_BYTES, ConnectionFailed, ReplyTooLarge
from litestar_vite._net.pool import KEEPALIVE_SECONDS, ConnectionPool, Peer
from litestar_vite._net.reply import Headers, Reply
from litestar_vite._processes.socket_path import short_path
from litestar_vite._ssr.upstreams import RequestPool, Upstream, Upstreams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ssl import SSLContext


MAX_KEEPALIVE_CONNECTIONS: Final = 10
DEFAULT_MAX_CONNECTIONS: Final = 20
UNIX_PREFIX: Final = "unix:"


class PooledTransport(httpx.AsyncBaseTransport):
    """An httpx transport that sends through a ConnectionPool or Upstreams."""

    def __init__(self, pool: RequestPool) -> None:
        self.pool = pool

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw
            if name.lower() not in {b"host", b"content-length", b"transfer-encoding", b"connection"}
        ]
        body, target = await request.aread(), request.url.raw_path.decode("ascii")
        # httpx's read timeout limits the whole exchange.
        seconds = request.extensions.get("timeout", {}).get("read")
        try:
            reply = await self.pool.request(request.method, target, body, headers, timeout_seconds=seconds)
        except TimeoutError as error:
            msg = f"no answer from {self.pool!r} in time"
            raise httpx.ReadTimeout(msg, request=request) from error
        except ConnectionFailed as error:
            raise httpx.ConnectError(str(error), request=request) from error
        return httpx.Response(reply.status, headers=list(reply.headers), content=reply.body, request=request)

    @override
    async def aclose(self) -> None:
        await self.pool.aclose()


class HTTPSPool:
    """One https:// render server among several: httpx's transport with the `request` of a ConnectionPool."""

    def __init__(self, origin: str, max_connections: int, ssl_context: SSLContext | None = None) -> None:
        self._origin = origin
        transport = _https_transport(max_connections, ssl_context)
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=None)  # noqa: S113 - a total one

    async def request(
        self, method: str, target: str, body: bytes, headers: Headers = (), *, timeout_seconds: float | None = None
    ) -> Reply:
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                self._client.stream(method, self._origin + target, content=body, headers=list(headers)) as response,
            ):
                body, kind = await read_capped(response), response.headers.get("content-type", "").encode("latin-1")
                return Reply(response.status_code, _lower(response.headers.raw), body, kind)
        except httpx.HTTPError as error:
            msg = f"{type(error).__name__}: {error}"
            raise ConnectionFailed(msg) from error

    async def aclose(self) -> None:
        await self._client.aclose()

    def __repr__(self) -> str:
        return f"<HTTPSPool {self._origin}>"


class SSRClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` for render servers; `pool` reaches them without httpx's layers; None for a single
    https:// server."""

    def __init__(self, pool: RequestPool | None, transport: httpx.AsyncBaseTransport, timeout_seconds: float) -> None:
        self.pool = pool
        super().__init__(transport=transport, timeout=httpx.Timeout(timeout_seconds), trust_env=False)

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "open"
        return f"<SSRClient {state} {self.pool!r}>" if self.pool is not None else f"<SSRClient {state} https>"


def open_client(
    url: str | Sequence[str] | Upstreams,
    *,
    unix_path: str | None = None,
    max_connections: int = DEFAULT_MAX_CONNECTIONS,
    timeout_seconds: float = 10.0,
    ssl_context: SSLContext | None = None,
) -> SSRClient:
    """Return a client for the render server at `url`, or for several; the caller closes it.

    Args:
        url: Base URL, `http://`, `https://` or `unix:<path of a socket>`; several of them; or upstreams that the
            caller keeps.
        unix_path: Path of a Unix socket to connect to. The URL's host is then only used in the Host header.
        max_connections: The maximum number of connections to each server.
        timeout_seconds: The timeout of one request of the client. Renders have a separate, total deadline.
        ssl_context: The TLS context for https://; None uses httpx's, which trusts certifi's authorities.
    """
    pool: RequestPool
    if isinstance(url, Upstreams):
        pool = url
    elif not isinstance(url, str):
        pool = Upstreams((upstream_at(one, max_connections, ssl_context) for one in url), named=True)
    elif urlsplit(url).scheme == "https" and unix_path is None:
        return SSRClient(None, _https_transport(max_connections, ssl_context), timeout_seconds)
    else:
        pool = ConnectionPool(_peer(url, unix_path), max_connections=max_connections)
    return SSRClient(pool, PooledTransport(pool), timeout_seconds)


def upstream_at(
    url: str, max_connections: int = DEFAULT_MAX_CONNECTIONS, ssl_context: SSLContext | None = None
) -> Upstream:
    """Return the upstream for one of several render servers."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return Upstream(
            url, HTTPSPool(f"{parts.scheme}://{parts.netloc}", max_connections, ssl_context), parts.path.rstrip("/")
        )
    prefix = "" if url.startswith(UNIX_PREFIX) else parts.path.rstrip("/")
    return Upstream(url, ConnectionPool(_peer(url, None), max_connections=max_connections), prefix)


def _peer(url: str, unix_path: str | None) -> Peer:
    if url.startswith(UNIX_PREFIX):
        path = Path(url.removeprefix(UNIX_PREFIX))
        return Peer(unix_path=str(short_path(path) or path))
    parts = urlsplit(url)
    return Peer(parts.hostname or "127.0.0.1", parts.port or 80, unix_path)


def _https_transport(max_connections: int, ssl_context: SSLContext | None) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(
        max_keepalive_connections=MAX_KEEPALIVE_CONNECTIONS,
        max_connections=max_connections,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )
    return httpx.AsyncHTTPTransport(verify=True if ssl_context is None else ssl_context, trust_env=False, limits=limits)


def _lower(headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower(), value) for name, value in headers)


async def read_capped(response: httpx.Response) -> bytes:
    """Return the body of a response.

    Raises:
        ReplyTooLarge: The body is longer than 8 MiB.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > MAX_REPLY_BYTES:
            msg = f"the answer is longer than {MAX_REPLY_BYTES} bytes"
            raise ReplyTooLarge(msg)
        chunks.append(chunk)
    return b"".join(chunks)
