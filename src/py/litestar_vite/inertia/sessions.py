"""Litestar's cookie session, which is only sent if it changed.

Use it as ``Litestar(middleware=[CookieSessionConfig(secret=secret).middleware])``.

How it works:

1. The cookie has Litestar's format: with the same secret, either backend reads the cookies of the other.
2. The contents of recent cookies are cached, so that a visitor's next request needs no decryption.
3. When a response starts, the session is compared with the content of the cookie. An unchanged session is not encrypted
   and sent again, unless half of the cookie's lifetime is over.

Rules: changes inside nested values count. Several cookies (a session above 4 KB, or another app's of the same name) are
left to Litestar's backend."""

from __future__ import annotations

import re
import time
from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection
from litestar.middleware import DefineMiddleware
from litestar.middleware.session.base import SessionMiddleware
from litestar.middleware.session.client_side import AAD, ClientSideSessionBackend, CookieBackendConfig
from litestar.types import Message, Receive, Scope, Send
from msgspec import Struct
from typing_extensions import override

__all__ = ("CookieSessionBackend", "CookieSessionConfig")

# 512 cookies of at most 4 KiB, and what they hold: less than 4 MiB, for the visitors of the last minute.
_MAX_COOKIES: Final = 512

_encode: Final = msgspec.json.Encoder().encode


class _Cookie(Struct, frozen=True, gc=False):
    """The content of a session cookie.

    Attributes:
        json: The session; None for a forged or malformed cookie.
        expires_at: Seconds since the epoch.
    """

    json: bytes | None
    expires_at: float


_NO_COOKIE: Final = _Cookie(None, 0.0)


class CookieSessionBackend(ClientSideSessionBackend):
    """Litestar's backend, with a cache of recent cookies."""

    __slots__ = ("_find", "open")

    def __init__(self, config: CookieBackendConfig) -> None:
        super().__init__(config)
        self._find = re.compile(
            rb'(?:^|[; ])%s(?:-\d+)?=("?[A-Za-z0-9+/=]*"?)' % re.escape(config.key.encode())
        ).findall
        self.open = lru_cache(maxsize=_MAX_COOKIES)(self._open)

    def cookie_of(self, scope: Any) -> _Cookie | None:
        """Return a request's session cookie; None if there are several."""
        headers = [value for name, value in scope["headers"] if name == b"cookie"]
        found = self._find(headers[0]) if headers else []
        if len(headers) > 1 or len(found) > 1:
            return None
        return self.open(found[0].strip(b'"')) if found else _NO_COOKIE

    def _open(self, cookie: bytes) -> _Cookie:
        try:
            session, decoded = self.load_data([cookie]), b64decode(cookie)
            expires_at = msgspec.json.decode(decoded[decoded.index(AAD) + len(AAD) :])["expires_at"]
        except Exception:  # noqa: BLE001 - a client may send anything as a cookie
            return _Cookie(None, 0.0)
        return _Cookie(_encode(session), expires_at)

    def is_current(self, cookie: _Cookie, session: Any, now: float) -> bool:
        """Return whether a cookie contains the session and more than half of its lifetime is left."""
        if not session or not isinstance(session, dict):
            return cookie is _NO_COOKIE
        if cookie.json is None or cookie.expires_at < now + self.config.max_age / 2:
            return False
        try:
            return _encode(session) == cookie.json
        except (TypeError, ValueError, RecursionError):
            return False  # Litestar's serializer supports more types.


class _CookieSessionMiddleware(SessionMiddleware[CookieSessionBackend]):
    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        backend = self.backend
        cookie = backend.cookie_of(scope)
        if cookie is None:
            await super().__call__(scope, receive, send)
            return
        now = time.time()
        is_valid = cookie.json is not None and cookie.expires_at > now
        scope["session"] = msgspec.json.decode(cookie.json) if is_valid and cookie.json is not None else {}

        async def send_session(message: Message) -> None:
            if message["type"] == "http.response.start":
                session: Any = scope.get("session")
                if not backend.is_current(cookie, session, now):
                    await backend.store_in_message(session, message, ASGIConnection(scope, receive, send))
            await send(message)

        await self.app(scope, receive, send_session)


@dataclass
class CookieSessionConfig(CookieBackendConfig):
    """Configuration of a cookie session that is only sent if it changed."""

    _backend_class = CookieSessionBackend

    @property
    @override
    def middleware(self) -> DefineMiddleware:
        """The middleware, for any layer of the app."""
        return DefineMiddleware(_CookieSessionMiddleware, backend=self._backend_class(config=self))
