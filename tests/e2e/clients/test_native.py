"""A page without JavaScript, rendered by each client's server build, and its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from tests.e2e.server import ClientServer


def test_a_page_without_scripts_has_its_deferred_props_and_a_form_that_keeps_its_input(
    new_context: Callable[..., BrowserContext], client_server: ClientServer
) -> None:
    page = new_context().new_page()
    kinds: set[str] = set()
    page.on("request", lambda request: kinds.add(request.resource_type))
    page.goto(f"{client_server.url}/native")
    expect(page.locator("#late")).to_have_text("in the document")
    expect(page.locator("[name=_csrf_token]")).to_have_value(page.context.cookies()[0]["value"])
    expect(page.locator("[name=name]")).to_have_value("nobody")
    assert "script" not in kinds
    assert page.locator("script[type=module], script[data-page], link[rel=modulepreload]").count() == 0

    page.fill("[name=name]", "Al")
    page.click("#send")
    expect(page.locator("#name-error")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Al")
    page.fill("[name=name]", "Ada")
    page.click("#send")
    expect(page.locator("#success")).to_have_text("Thank you, Ada")
    assert "script" not in kinds
