"""B2: hostile values in the page script, attributes, templates and SSR markup, judged by an HTML5 parser.

For SSR, a scripted render server writes the values as the real libraries do. The browser tests use the libraries
themselves."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import anyio
import html5lib
import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig
from tests.bad_input.attack import SEED, ask_all
from tests.integration.asgi import Answer, ask_async
from tests.render_server import RenderServer
from tests.support import make_app

CORPUS = [
    "</script><script>alert(1)</script>", "<!--<script>", "<!--", "-->", "]]>", "</ScRiPt >", "</script\t>", "</script/x>", "<script>", "<style>", "</style>",
    "<![CDATA[", "&lt;/script&gt;", "&quot;", "'\"><img src=x onerror=alert(1)>", '" onload="x', "\u2028", "\u2029", "\x00", "\x1b", "\ufeff", "\ufffd",
    "<noscript>", "</noscript>", "<textarea>", "</textarea>", "<title>", "</title>", "<plaintext>", "<xmp>", "</xmp>", "<template>", "</template>", "<svg><script>",
    "<math><mtext></script>", "<iframe srcdoc='<script>'>", "javascript:alert(1)", "{{ 7*7 }}", "{% raw %}", "${7*7}", "<%= 7 %>", "#{7}", "\\", "\\u003c", '\\"', "</div>",
    "</body></html>", "<base href=//evil>", "<meta http-equiv=refresh content=0>", "é", "🦄", "\ud7ff", "<a\x00b>", "<a\nb>", "<!DOCTYPE x>", "<?php", "&#x3c;script&#x3e;", "&#60;",
]  # fmt: skip
CASES = 300
FAST_CASES = 60
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
    return [
        (str(element.tag), tuple(sorted(element.keys()))) for element in document.iter() if isinstance(element.tag, str)
    ]


@pytest.mark.parametrize("way", ["script", "attribute", "template"])
def test_hostile_values_never_change_the_document(site: Path, way: str, seed: int) -> None:
    rng = random.Random(seed)
    values = ["harmless", *CORPUS, *(value_of(rng) for _ in range(CASES))]
    answers = ask_all(app_for(site, way, values), (("GET", f"/{number}", ()) for number in range(len(values))))
    expected = None
    for value, answer in zip(values, answers, strict=True):
        assert answer.status == 200
        document = html5lib.parse(
            answer.body, treebuilder="etree", namespaceHTMLElements=False, transport_encoding="utf-8"
        )
        if way == "attribute":
            page = json.loads(document.find(".//div[@id='app']").get("data-page"))
        else:
            page = json.loads(document.find(".//script[@data-page='app']").text)
        assert page["props"]["value"] == value
        found = shape(document)
        expected = expected or found
        assert found == expected, value


# The characters that each library's renderer escapes in text and in attributes, and the comments that it adds for
# hydration.
_REACT = {"&": "&amp;", '"': "&quot;", "'": "&#x27;", "<": "&lt;", ">": "&gt;"}
_VUE = {"&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;"}
_SVELTE_TEXT, _SVELTE_ATTRIBUTE = {"&": "&amp;", "<": "&lt;"}, {"&": "&amp;", '"': "&quot;", "<": "&lt;"}
LIBRARIES = {
    "react": (_REACT, _REACT, "{}<!-- -->"),
    "vue": (_VUE, _VUE, "<!--[-->{}<!--]-->"),
    "svelte": (_SVELTE_TEXT, _SVELTE_ATTRIBUTE, "<!--[-->{}<!--]--><!---->"),
}
NONCE = "the-nonce"


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def renderer(library: str) -> Any:
    """Return a function that renders a page as this library and the client's `buildSSRBody` do."""
    in_text, in_attribute, frame = LIBRARIES[library]

    async def render(page: dict[str, Any]) -> Any:
        shown = text_of(page["props"]["value"])
        text, attribute = shown.translate(str.maketrans(in_text)), shown.translate(str.maketrans(in_attribute))
        script = json.dumps(page, ensure_ascii=False).replace("/", "\\/").replace("<", "\\u003c")
        html = frame.format(f'<p id="text" title="{attribute}">{text}</p>')
        return {
            "head": [
                f'<title data-inertia="">{text}</title>',
                f'<meta name="description" content="{attribute}" data-inertia="d">',
            ],
            "body": f'<script data-page="app" type="application/json">{script}</script><div data-server-rendered="true" id="app">{html}</div>',
        }

    return render


def splice_all(site: Path, library: str, way: str, values: list[Any]) -> list[Answer]:
    """Return the document of each value, rendered by the scripted server."""

    @get("/{number:int}", sync_to_thread=False)
    def page(number: FromPath[int]) -> InertiaResponse[Any]:
        return InertiaResponse({"value": values[number]}, component="Page", view_data={"text": ""})

    async def run() -> list[Answer]:
        async with RenderServer(renderer(library)) as server:
            config = InertiaConfig(
                template="root.html" if way == "template" else None, ssr=SSRConfig(url=server.url, timeout_seconds=30)
            )
            templates = TemplateConfig(directory=site, engine=JinjaTemplateEngine)
            vite = {} if way == "shell" else {"csp_nonce": lambda _: NONCE}
            app = make_app(site, [page], config, vite=vite, template_config=templates)
            async with app.lifespan():
                return [await ask_async(app, "GET", f"/{number}", ()) for number in range(len(values))]

    return anyio.run(run)


def as_parsed(text: str | None) -> str:
    # NUL is invalid in HTML: a parser drops it or replaces it with U+FFFD.
    return (text or "").replace("\0", "").replace("\ufffd", "")


@pytest.mark.parametrize("cases", [FAST_CASES, pytest.param(CASES, marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", ["shell", "nonce", "template"])
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.protocol("K2")
def test_what_the_render_server_made_of_hostile_values_is_put_in_unchanged(
    site: Path, library: str, way: str, cases: int
) -> None:
    rng = random.Random(f"{SEED} {library} {way}")
    values = ["harmless", *CORPUS, *(value_of(rng) for _ in range(cases))]
    (site / "root.html").write_text(TEMPLATE)
    expected = None
    for value, answer in zip(values, splice_all(site, library, way, values), strict=True):
        document = html5lib.parse(
            answer.body, treebuilder="etree", namespaceHTMLElements=False, transport_encoding="utf-8"
        )
        assert json.loads(document.find(".//script[@data-page='app']").text)["props"]["value"] == value
        rendered = document.find(".//div[@id='app'][@data-server-rendered]/p[@id='text']")
        shown = (
            rendered.text,
            rendered.get("title"),
            document.find("head/title").text,
            document.find("head/meta[@name='description']").get("content"),
        )
        assert {as_parsed(text) for text in shown} == {as_parsed(text_of(value))}, value
        found = shape(document)
        expected = expected or found
        assert found == expected, value
