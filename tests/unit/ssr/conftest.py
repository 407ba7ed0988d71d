"""Fixtures of the SSR tests."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="package", autouse=True)
def _small_heap() -> None:
    """Freeze the objects of earlier tests, so that the collection after each test is fast."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_is_left_open(_small_heap: None) -> Iterator[None]:
    """Collect garbage after each test, so that an unclosed transport fails this test and not a later one."""
    yield
    gc.collect()


@pytest.fixture(params=["tcp", "unix"])
def unix_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Run a test over TCP (None) and over a Unix socket."""
    return tmp_path / "s.sock" if request.param == "unix" else None
