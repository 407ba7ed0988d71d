"""How asking a render server fails, beyond the connection's own failures."""

from __future__ import annotations

from typing import ClassVar, Final

from litestar_vite._net.failures import ConnectionFailed

_JSON: Final = b"application/json"
_TOO_LARGE: Final = 413


class NotJSON(ConnectionFailed):
    """Another program answered: a proxy whose render server is down, for example."""

    kind: ClassVar = "protocol"


class PageTooLarge(ConnectionFailed):
    """A proxy in front of the render server refused a request of this size."""

    kind: ClassVar = "too-large"


class NoUpstream(ConnectionFailed):
    """No render worker is up."""

    kind: ClassVar = "unavailable"


class LateUpstream(TimeoutError):  # noqa: N818 - caught and turned into an outcome
    """The named render server, one of several, did not reply in time."""


def check_is_json(status: int, content_type: bytes) -> None:
    """Check that a render server answered: all its answers are JSON.

    Raises:
        PageTooLarge: A proxy refused the page's length.
        NotJSON: The answer is something else.
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
