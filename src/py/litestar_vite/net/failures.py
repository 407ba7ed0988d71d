"""How a connection to the render server fails, apart from the pool so that an app without SSR need not load an HTTP
parser.
"""

from __future__ import annotations

from typing import ClassVar, Final

__all__ = (
    "MAX_REPLY_BYTES",
    "CannotConnect",
    "ConnectionFailed",
    "DiedUnread",
    "LateUpstream",
    "NoUpstream",
    "NotJSON",
    "PageTooLarge",
    "ReplyTooLarge",
    "check_is_json",
)

_JSON: Final = b"application/json"
_TOO_LARGE: Final = 413

# 8 MiB: ten times the largest page we saw; a runaway renderer must not fill our memory.
MAX_REPLY_BYTES: Final = 8 * 1024 * 1024


class ConnectionFailed(Exception):  # noqa: N818 - a failure of the peer, caught and turned into an outcome
    """The peer refused, closed early, or did not speak HTTP.

    Attributes:
        kind: What kind of failed render it makes (see `Failed`).
    """

    kind: ClassVar = "connection"


class CannotConnect(ConnectionFailed):
    """There is no connection, so the peer has seen nothing of the request: another one may be asked."""


class DiedUnread(ConnectionFailed):
    """The peer closed the connection before any byte of a reply, so the request may be sent once more."""


class ReplyTooLarge(ConnectionFailed):
    """The reply is longer than allowed; reading stopped."""

    kind: ClassVar = "too-large"


class NotJSON(ConnectionFailed):
    """Somebody answered who is no render server: what stands before one that is down, or another program."""

    kind: ClassVar = "protocol"


class PageTooLarge(ConnectionFailed):
    """What stands before the render server takes no request of this size."""

    kind: ClassVar = "too-large"


class NoUpstream(ConnectionFailed):
    """There is nobody to ask: no worker of our own is up."""

    kind: ClassVar = "unavailable"


class LateUpstream(TimeoutError):  # noqa: N818 - as above
    """One of several servers, whose name this is, gave no complete reply in time."""


def check_is_json(status: int, content_type: bytes) -> None:
    """Make sure that a render server has answered: whatever it says is JSON.

    Raises:
        PageTooLarge: A proxy refused the page's length.
        NotJSON: It is something else.
    """
    if content_type == _JSON or content_type.partition(b";")[0].strip().lower() == _JSON:
        return
    if status == _TOO_LARGE:
        msg = "status 413: what stands before the render server takes no page of this size. Raise its limit, nginx's is client_max_body_size"
        raise PageTooLarge(msg)
    msg = f"status {status} with content type {content_type[:80]!r} and not JSON"
    raise NotJSON(msg)
