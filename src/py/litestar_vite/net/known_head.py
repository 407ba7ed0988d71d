"""The head of a reply that llhttp has read before.

How it works:
1. A render server's heads differ in Content-Length alone, and once a second in their date. Of a reply that came in one
   read, llhttp's verdict is kept together with the bytes before and after the digits of its length.
2. The next reply that has the same bytes there, and a body as long as its digits say, is complete: there is nothing
   left to find out.

Rules: nothing is parsed here. What is not known byte for byte (chunks, another header, a piece of a reply, two replies)
goes to llhttp."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from litestar_vite.net.reply import Reply

__all__ = ("KnownHead",)

_LENGTH: Final = b"content-length"
_LENGTH_LINE: Final = b"\r\ncontent-length:"
_END: Final = b"\r\n\r\n"
# A reply of one read has five.
_MAX_DIGITS: Final = 7
_OK: Final = 200


class KnownHead(Struct, frozen=True):
    """A head that ended in a complete reply, on a connection that stayed open.

    Attributes:
        before: The bytes up to the digits of Content-Length.
        after: Those behind them, the empty line included.
        reply: The reply it belonged to, without its body.
    """

    before: bytes
    after: bytes
    reply: Reply

    @classmethod
    def of(cls, head: bytes, reply: Reply) -> KnownHead | None:
        """Remember a head; None for another status than 200, without a length, or when these are more bytes than one
        head.
        """
        if reply.status != _OK:  # The length of a 304, and of others, is not that of a body.
            return None
        digits = dict(reply.headers).get(_LENGTH, b"")
        line = head.lower().find(_LENGTH_LINE)
        if line < 0 or not digits.isdigit() or head.find(_END) != len(head) - len(_END):
            return None
        start = head.index(digits, line + len(_LENGTH_LINE))
        headers = tuple(header for header in reply.headers if header[0] != _LENGTH)
        return cls(head[:start], head[start + len(digits) :], Reply(reply.status, headers, b"", reply.content_type))

    def read(self, data: bytearray, size: int) -> Reply | None:
        """Return the reply that the first `size` bytes are; None when that is llhttp's to say."""
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
