"""Vite's output: read from a file and shown in the terminal. The last lines are kept for error messages.

A file instead of a pipe: Vite outlives server processes (see _processes/liveness.py), and a pipe without a reader would
end it.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from pathlib import Path
from typing import Final

from litestar_vite._colours import on_one_line, without_colours
from litestar_vite._processes.lines import LineReader

logger = logging.getLogger("litestar_vite.vite")

# 200 lines: more than a stack trace and its code frame.
_KEPT_LINES: Final = 200
# 256 KiB per step: endless output from Vite must not block the event loop.
_STEP_BYTES: Final = 256 * 1024
# At 8 MiB, the file is truncated. Vite appends, so it continues at the new end.
_MAX_FILE_BYTES: Final = 8 * 1024 * 1024


class Output:
    """Follows the log file of one Vite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._reader = LineReader()
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def begin(self, *, at_end: bool) -> None:
        """Follow the file from its start, or from its end when an earlier process has shown the rest; the last lines
        are kept either way.
        """
        self._reader = LineReader()
        self._lines.clear()
        self._position = 0
        if at_end:
            while lines := self._read():
                self._lines.extend(lines)

    def follow(self) -> None:
        """Show new lines."""
        for line in self._read():
            self._lines.append(line)
            _show(line)

    @property
    def text(self) -> str:
        """The last lines, without colours."""
        return without_colours("\n".join(self._lines))

    def _read(self) -> list[str]:
        try:
            with self._path.open("r+b") as file:
                file.seek(self._position)
                data = file.read(_STEP_BYTES)
                self._position += len(data)
                if self._position > _MAX_FILE_BYTES and len(data) < _STEP_BYTES:
                    file.truncate(0)
                    self._position = 0
        except OSError:
            return []
        return self._reader.feed(data)


def _show(line: str) -> None:
    """Log a line, or print it where logging is not configured. Only a terminal gets colours."""
    if not line:
        return
    if logger.isEnabledFor(logging.INFO) and logger.hasHandlers():
        logger.info("%s", on_one_line(line))
    else:
        sys.stderr.write(f"[vite] {line if sys.stderr.isatty() else on_one_line(line)}\n")
