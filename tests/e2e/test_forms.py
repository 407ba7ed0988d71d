"""Forms: errors, flash messages, optimistic deletes, CSRF."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import (
    create_contact,
    delete_row,
    fill_contact,
    go_back_and_forth,
    go_to,
    hold_deletes,
    names_in,
    open_page,
    reload_page,
    row_with,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints
    from tests.e2e.server import ExampleServer


TAKEN_EMAIL = "ada.lindqvist@granitesecurity.example"


def test_an_error_that_only_the_server_knows_stands_under_its_field_and_the_input_stays(
    page: Page, server: ExampleServer
) -> None:
    open_page(page, f"{server.url}/contacts/new")
    fill_contact(page, "Zoë", "Ångström", TAKEN_EMAIL, notes="Two\nlines")
    page.click("text=Create contact")
    expect(page.locator("#email-error")).to_have_text("Another contact has this e-mail address.")
    expect(page.locator("#email")).to_have_attribute("aria-describedby", "email-error")
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#email")).to_be_focused()
    expect(page.locator(".field-error")).to_have_count(1)
    assert [page.input_value(f"#{name}") for name in ("firstName", "lastName", "email", "notes")] == [
        "Zoë",
        "Ångström",
        TAKEN_EMAIL,
        "Two\nlines",
    ]
    assert page.url == f"{server.url}/contacts/new"
    reload_page(page)
    data = page.text_content("script[data-page]")
    assert data is not None
    assert json.loads(data)["props"]["errors"] == {}, "errors are shown once"
    go_back_and_forth(page)


def test_a_validation_error_of_the_handlers_data_stands_under_its_field(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts/new")
    fill_contact(page, "Zoë", "Ångström", "zoe@example.com")
    page.fill("#phone", "abc")
    # The browser checks the same pattern. Remove it, so that the request reaches the server.
    page.evaluate("document.querySelector('#phone').removeAttribute('pattern')")
    page.click("text=Create contact")
    expect(page.locator("#phone-error")).to_have_text("Has the wrong format.")
    expect(page.locator("#phone")).to_have_attribute("aria-describedby", "phone-error")
    assert page.input_value("#firstName") == "Zoë"
    go_back_and_forth(page)


def test_a_flash_message_is_gone_after_a_reload(page: Page, server: ExampleServer) -> None:
    create_contact(page, server, "Flora", "Flash", "flora@example.com")
    expect(page.locator(".toast")).to_have_text("Flora Flash was added.")
    reload_page(page)
    expect(page.locator("h1")).to_have_text("Flora Flash")
    expect(page.locator(".skeleton")).to_have_count(0)
    assert page.locator(".toast").count() == 0
    go_back_and_forth(page)


def test_a_flash_message_is_not_shown_again_by_the_next_navigation(page: Page, server: ExampleServer) -> None:
    create_contact(page, server, "Fabian", "Flash", "fabian@example.com")
    expect(page.locator(".toast")).to_have_text("Fabian Flash was added.")
    page.click("[aria-label='Dismiss']")
    expect(page.locator(".toast")).to_have_count(0)
    with page.expect_response("**/organisations") as answer:
        go_to(page, "Organisations")
    expect(page.locator(".tile")).to_have_count(40)
    assert "flash" not in answer.value.json()
    assert page.locator(".toast").count() == 0
    page.go_back()
    expect(page.locator("h1")).to_have_text("Fabian Flash")
    expect(page.locator(".skeleton")).to_have_count(0)
    assert page.locator(".toast").count() == 0


def test_a_delete_shows_at_once_and_then_follows_its_redirect(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts?sort=-created&page=2")
    gate = hold_deletes(page)
    name = delete_row(page, row_with(page, customer=False))
    expect(page.locator("tbody tr")).to_have_count(19)
    held = gate.wait()
    assert name not in names_in(page)
    assert page.locator(".toast").count() == 0
    held.continue_()
    expect(page.locator(".toast-success")).to_have_text(f"{name} was deleted.")
    expect(page.locator("tbody tr")).to_have_count(20)
    assert name not in names_in(page)
    assert page.url == f"{server.url}/contacts?sort=-created&page=2"
    go_back_and_forth(page)


def test_a_refused_delete_is_rolled_back(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts?status=customer")
    before = names_in(page)
    gate = hold_deletes(page)
    name = delete_row(page, 3)
    expect(page.locator("tbody tr")).to_have_count(19)
    gate.wait().continue_()
    expect(page.locator(".toast-error")).to_contain_text(f"{name} is a customer")
    expect(page.locator("tbody tr .row-link")).to_have_text(before)
    assert page.url == f"{server.url}/contacts?status=customer"
    go_back_and_forth(page)


def test_a_delete_that_never_reaches_the_server_is_rolled_back(
    page: Page, server: ExampleServer, complaints: Complaints
) -> None:
    complaints.expect("net::ERR_FAILED")
    complaints.expect("^page error: Network error")  # Thrown if nothing handles the networkError event.
    open_page(page, f"{server.url}/contacts?page=3")
    before, subtitle = names_in(page), page.inner_text(".page-subtitle")
    gate = hold_deletes(page)
    delete_row(page, 2)
    expect(page.locator("tbody tr")).to_have_count(19)
    gate.wait().abort()
    expect(page.locator("tbody tr .row-link")).to_have_text(before)
    expect(page.locator(".page-subtitle")).to_have_text(subtitle)
    go_back_and_forth(page)


def test_a_delete_without_the_csrf_header_is_refused_with_a_message(page: Page, server: ExampleServer) -> None:
    open_page(page, f"{server.url}/contacts?page=4")
    url = page.get_attribute("tbody tr:nth-child(2) .row-link", "href") or ""
    gate = hold_deletes(page)
    delete_row(page, 2)
    held = gate.wait()
    assert held.request.headers["x-xsrf-token"]
    held.continue_(headers={name: value for name, value in held.request.headers.items() if name != "x-xsrf-token"})
    expect(page.locator(".toast")).to_have_text("The page has expired. Please try again.")
    expect(page.locator("tbody tr .row-link").nth(1)).to_have_attribute("href", url)
    assert page.locator("iframe, dialog[open]").count() == 0
    with server.client() as client:
        assert client.get(url).status_code == 200
    go_back_and_forth(page)


def test_a_post_without_the_csrf_header_is_refused(server: ExampleServer) -> None:
    contact = {"firstName": "Cara", "lastName": "Cross", "email": "cara@example.com", "status": "lead"}
    with server.client() as client:
        client.get("/contacts/new")
        assert client.post("/contacts", json=contact).status_code == 403
        assert client.post("/contacts", json=contact, headers={"X-XSRF-TOKEN": "0" * 128}).status_code == 403
        assert "cara@example.com" not in client.get("/contacts?q=cara%40example").text
        accepted = client.post("/contacts", json=contact, headers={"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"]})
        assert accepted.status_code == 303
        assert "cara@example.com" in client.get("/contacts?q=cara%40example").text
