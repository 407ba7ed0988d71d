"""The render worker's life: it dies and comes back, and it never outlives the server."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import create_contact, go_to, open_page
from tests.e2e.server import process_exists, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.e2e.server import ExampleServer

pytestmark = pytest.mark.e2e


@contextmanager
def rendering_down(server: ExampleServer) -> Iterator[int]:
    """Kill the render worker and keep it down: without its bundle the next one cannot start. Yields the pid of the dead one."""
    wait_for(server.renders, "server-side rendering")
    (worker,) = server.worker_pids()
    hidden = server.ssr_bundle.rename(server.ssr_bundle.with_suffix(".hidden"))
    try:
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not process_exists(worker), "the render worker to end")
        yield worker
    finally:
        hidden.rename(server.ssr_bundle)


def test_while_the_render_worker_is_down_the_browser_renders_and_then_the_worker_comes_back(
    page: Page, spare_server: ExampleServer
) -> None:
    with rendering_down(spare_server) as worker:
        assert not spare_server.renders()
        open_page(page, f"{spare_server.url}/contacts")
        expect(page.locator("tbody tr")).to_have_count(20)
        go_to(page, "Organisations")
        expect(page.locator(".tile")).to_have_count(40)
    wait_for(spare_server.renders, "server-side rendering to come back")
    assert len(spare_server.worker_pids()) == 1
    assert spare_server.worker_pids() != [worker]
    open_page(page, f"{spare_server.url}/contacts")
    expect(page.locator("tbody tr")).to_have_count(20)


def test_hostile_text_is_shown_as_text_also_when_the_browser_renders(page: Page, spare_server: ExampleServer) -> None:
    first, last = "</script><script>window.__xss=1</script>", "<!--<script>"
    url = create_contact(page, spare_server, first, last, "hostile@example.com")
    with rendering_down(spare_server):
        for address in (url, f"{spare_server.url}/contacts?q=hostile%40example"):
            open_page(page, address)
            expect(page.locator("h1, tbody .row-link").last).to_have_text(f"{first} {last}")
            assert page.evaluate("window.__xss") is None


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_no_render_worker_is_left_when_the_server_ends(spare_server: ExampleServer, how: signal.Signals) -> None:
    wait_for(spare_server.renders, "server-side rendering")
    workers = spare_server.worker_pids()
    assert len(workers) == 1
    spare_server.stop(how)
    wait_for(lambda: not any(map(process_exists, workers)), "the render worker to end")
