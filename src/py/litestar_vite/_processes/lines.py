"""Output of child processes as lines."""

from __future__ import annotations

from typing import Final

# 64 KiB: a longer line is cut, so that a process which prints without line ends cannot fill our memory.
_MAX_LINE_BYTES: Final = 64 * 1024


class LineReader:
    """Splits chunks of output into lines of at most 64 KiB."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_cut = False

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that this chunk completes. The rest of a cut line is dropped."""
        *complete, rest = (self._rest + data).split(b"\n")
        lines = complete[1:] if self._is_cut and complete else complete
        self._is_cut = self._is_cut and not complete
        if self._is_cut:
            rest = b""
        elif len(rest) > _MAX_LINE_BYTES:
            lines.append(rest)
            self._is_cut, rest = True, b""
        self._rest = rest
        return [_text(line) for line in lines]

    def end(self) -> list[str]:
        """Return the unfinished last line, if any."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    return line[:_MAX_LINE_BYTES].decode("utf-8", "replace").rstrip()
