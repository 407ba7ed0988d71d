"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import compat, oracle, type_guard
from tests.support import make_site

if TYPE_CHECKING:
    from collections.abc import Iterator

compat.install()

# No timed asserts: on a busy machine any example may take its time. `make test-slow` tries four times as many examples.
settings.register_profile("suite", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "50")))
settings.load_profile("suite")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Set aside what was imported and collected: to walk all of it again and again is a tenth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    """Litestar apps run on asyncio here, as under uvicorn and granian."""
    return "asyncio"


@pytest.fixture
def slim_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start Python processes without Advanced Alchemy.

    Litestar imports it where it is installed, and SQLAlchemy with it: 2 seconds of each process.
    """
    folders = [str(Path(__file__).parent / "slim"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(folders))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A Vite root with a small finished build."""
    return make_site(tmp_path)


@pytest.fixture(autouse=True, scope="session")
def _oracle_watches() -> Iterator[None]:
    """Judge every response of every app in this process."""
    with oracle.watching():
        yield


@pytest.fixture(autouse=True)
def _oracle_is_content() -> Iterator[None]:
    """Fail the test whose responses broke a rule."""
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
    """Fail the test whose pages do not have their types. Tests marked `wrong_types` are not watched."""
    if request.node.get_closest_marker("wrong_types"):
        type_guard.skipped.add(request.node.nodeid)
    yield
    found = list(type_guard.problems)
    type_guard.problems.clear()
    type_guard.skipped.clear()
    assert not found, "\n".join(found)
