"""How many bytes of replies a pool holds at a time, so that many runaway replies together cannot fill the memory either.

Rules: a small reply is never refused, and one large reply has room for all it may be. Refused is who grows while the others have taken
what there is; that page is left to the browser.
"""

from __future__ import annotations

from typing import Final

__all__ = ("MAX_BYTES_IN_FLIGHT", "ReplyBudget")

# 16 MiB: two of the largest replies (8 MiB) at a time. With the small ones of 20 connections it stays below 32 MiB (gate R5).
MAX_BYTES_IN_FLIGHT: Final = 16 * 1024 * 1024
# 512 KiB: twenty times a usual page.
_SMALL_BYTES: Final = 512 * 1024


class ReplyBudget:
    """Bytes of replies that are on their way, for all connections of a pool."""

    def __init__(self, max_bytes: int = MAX_BYTES_IN_FLIGHT) -> None:
        self.max_bytes = max_bytes
        self.taken = 0

    def take(self, size: int, reply_bytes: int) -> bool:
        """Count `size` more bytes of a reply that has `reply_bytes` with them; False when it may not grow now. Counted in any case."""
        self.taken += size
        return self.taken <= self.max_bytes or reply_bytes <= _SMALL_BYTES

    def give_back(self, reply_bytes: int) -> None:
        """The reply is complete, or given up."""
        self.taken -= reply_bytes

    def __repr__(self) -> str:
        return f"<ReplyBudget {self.taken}/{self.max_bytes} bytes>"
