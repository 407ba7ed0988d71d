"""The HTML document from the build: Vite's additions are kept, and the page is inserted."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from litestar import get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.testing import TestClient

from litestar_vite._assets.html import HTMLShell, parse_shell
from litestar_vite._assets.mount import Mount
from litestar_vite.inertia import InertiaConfig
from tests.support import make_app, make_site, page_in, plugin_of

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST: dict[str, Any] = {
    "index.html": {
        "file": "assets/index-a1.js",
        "src": "index.html",
        "isEntry": True,
        "imports": ["_vendor-b2.js"],
        "dynamicImports": ["src/pages/Home.tsx"],
        "css": ["assets/index-c3.css"],
    },
    "_vendor-b2.js": {"file": "assets/vendor-b2.js", "css": ["assets/vendor-d4.css"]},
    "_shared-e5.js": {"file": "assets/shared-e5.js"},
    "src/pages/Home.tsx": {
        "file": "assets/Home-f6.js",
        "src": "src/pages/Home.tsx",
        "isDynamicEntry": True,
        "imports": ["index.html", "_shared-e5.js"],
        "css": ["assets/Home-a7.css", "assets/vendor-d4.css"],
    },
}
LINKS = (
    '<script type="module" crossorigin src="/static/assets/index-a1.js"></script>'
    '<link rel="modulepreload" crossorigin href="/static/assets/vendor-b2.js">'
    '<link rel="modulepreload" crossorigin href="/static/assets/shared-e5.js">'
    '<link rel="stylesheet" crossorigin href="/static/assets/vendor-d4.css">'
    '<link rel="stylesheet" crossorigin href="/static/assets/index-c3.css">'
)
BUILT = (
    '<!doctype html><html lang="de" class="dark"><head><title>Kontor</title>'
    '<link rel="icon" href="/static/icon.svg"><link rel="manifest" href="/static/manifest.webmanifest">'
    "<script>theme()</script>" + LINKS + '</head><body class="m-0"><header>before</header>'
    '<main class="grid" data-x="1" id="app"><p>Loading</p></main><footer>after</footer>'
    "<script nomodule>legacy()</script></body></html>"
)
SOURCE = (
    "<!doctype html><html><head><title>%VITE_NAME%</title></head><body>"
    '<main class="grid" data-x="1" id="app"><p>Loading</p></main><script type="module" src="/src/app.tsx"></script>'
    "</body></html>"
)


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"n": 1}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    site = make_site(tmp_path, MANIFEST)
    (site / "index.html").write_text(SOURCE)
    (site / "dist" / "client" / "index.html").write_text(BUILT)
    return site


def html_of(site: Path, inertia: InertiaConfig | None = None, **vite: Any) -> str:
    with TestClient(make_app(site, [home], inertia, vite=vite)) as client:
        return client.get("/").text


def without_page(html: str) -> str:
    return re.sub(r'<script data-page="app".*?</script>', "", html, flags=re.DOTALL)


def test_a_page_is_the_built_document_with_its_own_chunk_added_and_nothing_linked_twice(built: Path) -> None:
    html = html_of(built)
    own = (
        '<link rel="stylesheet" href="/static/assets/Home-a7.css">'
        '<link rel="modulepreload" crossorigin href="/static/assets/Home-f6.js">'
    )
    assert without_page(html) == BUILT.replace("</head>", f"{own}</head>")
    assert page_in(html)["component"] == "Home"
    assert html.index("<header>") < html.index("<script data-page") < html.index('<main class="grid"')


def test_the_document_is_used_without_the_source(built: Path) -> None:
    (built / "index.html").unlink()
    assert '<link rel="manifest" href="/static/manifest.webmanifest">' in html_of(built)


def test_an_entry_that_only_imports_is_missing_from_the_manifest_and_its_document_is_used(tmp_path: Path) -> None:
    chunks = {name: chunk for name, chunk in MANIFEST.items() if name != "index.html"}
    chunks["src/pages/Home.tsx"] = {**chunks["src/pages/Home.tsx"], "imports": ["_vendor-b2.js"]}
    site = make_site(tmp_path, chunks)
    (site / "index.html").write_text(SOURCE)
    (site / "dist" / "client" / "index.html").write_text(BUILT)
    html = html_of(site)
    assert html.count("/static/assets/vendor-b2.js") == html.count("/static/assets/vendor-d4.css") == 1
    assert '<main class="grid"' in html


@pytest.mark.parametrize("name", ["entry", "old build"])
def test_a_document_that_the_build_has_not_made_is_not_used(tmp_path: Path, name: str) -> None:
    site = make_site(
        tmp_path, None if name == "old build" else {**MANIFEST, "src/b.ts": {"file": "b.js", "isEntry": True}}
    )
    (site / "index.html").write_text(SOURCE)
    # Copied from `public/` by Vite.
    (site / "dist" / "client" / "index.html").write_text(BUILT)
    html = html_of(site, **({"entry": "src/b.ts"} if name == "entry" else {}))
    assert "<header>" not in html
    assert ("/static/assets/app-a1.js" if name == "old build" else "/static/b.js") in html


def test_the_version_changes_with_the_document(built: Path) -> None:
    before = plugin_of(make_app(built, [home])).assets.version
    (built / "dist" / "client" / "index.html").write_text(BUILT.replace("Kontor", "Contor"))
    assert plugin_of(make_app(built, [home])).assets.version != before


def test_a_template_links_the_documents_entry_under_the_name_of_its_script(built: Path) -> None:
    (built / "root.html").write_text("<html><head>{{ vite('src/app.tsx') }}</head><body>{{ inertia }}</body></html>")
    templates = TemplateConfig(directory=built, engine=JinjaTemplateEngine)
    app = make_app(built, [home], InertiaConfig(template="root.html"), template_config=templates)
    with TestClient(app) as client:
        html = client.get("/").text
    assert html.count('src="/static/assets/index-a1.js"') == 1
    assert "<header>" not in html


def test_the_document_is_not_a_file_of_its_own(built: Path) -> None:
    with TestClient(make_app(built, [home])) as client:
        assert client.get("/static/index.html").status_code == 404
        (built / "dist" / "client" / "other.html").write_text("other")
        assert client.get("/static/other.html").text == "other"


def test_a_nonce_is_filled_into_scripts_styles_their_links_and_vites_meta(built: Path) -> None:
    inline = '<style nonce="fixed" media="print">p{}</style><link rel="preload" as="font" href="/f.woff2">'
    (built / "dist" / "client" / "index.html").write_text(
        BUILT.replace("</title>", f"</title>{inline}").replace("<p>Loading", "<style>b{}</style><p>Loading")
    )
    app = make_app(built, [home], vite={"csp_nonce": lambda request: request.headers.get("x-nonce")})
    with TestClient(app) as client:
        html = client.get("/", headers={"X-Nonce": "one"}).text
        bare = client.get("/").text
    assert html.count('<meta property="csp-nonce" nonce="one">') == 1
    for tag in re.findall(r"<(?:script|style|link)\b[^>]*>", html):
        needs = not re.search(r'rel="(?:icon|manifest)"|data-page', tag)
        assert (' nonce="one"' in tag) is needs, tag
    assert '<style nonce="one" media="print">' in html
    assert "nonce" not in bare
    assert "\x00" not in html + bare


def mount_of(source: str) -> HTMLShell:
    return parse_shell(f"<head></head><body>{source}</body>", b"", element_id="app", origin="test", keeps_entry=True)


SCRIPT = b'<script data-page="app" type="application/json">{"a":"<div>"}</script>'


@pytest.mark.parametrize(
    "server", [b'<div data-server-rendered="true" id="app">', b"<div id='app' data-server-rendered=true>"]
)
def test_a_rendered_page_stands_in_the_documents_element(server: bytes) -> None:
    mount = mount_of('<main class="grid" data-x=\'"\' hidden id="app"><p>Loading</p></main>').mount
    body = mount.rendered(SCRIPT + server + b"<div>page</div></div>").decode()
    assert body == SCRIPT.decode() + (
        '<main class="grid" data-x="&quot;" hidden id="app" data-server-rendered="true"><div>page</div></main>'
    )


@pytest.mark.parametrize(
    "body", [b"", b"text", b'<div id="other">x</div>', b'<div id="app">x', b'<p id="app">x</p> text', SCRIPT]
)
def test_a_body_of_another_form_is_sent_as_it_is(body: bytes) -> None:
    assert mount_of('<main class="grid" id="app"></main>').mount.rendered(body) == body


def test_a_plain_element_leaves_rendered_bodies_alone() -> None:
    mount = mount_of('<div id="app">Loading</div>').mount
    body = SCRIPT + b'<div data-server-rendered="true" id="app">page</div>'
    assert mount.is_plain
    assert mount.rendered(body) is body


def test_the_page_in_an_attribute_joins_those_of_the_document() -> None:
    mount = Mount.of("div", [("class", "a"), ("id", "app")], b"Loading")
    assert mount.in_browser(b"", ("data-page", '{"a"}')) == (
        b'<div class="a" id="app" data-page="{&quot;a&quot;}">Loading</div>'
    )


def test_a_script_inside_the_element_outlives_a_rendered_page() -> None:
    script = '<script type="module" src="/src/app.tsx"></script>'
    shell = mount_of(f'<div id="app"><p>Loading</p>{script}</div>')
    html = shell.render((), shell.mount.rendered(b'<div id="app">page</div>')).decode()
    assert html == f'<head></head><body><div id="app">page</div>{script}</body>'


def wait_for_log(caplog: pytest.LogCaptureFixture, text: str) -> None:
    deadline = time.monotonic() + 30
    while text not in caplog.text:
        assert time.monotonic() < deadline, f"timed out waiting for {text!r} in: {caplog.text}"
        time.sleep(0.01)


BUILT_AGAIN = BUILT.replace("Kontor", "Contor")


@pytest.mark.parametrize("debug", [True, False])
def test_a_build_beside_a_running_app_is_logged_and_read_in_debug_mode(
    built: Path, debug: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("litestar_vite._assets.watch._POLL_SECONDS", 0.01)
    app = make_app(built, [home], debug=debug)
    with caplog.at_level("INFO", "litestar_vite"), TestClient(app) as client:
        before = client.get("/")
        (built / "dist" / "client" / "index.html").write_text(BUILT_AGAIN)
        manifest = built / "dist" / "client" / ".vite" / "manifest.json"
        manifest.with_name("new").write_text(json.dumps({**MANIFEST, "new": {"file": "new.js"}}))
        manifest.with_name("new").replace(manifest)
        wait_for_log(caplog, "was built again")
        after = client.get("/")
    assert ("<title>Contor</title>" in after.text) is debug
    assert (page_in(after.text)["version"] == page_in(before.text)["version"]) is not debug
    (record,) = [record for record in caplog.records if "was built again" in record.getMessage()]
    assert str(built / "dist" / "client") in record.getMessage()
    assert ("Restart the server" in record.getMessage()) is not debug


@pytest.mark.parametrize("problem", ["an incomplete build", "no build at the start"])
def test_a_build_that_cannot_be_used_leaves_the_pages_as_they_are(
    built: Path, problem: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("litestar_vite._assets.watch._POLL_SECONDS", 0.01)
    manifest = built / "dist" / "client" / ".vite" / "manifest.json"
    text = manifest.read_text()
    if problem == "no build at the start":
        manifest.unlink()
    with TestClient(make_app(built, [home], debug=True)) as client:
        before = client.get("/").text
        manifest.write_text(text if problem == "no build at the start" else "{ no")
        wait_for_log(caplog, "Restart the server")
        assert client.get("/").text == before
