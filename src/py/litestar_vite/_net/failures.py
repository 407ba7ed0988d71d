"""The failures of a request over a connection. Separate from the pool, so that an app without SSR need not load an HTTP
parser.
"""

from __future__ import annotations

from typing import ClassVar, Final

# 8 MiB: ten times the largest page we saw; a runaway renderer must not fill our memory.
MAX_REPLY_BYTES: Final = 8 * 1024 * 1024


class ConnectionFailed(Exception):  # noqa: N818 - a failure of the peer, caught and turned into an outcome
    """The peer refused, closed early, or did not speak HTTP.

    Attributes:
        kind: The kind of failed render that it causes (see `Failed`).
    """

    kind: ClassVar = "connection"


class CannotConnect(ConnectionFailed):
    """The connection could not be made. The peer has not seen the request, so another peer may be tried."""


class PeerEnded(CannotConnect):
    """The peer closed a reused connection during the request and no longer listens: perhaps because of
    it.
    """


class DiedUnread(ConnectionFailed):
    """The peer closed the connection before any byte of a reply, so the request may be sent once more."""


class ReplyTooLarge(ConnectionFailed):
    """The reply is longer than allowed; reading stopped."""

    kind: ClassVar = "too-large"
