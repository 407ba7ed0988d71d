"""Render workers are replaced when they die, and never outlive the server."""

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


@contextmanager
def rendering_down(server: ExampleServer) -> Iterator[list[int]]:
    """Kill the render workers and yield their pids. The bundle is hidden meanwhile, so new workers cannot start."""
    wait_for(server.renders, "server-side rendering")
    workers = server.worker_pids()
    assert workers
    hidden = server.ssr_bundle.rename(server.ssr_bundle.with_suffix(".hidden"))
    try:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not any(map(process_exists, workers)), "the render workers to end")
        yield workers
    finally:
        hidden.rename(server.ssr_bundle)


def test_while_the_render_workers_are_down_the_browser_renders_and_then_they_come_back(
    page: Page, spare_server: ExampleServer
) -> None:
    with rendering_down(spare_server) as dead:
        assert not spare_server.renders()
        open_page(page, f"{spare_server.url}/contacts")
        expect(page.locator("tbody tr")).to_have_count(20)
        go_to(page, "Organisations")
        expect(page.locator(".tile")).to_have_count(40)
    wait_for(spare_server.renders, "server-side rendering to come back")
    wait_for(lambda: len(spare_server.worker_pids()) == len(dead), "as many workers as before")
    assert not set(spare_server.worker_pids()) & set(dead)
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
    assert workers
    spare_server.stop(how)
    wait_for(lambda: not any(map(process_exists, workers)), "the render workers to end")
