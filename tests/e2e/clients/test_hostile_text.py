"""Hostile text is shown as text, whether the browser renders the page or hydrates the render server's markup."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.e2e.hostile import HOSTILE_TEXTS

if TYPE_CHECKING:
    from tests.e2e.clients.visitor import Visitor


# The text as the page shows it, and elements that the text must not create.
SEEN = """() => ({
    text: document.querySelector('#text').textContent,
    title: document.querySelector('#text').title,
    description: document.querySelector('meta[name=description]').content,
    ran: window.__xss ?? null,
    elements: document.querySelectorAll('*').length,
    foreign: document.querySelectorAll('img, svg, iframe, base, math, details, meta[http-equiv], #app #app').length,
    rendered: !!document.querySelector('#app[data-server-rendered]'),
})"""


@pytest.mark.parametrize("ssr", [True, False], ids=["rendered on the server", "rendered in the browser"])
def test_hostile_text_is_shown_as_text(visitor: Visitor, ssr: bool) -> None:
    def look_at(text: str) -> dict[str, object]:
        visitor.open(f"/xss?ssr={str(ssr).lower()}&q={quote(text, safe='')}")
        return visitor.page.evaluate(SEEN)

    harmless = look_at("harmless")
    assert harmless["rendered"] is ssr
    for text in HOSTILE_TEXTS:
        seen = look_at(text)
        # The document's title is not compared: the React and Vue clients do not escape entities in it, which is
        # wrong but harmless.
        assert seen == {**harmless, "text": text, "title": text, "description": text}, text
    with visitor.page.expect_response(lambda response: response.request.headers.get("x-inertia") == "true"):
        visitor.click("#link")
    visitor.page.wait_for_function("document.querySelector('#text')")
    assert visitor.page.evaluate(SEEN)["ran"] is None
