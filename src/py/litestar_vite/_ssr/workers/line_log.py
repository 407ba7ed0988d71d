"""Logs the output of a render worker."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from litestar_vite._colours import on_one_line
from litestar_vite._processes.lines import LineReader

if TYPE_CHECKING:
    from collections import deque


logger = logging.getLogger("litestar_vite.ssr.worker")


class LineLog:
    """Turns chunks of output into log entries, one per line, without colours."""

    def __init__(self, last: deque[str] | None = None) -> None:
        """`last` also receives the lines; `fatal` is the line in which V8 gives the reason for a crash."""
        self._last = last
        self.fatal: str | None = None
        self._reader = LineReader()

    def feed(self, data: bytes) -> None:
        self._write(self._reader.feed(data))

    def end(self) -> None:
        self._write(self._reader.end())

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            text = on_one_line(line.rstrip())
            if self._last is not None:
                self._last.append(text)
            if text.startswith("FATAL ERROR"):
                self.fatal = text
            logger.info("%s", text)
