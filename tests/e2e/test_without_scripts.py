"""Pages without JavaScript: the help page of the example, in a browser with JavaScript on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import wait_until_interactive

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from tests.e2e.server import ExampleServer


def send(page: Page, message: str, email: str = "") -> None:
    page.fill("[name=message]", message)
    page.fill("[name=email]", email)
    with page.expect_navigation():
        page.click("button[type=submit]")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_page_loads_no_scripts_and_its_form_works(
    new_context: Callable[..., BrowserContext], server: ExampleServer, has_scripts: bool
) -> None:
    page = new_context(java_script_enabled=has_scripts).new_page()
    kinds: list[str] = []
    page.on("request", lambda request: kinds.append(request.resource_type))
    page.goto(f"{server.url}/help")
    expect(page).to_have_title("Help · Kontor")
    assert sorted(kinds) == ["document", "stylesheet", "stylesheet"]
    expect(page.locator(".brand-mark")).to_have_css("width", "26px")

    send(page, "short", "nobody")
    assert page.url == f"{server.url}/help"
    expect(page.locator(".field-error")).to_have_count(2)
    expect(page.locator("[name=message]")).to_have_value("short")
    expect(page.locator("[name=email]")).to_have_value("nobody")

    send(page, "It works without scripts.")
    expect(page.get_by_role("status")).to_have_text("Thank you. We have received your message.")
    expect(page.locator(".field-error")).to_have_count(0)
    expect(page.locator("[name=message]")).to_have_value("")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    assert "script" not in kinds


def test_a_form_without_its_token_goes_back_with_a_message_and_keeps_the_input(
    page: Page, server: ExampleServer
) -> None:
    page.goto(f"{server.url}/help")
    page.evaluate("document.querySelector('[name=_csrf_token]').value = 'stale'")
    send(page, "It is longer than ten.")
    expect(page.get_by_role("alert")).to_have_text("The page has expired. Please try again.")
    expect(page.locator("[name=message]")).to_have_value("It is longer than ten.")
    with page.expect_navigation():
        page.click("button[type=submit]")
    expect(page.get_by_role("status")).to_be_visible()


def test_links_lead_from_the_app_to_the_page_and_back(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts")
    wait_until_interactive(page)
    page.click("text=Help")
    expect(page).to_have_url(f"{server.url}/help")
    assert page.evaluate("document.querySelector('script[type=module]')") is None
    page.click("main a:text('organisations')")
    wait_until_interactive(page)
    expect(page.locator("h1")).to_have_text("Organisations")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Help and feedback")


def test_an_inertia_visit_shows_the_page_inside_the_app_with_a_working_form(page: Page, server: ExampleServer) -> None:
    page.goto(f"{server.url}/contacts")
    wait_until_interactive(page)
    page.evaluate("window.isTheSameDocument = true")
    # Route the Inertia visit of this link to the help page.
    page.route("**/organisations", lambda route: route.continue_(url=f"{server.url}/help"))
    page.click(".sidebar >> text=Organisations")
    expect(page.locator("h1")).to_have_text("Help and feedback")
    assert page.evaluate("window.isTheSameDocument") is True
    expect(page.locator(".notice")).to_have_count(0)
    send(page, "The token is from the cookie.")
    expect(page.get_by_role("status")).to_have_text("Thank you. We have received your message.")
    assert page.evaluate("window.isTheSameDocument") is None
