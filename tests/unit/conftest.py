"""Fixtures of the unit tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _slim(slim_processes: None) -> None:
    """Start subprocesses without packages that these tests do not need."""
