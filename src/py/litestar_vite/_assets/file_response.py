"""The response to a request for a built file, including conditional, range and HEAD requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from anyio import to_thread
from litestar.datastructures import MutableScopeHeaders
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from litestar_vite._assets.conditional_requests import is_unchanged, wanted_range
from litestar_vite._assets.scan import Representation

_OK: Final = 200
_PARTIAL: Final = 206
_NOT_MODIFIED: Final = 304
_UNSATISFIABLE: Final = 416
_PART: Final = 256 * 1024


class FileResponse:
    """An ASGI application that sends a file.

    Attributes:
        status_code: 200, 206, 304 or 416.
        raw_headers: The headers as ASGI expects them.
    """

    __slots__ = ("_content", "_end", "_start", "raw_headers", "status_code")

    def __init__(
        self, chosen: Representation, content: bytes | BinaryIO, asked: Mapping[bytes, bytes], *, is_head: bool
    ) -> None:
        self._content = content
        self._start, self._end = 0, 0 if is_head else chosen.size
        self.status_code = _OK
        self.raw_headers: list[tuple[bytes, bytes]]
        modified = chosen.mtime_ns // 1_000_000_000
        if asked and is_unchanged(asked, chosen.etag, modified):
            self.status_code, self._end = _NOT_MODIFIED, 0
            self.raw_headers = list(chosen.kept)
        elif asked and not is_head and (part := wanted_range(asked, chosen.etag, modified, chosen.size)) is not None:
            self._send_part(chosen, part)
        else:
            self.raw_headers = list(chosen.headers)

    @property
    def headers(self) -> MutableScopeHeaders:
        """The headers, for an `after_request` hook of the app."""
        message: Any = {"headers": self.raw_headers}
        return MutableScopeHeaders(message)

    def _send_part(self, chosen: Representation, part: tuple[int, int]) -> None:
        start, end = part
        if start >= end:
            self.status_code, self._end = _UNSATISFIABLE, 0
            self.raw_headers = [(b"content-range", b"bytes */%d" % chosen.size), (b"content-length", b"0")]
            return
        self.status_code, self._start, self._end = _PARTIAL, start, end
        self.raw_headers = [
            *(pair for pair in chosen.headers if pair[0] != b"content-length"),
            (b"content-range", b"bytes %d-%d/%d" % (start, end - 1, chosen.size)),
            (b"content-length", b"%d" % (end - start)),
        ]

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send the response."""
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        content = self._content
        if isinstance(content, bytes):
            await send(start)
            whole = self._start == 0 and self._end == len(content)
            body = content if whole else content[self._start : self._end]
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return
        with content:
            await send(start)
            await _send_parts(content, self._start, self._end, send)


async def _send_parts(file: BinaryIO, position: int, end: int, send: Send) -> None:
    """Send a large file in chunks. If the file becomes shorter meanwhile, close the connection: its length was sent."""

    def read() -> bytes:
        file.seek(position)
        return file.read(min(_PART, end - position))

    while position < end:
        part = await to_thread.run_sync(read)
        if not part:
            raise OSError("A built file was truncated while it was being sent.")
        position += len(part)
        await send({"type": "http.response.body", "body": part, "more_body": position < end})
    if end == 0:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
