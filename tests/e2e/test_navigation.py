"""Visits: links, history, the query string, a new build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import (
    Gate,
    Recorder,
    go_back_and_forth,
    go_to,
    names_in,
    open_page,
    reload_page,
    wait_until_interactive,
)
from tests.e2e.server import ExampleServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.e2e.conftest import Complaints

# The example's limit is 50 ms.
PATIENT = """
from litestar_vite import inertia

defer = inertia.defer


def patient(*arguments, inline_within_ms=None, **options):
    return defer(*arguments, inline_within_ms=inline_within_ms and 30_000, **options)


inertia.defer = patient
from app import app
"""


def expect_contacts(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Contacts")
    expect(page.locator("tbody tr")).to_have_count(20)
    assert page.locator("iframe, dialog[open]").count() == 0, "the client shows non-Inertia responses in a dialog"


def expect_organisations(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Organisations")
    expect(page.locator(".tile")).to_have_count(40)
    assert page.locator("iframe, dialog[open]").count() == 0


def test_navigation_changes_pages_without_loading_a_document(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts")
    page.evaluate("window.marker = 1")
    recorder = Recorder(page)
    go_to(page, "Organisations")
    expect_organisations(page)
    page.click(".tile >> nth=0")
    expect(page.locator("h1")).to_have_text("Alder Legal")
    assert re.search(r"/organisations/\d+$", page.url)
    expect(page).to_have_title("Alder Legal · Kontor")
    assert page.evaluate("window.marker") == 1
    assert recorder.documents() == []
    assert len(recorder.fetches()) >= 2
    assert all(request.headers.get("x-inertia") == "true" for request in recorder.fetches())
    go_back_and_forth(page)


def test_back_and_forward_show_pages_also_after_a_reload(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts")
    go_to(page, "Organisations")
    expect_organisations(page)
    page.go_back()
    expect_contacts(page)
    page.go_forward()
    expect_organisations(page)
    reload_page(page)
    expect_organisations(page)
    page.go_back()
    expect_contacts(page)
    page.go_forward()
    expect_organisations(page)


@pytest.mark.parametrize("elsewhere", ["about:blank", "another site"])
def test_who_comes_back_from_elsewhere_sees_a_page_and_never_the_json_of_the_last_visit(
    page: Page, server: ExampleServer, other_site: str, elsewhere: str
) -> None:
    # The browser has cached /organisations as the JSON of a visit, and back navigation prefers the cache.
    open_page(page, f"{server.url}/contacts")
    go_to(page, "Organisations")
    expect_organisations(page)
    page.goto(other_site if elsewhere == "another site" else elsewhere)
    page.go_back()
    wait_until_interactive(page)
    expect_organisations(page)
    page.go_back()
    wait_until_interactive(page)
    expect_contacts(page)
    page.go_forward()
    expect_organisations(page)


def test_a_page_out_of_the_back_forward_cache_is_the_same_page_and_alive(
    browser_with_back_forward_cache: Browser,
    new_context: Callable[..., BrowserContext],
    server: ExampleServer,
    other_site: str,
) -> None:
    page = new_context(browser_with_back_forward_cache).new_page()
    open_page(page, f"{server.url}/contacts")
    go_to(page, "Organisations")
    expect_organisations(page)
    page.evaluate("window.marker = 1")
    page.goto(other_site)
    expect(page.locator("h1")).to_have_text("Elsewhere")
    page.evaluate("history.back()")  # Playwright's go_back() waits for a load, which does not happen here.
    expect_organisations(page)
    assert page.url == f"{server.url}/organisations"
    assert page.evaluate("window.marker") == 1, "it came from the cache"
    go_to(page, "Contacts")
    expect_contacts(page)


def test_search_changes_the_url_and_the_rows(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts")
    page.evaluate("window.marker = 1")
    page.fill("input[name=q]", "lindqvist gran")
    expect(page.locator(".page-subtitle")).to_have_text("1 contact found")
    assert page.url == f"{server.url}/contacts?q=lindqvist+gran"
    assert names_in(page) == ["Ada Lindqvist"]
    page.fill("input[name=q]", "nobody has this name")
    expect(page.locator(".empty-title")).to_have_text("Nobody matches")
    page.fill("input[name=q]", "")
    expect_contacts(page)
    assert page.url == f"{server.url}/contacts"
    assert page.evaluate("window.marker") == 1
    go_back_and_forth(page)


def test_sorting_changes_the_url_and_the_rows(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts")
    page.click(".sort-link:has-text('Status')")
    expect(page.locator("tbody .badge")).to_have_text(["Active"] * 20)
    assert page.url == f"{server.url}/contacts?sort=status"
    page.click(".sort-link:has-text('Status')")
    expect(page.locator("tbody .badge")).to_have_text(["Lead"] * 20)
    assert page.url == f"{server.url}/contacts?sort=-status"
    expect(page.locator(".column-status")).to_have_attribute("aria-sort", "descending")
    go_back_and_forth(page)


def test_the_pages_of_the_list_have_urls_and_rows_of_their_own(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts")
    first = names_in(page)
    page.click("[aria-label='Next page']")
    expect(page.locator(".pagination-status")).to_contain_text("Page 2 of")
    assert page.url == f"{server.url}/contacts?page=2"
    second = names_in(page)
    assert len(second) == 20
    assert not set(first) & set(second)
    page.go_back()
    expect(page.locator("tbody tr .row-link")).to_have_text(first)
    open_page(page, f"{server.url}/contacts?page=2")
    assert names_in(page) == second
    go_back_and_forth(page)


def test_the_deferred_panel_arrives_after_the_page_in_one_partial_request(page: Page, server: ExampleServer) -> None:
    skeleton = page.get_by_role("region", name="Activity").locator(".skeleton")
    gate = Gate(page, lambda request: request.headers.get("x-inertia-partial-data"))
    recorder = Recorder(page)
    open_page(page, f"{server.url}/contacts/7")
    partial = gate.wait()
    expect(skeleton).to_have_count(1)
    partial.continue_()
    expect(page.locator(".skeleton")).to_have_count(0)
    expect(page.locator(".people li")).to_have_count(6)
    # The colleagues are sent with the page once they are known to be fast.
    assert recorder.partials() in (["activity,colleagues"], ["activity"])
    go_back_and_forth(page)


@pytest.fixture
def patient_server(tmp_path: Path) -> Iterator[ExampleServer]:
    """A server with the deferred props of the example, of which none is too slow on a busy machine."""
    (tmp_path / "patient.py").write_text(PATIENT)
    server = ExampleServer(tmp_path)
    server.module = "patient"
    server.options = ("--app-dir", str(tmp_path))
    try:
        yield server.start()
    finally:
        server.stop()


def test_a_quick_deferred_prop_is_in_the_document_from_the_second_page_on(
    page: Page, patient_server: ExampleServer
) -> None:
    colleague = '<ul class="people">'
    assert colleague not in patient_server.html("/contacts/7"), "the time of the prop is not known yet"
    open_page(page, f"{patient_server.url}/contacts/7")
    expect(page.locator(".people li")).to_have_count(6)
    assert colleague in patient_server.html("/contacts/8")
    recorder = Recorder(page)
    open_page(page, f"{patient_server.url}/contacts/8")
    expect(page.locator(".skeleton")).to_have_count(0)
    assert [data for data in recorder.partials() if "activity" in data]


def test_a_visit_to_something_that_is_gone_shows_the_error_page(
    page: Page, server: ExampleServer, complaints: Complaints
) -> None:
    complaints.expect("status of 404")
    open_page(page, f"{server.url}/contacts?status=lead&sort=-created&page=2")
    page.evaluate("window.marker = 1")
    row = page.locator("tbody tr .row-link >> nth=4")
    with server.client() as client:  # Another visitor deletes it.
        client.get("/contacts")
        headers = {"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"]}
        assert client.delete(row.get_attribute("href") or "", headers=headers).status_code == 303
    row.click()
    expect(page.locator("h1")).to_have_text("This page does not exist")
    assert page.locator("iframe, dialog[open]").count() == 0
    assert page.evaluate("window.marker") == 1
    page.click("text=Back to the contacts")
    expect_contacts(page)
    go_back_and_forth(page)


def test_a_visit_after_a_new_build_loads_the_document_it_was_going_to(
    page: Page, spare_server: ExampleServer, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    open_page(page, f"{spare_server.url}/contacts")
    page.evaluate("window.marker = 1")
    spare_server.stop()
    spare_server.new_build()
    spare_server.start()
    recorder = Recorder(page)
    go_to(page, "Organisations")
    page.wait_for_url("**/organisations")
    wait_until_interactive(page)
    expect_organisations(page)
    assert page.evaluate("window.marker") is None
    assert recorder.documents() == [f"{spare_server.url}/organisations"]
    page.evaluate("window.marker = 2")
    go_to(page, "Contacts")
    expect_contacts(page)
    assert page.evaluate("window.marker") == 2, "the new page runs the new build"
    go_back_and_forth(page)
