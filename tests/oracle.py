"""An oracle for every response in every test: the rules that no app with the plugin may break.

It wraps `Litestar.__call__`, so that it sees the responses to TestClients and raw ASGI calls, and those of servers in
this process. Violations are collected, and fail the test that caused them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar

from litestar_vite.inertia._page.context import CONTEXT_KEY

_OPTIONAL = (
    "deferredProps", "mergeProps", "prependProps", "deepMergeProps", "matchPropsOn", "scrollProps", "onceProps", "rescuedProps", "flash",
)  # fmt: skip
violations: list[str] = []
judged = 0


@contextmanager
def watching() -> Iterator[None]:
    """Judge every response of every Litestar app inside this context."""
    original: Any = Litestar.__call__

    async def call(self: Litestar, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or self.state.get(CONTEXT_KEY) is None:
            await original(self, scope, receive, send)
            return
        sent: list[Any] = []

        async def noting(message: Any) -> None:
            if message["type"] != "http.response.early_hint":
                sent.append(message)
            await send(message)

        await original(self, scope, receive, noting)
        if sent:
            _judge(scope, sent)

    Litestar.__call__ = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        Litestar.__call__ = original  # type: ignore[method-assign]


def _judge(scope: Any, sent: list[Any]) -> None:
    global judged  # noqa: PLW0603 - a counter for the report
    judged += 1
    start = sent[0]
    body = b"".join(message.get("body", b"") for message in sent[1:])
    headers: dict[str, list[str]] = {}
    for name, value in start["headers"]:
        headers.setdefault(bytes(name).decode("latin-1").lower(), []).append(bytes(value).decode("latin-1"))
    about = f"{scope['method']} {scope['path']} -> {start['status']} {headers}"
    violations.extend(f"{complaint}: {about}" for complaint in _complaints(scope, start["status"], headers, body))


def _complaints(scope: Any, status: int, headers: dict[str, list[str]], body: bytes) -> Iterator[str]:
    yield from _complaints_of_headers(scope, status, headers, body)
    is_page = "x-inertia" in headers
    if is_page:
        asks = any(name == b"x-inertia" and value == b"true" for name, value in scope["headers"])
        if not asks:
            yield "a JSON page for a client that is not an Inertia client"
        if not "".join(headers.get("content-type", ())).startswith("application/json"):
            yield "X-Inertia on a response that is not JSON"
        if status == 409 and ("x-inertia-location" in headers or "x-inertia-redirect" in headers):
            yield "X-Inertia on a 409 that sends the client elsewhere"
        if scope["method"] != "HEAD":
            yield from _complaints_of_page(scope, body)
    if is_page or b'<script data-page="' in body:
        yield from _complaints_of_settings(scope, headers)


def _complaints_of_headers(scope: Any, status: int, headers: dict[str, list[str]], body: bytes) -> Iterator[str]:
    for name in (
        "content-type",
        "content-length",
        "location",
        "x-inertia",
        "x-inertia-location",
        "x-inertia-redirect",
        "etag",
    ):
        if len(headers.get(name, ())) > 1:
            yield f"duplicate {name}"
    if any("\r" in value or "\n" in value for values in headers.values() for value in values):
        yield "a line break in a header"
    if "public" in ", ".join(headers.get("cache-control", ())).lower() and "set-cookie" in headers:
        yield "Set-Cookie with Cache-Control: public"
    length = headers.get("content-length", ["-1"])[0]
    if scope["method"] != "HEAD" and status not in (204, 304) and length != "-1" and int(length) != len(body):
        yield f"a body of {len(body)} bytes, unlike its Content-Length"


def _complaints_of_settings(scope: Any, headers: dict[str, list[str]]) -> Iterator[str]:
    vary = {item.strip().lower() for item in ", ".join(headers.get("vary", ())).split(",")}
    if "x-inertia" not in vary:
        yield "a page that does not vary on X-Inertia"
    handler = scope.get("route_handler")
    for header in getattr(handler, "resolve_response_headers", tuple)():
        wanted = {item.strip().lower() for item in str(header.value).split(",") if item.strip()}
        if header.name.lower() == "vary" and not wanted <= vary:
            yield f"the user's Vary {header.value!r} is lost"
        if header.name.lower() == "cache-control" and not header.documentation_only and "cache-control" not in headers:
            yield f"the user's Cache-Control {header.value!r} is lost"


def _complaints_of_page(scope: Any, body: bytes) -> Iterator[str]:
    try:
        page = json.loads(body, parse_constant=_refuse)
    except ValueError as error:
        yield f"a page that is not valid JSON ({error})"
        return
    if not {"component", "props", "url", "version"} <= page.keys():
        yield "a page without all four required keys"
        return
    if not isinstance(page["props"].get("errors"), dict):
        yield "errors that are not an object"
    if not page["url"].startswith("/"):
        yield f"a URL {page['url']!r} that is not a path"
    if empty := [key for key in _OPTIONAL if key in page and not page[key]]:
        yield f"empty optional keys: {empty}"
    asked = {name: value for name, value in scope["headers"] if name.startswith(b"x-inertia-partial-")}
    # A list over the limits counts as absent, and the response is a full page.
    is_readable = all(len(value) <= 8192 and value.count(b",") < 256 for value in asked.values())
    if (
        is_readable
        and asked.get(b"x-inertia-partial-component") == page["component"].encode()
        and "deferredProps" in page
    ):
        yield "deferredProps in a partial response"


def _refuse(constant: str) -> None:
    raise ValueError(constant)
