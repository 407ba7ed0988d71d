"""Hostile text in the three kinds of document that the server writes, opened in a real browser without a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, get
from litestar.params import FromQuery
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.testing import TestClient

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, InertiaResponse
from litestar_vite.testing import inert
from tests.e2e.hostile import HOSTILE_TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page


TEMPLATE = "<!doctype html><html><head>{{ vite() }}<title>{{ text }}</title>{{ inertia_head }}</head><body title='{{ text }}'>{{ inertia }}</body></html>"
CONFIGS = {
    "script": InertiaConfig(),
    "attribute": InertiaConfig(legacy_root_attribute=True),
    "template": InertiaConfig(template="root.html"),
}
SEEN = """() => {
    const script = document.querySelector('script[data-page=app][type="application/json"]')
    return {
        page: JSON.parse(script ? script.textContent : document.querySelector('#app').dataset.page),
        title: document.body.title,
        ran: window.__xss ?? null,
        elements: document.querySelectorAll('*').length,
        lastElement: document.body.lastElementChild.id,
    }
}"""


@get("/")
async def show(text: FromQuery[str]) -> InertiaResponse[dict[str, Any]]:
    return InertiaResponse({"text": text, text: 1}, component=f"Page {text}", view_data={"text": text})


@pytest.mark.parametrize("kind", CONFIGS)
def test_hostile_text_in_a_document_is_data(page: Page, tmp_path: Path, kind: str) -> None:
    (tmp_path / "root.html").write_text(TEMPLATE)
    app = inert(
        Litestar(
            [show],
            plugins=[VitePlugin(ViteConfig(root=tmp_path, inertia=CONFIGS[kind]))],
            template_config=TemplateConfig(directory=tmp_path, engine=JinjaTemplateEngine),
        )
    )
    document = ""
    page.route(
        "http://hostile.test/", lambda route: route.fulfill(body=document, content_type="text/html; charset=utf-8")
    )
    with TestClient(app) as client:

        def look_at(text: str) -> dict[str, Any]:
            nonlocal document
            document = client.get("/", params={"text": text}).text
            page.goto("http://hostile.test/")
            return page.evaluate(SEEN)

        harmless = look_at("harmless")
        del harmless["page"]
        assert (harmless["ran"], harmless["lastElement"]) == (None, "app")
        for text in (text for text in HOSTILE_TEXTS if "." not in text):  # A prop name with a dot is a path.
            seen = look_at(text)
            shown = seen.pop("page")
            assert shown["component"] == f"Page {text}"
            assert shown["props"] == {"errors": {}, "text": text, text: 1}
            assert seen == {**harmless, "title": text if kind == "template" else ""}, text
