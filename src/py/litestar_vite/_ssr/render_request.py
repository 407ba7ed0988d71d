"""The request to the render server: page JSON in, an Outcome out.

How it works:
1. The page's bytes are posted to `{url}` of a render server that follows the official protocol, within one deadline.
2. `{head, body}` is Rendered, `null` is ClientSide (by the server's choice), everything else is Failed, with its kind
   and time.
3. Only cancellations are raised: after a failure, the caller serves a page that the browser renders.
"""

from __future__ import annotations

import asyncio
import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._ssr.failures import LateUpstream, check_is_json
from litestar_vite._ssr.outcome import PAGE_ERROR_KINDS, ClientSide, Failed, Outcome, Rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from litestar_vite._net.reply import Reply


HEADERS: Final = (("Content-Type", "application/json"), ("Accept", "application/json"))
# Node's error messages. Vite bundles different packages in development and in builds.
_PACKAGE_HINTS: Final = (
    (
        re.compile(r"Unknown file extension|Cannot use import statement outside a module|Unexpected token 'export'"),
        "Node cannot load this package as it is. Let Vite bundle it: ssr: { noExternal: ['its-name'] } in vite.config.",
    ),
    (
        re.compile(r"\b(?:require|module|exports|__dirname|__filename) is not defined|Dynamic require of"),
        "This package cannot be bundled. Let Node load it: ssr: { external: ['its-name'] } in vite.config.",
    ),
)
_HINTS: Final = {
    "unavailable": "'litestar ssr status' shows which workers there are; the logger litestar_vite.ssr.worker "
    "says why one does not start."
}


class _RenderedPage(Struct):
    head: list[str]
    body: str


class _RenderError(Struct, rename="camel"):
    error: str = "the render server gave no message"
    type: str = "unknown"
    component: str | None = None
    hint: str | None = None
    source_location: str | None = None


_decode_page = msgspec.json.Decoder(_RenderedPage | None).decode
_decode_error = msgspec.json.Decoder(_RenderError).decode


async def render(
    client: httpx.AsyncClient,
    url: str,
    page_json: bytes,
    timeout_seconds: float,
    headers: Sequence[tuple[str, str]] = HEADERS,
) -> Outcome:
    """Render one page.

    Args:
        client: The shared client. A client from `open_client` is used through its pool, without httpx's layers.
        url: The full URL to post to.
        page_json: The page object as JSON.
        timeout_seconds: Total time: waiting for a connection, connecting, rendering and reading.
        headers: Request headers, including `HEADERS`; the pool caches a tuple.
    """
    started = time.perf_counter()
    pool: Any = getattr(client, "pool", None)
    try:
        if pool is not None:
            reply: Reply = await pool.request("POST", _target(url), page_json, headers, timeout_seconds=timeout_seconds)
            return _read(reply.status, reply.content_type, reply.body, started)
        async with asyncio.timeout(timeout_seconds):
            status, content_type, body = await _post(client, url, page_json, headers)
        return _read(status, content_type, body, started)
    except Exception as error:  # noqa: BLE001 - httpx and the sockets raise many; a page must be served
        kind, message = _blame(error, timeout_seconds)
        return Failed(kind, message, time.perf_counter() - started, hint=_HINTS.get(kind))


def _blame(error: Exception, timeout_seconds: float) -> tuple[str, str]:
    """Return the kind of failure for an exception, and a message."""
    if isinstance(error, TimeoutError):
        late = f" from {error}" if isinstance(error, LateUpstream) else ""
        # The remaining time, a little less than the setting.
        return "timeout", f"no answer within {float(f'{timeout_seconds:.2g}'):g} s{late}"
    if isinstance(error, ConnectionFailed):
        return error.kind, str(error)
    return ConnectionFailed.kind, f"{type(error).__name__}: {error}"


def _failed(kind: str, message: str, started: float) -> Failed:
    return Failed(kind, message, time.perf_counter() - started)


async def _post(
    client: httpx.AsyncClient, url: str, page_json: bytes, headers: Sequence[tuple[str, str]]
) -> tuple[int, bytes, bytes]:
    """Post with a client that `open_client` did not return."""
    from litestar_vite._ssr.client import read_capped

    async with client.stream("POST", url, content=page_json, headers=list(headers)) as response:
        body = await read_capped(response)
        return response.status_code, response.headers.get("content-type", "").encode("latin-1"), body


@lru_cache(maxsize=16)
def _target(url: str) -> str:
    """Return the path and query of a URL."""
    start = url.find("/", url.find("://") + 3)
    return url[start:] if start >= 0 else "/"


def _read(status: int, content_type: bytes, body: bytes, started: float) -> Outcome:
    check_is_json(status, content_type)
    try:
        if status != 200:  # noqa: PLR2004
            return _read_error(status, body, time.perf_counter() - started)
        page = _decode_page(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _failed("protocol", f"status {status}, not the JSON we asked for: {error}", started)
    if page is None:
        return ClientSide()
    try:
        return Rendered("\n".join(page.head).encode(), page.body.encode())
    except UnicodeEncodeError as error:
        return _failed("protocol", f"the page is not text: {error}", started)


def _read_error(status: int, body: bytes, seconds: float) -> Failed:
    error = _decode_error(body)
    kind = error.type if error.type in PAGE_ERROR_KINDS else "unknown"
    message = error.error if body != b"{}" else f"status {status}"
    hint = _package_hint(message) or error.hint
    return Failed(kind, message, seconds, error.component, hint, error.source_location)


def _package_hint(message: str) -> str | None:
    """Return a hint for a package that is bundled but must not be, or vice versa."""
    return next((hint for pattern, hint in _PACKAGE_HINTS if pattern.search(message)), None)
