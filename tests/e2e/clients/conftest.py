"""One server for each client, and a visitor for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.clients.visitor import LEFT_TOO_SOON, Visitor
from tests.e2e.conftest import FAILED
from tests.e2e.server import ClientServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext

    from tests.e2e.conftest import Complaints


@pytest.fixture(scope="session", params=["react", "vue", "svelte"])
def client_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientServer]:
    """The app served for one client. pytest runs all tests of one client before those of the next."""
    server = ClientServer(request.param, tmp_path_factory.mktemp(request.param))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def visitor(
    client_server: ClientServer,
    new_context: Callable[..., BrowserContext],
    complaints: Complaints,
    request: pytest.FixtureRequest,
) -> Iterator[Visitor]:
    """A visitor. After a passing test, it leaves the page and returns, to check that the history is intact."""
    visitor = Visitor(new_context(), client_server.url)
    yield visitor
    if not request.node.stash.get(FAILED, False):
        if visitor.is_at_a_scroll:
            complaints.expect(LEFT_TOO_SOON)
        visitor.can_go_back_and_forth()
