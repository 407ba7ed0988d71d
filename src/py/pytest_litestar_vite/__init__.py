"""The pytest plugin of litestar-vite. Its fixtures import the package on first use."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from litestar_vite.testing import InertiaTestClient

__all__ = ("InertiaClientFactory", "inertia_client")


class InertiaClientFactory(Protocol):
    """Creates a client for an app, and starts the app. Both are closed at the end of the test."""

    def __call__(self, app: Litestar, **options: Any) -> InertiaTestClient:
        """Return a started client. `options` are those of `InertiaTestClient`."""
        ...


@pytest.fixture
def inertia_client() -> Iterator[InertiaClientFactory]:
    """Return a factory of InertiaTestClients: `client = inertia_client(app)`. Apps run until the end of the test."""
    from litestar_vite.testing import InertiaTestClient

    with ExitStack() as stack:

        def make(app: Litestar, **options: Any) -> InertiaTestClient:
            return stack.enter_context(InertiaTestClient(app, **options))

        yield make
