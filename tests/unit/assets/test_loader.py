"""How an app loads a build at start-up, and how it handles a missing or invalid one."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.testing import TestClient

from litestar_vite.exceptions import ConfigError, ManifestInvalidError, ManifestNotFoundError
from litestar_vite.inertia import InertiaConfig, SSRConfig
from tests.render_server import RenderServer
from tests.support import MANIFEST, make_app, make_site, page_in, plugin_of

NOTICE = "This page cannot be shown yet"


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"n": 1}


def manifest_path(site: Path) -> Path:
    return site / "dist" / "client" / ".vite" / "manifest.json"


def html_of(site: Path, **vite: Any) -> str:
    with TestClient(make_app(site, [home], vite=vite)) as client:
        response = client.get("/")
    assert response.status_code == (503 if "cannot be shown yet" in response.text else 200)
    return response.text


def remove(path: Path) -> None:
    path.unlink()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def remove_the_build(path: Path) -> None:
    make_folder(path)
    for folder in (path, path.parent):
        folder.rmdir()


BROKEN = {
    "no manifest": (remove, ManifestNotFoundError),
    "no folder": (remove_the_build, ManifestNotFoundError),
    "a folder of this name": (make_folder, ManifestNotFoundError),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-40]), ManifestInvalidError),
    "not UTF-8": (lambda path: path.write_bytes(b'{"\xff":{"file":"a"}}'), ManifestInvalidError),
    "an import that is gone": (
        lambda path: path.write_text('{"a":{"file":"a","isEntry":true,"imports":["b"]}}'),
        ManifestInvalidError,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_without_a_valid_build_pages_show_a_notice(site: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    break_it, error = BROKEN[name]
    break_it(manifest_path(site))
    app = make_app(site, [home])
    assert type(plugin_of(app).assets.problem) is error
    with caplog.at_level(logging.ERROR, "litestar_vite"), TestClient(app) as client:
        first = client.get("/")
        page = client.get("/", headers={"X-Inertia": "true"})
    assert (first.status_code, page.status_code) == (503, 200)
    assert NOTICE in first.text
    assert page_in(first.text)["props"]["n"] == 1
    assert page.json()["component"] == "Home"
    assert page.json()["version"] is None
    for machine in (str(site), "manifest.json", "Traceback", error.__name__):
        assert machine not in first.text + page.text
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(manifest_path(site)) in record.getMessage()


@pytest.mark.anyio
@pytest.mark.parametrize("template", [None, "root.html"])
async def test_a_page_rendered_without_a_build_shows_the_notice_too(site: Path, template: str | None) -> None:
    manifest_path(site).unlink()
    (site / "root.html").write_text("<html><head>{{ vite() }}</head><body>{{ inertia }}</body></html>")
    templates = TemplateConfig(directory=site, engine=JinjaTemplateEngine)
    async with RenderServer() as server:
        app = make_app(
            site, [home], InertiaConfig(template=template, ssr=SSRConfig(url=server.url)), template_config=templates
        )
        transport = httpx.ASGITransport(app)
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            html = (await client.get("/")).text
        assert len(server.pages) == 1
    assert NOTICE in html


def test_a_good_build_shows_no_notice(site: Path) -> None:
    assert NOTICE not in html_of(site)


def entries(*names: str) -> dict[str, Any]:
    return {name: {"file": f"{name}.js", "isEntry": True} for name in names}


def test_with_several_entries_and_no_choice_the_page_says_so(tmp_path: Path) -> None:
    site = make_site(tmp_path, entries("a", "b"))
    assert NOTICE in html_of(site)
    assert "Set ViteConfig.entry" in str(plugin_of(make_app(site, [])).assets.problem)


@pytest.mark.parametrize("chosen", ["a", "b"])
def test_the_entry_that_is_named_is_loaded_and_no_other(tmp_path: Path, chosen: str) -> None:
    html = html_of(make_site(tmp_path, entries("a", "b")), entry=chosen)
    assert [name for name in ("a", "b") if f'src="/static/{name}.js"' in html] == [chosen]


def test_the_module_script_of_index_html_chooses_the_entry(tmp_path: Path) -> None:
    site = make_site(tmp_path, entries("src/a.ts", "src/b.ts"))
    (site / "index.html").write_text(
        '<head></head><body><div id="app"></div><script type="module" src="/src/b.ts"></script></body>'
    )
    html = html_of(site)
    assert 'src="/static/src/b.ts.js"' in html
    assert "src/a.ts" not in html


def test_the_setting_overrides_index_html(tmp_path: Path) -> None:
    site = make_site(tmp_path, entries("src/a.ts", "src/b.ts"))
    (site / "index.html").write_text('<head></head><body><script type="module" src="/src/b.ts"></script></body>')
    assert 'src="/static/src/a.ts.js"' in html_of(site, entry="src/a.ts")


@pytest.mark.parametrize("name", ["index.html", "web/index.html"])
def test_index_html_itself_may_be_the_input_of_the_build(tmp_path: Path, name: str) -> None:
    site = make_site(tmp_path, {name: {"file": "index-1.js", "isEntry": True}})
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).write_text(
        '<head></head><body><div id="app"></div><script type="module" src="/src/main.ts"></script></body>'
    )
    html = html_of(site, index_html=name)
    assert 'src="/static/index-1.js"' in html
    assert "src/main.ts" not in html


def test_a_missing_entry_is_reported_with_the_existing_entries(site: Path) -> None:
    assert NOTICE in html_of(site, entry="src/typo.tsx")
    problem = str(plugin_of(make_app(site, [], vite={"entry": "src/typo.tsx"})).assets.problem)
    assert "lacks the entry 'src/typo.tsx'. Set ViteConfig.entry to one of ['src/app.tsx']" in problem


def test_the_notice_explains_how_to_run_without_a_build(site: Path) -> None:
    manifest_path(site).unlink()
    html = html_of(site)
    assert NOTICE in html
    assert "start the server with <code>--reload</code>, or set <code>VITE_DEV_MODE=1</code>" in html


def test_an_unreadable_document_is_rejected_at_start_up(site: Path) -> None:
    (site / "index.html").write_bytes("<head><title>Zürich</title></head>".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"index\.html' is not UTF-8"):
        make_app(site, [home])


def test_a_document_without_a_head_is_rejected_at_start_up(site: Path) -> None:
    (site / "index.html").write_text("<body></body>")
    with pytest.raises(ConfigError, match="has no </head>"):
        make_app(site, [home])


@pytest.mark.parametrize("url", ["https://cdn.example/app", "https://cdn.example/app/"])
def test_all_files_come_from_the_cdn(site: Path, url: str) -> None:
    html = html_of(site, asset_url=url)
    files = {file for chunk in MANIFEST.values() for file in (chunk["file"], *chunk.get("css", ())) if file in html}
    assert files >= {"assets/app-a1.js", "assets/vendor-b2.js", "assets/app-c3.css", "assets/Home-b8.js"}
    for file in files:
        assert html.count(file) == html.count(f'"https://cdn.example/app/{file}"') == 1
    assert "/static/" not in html


def test_the_prefix_stands_before_every_file_of_this_site_and_of_no_other(site: Path) -> None:
    html = html_of(site, root_path="/shop")
    assert html.count('"/shop/static/assets/') == html.count("/static/assets/") >= 5
    assert (
        "/shop"
        not in html_of(site, root_path="/shop", asset_url="https://cdn.example/app").partition(
            '<script data-page="app"'
        )[0]
    )


def test_the_prefix_stands_before_every_module_in_dev_mode(tmp_path: Path) -> None:
    html = html_of(tmp_path, dev_mode=True, entry="src/main.tsx", root_path="/shop")
    modules = ("@litestar-vite/client.js", "@react-refresh", "@vite/client", "src/main.tsx")
    assert html.count('"/shop/static/') == html.count("/static/") == len(modules)
    for module in modules:
        assert f'"/shop/static/{module}"' in html


def test_the_nonce_is_made_from_the_request(site: Path) -> None:
    app = make_app(site, [home], vite={"csp_nonce": lambda request: request.headers["x-nonce"]})
    with TestClient(app) as client:
        for nonce in ("one", 'a"><script>'):
            html = client.get("/", headers={"X-Nonce": nonce}).text
            assert html.count("<script>") == 0
            assert "\x00" not in html
            assert html.count('nonce="one"') == (6 if nonce == "one" else 0)


def test_in_dev_mode_the_dev_server_is_linked_and_no_build_is_needed(tmp_path: Path) -> None:
    html = html_of(tmp_path, dev_mode=True, entry="src/main.ts", dev_server_url="http://127.0.0.1:3000/base/")
    assert '<script type="module" src="http://127.0.0.1:3000/base/@vite/client"></script>' in html
    assert '<script type="module" src="http://127.0.0.1:3000/base/src/main.ts"></script>' in html
    assert "@react-refresh" not in html
    assert NOTICE not in html


@pytest.mark.parametrize(
    ("entry", "setting", "expected"),
    [("a.tsx", None, True), ("a.ts", None, False), ("a.tsx", False, False), ("a.ts", True, True)],
)
def test_the_react_preamble_is_added_if_needed_or_configured(
    tmp_path: Path, entry: str, setting: bool | None, expected: bool
) -> None:
    assert ("@react-refresh" in html_of(tmp_path, dev_mode=True, entry=entry, react_refresh=setting)) is expected


def test_dev_mode_without_an_entry_is_rejected_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ViteConfig\.entry is not set"):
        make_app(tmp_path, [home], vite={"dev_mode": True})


def test_the_build_is_read_once_and_not_for_each_page(site: Path) -> None:
    with TestClient(make_app(site, [home])) as client:
        before = client.get("/").text
        manifest_path(site).write_text(json.dumps(entries("other")))
        assert client.get("/").text == before
