"""The first load: server rendering, and hydration in the browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import Gate, create_contact, go_to, open_page, reload_page, wait_until_interactive

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from tests.e2e.conftest import Complaints
    from tests.e2e.server import ExampleServer


def without_scripts(html: str) -> str:
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def test_the_first_answer_holds_the_content_as_markup_and_not_only_as_data(server: ExampleServer) -> None:
    html = server.html("/contacts")
    markup = without_scripts(html)
    assert markup.count("<tr") == 21, "a header row, and a row for each contact"
    assert ">Ada Achterberg</a>" in markup
    assert '<script data-page="app" type="application/json">' in html
    assert '<link rel="modulepreload"' in html


def test_the_browser_takes_over_the_servers_markup_without_replacing_it(page: Page, server: ExampleServer) -> None:
    gate = Gate(page, lambda request: request.resource_type == "script")
    page.goto(f"{server.url}/contacts", wait_until="commit")
    expect(page.locator("tbody tr")).to_have_count(20)
    expect(page).to_have_title("Contacts · Kontor")
    page.evaluate("document.querySelector('tbody tr').madeByTheServer = true")
    gate.open()
    wait_until_interactive(page)
    page.click("[aria-label^='Delete']")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert page.evaluate("document.querySelector('tbody tr').madeByTheServer") is True


def test_without_javascript_the_content_is_there(
    new_context: Callable[..., BrowserContext], server: ExampleServer
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{server.url}/contacts")
    expect(page.locator("tbody tr")).to_have_count(20)
    expect(page).to_have_title("Contacts · Kontor")
    page.click("tbody tr .row-link >> nth=0")
    expect(page.locator("h1")).to_have_text("Ada Achterberg")
    expect(page.get_by_role("region", name="Activity").locator(".skeleton")).to_have_count(1)


def test_dark_mode_survives_a_reload(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click(".theme-toggle")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    reload_page(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.click(".theme-toggle")
    reload_page(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_hostile_text_is_shown_as_text(page: Page, server: ExampleServer) -> None:
    first, last = "</script><script>window.__xss=1</script>", "<!--<script>"
    notes = f"{first}\n{last}\n</title><img src=x onerror=window.__xss=1>"
    url = create_contact(page, server, first, last, "hostile@example.com", notes)
    expect(page.locator(".toast")).to_have_text(f"{first} {last} was added.")

    open_page(page, url)
    expect(page.locator("h1")).to_have_text(f"{first} {last}")
    expect(page).to_have_title(f"{first} {last} · Kontor")
    assert page.text_content(".notes p") == notes
    assert page.evaluate("window.__xss") is None

    open_page(page, f"{server.url}/contacts?q=hostile%40example")
    expect(page.locator("tbody tr .row-link")).to_have_text([f"{first} {last}"])
    assert page.evaluate("window.__xss") is None

    for path in (url.removeprefix(server.url), "/contacts?q=hostile%40example"):
        html = server.html(path)
        assert "&lt;!--&lt;script&gt;" in html, "the server rendered it"
        assert "<script>window.__xss" not in html
        assert "<!--<script" not in html


def test_an_unknown_address_is_a_page_with_status_404(
    page: Page, server: ExampleServer, complaints: Complaints
) -> None:
    complaints.expect("status of 404")
    response = page.goto(f"{server.url}/nothing/here")
    assert response is not None
    assert response.status == 404
    expect(page.locator("h1")).to_have_text("This page does not exist")
    wait_until_interactive(page)
    page.evaluate("window.marker = 1")
    go_to(page, "Organisations")
    expect(page.locator(".tile")).to_have_count(40)
    assert page.evaluate("window.marker") == 1
    with server.client(**{"X-Inertia": "true"}) as client:
        visit = client.get("/nothing/here")
    assert (visit.status_code, visit.headers["x-inertia"], visit.json()["component"]) == (404, "true", "Errors/Error")
