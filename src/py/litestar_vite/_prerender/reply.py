"""Requests a page from the app as an anonymous visitor, and decides whether everyone may see the response."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Litestar
from msgspec import Struct

from litestar_vite._prerender.declared import url_path
from litestar_vite._ssr.outcome import Failed
from litestar_vite.inertia._documents.cache_key import PRERENDER_KEY, TAGS_KEY, tags_of
from litestar_vite.inertia._page.context import InertiaContext

_NOT_SHARED: Final = re.compile(rb"(?i)\b(?:private|no-store)\b")
_OK: Final = 200
_CONFLICT: Final = 409


class Reply(Struct, frozen=True):
    """A response of the app, and the scope of its request."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    scope: dict[str, Any]

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def tags(self) -> list[str]:
        """The tags of the page: those of its cache policy and those that the handler added."""
        policy = (
            InertiaContext.of(self.scope["litestar_app"])
            .recipe(self.scope["route_handler"], self.scope["litestar_app"])
            .cache_policy
        )
        return list(tags_of(policy, self.scope) if policy is not None else self.scope.get(TAGS_KEY, ()))


async def request_document(app: Litestar, path: str, origin: str) -> Reply:
    """Request the document of a page, as a browser without cookies does."""
    return await _request(app, path, origin, [(b"accept", b"text/html")])


async def request_page(app: Litestar, path: str, origin: str) -> Reply:
    """Request the page object, as an Inertia client of the current build does."""
    version = InertiaContext.of(app).version or ""
    reply = await _request(app, path, origin, _visit(version.encode()))
    current = reply.header(b"x-inertia-version")
    if reply.status == _CONFLICT and current is not None:
        reply = await _request(app, path, origin, _visit(current))
    return reply


def is_for_browsers_only(reply: Reply, path: str) -> bool:
    """Return whether an Inertia client is asked to load this page with a browser visit, since its build lacks it."""
    location = reply.header(b"x-inertia-location")
    return reply.status == _CONFLICT and location is not None and location.decode("latin-1") == url_path(path)


def _visit(version: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"accept", b"text/html, application/xhtml+xml"),
        (b"x-requested-with", b"XMLHttpRequest"),
        (b"x-inertia", b"true"),
        (b"x-inertia-version", version),
    ]


async def _request(app: Litestar, path: str, origin: str, headers: list[tuple[bytes, bytes]]) -> Reply:
    url = urlsplit(origin)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": url.scheme,
        "path": path,
        "raw_path": url_path(path).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", url.netloc.encode()), *headers],
        "server": (url.hostname, url.port or (443 if url.scheme == "https" else 80)),
        "client": ("127.0.0.1", 0),
        "state": {},
        "app": app,
        PRERENDER_KEY: {},
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Reply(start["status"], [(bytes(name), bytes(value)) for name, value in start["headers"]], body, scope)


def refusal(reply: Reply) -> str | None:
    """Return why a response must not become a file; None if it may."""
    if reply.status != _OK:
        location = reply.header(b"location") or reply.header(b"x-inertia-location")
        return (
            f"redirects to {location.decode('latin-1')!r}" if location is not None else f"has the status {reply.status}"
        )
    outcome = reply.scope[PRERENDER_KEY].get("outcome")
    if isinstance(outcome, Failed):
        return f"could not be rendered on the server ({outcome.kind}: {outcome.message})"
    return _personal(reply)


def _personal(reply: Reply) -> str | None:
    """Return what makes a page one visitor's."""
    scope = reply.scope
    control = b", ".join(value for name, value in reply.headers if name.lower() == b"cache-control")
    foreign = sorted(_cookies(reply.headers) - _impersonal_cookies(scope))
    signs = {
        "shows flash data, errors or a CSRF token, which are for one visitor": scope[PRERENDER_KEY].get("is_private"),
        "uses the session": scope.get("session"),
        "has a user": scope.get("user"),
        "is private by its Cache-Control": _NOT_SHARED.search(control),
        f"sets the cookie {', '.join(map(repr, foreign))}": foreign,
    }
    return next((reason for reason, is_so in signs.items() if is_so), None)


def _cookies(headers: Iterable[tuple[bytes, bytes]]) -> set[str]:
    names: set[str] = set()
    for name, value in headers:
        if name.lower() == b"set-cookie":
            try:
                names.update(SimpleCookie(value.decode("latin-1")))
            except CookieError:
                names.add(value.partition(b"=")[0].decode("latin-1"))
    return names


def _impersonal_cookies(scope: dict[str, Any]) -> set[str]:
    """Return the cookies that say nothing about a visitor: of CSRF, and of a session that is empty."""
    context = InertiaContext.of(scope["litestar_app"])
    csrf = {context.csrf_cookie} if context.csrf_cookie is not None else set()
    return csrf | set(context.session_cookies(scope["route_handler"]))
