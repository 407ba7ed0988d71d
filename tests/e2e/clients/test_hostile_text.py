"""Hostile text is text, whoever renders it: the browser alone, or the render server whose markup the client takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.e2e.hostile import HOSTILE_TEXTS

if TYPE_CHECKING:
    from tests.e2e.clients.visitor import Visitor


# What the page shows of the text, and what must not be there because of it.
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
        # Not the title: the React and Vue clients leave the entities of a text to the browser, which is wrong and
        # harmless.
        assert seen == {**harmless, "text": text, "title": text, "description": text}, text
    with visitor.page.expect_response(lambda response: response.request.headers.get("x-inertia") == "true"):
        visitor.click("#link")
    visitor.page.wait_for_function("document.querySelector('#text')")
    assert visitor.page.evaluate(SEEN)["ran"] is None
