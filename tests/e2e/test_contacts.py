"""The contacts example in a real browser, with the real Inertia client and server-side rendering."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.server import ExampleServer, is_running, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Request, Route

    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.e2e

CONTACT = re.compile(r"/contacts/\d+$")
TAKEN_EMAIL = "ada.lindqvist@granitesecurity.example"


def fill_contact(page: Page, first: str, last: str, email: str, notes: str = "") -> None:
    page.fill("#firstName", first)
    page.fill("#lastName", last)
    page.fill("#email", email)
    page.fill("#notes", notes)


def create_contact(page: Page, server: ExampleServer, first: str, last: str, email: str, notes: str = "") -> str:
    """Create a contact in the browser and return its URL."""
    page.goto(f"{server.url}/contacts/new")
    fill_contact(page, first, last, email, notes)
    page.click("text=Create contact")
    page.wait_for_url(CONTACT)
    return page.url


class Recorder:
    """The requests that a page sends."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - Playwright marks the function it is given

    def documents(self) -> list[str]:
        return [request.url for request in self.requests if request.resource_type == "document"]

    def partials(self) -> list[str]:
        return [data for request in self.requests if (data := request.headers.get("x-inertia-partial-data"))]


def test_first_load_is_rendered_on_the_server_and_hydrated_without_complaint(page: Page, server: ExampleServer) -> None:
    html = httpx.get(f"{server.url}/contacts").text
    markup = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert markup.count("<tr") > 20
    assert "Ada Achterberg" in markup
    assert '<link rel="modulepreload"' in markup
    page.goto(f"{server.url}/contacts")
    expect(page.locator("tbody tr")).to_have_count(20)
    expect(page).to_have_title("Contacts · Kontor")
    page.click(".theme-toggle")
    assert page.evaluate("document.documentElement.dataset.theme") in {"dark", "light"}, "the page is interactive"


def test_navigation_changes_pages_without_loading_a_document(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts")
    page.evaluate("window.marker = 1")
    recorder = Recorder(page)
    page.click(".nav-link:has-text('Organisations')")
    expect(page.locator(".tile")).to_have_count(40)
    page.click(".tile >> nth=0")
    page.wait_for_url(re.compile(r"/organisations/\d+$"))
    assert page.evaluate("window.marker") == 1
    assert recorder.documents() == []
    assert all(request.headers.get("x-inertia") for request in recorder.requests if request.resource_type in {"fetch", "xhr"})


def test_back_and_forward_show_pages_and_never_json(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts")
    page.click(".nav-link:has-text('Organisations')")
    expect(page.locator(".tile")).to_have_count(40)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(20)
    page.go_forward()
    expect(page.locator(".tile")).to_have_count(40)
    page.reload()
    expect(page.locator(".tile")).to_have_count(40)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(20)
    page.click(".nav-link:has-text('Organisations')")
    expect(page.locator(".tile")).to_have_count(40)
    page.goto("about:blank")
    page.go_back()
    expect(page.locator(".tile")).to_have_count(40)
    assert '"component"' not in page.inner_text("body")


def test_a_server_side_error_stands_under_its_field_and_the_input_stays(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts/new")
    fill_contact(page, "Zoë", "Ångström", TAKEN_EMAIL)
    page.click("text=Create contact")
    expect(page.locator("#email-error")).to_have_text("Another contact has this e-mail address.")
    assert page.get_attribute("#email", "aria-describedby") == "email-error"
    assert page.get_attribute("#email", "aria-invalid") == "true"
    assert page.input_value("#firstName") == "Zoë"
    assert page.url.endswith("/contacts/new")


def test_a_validation_error_of_the_handlers_data_stands_under_its_field(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts/new")
    fill_contact(page, "Zoë", "Ångström", "zoe@example.com")
    page.fill("#phone", "abc")
    # The form checks the same rule in the browser first; this request shall reach the server.
    page.evaluate("document.querySelector('#phone').removeAttribute('pattern')")
    page.click("text=Create contact")
    expect(page.locator("#phone-error")).to_contain_text("regex")


def test_flash_shows_once(page: Page, server: ExampleServer) -> None:
    url = create_contact(page, server, "Flora", "Flash", "flora@example.com")
    expect(page.locator(".toast")).to_have_text("Flora Flash was added.")
    page.reload()
    expect(page.locator("h1")).to_have_text("Flora Flash")
    expect(page.locator(".skeleton")).to_have_count(0)
    assert page.locator(".toast").count() == 0
    xhr = httpx.get(url)
    assert "was added" not in xhr.text


def test_the_deferred_panel_arrives_after_the_page_in_one_request(page: Page, server: ExampleServer) -> None:
    held: list[Route] = []

    def hold_partials(route: Route) -> None:
        if route.request.headers.get("x-inertia-partial-data"):
            held.append(route)
        else:
            route.continue_()

    recorder = Recorder(page)
    page.route("**/contacts/7", hold_partials)
    page.goto(f"{server.url}/contacts/7")
    expect(page.locator(".skeleton")).to_have_count(2)
    wait_for(lambda: held or page.wait_for_timeout(20), "the request for the panel")
    held.pop().continue_()
    expect(page.locator(".skeleton")).to_have_count(0)
    assert recorder.partials() == ["activity,colleagues"]


def delete_row(page: Page, row: int) -> str:
    """Delete the contact in a row of the list, and return its name."""
    name = page.inner_text(f"tbody tr:nth-child({row}) .row-link")
    page.hover(f"tbody tr:nth-child({row})")
    page.click(f"tbody tr:nth-child({row}) .cell-actions button")
    page.click("text=Delete contact")
    return name


def row_with(page: Page, *, customer: bool) -> int:
    badges = page.locator("tbody tr .badge").all_inner_texts()
    return next(number for number, badge in enumerate(badges, 1) if (badge == "Customer") is customer)


def hold_deletes(page: Page) -> list[Route]:
    held: list[Route] = []
    page.route("**/contacts/*", lambda route: held.append(route) if route.request.method == "DELETE" else route.continue_())
    return held


def test_a_delete_shows_at_once_and_then_follows_its_redirect(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts?sort=-created&page=2")
    held = hold_deletes(page)
    name = delete_row(page, row_with(page, customer=False))
    expect(page.locator("tbody tr")).to_have_count(19)
    wait_for(lambda: held or page.wait_for_timeout(20), "the DELETE")
    assert page.locator(".toast").count() == 0
    held.pop().continue_()
    expect(page.locator(".toast-success")).to_have_text(f"{name} was deleted.")
    expect(page.locator("tbody tr")).to_have_count(20)
    assert page.url.endswith("?sort=-created&page=2")


def test_a_refused_delete_is_rolled_back(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts?status=customer")
    held = hold_deletes(page)
    name = delete_row(page, row_with(page, customer=True))
    expect(page.locator("tbody tr")).to_have_count(19)
    wait_for(lambda: held or page.wait_for_timeout(20), "the DELETE")
    held.pop().continue_()
    expect(page.locator(".toast-error")).to_contain_text(f"{name} is a customer")
    expect(page.locator("tbody tr")).to_have_count(20)


def test_a_visit_after_a_new_build_loads_the_page_anew(page: Page, tmp_path: Path, complaints: Complaints) -> None:
    complaints.expect("status of 409")
    server = ExampleServer(tmp_path).start()
    try:
        page.goto(f"{server.url}/contacts")
        page.evaluate("window.marker = 1")
        server.stop()
        server.new_build()
        server.start()
        recorder = Recorder(page)
        page.click(".nav-link:has-text('Organisations')")
        page.wait_for_function("window.marker === undefined")
        expect(page.locator(".tile")).to_have_count(40)
        assert recorder.documents() == [f"{server.url}/organisations"]
    finally:
        server.stop()


def test_without_javascript_the_content_is_there(browser: Browser, server: ExampleServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{server.url}/contacts")
        assert page.locator("tbody tr").count() == 20
        assert page.title() == "Contacts · Kontor"
    finally:
        context.close()


def test_search_sort_and_pages_change_url_and_rows(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts")
    page.fill("input[name=q]", "lindqvist gran")
    expect(page.locator(".page-subtitle")).to_have_text(re.compile("1 contact found"))
    assert page.url.endswith("/contacts?q=lindqvist+gran")
    page.fill("input[name=q]", "")
    expect(page.locator("tbody tr")).to_have_count(20)
    page.click(".sort-link:has-text('Added')")
    page.wait_for_url("**sort=created*")
    page.click("[aria-label='Next page']")
    page.wait_for_url("**page=2*")
    expect(page.locator(".pagination-status")).to_contain_text("Page 2 of")


def test_an_unknown_address_is_a_page_on_first_load_and_on_a_visit(page: Page, server: ExampleServer, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    response = page.goto(f"{server.url}/nothing/here")
    assert response is not None
    assert response.status == 404
    expect(page.locator("h1")).to_have_text("This page does not exist")
    page.click("text=Back to the contacts")
    expect(page.locator("tbody tr")).to_have_count(20)
    page.evaluate("document.querySelector('tbody tr .row-link').href = '/contacts/99999'")
    page.route("**/contacts/*", lambda route: route.continue_(url=f"{server.url}/contacts/99999"))
    page.click("tbody tr:nth-child(3) .row-link")
    expect(page.locator("h1")).to_have_text("This page does not exist")
    assert page.locator("dialog[open], iframe").count() == 0


def test_a_post_without_the_csrf_header_is_refused(server: ExampleServer) -> None:
    response = httpx.post(f"{server.url}/contacts", json={})
    assert response.status_code == 403


def test_dark_mode_survives_a_reload(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts")
    page.click(".theme-toggle")
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(20)
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_hostile_text_is_shown_as_text(page: Page, server: ExampleServer) -> None:
    attack = "</script><script>window.__xss=1</script><!--<script>"
    url = create_contact(page, server, attack[:58], "<!--<script>", "hostile@example.com", notes=attack)
    for address in (url, f"{server.url}/contacts?q=hostile%40example"):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("window.__xss") is None
    page.goto(url)
    expect(page.locator(".notes p")).to_have_text(attack)


def test_when_the_render_worker_dies_the_browser_renders_and_the_worker_comes_back(page: Page, tmp_path: Path) -> None:
    server = ExampleServer(tmp_path).start()
    try:
        wait_for(server.worker_is_ready, "server-side rendering")
        (worker,) = server.worker_pids()
        os.kill(worker, signal.SIGKILL)
        page.goto(f"{server.url}/contacts")
        expect(page.locator("tbody tr")).to_have_count(20)
        wait_for(server.worker_is_ready, "server-side rendering to come back")
        assert server.worker_pids() != [worker]
    finally:
        server.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_no_child_is_left_when_the_server_ends(tmp_path: Path, how: signal.Signals) -> None:
    server = ExampleServer(tmp_path).start()
    wait_for(server.worker_is_ready, "server-side rendering")
    workers = server.worker_pids()
    assert len(workers) == 1
    server.stop(how)
    wait_for(lambda: not any(map(is_running, workers)), "the render worker to end")
