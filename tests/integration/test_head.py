"""The head of the document from the server (protocol I65)."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import get
from litestar.testing import TestClient

from litestar_vite.inertia import head
from tests.support import inertia_headers, make_app

pytestmark = pytest.mark.protocol("I65")


class Elements(HTMLParser):
    """Collects what a browser would make of the markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Elements:
    parser = Elements()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.parametrize(
    ("element", "html"),
    [
        (head.title("Users"), '<title data-inertia="title">Users</title>'),
        (head.meta(name="description", content="All"), '<meta data-inertia="description" name="description" content="All">'),
        (head.meta(property="og:title", content="All"), '<meta data-inertia="og:title" property="og:title" content="All">'),
        (head.meta(http_equiv="refresh", content="5"), '<meta data-inertia="refresh" http-equiv="refresh" content="5">'),
        (head.meta(key="x", name="robots", content=None), '<meta data-inertia="x" name="robots">'),
        (head.meta(itemprop="a"), '<meta data-inertia="meta" itemprop="a">'),
        (head.link(rel="canonical", href="/a?b&c"), '<link data-inertia="canonical /a?b&amp;c" rel="canonical" href="/a?b&amp;c">'),
        (head.link(class_="x", disabled=True, hidden=False), '<link data-inertia="link" class="x" disabled>'),
        (head.script('{"a": "</script>"}'), '<script data-inertia="ld+json" type="application/ld+json">{"a": "\\u003c/script\\u003e"}</script>'),
    ],
)  # fmt: skip
def test_elements_are_written_with_their_keys(element: str, html: str) -> None:
    assert element == html


ATTACKS = st.text(st.sampled_from(list("<>\"'&=/ !-`\\abc\u2028\x00")) | st.characters(exclude_categories=["Cs"]), max_size=20)


@given(ATTACKS, ATTACKS)
def test_whatever_the_values_hold_it_is_one_element(key: str, value: str) -> None:
    for made, tag in (
        (head.title(value, key=key), "title"),
        (head.meta(key=key, content=value), "meta"),
        (head.link(key=key, href=value), "link"),
    ):
        elements = parsed(made)
        assert [name for name, _ in elements.found] == [tag]
        assert set(elements.found[0][1]) <= {"data-inertia", "content", "href"}
    script = head.script(json.dumps(value), key=key)
    assert script.count("<") == 2
    assert json.loads(script[script.index(">") + 1 : script.rindex("<")]) == value


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="is no name of an HTML attribute"):
        head.meta(**{"x onload": "1"})
    with pytest.raises(ValueError, match="would run"):
        head.script("alert(1)", type="module")


def test_the_head_is_a_prop_of_the_page(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"head": [head.title("Ada & <Bob>")], "users": 1}

    app = make_app(site, [home])
    with TestClient(app) as client:
        page = client.get("/", headers=inertia_headers(app)).json()
    assert page["props"]["head"] == ['<title data-inertia="title">Ada &amp; &lt;Bob&gt;</title>']
