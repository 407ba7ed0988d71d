"""Log hints when a proxy in front of the app, or Vite itself, keeps hot updates or modules from the browser.

The browser only shows a failed request, and Vite's client retries forever. Each hint is logged once.
"""

from __future__ import annotations

import ipaddress
import logging
from typing import Final

from litestar.types import Scope

from litestar_vite._proxy.headers import same_origin

logger = logging.getLogger("litestar_vite.devserver")

_NO_UPGRADE: Final = (
    "The HMR socket arrived as a plain request: a proxy in front of the app drops the Upgrade header, so the page is "
    "not updated. In nginx, set: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection upgrade;"
)
_OTHER_HOST: Final = (
    "The HMR socket of %r was refused, since it arrived for the host %r. If that is a proxy in front of the app, it "
    "must pass the Host header. In nginx, set: proxy_set_header Host $http_host;"
)
_REFUSED_HOST: Final = (
    "Vite answered 403 to a request for the host %r. If the name is yours, add it to vite.config: "
    "server: { allowedHosts: [%r] }"
)


class Hints:
    """Hints about requests to Vite, each logged once."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: set[str] = set()

    def look_at_socket(self, scope: Scope) -> None:
        """Name the header that a proxy does not pass on, for a socket that is refused because of its Origin."""
        headers = scope["headers"]
        if not same_origin(headers):
            found = {name: value.decode("latin-1") for name, value in headers if name in {b"host", b"origin"}}
            if b"origin" in found:  # A request without it is not from a browser.
                self._say(_OTHER_HOST, found[b"origin"], found.get(b"host", ""))

    def look_at_request(self, scope: Scope) -> None:
        """Name the header that a proxy does not pass on, for a request of Vite's base that should be a socket."""
        # These headers are end-to-end, so proxies pass them on.
        if any(name == b"sec-websocket-key" for name, _ in scope["headers"]):
            self._say(_NO_UPGRADE)

    def look_at_refusal(self, scope: Scope) -> None:
        """Name Vite's setting, for a 403 to a request under a host name that Vite does not allow by default."""
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        if name and not _is_local(name):
            self._say(_REFUSED_HOST, name, name)

    def _say(self, text: str, *values: str) -> None:
        if text not in self._said:
            self._said.add(text)
            logger.warning(text, *values)


def _is_local(name: str) -> bool:
    """Return whether Vite allows this host name by default."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
