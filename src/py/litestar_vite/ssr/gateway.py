"""One render, whatever happens: page JSON in, a typed Outcome out.

How it works:
1. The page's bytes go to `POST {url}` of a render server that speaks the official contract, within one total deadline.
2. `{head, body}` is Rendered, `null` is ClientSide (by the server's choice), everything else is Failed, with its kind and time.
3. Nothing but a cancellation is ever raised from here: the caller serves a page that the browser renders instead.

Later rooms (admission, breaker, cache) stand between the caller and `render`, with the same outcome.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from litestar_vite.exceptions import SSRError
from litestar_vite.ssr.failures import MAX_REPLY_BYTES, ConnectionFailed

if TYPE_CHECKING:
    import httpx

    from litestar_vite.ssr.pool import ConnectionPool

__all__ = ("ClientSide", "Failed", "FailureLog", "Outcome", "Rendered", "render")

logger = logging.getLogger("litestar_vite.ssr")

_HEADERS: Final = (("Content-Type", "application/json"), ("Accept", "application/json"))
_PAGE_ERROR_KINDS: Final = frozenset({"browser-api", "component-resolution", "render", "unknown"})


class Rendered(Struct, frozen=True):
    """The page as HTML. `body` holds the page script and the application element; `head` goes to the end of `<head>`."""

    head: bytes
    body: bytes


class ClientSide(Struct, frozen=True):
    """No HTML, and no error: the browser renders."""


class Failed(Struct, frozen=True):
    """The render server failed; the browser renders.

    Attributes:
        kind: connection, timeout, protocol, or a page error's class: browser-api, component-resolution, render, unknown.
        message: What happened. For logs, never for a browser.
        seconds: How long it took.
        component: The page component, if the server named it.
        hint: What to do, if the server said.
        source_location: `file:line:column` in the front end, if the server said.
    """

    kind: str
    message: str
    seconds: float = 0.0
    component: str | None = None
    hint: str | None = None
    source_location: str | None = None

    @property
    def is_page_error(self) -> bool:
        """True when the page is broken and not the render server."""
        return self.kind in _PAGE_ERROR_KINDS

    def as_error(self) -> SSRError:
        return SSRError(
            self.message,
            kind=self.kind,
            component=self.component,
            hint=self.hint,
            source_location=self.source_location,
        )


Outcome = Rendered | ClientSide | Failed


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


async def render(client: httpx.AsyncClient, url: str, page_json: bytes, timeout_seconds: float) -> Outcome:
    """Render one page.

    Args:
        client: The shared client; one from `open_client` is used by the short way, through its pool.
        url: The full URL to post to.
        page_json: The page object as JSON.
        timeout_seconds: Total time: waiting for a connection, connecting, rendering and reading.
    """
    started = time.perf_counter()
    try:
        async with asyncio.timeout(timeout_seconds):
            status, content_type, body = await _post(client, url, page_json)
        return _read(status, content_type, body, time.perf_counter() - started)
    except TimeoutError:
        message = f"no answer within {timeout_seconds:g} s"
        return Failed("timeout", message, time.perf_counter() - started)
    except ConnectionFailed as error:
        return Failed("connection", str(error), time.perf_counter() - started)
    except Exception as error:  # noqa: BLE001 - httpx and the socket layer have many; a page must be served after every one of them.
        message = f"{type(error).__name__}: {error}"
        return Failed("connection", message, time.perf_counter() - started)


async def _post(client: httpx.AsyncClient, url: str, page_json: bytes) -> tuple[int, bytes, bytes]:
    pool: ConnectionPool | None = getattr(client, "pool", None)
    if pool is not None:
        reply = await pool.request("POST", _target(url), page_json, _HEADERS)
        return reply.status, reply.content_type, reply.body
    async with client.stream("POST", url, content=page_json, headers=dict(_HEADERS)) as response:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > MAX_REPLY_BYTES:
                msg = f"the answer is longer than {MAX_REPLY_BYTES} bytes"
                raise ConnectionFailed(msg)
            chunks.append(chunk)
        return response.status_code, response.headers.get("content-type", "").encode("latin-1"), b"".join(chunks)


def _target(url: str) -> str:
    """Return path and query of a URL."""
    start = url.find("/", url.find("://") + 3)
    return url[start:] if start >= 0 else "/"


def _read(status: int, content_type: bytes, body: bytes, seconds: float) -> Outcome:
    if content_type.partition(b";")[0].strip().lower() != b"application/json":
        message = f"status {status} with content type {content_type[:80]!r} and not JSON"
        return Failed("protocol", message, seconds)
    try:
        if status != 200:  # noqa: PLR2004
            return _read_error(status, body, seconds)
        page = _decode_page(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Failed("protocol", f"status {status}, not the JSON we asked for: {error}", seconds)
    if page is None:
        return ClientSide()
    return Rendered("\n".join(page.head).encode(), page.body.encode())


def _read_error(status: int, body: bytes, seconds: float) -> Failed:
    error = _decode_error(body)
    kind = error.type if error.type in _PAGE_ERROR_KINDS else "unknown"
    message = error.error if body != b"{}" else f"status {status}"
    return Failed(kind, message, seconds, error.component, error.hint, error.source_location)


class FailureLog:
    """Logs failures, each kind and page at most once a minute, so that a broken page does not drown the log.

    Attributes:
        total: How many there were.
        last: The latest one, for tests.
    """

    # 256 different failures: beyond that the oldest are forgotten and may be logged again.
    _MAX_KEYS: Final = 256
    _PAUSE_SECONDS: Final = 60.0

    def __init__(self) -> None:
        self._last: dict[tuple[Any, ...], float] = {}
        self.total = 0
        self.last: Failed | None = None

    def report(self, failed: Failed, component: str) -> None:
        self.total += 1
        self.last = failed
        key = (failed.kind, component if failed.is_page_error else None)
        now = time.monotonic()
        if now - self._last.get(key, -self._PAUSE_SECONDS) < self._PAUSE_SECONDS:
            return
        if len(self._last) >= self._MAX_KEYS:
            self._last.pop(next(iter(self._last)))
        self._last[key] = now
        logger.error(
            "Server-side rendering of %r failed (%s, %.0f ms), the browser renders it: %s%s%s",
            component,
            failed.kind,
            failed.seconds * 1000,
            failed.message,
            f" at {failed.source_location}" if failed.source_location else "",
            f" Hint: {failed.hint}" if failed.hint else "",
        )
