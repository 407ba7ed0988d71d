"""Appends the deferred groups of a page to its document, as script elements."""

import json
import re
from typing import Any

PAGE = re.compile(rb'<script data-page="app" type="application/json">(.*?)</script>', re.DOTALL)


class StreamGroups:
    """ASGI middleware. With `maker`, a page and its groups share one session, which closes after the last group."""

    def __init__(self, app: Any, maker: Any = None) -> None:
        self.app = app
        self.maker = maker

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] != "http" or b"text/html" not in headers.get(b"accept", b""):
            await self.app(scope, receive, send)
        elif b"x-inertia" in headers:
            await self._on_a_session(scope, receive, send)
        else:
            await self._on_a_session(scope, receive, send, streams=True)

    async def _on_a_session(self, scope: Any, receive: Any, send: Any, *, streams: bool = False) -> None:
        call = self._stream if streams else self.app
        if self.maker is None:
            await call(scope, receive, send)
            return
        async with self.maker() as session:
            scope["held_session"] = session
            await call(scope, receive, send)

    async def _stream(self, scope: Any, receive: Any, send: Any) -> None:
        groups: list[list[str]] = []
        page: dict[str, Any] = {}

        async def send_start(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                await send({**message, "headers": kept})
                return
            body = message["body"]
            if (found := PAGE.search(body)) is not None:
                page.update(json.loads(found[1]))
                groups.extend(page.get("deferredProps", {}).values())
            # Otherwise, the browser would run the module only after the last group.
            body = body.replace(b'<script type="module" ', b'<script type="module" async ')
            await send({"type": "http.response.body", "body": body, "more_body": bool(groups)})

        await self.app(dict(scope), receive, send_start)
        for index, group in enumerate(groups):
            answer = await self._answer(scope, receive, page, group)
            name = ",".join(group).encode()
            script = b'<script type="application/json" data-group="%b">%b</script>' % (name, answer)
            await send({"type": "http.response.body", "body": script, "more_body": index + 1 < len(groups)})

    async def _answer(self, scope: Any, receive: Any, page: dict[str, Any], group: list[str]) -> bytes:
        """Answer a group as the partial reload that the client would send."""
        own = {
            b"x-inertia": b"true",
            b"x-inertia-version": (page["version"] or "").encode(),
            b"x-inertia-partial-component": page["component"].encode(),
            b"x-inertia-partial-data": ",".join(group).encode(),
        }
        partial = {**scope, "headers": [*scope["headers"], *own.items()], "state": {}}
        parts: list[bytes] = []

        async def collect(message: Any) -> None:
            if message["type"] == "http.response.body":
                parts.append(message["body"])

        await self.app(partial, receive, collect)
        return b"".join(parts).replace(b"<", b"\\u003c")
