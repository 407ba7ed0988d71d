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
    """Set aside what earlier tests left, so that a collection after each test takes no time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_is_left_open(_small_heap: None) -> Iterator[None]:
    """Collect what a test left, so that an unclosed transport is the failure of this test and not of a later one."""
    yield
    gc.collect()


@pytest.fixture(params=["tcp", "unix"])
def unix_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Run a test over TCP (None) and over a Unix socket."""
    return tmp_path / "s.sock" if request.param == "unix" else None
