"""One server for each client, and a visitor for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.clients.visitor import Visitor
from tests.e2e.server import ClientServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext


@pytest.fixture(scope="session", params=["react", "vue", "svelte"])
def client_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientServer]:
    """The app, served for one client; pytest runs all tests of one client before those of the next."""
    server = ClientServer(request.param, tmp_path_factory.mktemp(request.param))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def visitor(client_server: ClientServer, new_context: Callable[..., BrowserContext]) -> Visitor:
    return Visitor(new_context(), client_server.url)
