"""Pytest fixtures. A fixture imports `litestar_vite.testing` when a test requests it, so that pytest starts fast.

While pytest runs, apps in its process start no Vite.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from litestar_vite.testing import InertiaTestClient

__all__ = ("InertiaClientFactory", "inertia_client")

# Read by litestar_vite._development. The process id keeps it from servers that a test starts.
_VARIABLE = "LITESTAR_VITE_PYTEST"


def pytest_configure() -> None:
    """Keep apps that test clients start from starting Vite."""
    os.environ[_VARIABLE] = str(os.getpid())


class InertiaClientFactory(Protocol):
    """Create a test client for an app and start the app. Both are closed when the test ends."""

    def __call__(self, app: Litestar, **options: Any) -> InertiaTestClient:
        """Return a started client. `options` are those of `InertiaTestClient`."""
        ...


@pytest.fixture
def inertia_client() -> Iterator[InertiaClientFactory]:
    """Create InertiaTestClients: `client = inertia_client(app)`. Apps start at once and stop when the test ends."""
    from litestar_vite.testing import InertiaTestClient

    with ExitStack() as stack:

        def make(app: Litestar, **options: Any) -> InertiaTestClient:
            return stack.enter_context(InertiaTestClient(app, **options))

        yield make
