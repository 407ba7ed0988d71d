"""Restricts an app in development to the host names of this machine.

A website may point its own name to 127.0.0.1 (DNS rebinding) and read pages, sources and tracebacks through a
developer's browser. As in Vite, `localhost`, names below it and IP addresses are served, and others when
`ViteConfig.allowed_hosts` lists them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from litestar_vite._assets.development_notices import refused_host_page
from litestar_vite._middleware import in_front_of

logger = logging.getLogger("litestar_vite.devserver")


@contextmanager
def checked_hosts(app: Litestar, allowed: Sequence[str]) -> Iterator[None]:
    """Check the Host header of every request to an app. Enter this after all other wrappers of the app."""
    with in_front_of(app, lambda inner: HostCheck(inner, allowed)):
        yield


class HostCheck:
    """ASGI middleware that refuses requests under unknown names with 403.

    `allowed` contains names, and domains with all their subdomains (".example.test"); "*" turns the check off.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self._app = app
        self._has_warned = False
        self._allows_all = "*" in allowed
        self._names = frozenset(name.lower().removeprefix("*").removeprefix(".") for name in allowed)
        self._domains = tuple(name.lower().removeprefix("*") for name in allowed if name.startswith((".", "*.")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        # Browsers send exactly one Host header. A request without it is not from a browser.
        if self._allows_all or all(map(self._is_allowed, hosts)):
            await self._app(scope, receive, send)
        elif scope["type"] == ScopeType.WEBSOCKET:
            await send({"type": "websocket.close", "code": 1008, "reason": "Host not allowed"})
        else:
            self._warn_of(hosts[-1])
            body = refused_host_page(_name_of(hosts[-1]))
            headers = {"cache-control": "no-store"}
            refusal = ASGIResponse(body=body, status_code=403, media_type="text/html", headers=headers)
            await refusal(scope, receive, send)

    def _warn_of(self, host: str) -> None:
        """Log the setting once, since a website may try many names."""
        if not self._has_warned:
            self._has_warned = True
            name = _name_of(host)
            logger.warning(
                "A request for the host %r was refused. If the name is yours, set ViteConfig(allowed_hosts=[%r]), "
                "or VITE_ALLOWED_HOSTS.",
                name,
                name,
            )

    def _is_allowed(self, host: str) -> bool:
        name = _name_of(host)
        if name == "localhost" or name.endswith(".localhost") or name in self._names:
            return True
        return name.endswith(self._domains) or _is_address(name)


def _name_of(host: str) -> str:
    """Return the name in a Host header, without port and trailing dot."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
