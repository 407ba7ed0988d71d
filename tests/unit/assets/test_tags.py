"""Tags for chunks, read back with an HTML parser."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from litestar_vite._assets.manifest import Closure, parse_manifest
from litestar_vite._assets.tags import NONCE_SLOT, chunk_tags, dev_tags, entry_tags, fill_nonce
from tests.support import MANIFEST

HOSTILE = "a\"'><script>&amp;\u2028 Ä.js"


class Tags(HTMLParser):
    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def urls(self) -> list[str | None]:
        return [attributes.get("href") or attributes.get("src") for _, attributes in self.seen]


def closure_of(chunks: dict[str, Any], key: str) -> Closure:
    return parse_manifest(json.dumps(chunks).encode(), "test").closure(key)


def test_hostile_names_stay_inside_their_attributes() -> None:
    chunks = {"a": {"file": HOSTILE, "css": [HOSTILE], "imports": ["b"], "integrity": HOSTILE}, "b": {"file": HOSTILE}}
    tags = Tags(entry_tags(closure_of(chunks, "a"), '/"base/', nonce=False))
    assert tags.urls() == [f'/"base/{HOSTILE}'] * 3
    assert [tag for tag, _ in tags.seen] == ["link", "script", "link"]
    assert tags.seen[1][1]["integrity"] == HOSTILE
    assert tags.text == ""


def test_scripts_and_their_preloads_are_fetched_in_the_same_mode() -> None:
    tags = Tags(entry_tags(closure_of(MANIFEST, "src/app.tsx"), "/"))
    for tag, attributes in tags.seen:
        is_script = tag == "script" or attributes.get("rel") == "modulepreload"
        assert ("crossorigin" in attributes) is is_script


def test_a_style_as_entry_has_no_script() -> None:
    tags = Tags(entry_tags(closure_of({"a.scss": {"file": "a-1.css", "isEntry": True}}, "a.scss"), "/static/"))
    assert tags.seen == [("link", {"rel": "stylesheet", "href": "/static/a-1.css"})]


def test_a_page_that_is_in_the_entry_needs_no_tags() -> None:
    closure = closure_of(MANIFEST, "src/app.tsx")
    assert chunk_tags(closure, "/", without=[closure]) == b""


def test_without_an_entry_a_page_loads_all_of_its_own() -> None:
    tags = Tags(chunk_tags(closure_of(MANIFEST, "src/pages/Users/Index.tsx"), "/"))
    assert sorted(filter(None, tags.urls())) == sorted(
        "/" + file
        for file in (
            "assets/vendor-d4.css", "assets/app-c3.css", "assets/Index-a7.css",
            "assets/Index-e5.js", "assets/app-a1.js", "assets/vendor-b2.js", "assets/table-f6.js",
        )
    )  # fmt: skip


@pytest.mark.parametrize("refresh", [True, False])
def test_every_tag_of_the_dev_server_takes_a_nonce(refresh: bool) -> None:
    html = dev_tags("http://localhost:5173", "src/app.tsx", react_refresh=refresh, nonce=True)
    tags = Tags(fill_nonce(html, "abc"))
    assert len(tags.seen) == (3 if refresh else 2)
    assert {attributes["nonce"] for _, attributes in tags.seen} == {"abc"}
    assert NONCE_SLOT in html
    assert ("@react-refresh" in tags.text) is refresh


def test_the_preamble_is_valid_javascript_braces() -> None:
    text = Tags(dev_tags("http://localhost:5173", "a.tsx", react_refresh=True)).text
    assert text == (
        'import { injectIntoGlobalHook } from "http://localhost:5173/@react-refresh";'
        "injectIntoGlobalHook(window);window.$RefreshReg$ = () => {};window.$RefreshSig$ = () => (type) => type;"
    )


@pytest.mark.parametrize("nonce", [True, False])
def test_tags_have_a_slot_only_with_a_nonce(nonce: bool) -> None:
    closure = closure_of(MANIFEST, "src/app.tsx")
    html = entry_tags(closure, "/", nonce=nonce)
    assert html.count(NONCE_SLOT) == (4 if nonce else 0)
    assert (b"nonce" in html) is nonce


def test_a_hostile_nonce_stays_inside_its_attribute() -> None:
    html = fill_nonce(entry_tags(closure_of({"a": {"file": "a.js"}}, "a"), "/", nonce=True), HOSTILE)
    assert Tags(html).seen == [("script", {"type": "module", "crossorigin": None, "nonce": HOSTILE, "src": "/a.js"})]


def test_style_sheets_have_their_integrity() -> None:
    chunks = {
        "a": {"file": "a.js", "isEntry": True, "css": ["a.css", "b.css"]},
        "a.css": {"file": "a.css", "integrity": "sha384-a"},
        "only.css": {"file": "only.css", "isEntry": True, "integrity": "sha384-only"},
    }
    found = {
        attributes["href"]: attributes.get("integrity")
        for key in ("a", "only.css")
        for tag, attributes in Tags(entry_tags(closure_of(chunks, key), "/")).seen
        if tag == "link"
    }
    assert found == {"/a.css": "sha384-a", "/b.css": None, "/only.css": "sha384-only"}
    (tag, attributes), _ = Tags(chunk_tags(closure_of(chunks, "a"), "/")).seen[:2]
    assert (tag, attributes["integrity"], "crossorigin" in attributes) == ("link", "sha384-a", True)


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("virtual:app", "@id/virtual:app"),
        ("\0virtual:app", "@id/__x00__virtual:app"),
        ("src/app.tsx", "src/app.tsx"),
    ],
)
def test_virtual_entries_have_vites_url_in_development(entry: str, path: str) -> None:
    assert Tags(dev_tags("/static", entry, react_refresh=False)).urls()[-1] == f"/static/{path}"
