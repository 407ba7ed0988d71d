"""Which targets and headers pass the proxy, and in which form. Pure: bytes in, bytes out.

Rules:
- The peer is fixed. Only method, path, query, headers and body of a request are proxied. The path is checked; a target
  that is not a path is refused.
- Headers that speak about one connection stay on it (RFC 9110 7.6.1), in both directions, with those that `Connection`
  names.
- Whatever `Connection` names, a body stays framed: by one `Content-Length` or by chunks, which we write ourselves.
- `Host` and `Origin` go on as they came, so that Vite's own checks of them work.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable


Headers = list[tuple[bytes, bytes]]

CHUNKED: Final = -1
"""The length of a body that is sent in chunks."""

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# Our server has answered `Expect` before we see the request, and writes the date of every answer itself. The length is
# written by `request_head`.
_NOT_TO_VITE: Final = _HOP_BY_HOP | {b"expect", b"content-length"}
_NOT_TO_BROWSER: Final = _HOP_BY_HOP | {b"date"}
# A body without its length would be parsed as the next request; Vite's own checks need the other two.
_NEVER_NAMED: Final = frozenset({b"content-length", b"transfer-encoding", b"host", b"origin"})
# Characters that a request line can carry: ASCII without spaces and controls. Browsers alone read "\" as "/".
_PRINTABLE: Final = re.compile(rb"/[!-\[\]-~]*\Z").match
# Answered to this process alone. Vite mounts such paths without regard to case, and for everything below them.
_PRIVATE: Final = re.compile(rb"/+__(?:inertia_ssr|litestar_vite)", re.IGNORECASE).search


def is_safe_target(path: bytes) -> bool:
    """Return whether a raw path (without query) may go to Vite."""
    if _PRINTABLE(path) is None:
        return False
    if b"%" not in path and b"/." not in path and b"__" not in path:
        return True
    # Decoded twice, since a layer too many must not turn the path into another one.
    decoded = path
    for _ in range(3):
        if (
            b"\x00" in decoded
            or _PRIVATE(decoded)
            or not {b".", b".."}.isdisjoint(decoded.replace(b"\\", b"/").split(b"/"))
        ):
            return False
        decoded = unquote_to_bytes(decoded)
    return True


def body_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Return the length of a request's body in bytes, `CHUNKED`, or None when the head announces no body.

    Raises:
        ValueError: `Content-Length` is not a number, or has two different values.
    """
    length: int | None = None
    for name, value in headers:
        if name == b"transfer-encoding":
            return CHUNKED  # Our server has joined the chunks; RFC 9112 6.3 voids any length beside them.
        if name == b"content-length":
            if not value.isdigit() or length not in {None, int(value)}:
                msg = f"Content-Length is {value!r}; it must be one number."
                raise ValueError(msg)
            length = int(value)
    return length


def request_head(
    method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], length: int | None = None
) -> bytes:
    """Return the head of the request to Vite.

    Args:
        method: As it came.
        target: Path and query; checked by the caller.
        headers: The browser's, names in lower case.
        length: Of the body, as `body_length` returns it.
    """
    lines = [method.encode("ascii") + b" " + target + b" HTTP/1.1"]
    named = _named_by_connection(headers)
    for name, value in headers:
        if name not in _NOT_TO_VITE and name not in named:
            lines.append(name + b": " + value)
    if length == CHUNKED:
        lines.append(b"transfer-encoding: chunked")
    elif length is not None:
        lines.append(b"content-length: %d" % length)
    lines.append(b"\r\n")
    return b"\r\n".join(lines)


def response_headers(headers: Headers) -> Headers:
    """Filter response headers for the browser."""
    named = _named_by_connection(headers)
    return [pair for pair in headers if pair[0] not in _NOT_TO_BROWSER and pair[0] not in named]


def same_origin(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether `Origin` names the authority that the request was sent to.

    The scheme may differ: a proxy in front of the app may have ended TLS.
    """
    found = {name: value for name, value in headers if name in {b"host", b"origin"}}
    _, separator, authority = found.get(b"origin", b"").partition(b"://")
    host = found.get(b"host", b"")
    return bool(separator and host) and authority.lower() == host.lower()


def _named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    # Nearly every request has one such header, and one of two values.
    values = [
        value for name, value in headers if name == b"connection" and value.lower() not in {b"keep-alive", b"close"}
    ]
    if not values:
        return frozenset()
    return frozenset(token.strip().lower() for value in values for token in value.split(b",")) - _NEVER_NAMED
