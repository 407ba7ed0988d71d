"""B2: hostile values in script, attribute, template and SSR splice, judged by an HTML5 parser."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import html5lib
import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from litestar_vite.inertia import InertiaConfig, InertiaResponse
from tests.bad_input.attack import SEED, ask_all
from tests.support import make_app

CORPUS = [
    "</script><script>alert(1)</script>", "<!--<script>", "<!--", "-->", "]]>", "</ScRiPt >", "</script\t>", "</script/x>", "<script>", "<style>", "</style>",
    "<![CDATA[", "&lt;/script&gt;", "&quot;", "'\"><img src=x onerror=alert(1)>", '" onload="x', "\u2028", "\u2029", "\x00", "\x1b", "\ufeff", "\ufffd",
    "<noscript>", "</noscript>", "<textarea>", "</textarea>", "<title>", "</title>", "<plaintext>", "<xmp>", "</xmp>", "<template>", "</template>", "<svg><script>",
    "<math><mtext></script>", "<iframe srcdoc='<script>'>", "javascript:alert(1)", "{{ 7*7 }}", "{% raw %}", "${7*7}", "<%= 7 %>", "#{7}", "\\", "\\u003c", '\\"', "</div>",
    "</body></html>", "<base href=//evil>", "<meta http-equiv=refresh content=0>", "é", "🦄", "\ud7ff", "<a\x00b>", "<a\nb>", "<!DOCTYPE x>", "<?php", "&#x3c;script&#x3e;", "&#60;",
]  # fmt: skip
CASES = 300
TEMPLATE = "<!doctype html><html><head>{{ vite() }}{{ inertia_head }}</head><body>{{ inertia }}<p id='t'>{{ text }}</p></body></html>"


def value_of(rng: random.Random) -> Any:
    text = "".join(rng.choices(CORPUS, k=rng.randint(1, 4)))
    kind = rng.randrange(4)
    return [text, {text: text}, [text, {"k": [text]}], {"a": {"b": text}}][kind]


def app_for(site: Path, way: str, values: list[Any]) -> Litestar:
    @get("/{number:int}", sync_to_thread=False)
    def page(number: FromPath[int]) -> InertiaResponse[Any]:
        return InertiaResponse({"value": values[number]}, component="Page", view_data={"text": str(values[number])})

    if way == "template":
        (site / "root.html").write_text(TEMPLATE)
        config = TemplateConfig(directory=site, engine=JinjaTemplateEngine)
        return make_app(site, [page], InertiaConfig(template="root.html"), template_config=config)
    return make_app(site, [page], InertiaConfig(legacy_root_attribute=way == "attribute"))


def shape(document: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements of a document with the names of their attributes, in order."""
    return [(str(element.tag), tuple(sorted(element.keys()))) for element in document.iter() if isinstance(element.tag, str)]


@pytest.mark.parametrize("way", ["script", "attribute", "template"])
def test_hostile_values_never_change_the_document(site: Path, way: str) -> None:
    rng = random.Random(SEED)
    values = ["harmless", *CORPUS, *(value_of(rng) for _ in range(CASES))]
    answers = ask_all(app_for(site, way, values), (("GET", f"/{number}", ()) for number in range(len(values))))
    expected = None
    for value, answer in zip(values, answers, strict=True):
        assert answer.status == 200
        document = html5lib.parse(answer.body, treebuilder="etree", namespaceHTMLElements=False, transport_encoding="utf-8")
        if way == "attribute":
            page = json.loads(document.find(".//div[@id='app']").get("data-page"))
        else:
            page = json.loads(document.find(".//script[@data-page='app']").text)
        assert page["props"]["value"] == value
        found = shape(document)
        expected = expected or found
        assert found == expected, value
