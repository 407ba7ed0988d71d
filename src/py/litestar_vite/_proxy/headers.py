"""Filters and rewrites the targets and headers that pass the proxy. Pure: bytes in, bytes out.

Rules:
- The peer is fixed. Only method, path, query, headers and body of a request are proxied. The path is checked; a target
  that is not a path is rejected.
- Hop-by-hop headers are not forwarded (RFC 9110 7.6.1), in either direction, nor are those that `Connection`
  names.
- Whatever `Connection` names, a body stays framed: by one `Content-Length` or by chunks, which the proxy writes.
- `Host` and `Origin` are forwarded unchanged, so that Vite's own checks of them work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

Headers = list[tuple[bytes, bytes]]

CHUNKED: Final = -1
"""The length of a body that is sent in chunks."""

_HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
# The server has already answered `Expect`, and adds a date to every response. `request_head` writes the
# length.
_NOT_TO_VITE: Final = _HOP_BY_HOP | {b"expect", b"content-length"}
_NOT_TO_BROWSER: Final = _HOP_BY_HOP | {b"date"}
# Without its length, a body would be parsed as the next request. Vite's own checks need the other two.
_NEVER_NAMED: Final = frozenset({b"content-length", b"transfer-encoding", b"host", b"origin"})
# The characters allowed in a request line: ASCII without spaces and controls. Only browsers read "\" as "/".
_PRINTABLE: Final = re.compile(rb"/[!-\[\]-~]*\Z").match
# Reserved for this process. Vite mounts such paths case-insensitively, with everything below them.
_PRIVATE: Final = re.compile(rb"/+__(?:inertia_ssr|litestar_vite)", re.IGNORECASE).search


def is_safe_target(path: bytes) -> bool:
    """Return whether a raw path (without query) may go to Vite."""
    if _PRINTABLE(path) is None:
        return False
    if b"%" not in path and b"/." not in path and b"__" not in path:
        return True
    # Decoded twice, since a second decoding further on must not turn the path into another one.
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
    """Return the length of a request's body in bytes, `CHUNKED`, or None if the head announces no body.

    Raises:
        ValueError: `Content-Length` is not a number, or has two different values.
    """
    length: int | None = None
    for name, value in headers:
        if name == b"transfer-encoding":
            return CHUNKED  # The server has decoded the chunks; by RFC 9112 6.3, chunked encoding overrides any length.
        if name == b"content-length":
            if not value.isdigit() or length not in {None, int(value)}:
                raise ValueError(f"Content-Length is {value!r}; it must be one number.")
            length = int(value)
    return length


def request_head(
    method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], length: int | None = None
) -> bytes:
    """Return the head of the request to Vite.

    Args:
        target: The path and query, checked by the caller.
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

    The scheme may differ, because a proxy in front of the app may terminate TLS.
    """
    found = {name: value for name, value in headers if name in {b"host", b"origin"}}
    _, separator, authority = found.get(b"origin", b"").partition(b"://")
    host = found.get(b"host", b"")
    return bool(separator and host) and authority.lower() == host.lower()


def _named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    # Nearly every request has one such header, with one of two values.
    values = [
        value for name, value in headers if name == b"connection" and value.lower() not in {b"keep-alive", b"close"}
    ]
    if not values:
        return frozenset()
    return frozenset(token.strip().lower() for value in values for token in value.split(b",")) - _NEVER_NAMED
