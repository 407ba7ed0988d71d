"""Pauses between attempts that double while the attempts fail."""

from __future__ import annotations


class Backoff:
    """A pause that doubles from `first_seconds` up to `most_seconds`."""

    __slots__ = ("_first_seconds", "_most_seconds", "_seconds")

    def __init__(self, first_seconds: float, most_seconds: float) -> None:
        self._first_seconds = self._seconds = first_seconds
        self._most_seconds = most_seconds

    def next_seconds(self) -> float:
        """Return the pause before the next attempt, and double the one after it."""
        seconds = self._seconds
        self._seconds = min(seconds * 2, self._most_seconds)
        return seconds

    def reset(self) -> None:
        """Start with the first pause again, after a successful attempt."""
        self._seconds = self._first_seconds

    def __repr__(self) -> str:
        return f"<Backoff next={self._seconds:g} s>"
