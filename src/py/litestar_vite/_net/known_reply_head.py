"""The head of a reply that llhttp has already parsed.

How it works:
1. The reply heads of a render server differ only in Content-Length, and once a second in their date. After a reply that
   arrived in one read, llhttp's result is kept with the bytes before and after the digits of the length.
2. The next reply with the same bytes, and a body as long as its digits say, is complete without parsing.

Rules: nothing is parsed here. Everything that does not match byte for byte (chunks, another header, a partial reply,
two replies) is left to llhttp."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from litestar_vite._net.reply import Reply

_LENGTH: Final = b"content-length"
_LENGTH_LINE: Final = b"\r\ncontent-length:"
_END: Final = b"\r\n\r\n"
# A reply that arrives in one read has five.
_MAX_DIGITS: Final = 7
_OK: Final = 200


class KnownHead(Struct, frozen=True):
    """The head of a complete reply, on a connection that stayed open.

    Attributes:
        before: The bytes up to the digits of Content-Length.
        after: The bytes after the digits, including the empty line.
        reply: The reply with this head, without its body.
    """

    before: bytes
    after: bytes
    reply: Reply

    @classmethod
    def of(cls, head: bytes, reply: Reply) -> KnownHead | None:
        """Return a head to compare others with; None for a status other than 200, without a length, or when these bytes
        are more than one head.
        """
        if reply.status != _OK:  # The Content-Length of a 304, for example, is not the length of a body.
            return None
        digits = dict(reply.headers).get(_LENGTH, b"")
        line = head.lower().find(_LENGTH_LINE)
        if line < 0 or not digits.isdigit() or head.find(_END) != len(head) - len(_END):
            return None
        start = head.index(digits, line + len(_LENGTH_LINE))
        headers = tuple(header for header in reply.headers if header[0] != _LENGTH)
        return cls(head[:start], head[start + len(digits) :], Reply(reply.status, headers, b"", reply.content_type))

    def read(self, data: bytearray, size: int) -> Reply | None:
        """Return the first `size` bytes as a reply; None when llhttp must parse them."""
        before, after = self.before, self.after
        digits_start = len(before)
        digits_end = data.find(b"\r", digits_start, digits_start + _MAX_DIGITS + 1)
        if digits_end < 0 or not data.startswith(before) or not data.startswith(after, digits_end):
            return None
        digits, body_start = data[digits_start:digits_end], digits_end + len(after)
        # The buffer's rest is older than this reply; a body that ends where the read does has its head within it.
        if not digits.isdigit() or body_start + int(digits) != size:
            return None
        known = self.reply
        return Reply(
            known.status,
            (*known.headers, (_LENGTH, bytes(digits))),
            bytes(memoryview(data)[body_start:size]),
            known.content_type,
        )
