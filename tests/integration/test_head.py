"""The head of the document from the server (protocol I65)."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, get
from litestar.exceptions import NotFoundException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.testing import TestClient
from msgspec import Struct

from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig, always, defer, head, share
from litestar_vite.inertia._documents.head import document_head
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app, page_in

pytestmark = pytest.mark.protocol("I65")


class Elements(HTMLParser):
    """Collects the elements and the text of the markup."""

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


ATTACKS = st.text(
    st.sampled_from(list("<>\"'&=/ !-`\\abc\u2028\x00")) | st.characters(exclude_categories=["Cs"]), max_size=20
)


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
    with pytest.raises(ValueError, match="is not a valid HTML attribute name"):
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


ELEMENTS = [head.title("Ada & <Bob>"), head.meta(name="description", content='"All"')]
IN_DOCUMENT = '<title data-inertia="title">Ada &amp; &lt;Bob&gt;</title>\n<meta data-inertia="description" name="description" content="&quot;All&quot;">'
SHELL = '<!DOCTYPE html><html><head><title>Shell</title></head><body><div id="app"></div></body></html>'


class Model(Struct):
    head: list[str]


@get("/dict", component="Home")
async def as_dict() -> dict[str, Any]:
    return {"head": ELEMENTS}


@get("/model", component="Home")
async def as_model() -> Model:
    return Model(ELEMENTS)


@get("/callable", component="Home")
async def as_callable() -> dict[str, Any]:
    return {"head": lambda: ELEMENTS, "late": defer(list[str])}


@get("/kind", component="Home")
async def as_kind(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"head": always(ELEMENTS)}


@get("/response")
async def as_response() -> InertiaResponse[Any]:
    return InertiaResponse({"head": tuple(ELEMENTS)}, component="Home", status_code=422)


@get("/shared", component="Home")
async def as_shared(request: Request[Any, Any, Any]) -> dict[str, Any]:
    share(request, "head", ELEMENTS)
    return {"other": 1}


@get("/error", component="Home")
async def as_error() -> dict[str, Any]:
    raise NotFoundException


@get("/none", component="Home")
async def without() -> dict[str, Any]:
    return {"other": 1}


WAYS = [as_dict, as_model, as_callable, as_kind, as_response, as_shared, as_error]


def error_page(_: Request[Any, Any, Any], status: int, __: Exception) -> InertiaResponse[Any]:
    return InertiaResponse({"head": ELEMENTS, "status": status}, component="Error")


def app_with_head(site: Path, config: InertiaConfig, **options: Any) -> Litestar:
    (site / "index.html").write_text(SHELL)
    return make_app(site, [*WAYS, without], config, **options)


@pytest.mark.parametrize("path", [next(iter(handler.paths)) for handler in WAYS])
def test_a_page_that_the_browser_renders_has_its_head_in_the_document(site: Path, path: str) -> None:
    app = app_with_head(site, InertiaConfig(server_head=True, error_page=error_page))
    with TestClient(app) as client:
        html = client.get(path, headers={"Accept": "text/html"}).text
        page = client.get(path, headers=inertia_headers(app)).json()
    before, _, after = html.partition("</head>")
    assert IN_DOCUMENT in before
    assert "<title" not in after, "the title is nowhere else"
    assert html.count("<title") == 1, "the page's title replaces the shell's"
    assert page_in(html) == page, "document and visit have the same page object"


def test_a_page_without_a_head_and_an_app_that_did_not_ask_keep_the_shells_title(site: Path) -> None:
    app = app_with_head(site, InertiaConfig(server_head=True))
    with TestClient(app) as client:
        assert client.get("/none").text.count("<title>Shell</title>") == 1
    app = app_with_head(site, InertiaConfig())
    with TestClient(app) as client:
        html = client.get("/dict").text
    assert html.count("<title") == 1
    assert "<title>Shell</title>" in html, "without the setting, `head` is an ordinary prop"


def test_a_head_that_config_shares_and_a_prop_of_another_name(site: Path) -> None:
    app = app_with_head(site, InertiaConfig(server_head="seo", share={"seo": ELEMENTS}))
    with TestClient(app) as client:
        assert IN_DOCUMENT in client.get("/none").text
        html = client.get("/dict").text
    assert html.count("<title") == 1, "here, `head` is an ordinary prop"


@pytest.mark.parametrize("options", [{"legacy_root_attribute": True}, {"template": "root.html"}])
def test_every_kind_of_document_has_it(site: Path, options: dict[str, Any]) -> None:
    (site / "root.html").write_text(
        "<html><head>{{ vite() }}{{ inertia_head }}</head><body>{{ inertia }}</body></html>"
    )
    templates = TemplateConfig(directory=site, engine=JinjaTemplateEngine)
    app = app_with_head(site, InertiaConfig(server_head=True, **options), template_config=templates)
    with TestClient(app) as client:
        assert IN_DOCUMENT in client.get("/dict").text.partition("</head>")[0]


def test_the_document_for_a_vite_of_the_users_own_has_it(site: Path) -> None:
    vite = {"dev_mode": True, "entry": "src/main.ts", "dev_server_url": "http://127.0.0.1:9"}
    app = app_with_head(site, InertiaConfig(server_head=True), vite=vite)
    with TestClient(app) as client:
        html = client.get("/dict").text
    assert "http://127.0.0.1:9/@vite/client" in html
    assert IN_DOCUMENT in html.partition("</head>")[0]
    assert html.count("<title") == 1


@pytest.mark.anyio
async def test_the_render_servers_head_is_the_only_one_and_ours_stands_in_when_it_fails(site: Path) -> None:
    async with RenderServer() as server:
        app = app_with_head(site, InertiaConfig(server_head=True, ssr=SSRConfig(url=server.url, exclude=["/model"])))
        transport = httpx.ASGITransport(app)
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            rendered = (await client.get("/dict")).text
            excluded = (await client.get("/model")).text

            async def broken(_: dict[str, Any]) -> Any:
                return {"nothing": 1}

            server.answer = broken
            failed = (await client.get("/dict")).text
    assert "<title>Home</title>" in rendered
    assert rendered.count("<title") == 1
    for html in (excluded, failed):
        assert IN_DOCUMENT in html
        assert html.count("<title") == 1


@pytest.mark.parametrize(
    ("prop", "html"),
    [
        (["<title>A</title>", "<title>B</title>"], '<title data-inertia="server-head-1">B</title>'),
        (
            ['<meta data-inertia="a" content="1">', '<meta data-inertia="a" content="2">'],
            '<meta data-inertia="a" content="2">',
        ),
        (
            ["  <meta name=x> ", "<META/>"],
            '<meta data-inertia="server-head-0" name=x>\n<META data-inertia="server-head-1"/>',
        ),
        (["text", "", 1, None, "<!-- -->", "<div>", "</head>", "<bodyx>", "<title-x>"], ""),
        (["<title>a\0b</title>"], '<title data-inertia="server-head-0">a\ufffdb</title>'),
        ("<title>A</title>", ""),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_the_prop_is_read_as_the_client_reads_it(prop: object, html: str) -> None:
    assert document_head(prop).decode() == html
