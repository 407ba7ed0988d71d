"""How a connection to the render server fails, apart from the pool so that an app without SSR need not load an HTTP parser."""

from __future__ import annotations

from typing import Final

__all__ = ("MAX_REPLY_BYTES", "CannotConnect", "ConnectionFailed", "LateUpstream", "NoUpstream", "ReplyTooLarge")

# 8 MiB: ten times the largest page we saw; a runaway renderer must not fill our memory.
MAX_REPLY_BYTES: Final = 8 * 1024 * 1024


class ConnectionFailed(Exception):  # noqa: N818 - a failure of the peer, caught and turned into an outcome
    """The peer refused, closed early, or did not speak HTTP."""


class CannotConnect(ConnectionFailed):
    """There is no connection, so the peer has seen nothing of the request: another one may be asked."""


class ReplyTooLarge(ConnectionFailed):
    """The reply is longer than allowed; reading stopped."""


class NoUpstream(ConnectionFailed):
    """There is nobody to ask: no worker of our own is up."""


class LateUpstream(TimeoutError):  # noqa: N818 - as above
    """One of several servers, whose name this is, gave no complete reply in time."""
