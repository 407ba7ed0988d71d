"""Calls an ASGI app in process with a hand-written scope, receive and send, without a server or a test client."""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.types import Message

# The headers of a current browser, in its order. Values have realistic lengths, which parsing depends on.
_BROWSER: tuple[tuple[bytes, bytes], ...] = (
    (b"host", b"app.example.org"),
    (b"connection", b"keep-alive"),
    (b"sec-ch-ua", b'"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'),
    (b"sec-ch-ua-mobile", b"?0"),
    (b"sec-ch-ua-platform", b'"Linux"'),
    (
        b"user-agent",
        b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    (b"sec-fetch-site", b"same-origin"),
    (b"referer", b"https://app.example.org/members?page=1"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"accept-language", b"en-GB,en;q=0.9,de;q=0.8"),
)
NAVIGATION = (
    *_BROWSER,
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-dest", b"document"),
)
FETCH = (*_BROWSER, (b"accept", b"application/json"), (b"sec-fetch-mode", b"cors"), (b"sec-fetch-dest", b"empty"))
_PAGE_SCRIPT = re.compile(r'<script[^>]*\bdata-page="app"[^>]*>(.*?)</script>', re.DOTALL)


def visit_headers(page_version: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of an Inertia visit. Its Accept header is the browser's for HTML."""
    return (
        *_BROWSER,
        (b"accept", b"text/html, application/xhtml+xml"),
        (b"x-requested-with", b"XMLHttpRequest"),
        (b"x-inertia", b"true"),
        (b"x-inertia-version", page_version.encode()),
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def page(self) -> dict[str, Any]:
        """Return the page object in first-visit HTML."""
        found = _PAGE_SCRIPT.search(self.body.decode())
        assert found, self.body[:500]
        page: dict[str, Any] = json.loads(found.group(1))
        return page


class Caller:
    """One kind of request to one app: a harness Side, and `once()` to inspect the response.

    Times the work of a server per request: a new scope, a receive, and a send that takes the messages.
    """

    def __init__(
        self,
        app: Litestar,
        headers: Iterable[tuple[bytes, bytes]],
        path: str = "/",
        *,
        json_body: Any = None,
        status: int = 200,
    ) -> None:
        self.app = app
        self.body = b"" if json_body is None else json.dumps(json_body).encode()
        self.method = "POST" if self.body else "GET"
        length = (b"content-length", str(len(self.body)).encode())
        self.headers = (*headers, *(((b"content-type", b"application/json"), length) if self.body else ()))
        self.path = path
        self.status = status
        self.expected_size = -1

    async def once(self) -> Answer:
        messages = await self._call()
        headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return Answer(int(messages[0]["status"]), headers, body)

    async def check(self, content_type: str) -> Answer:
        """Check the response once, so that no error page is measured, and store its size for the timed calls."""
        answer = await self.once()
        assert answer.status == self.status, answer
        assert answer.headers.get("content-type", "").startswith(content_type), answer.headers
        assert int(answer.headers["content-length"]) == len(answer.body), answer.headers
        self.expected_size = len(answer.body)
        return answer

    async def __call__(self, calls: int) -> float:
        assert self.expected_size >= 0, "check() the answer before timing it"
        call = self._call
        messages: list[Any] = []
        started = time.perf_counter()
        for _ in range(calls):
            messages = await call()
        seconds = time.perf_counter() - started
        assert messages[0]["status"] == self.status
        assert sum(len(message.get("body", b"")) for message in messages[1:]) == self.expected_size
        return seconds

    async def _call(self) -> list[Any]:
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self.app(self._scope(), receive, send)
        return messages

    def _scope(self) -> Any:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 51234),
            "scheme": "http",
            "root_path": "",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": list(self.headers),
            "state": {},
        }
