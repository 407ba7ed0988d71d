"""When another visitor saves a contact, open pages update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import open_page
from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from tests.e2e.server import ExampleServer


def test_a_contact_that_somebody_else_saves_changes_in_the_open_page(
    new_context: Callable[[], BrowserContext], server: ExampleServer
) -> None:
    reader, writer = new_context().new_page(), new_context().new_page()
    streams: list[str] = []
    reader.on("response", lambda response: streams.append(response.url) if "/live?" in response.url else None)
    open_page(writer, f"{server.url}/contacts")
    writer.click("tbody tr >> nth=3 >> a >> nth=0")
    writer.wait_for_url("**/contacts/*")
    open_page(reader, writer.url)
    wait_for(lambda: streams, "the stream", lambda: reader.wait_for_timeout(50))
    writer.click("text=Edit")
    writer.fill("input[name=phone]", "+49 40 1234567")
    writer.click("form .button-primary")
    expect(writer.locator("a[href^='tel:']")).to_have_text("+49 40 1234567")
    expect(reader.locator("a[href^='tel:']")).to_have_text("+49 40 1234567")
    assert len(streams) == 1
