"""Send one request to an app at the ASGI level: any bytes in, the unparsed response out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import anyio
from litestar import Litestar
from msgspec import Struct


class Answer(Struct):
    """The response of an app."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value.decode("latin-1") for key, value in self.headers if key.decode("latin-1").lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the value of a header that may occur once, None if it is missing."""
        values = self.all(name)
        assert len(values) <= 1, (name, values)
        return values[0] if values else None

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> dict[str, Any]:
        """The page object in the response to an Inertia request."""
        assert self.header("x-inertia") == "true", (self.status, self.headers, self.body[:300])
        page: dict[str, Any] = json.loads(self.body)
        return page

    @property
    def redirect(self) -> tuple[int, str | None]:
        return self.status, self.header("location")


async def ask_async(
    app: Any,
    method: str = "GET",
    target: str | bytes = "/",
    headers: dict[str, str] | Iterable[tuple[bytes, bytes]] = (),
    body: bytes = b"",
    *,
    raw_path: bytes | None = None,
    **scope: Any,
) -> Answer:
    """Send one request; `scope` overrides ASGI's keys (scheme, root_path, …)."""
    from urllib.parse import unquote_to_bytes

    path, _, query = (target.encode() if isinstance(target, str) else target).partition(b"?")
    pairs = (
        [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        if isinstance(headers, dict)
        else list(headers)
    )
    if not any(name == b"host" for name, _ in pairs):
        pairs.insert(0, (b"host", b"testserver.local"))
    if body:
        pairs.append((b"content-length", b"%d" % len(body)))
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    full_scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path if raw_path is None else raw_path,
        "query_string": query,
        "root_path": "",
        "headers": pairs,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        "state": {},
        "extensions": {},
        **scope,
    }
    await app(full_scope, receive, send)
    start = sent[0]
    assert start["type"] == "http.response.start"
    return Answer(
        start["status"], [tuple(pair) for pair in start["headers"]], b"".join(m.get("body", b"") for m in sent[1:])
    )


def ask(
    app: Litestar, method: str = "GET", target: str | bytes = "/", headers: Any = (), body: bytes = b"", **options: Any
) -> Answer:
    """Send one request on a new event loop."""

    async def go() -> Answer:
        return await ask_async(app, method, target, headers, body, **options)

    return anyio.run(go)
