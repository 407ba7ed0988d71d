"""Template mode: the document comes from a Jinja template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Controller, Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app, make_site, page_in

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.protocol("A7")]

TEMPLATE = """<!doctype html>
<html lang="{{ lang | default('en') }}">
<head>{{ vite() }}{{ inertia_head }}</head>
<body class="{{ theme }}">{{ inertia }}</body>
</html>
"""


@get("/", component="Users/Index", sync_to_thread=False)
def users() -> InertiaResponse[dict[str, Any]]:
    return InertiaResponse({"name": "</script>"}, view_data={"theme": '"><b>'})


def app_with(site: Path, handlers: list[Any], **options: Any) -> Litestar:
    (site / "templates").mkdir()
    (site / "templates" / "root.html").write_text(TEMPLATE)
    (site / "templates" / "other.html").write_text("<html><head></head><body>other{{ inertia }}</body></html>")
    config = TemplateConfig(directory=site / "templates", engine=JinjaTemplateEngine)
    return make_app(site, handlers, InertiaConfig(template="root.html", **options), template_config=config)


def client_for(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


async def test_the_template_gets_tags_head_page_and_view_data(site: Path) -> None:
    app = app_with(site, [users])
    async with app.lifespan(), client_for(app) as browser:
        html = (await browser.get("/")).text
        xhr = await browser.get("/", headers=inertia_headers(app))
    assert '<script type="module" crossorigin src="/static/assets/app-a1.js"></script>' in html
    assert '<link rel="modulepreload" crossorigin href="/static/assets/Index-e5.js">' in html
    assert page_in(html) == xhr.json()
    assert "view_data" not in xhr.text
    assert "theme" not in xhr.text
    assert '<body class="&#34;&gt;&lt;b&gt;">' in html, "view data is escaped by the template engine"


@pytest.mark.protocol("K2")
async def test_the_template_gets_what_the_render_server_gave(site: Path) -> None:
    async with RenderServer() as server:
        app = app_with(site, [users], ssr=SSRConfig(url=server.url))
        async with app.lifespan(), client_for(app) as browser:
            html = (await browser.get("/")).text
    assert "<title>Users/Index</title></head>" in html
    assert "<h1>SSR Users/Index</h1>" in html


async def test_a_response_can_name_its_own_template(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> InertiaResponse[None]:
        return InertiaResponse(template="other.html")

    app = app_with(site, [home])
    async with app.lifespan(), client_for(app) as browser:
        assert "<body>other<script" in (await browser.get("/")).text


async def test_a_controller_can_name_the_template_of_its_pages(site: Path) -> None:
    class Admin(Controller):
        path = "/admin"
        opt = {"root_template": "admin.html"}  # noqa: RUF012 - Litestar's attribute

        @get("/", component="Home", sync_to_thread=False)
        def home(self) -> dict[str, Any]:
            return {"name": "Ada"}

        @get("/own", component="Home", sync_to_thread=False)
        def own(self) -> InertiaResponse[None]:
            return InertiaResponse(template="other.html")

    (site / "templates").mkdir()
    for name, text in {"admin.html": "<html>admin {{ inertia }}", "other.html": "<html>other"}.items():
        (site / "templates" / name).write_text(text)
    config = TemplateConfig(directory=site / "templates", engine=JinjaTemplateEngine)
    app = make_app(site, [users, Admin], InertiaConfig(), template_config=config)
    async with app.lifespan(), client_for(app) as browser:
        html = (await browser.get("/admin")).text
        visit = await browser.get("/admin", headers=inertia_headers(app))
        assert html.startswith("<html>admin ")
        assert page_in(html) == visit.json()
        assert (await browser.get("/admin/own")).text == "<html>other"
        assert "admin" not in (await browser.get("/")).text, "other pages use index.html"


AREAS: dict[str, Any] = {
    "src/site/app.tsx": {
        "file": "assets/site-a1.js",
        "isEntry": True,
        "css": ["assets/site-b2.css"],
        "dynamicImports": ["src/site/pages/Home.tsx"],
    },
    "src/admin/app.tsx": {
        "file": "assets/admin-c3.js",
        "isEntry": True,
        "dynamicImports": ["src/admin/pages/Home.tsx"],
    },
    "src/site/pages/Home.tsx": {"file": "assets/Home-d4.js", "css": ["assets/Home-e5.css"]},
    # This page shares a style sheet with the site's entry, which the admin area does not load.
    "src/admin/pages/Home.tsx": {"file": "assets/Home-f6.js", "css": ["assets/Home-a7.css", "assets/site-b2.css"]},
}


async def test_a_page_has_the_styles_and_preloads_of_its_area(tmp_path: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"text": "the site"}

    @get("/admin", component="Home", opt={"root_template": "admin.html"}, sync_to_thread=False)
    def admin() -> dict[str, Any]:
        return {}

    site = make_site(tmp_path, AREAS)
    (site / "templates").mkdir()
    for area in ("site", "admin"):
        text = f"<html><head>{{{{ inertia_head }}}}{{{{ vite('src/{area}/app.tsx') }}}}</head>{{{{ inertia }}}}"
        (site / "templates" / f"{area}.html").write_text(text)
    app = make_app(
        site,
        [home, admin],
        InertiaConfig(template="site.html"),
        vite={"entry": "src/site/app.tsx"},
        template_config=TemplateConfig(directory=site / "templates", engine=JinjaTemplateEngine),
    )
    linked = {}
    async with app.lifespan(), client_for(app) as browser:
        # Twice: the tags of an area are cached.
        for path in ("/", "/admin", "/", "/admin"):
            html = (await browser.get(path)).text
            linked[path] = re.findall('/static/assets/([^"]+)', html)
            assert "<!--" not in html
    assert sorted(linked["/"]) == ["Home-d4.js", "Home-e5.css", "site-a1.js", "site-b2.css"]
    assert sorted(linked["/admin"]) == ["Home-a7.css", "Home-f6.js", "admin-c3.js", "site-b2.css"]


async def test_a_template_may_load_the_entry_and_others(tmp_path: Path) -> None:
    """The page's tags omit files that any of the entries links."""

    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {}

    extra = {"src/extra.css": {"file": "assets/Home-e5.css", "isEntry": True}}
    site = make_site(tmp_path, {**AREAS, **extra})
    (site / "templates").mkdir()
    text = "<html><head>{{ vite() }}{{ vite('src/extra.css') }}{{ inertia_head }}</head>{{ inertia }}"
    (site / "templates" / "site.html").write_text(text)
    config = TemplateConfig(directory=site / "templates", engine=JinjaTemplateEngine)
    inertia, vite = InertiaConfig(template="site.html"), {"entry": "src/site/app.tsx"}
    app = make_app(site, [home], inertia, vite=vite, template_config=config)
    async with app.lifespan(), client_for(app) as browser:
        html = (await browser.get("/")).text
    assert re.findall('/static/assets/([^"]+)', html) == ["site-b2.css", "site-a1.js", "Home-e5.css", "Home-d4.js"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("inertia", ["'{{ inertia | safe }}'", '"{{ inertia }}"'])
async def test_debug_mode_refuses_a_root_template_of_the_older_package(site: Path, inertia: str, debug: bool) -> None:
    (site / "templates").mkdir()
    (site / "templates" / "root.html").write_text(f'<html><div id="app" data-page={inertia}></div>')
    config = TemplateConfig(directory=site / "templates", engine=JinjaTemplateEngine)
    app = make_app(site, [users], InertiaConfig(template="root.html"), template_config=config, debug=debug)
    async with app.lifespan(), client_for(app) as browser:
        response = await browser.get("/")
    assert response.status_code == (500 if debug else 200)
    assert ("has {{ inertia }} in the attribute data-page" in response.text) is debug


async def test_a_template_without_an_engine_is_an_error_that_says_what_to_set(site: Path) -> None:
    app = make_app(site, [users], InertiaConfig(template="root.html"), debug=True)
    async with app.lifespan(), client_for(app) as browser:
        response = await browser.get("/")
    assert response.status_code == 500
    assert "template_config=TemplateConfig" in response.text
