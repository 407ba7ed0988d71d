"""The failures of a request to a render server, other than connection failures."""

from __future__ import annotations

from typing import ClassVar, Final

from litestar_vite._net.failures import ConnectionFailed

_JSON: Final = b"application/json"
_TOO_LARGE: Final = 413


class NotJSON(ConnectionFailed):
    """Another program responded, for example a proxy in front of a stopped render server."""

    kind: ClassVar = "protocol"


class PageTooLarge(ConnectionFailed):
    """A proxy in front of the render server refused a request of this size."""

    kind: ClassVar = "too-large"


class NoUpstream(ConnectionFailed):
    """No render worker is running."""

    kind: ClassVar = "unavailable"


class LateUpstream(TimeoutError):  # noqa: N818 - caught and turned into an outcome
    """One of several render servers, which is named, did not reply in time."""


def check_is_json(status: int, content_type: bytes) -> None:
    """Check that a reply comes from a render server: all its replies are JSON.

    Raises:
        PageTooLarge: A proxy rejected the page because of its length.
        NotJSON: The reply is not JSON.
    """
    if content_type == _JSON or content_type.partition(b";")[0].strip().lower() == _JSON:
        return
    if status == _TOO_LARGE:
        msg = (
            "status 413: a proxy in front of the render server refuses a page of this size. Raise its "
            "limit, nginx's is client_max_body_size"
        )
        raise PageTooLarge(msg)
    msg = f"status {status} with content type {content_type[:80]!r} and not JSON"
    raise NotJSON(msg)
