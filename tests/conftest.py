"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import compat, oracle, type_guard
from tests.support import make_site

if TYPE_CHECKING:
    from collections.abc import Iterator

compat.install()

# No deadline, because any example may be slow on a busy machine. `make test-slow` runs four times as many examples.
settings.register_profile("suite", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "50")))
settings.load_profile("suite")

# Shells start background jobs with SIGINT ignored, and so would the servers that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Freeze the objects from imports and test collection: scanning them repeatedly takes a tenth of the test time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    """Run Litestar apps on asyncio, as uvicorn and granian do."""
    return "asyncio"


@pytest.fixture
def slim_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start Python processes without Advanced Alchemy.

    If it is installed, Litestar imports it and SQLAlchemy, which takes 2 seconds in each process.
    """
    folders = [str(Path(__file__).parent / "slim"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(folders))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a Vite root with a small finished build."""
    return make_site(tmp_path)


@pytest.fixture(autouse=True, scope="session")
def _oracle_watches() -> Iterator[None]:
    """Judge every response of every app in this process."""
    with oracle.watching():
        yield


@pytest.fixture(autouse=True)
def _oracle_is_content() -> Iterator[None]:
    """Fail the test if a response broke a rule."""
    oracle.violations.clear()
    yield
    found = list(oracle.violations)
    oracle.violations.clear()
    assert not found, "\n".join(found)


@pytest.fixture(autouse=True, scope="session")
def _types_watch() -> Iterator[None]:
    """Compare the pages of every app in this process with their types."""
    with type_guard.watching():
        yield


@pytest.fixture(autouse=True)
def _types_fit(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test if a page does not match its type. Tests marked `wrong_types` are exempt."""
    if request.node.get_closest_marker("wrong_types"):
        type_guard.skipped.add(request.node.nodeid)
    yield
    found = list(type_guard.problems)
    type_guard.problems.clear()
    type_guard.skipped.clear()
    assert not found, "\n".join(found)
