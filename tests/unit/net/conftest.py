"""The fixtures of the render gateway's tests, reused for connections."""

from __future__ import annotations

from tests.unit.ssr.conftest import _nothing_is_left_open, _small_heap, unix_path

__all__ = ("_nothing_is_left_open", "_small_heap", "unix_path")
