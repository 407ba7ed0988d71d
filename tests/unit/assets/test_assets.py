"""Manifest, tags, HTML shell, loader and static files."""

from __future__ import annotations

import json
import logging
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, get
from litestar.testing import TestClient

from litestar_vite._assets.html import DEFAULT_SHELL, entry_of, parse_shell
from litestar_vite._assets.manifest import parse_manifest
from litestar_vite._assets.tags import chunk_tags, dev_tags, entry_tags, fill_nonce
from litestar_vite.exceptions import ConfigError, ManifestInvalidError
from litestar_vite.inertia import InertiaConfig, InertiaPlugin, InertiaResponse
from tests.support import MANIFEST, inertia_headers, make_app, make_site, page_in, plugin_of, write_list

if TYPE_CHECKING:
    from pathlib import Path


@get("/", component="Users/Index", sync_to_thread=False)
def users() -> dict[str, Any]:
    return {"n": 1}


def manifest_of(chunks: dict[str, Any]) -> Any:
    return parse_manifest(json.dumps(chunks).encode(), "test")


# Manifest


def test_a_closure_holds_each_import_once_and_styles_in_the_order_of_the_cascade() -> None:
    closure = manifest_of(MANIFEST).closure("src/pages/Users/Index.tsx")
    assert [chunk.file for chunk in closure.scripts] == [
        "assets/Index-e5.js",
        "assets/app-a1.js",
        "assets/vendor-b2.js",
        "assets/table-f6.js",
    ]
    assert closure.css == ("assets/vendor-d4.css", "assets/app-c3.css", "assets/Index-a7.css")


def test_an_import_cycle_ends() -> None:
    manifest = manifest_of({"a": {"file": "a.js", "imports": ["b"]}, "b": {"file": "b.js", "imports": ["a"]}})
    assert [chunk.file for chunk in manifest.closure("a").scripts] == ["a.js", "b.js"]


@pytest.mark.parametrize("folder", ["src/pages", "src/Pages", "resources/js/Pages", "pages"])
@pytest.mark.parametrize("ending", ["tsx", "jsx", "vue", "svelte"])
def test_page_components_are_found_by_their_path(folder: str, ending: str) -> None:
    key = f"{folder}/Users/Index.{ending}"
    assert manifest_of({key: {"file": "a.js"}}).pages == {"Users/Index": [key]}


def test_the_version_is_a_hash_of_the_bytes() -> None:
    raw = json.dumps(MANIFEST).encode()
    assert parse_manifest(raw, "a").version == parse_manifest(raw, "b").version
    assert parse_manifest(raw, "a").version != parse_manifest(raw + b"\n", "a").version


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b'{"a": 1}', b'{"a": {}}', b'{"a": {"file": 1}}', b"\xff", b"[" * 100_000]
)
def test_a_broken_manifest_is_an_error_that_names_the_file(raw: bytes) -> None:
    with pytest.raises(ManifestInvalidError, match="'here'"):
        parse_manifest(raw, "here")


def test_a_missing_import_is_named() -> None:
    with pytest.raises(ManifestInvalidError, match="'a' imports 'gone'"):
        manifest_of({"a": {"file": "a.js", "imports": ["gone"]}})


# Tags


def test_an_entry_is_loaded_with_its_styles_and_preloads() -> None:
    assert entry_tags(manifest_of(MANIFEST).closure("src/app.tsx"), "/static/").decode() == (
        '<link rel="stylesheet" href="/static/assets/vendor-d4.css"><link rel="stylesheet" href="/static/assets/app-c3.css">'
        '<script type="module" crossorigin src="/static/assets/app-a1.js"></script>'
        '<link rel="modulepreload" crossorigin href="/static/assets/vendor-b2.js">'
    )


def test_a_page_is_preloaded_without_what_the_entry_loads_anyway() -> None:
    manifest = manifest_of(MANIFEST)
    tags = chunk_tags(
        manifest.closure("src/pages/Users/Index.tsx"), "/static/", without=[manifest.closure("src/app.tsx")]
    ).decode()
    assert tags == (
        '<link rel="stylesheet" href="/static/assets/Index-a7.css">'
        '<link rel="modulepreload" crossorigin href="/static/assets/Index-e5.js">'
        '<link rel="modulepreload" crossorigin href="/static/assets/table-f6.js">'
    )


def test_tags_have_integrity_and_nonce() -> None:
    closure = manifest_of({"a": {"file": "a.js", "isEntry": True, "integrity": "sha384-x", "css": ["a.css"]}}).closure(
        "a"
    )
    assert fill_nonce(entry_tags(closure, "/", nonce=True), 'n"').decode() == (
        '<link rel="stylesheet" nonce="n&quot;" href="/a.css">'
        '<script type="module" crossorigin integrity="sha384-x" nonce="n&quot;" src="/a.js"></script>'
    )


def test_file_names_are_escaped() -> None:
    tags = entry_tags(manifest_of({"a": {"file": 'a"><script>.js'}}).closure("a"), "/").decode()
    assert "<script>.js" not in tags
    assert "a&quot;&gt;&lt;script&gt;.js" in tags


def test_a_style_can_be_an_entry() -> None:
    assert (
        entry_tags(manifest_of({"a.css": {"file": "a-1.css"}}).closure("a.css"), "/")
        == b'<link rel="stylesheet" href="/a-1.css">'
    )


def test_dev_tags_load_vites_client_and_the_entry() -> None:
    tags = dev_tags("http://localhost:5173", "src/app.tsx", react_refresh=True).decode()
    assert '<script type="module" src="http://localhost:5173/@vite/client"></script>' in tags
    assert '<script type="module" src="http://localhost:5173/src/app.tsx"></script>' in tags
    assert "http://localhost:5173/@react-refresh" in tags


# Shell


def shell_of(source: str) -> Any:
    return parse_shell(source, b"<TAGS>", element_id="app", origin="test")


def test_the_entry_is_replaced_by_the_tags_and_the_element_by_the_page() -> None:
    source = (
        '<!doctype html>\r\n<html><head><title>Ä</title><meta name="x">\r\n</head><body class="b">\r\n<div id="app"><div>old</div></div>'
        '<script type="module" src="/src/app.tsx"></script>\r\n</body></html>'
    )
    assert shell_of(source).render((b"<HEAD>",), b"<PAGE>").decode() == (
        '<!doctype html>\r\n<html><head><title>Ä</title><meta name="x">\r\n<TAGS><HEAD></head><body class="b">\r\n<PAGE>\r\n</body></html>'
    )
    assert entry_of(source) == "src/app.tsx"


def test_the_pages_title_replaces_the_documents() -> None:
    shell = shell_of("<html><head><title>old</title></head><body></body></html>")
    assert b"old" in shell.render((), b"")
    assert shell.render((b"<title>new</title>",), b"").count(b"<title>") == 1


def test_a_document_without_the_element_gets_it_at_the_end_of_its_body() -> None:
    assert shell_of("<html><head></head><body><p></body></html>").render((), b"<PAGE>") == (
        b"<html><head><TAGS></head><body><p><PAGE></body></html>"
    )


def test_comments_and_scripts_that_look_like_tags_are_left_alone() -> None:
    source = (
        '<html><!-- </head> <div id="app"> --><head><script>var a = "</head><div id=app>"</script></head>'
        '<body><script type="module" src="https://cdn.example/x.js"></script><div id="app"></div></body></html>'
    )
    html = shell_of(source).render((), b"<PAGE>").decode()
    assert html == source.replace("</script></head>", "</script><TAGS></head>").replace(
        '<div id="app"></div>', "<PAGE>"
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [("<body></body>", "has no </head>"), ('<div id="app"></div><head></head>', "before </head>")],
)
def test_a_document_that_cannot_be_split_is_rejected(source: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        shell_of(source)


def test_the_built_in_document_is_whole() -> None:
    html = shell_of(DEFAULT_SHELL).render((), b"<PAGE>").decode()
    assert "<PAGE>" in html
    assert "<TAGS></head>" in html


# Loader, through an app


def test_a_page_preloads_its_own_chunk(site: Path) -> None:
    with TestClient(make_app(site, [users])) as client:
        html = client.get("/").text
    assert '<link rel="modulepreload" crossorigin href="/static/assets/Index-e5.js">' in html
    assert html.count("assets/vendor-b2.js") == 1


def test_the_shell_comes_from_index_html(site: Path) -> None:
    (site / "index.html").write_text(
        '<html lang="de"><head></head><body><div id="app"></div><script type="module" src="/src/app.tsx"></script></body></html>'
    )
    with TestClient(make_app(site, [users])) as client:
        html = client.get("/").text
    assert '<html lang="de">' in html
    assert "/src/app.tsx" not in html
    assert page_in(html)["component"] == "Users/Index"


@pytest.mark.parametrize("content", [None, "", "{", '{"a": 1}'], ids=["missing", "empty", "truncated", "other shape"])
def test_without_a_valid_build_the_app_starts_and_logs_a_suggestion(
    site: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = site / "dist" / "client" / ".vite" / "manifest.json"
    manifest.unlink() if content is None else manifest.write_text(content)
    app = make_app(site, [users])
    with caplog.at_level(logging.ERROR), TestClient(app) as client:
        response = client.get("/")
        assert response.status_code == 503
        assert "This page cannot be shown yet" in response.text
        assert str(site) not in response.text
        assert client.get("/", headers={"X-Inertia": "true"}).json()["props"] == {"errors": {}, "n": 1}
    assert str(manifest) in caplog.text


def test_one_of_several_entries_has_to_be_named(tmp_path: Path) -> None:
    site = make_site(tmp_path, {name: {"file": f"{name}.js", "isEntry": True} for name in ("a", "b")})
    problem = plugin_of(make_app(site, [])).assets.problem
    assert "has 2 entries: ['a', 'b']" in str(problem)
    assert plugin_of(make_app(site, [], vite={"entry": "b"})).assets.problem is None


def test_with_a_cdn_the_app_links_to_files_without_serving_them(site: Path) -> None:
    with TestClient(make_app(site, [users], vite={"asset_url": "https://cdn.example/app"})) as client:
        assert 'src="https://cdn.example/app/assets/app-a1.js"' in client.get("/").text
        assert client.get("/static/assets/app-a1.js").status_code == 404


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_a_nonce_is_on_every_tag_that_loads_something_and_new_for_each_request(site: Path) -> None:
    nonces = iter(["one", "two"])
    with TestClient(make_app(site, [users], vite={"csp_nonce": lambda _: next(nonces)})) as client:
        for nonce in ("one", "two"):
            html = client.get("/").text
            tags = Tags()
            tags.feed(html)
            loading = [
                attributes
                for tag, attributes in tags.seen
                if tag == "link" or (tag == "script" and "src" in attributes)
            ]
            assert len(loading) >= 5
            assert {attributes.get("nonce") for attributes in loading} == {nonce}
            assert "\x00" not in html


def test_the_legacy_attribute_holds_the_same_page(site: Path) -> None:
    with TestClient(make_app(site, [users], InertiaConfig(legacy_root_attribute=True))) as client:
        tags = Tags()
        tags.feed(client.get("/").text)
    (data,) = [attributes["data-page"] for _, attributes in tags.seen if attributes.get("id") == "app"]
    assert data is not None
    assert json.loads(data)["component"] == "Users/Index"


def test_unknown_component_names_do_not_grow_the_cache(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def any_page(request: Request[Any, Any, Any]) -> InertiaResponse[dict[str, Any]]:
        return InertiaResponse({}, component=request.query_params["name"])

    app = make_app(site, [any_page])
    with TestClient(app) as client:
        for number in range(1100):
            assert client.get(f"/?name=P{number}").status_code == 200
    assert len(app.plugins.get(InertiaPlugin).context.documents) == 1024


# Static files


@pytest.mark.parametrize(
    "path",
    [
        "/static/.vite/manifest.json", "/static/%2evite/manifest.json", "/static/assets/../.vite/manifest.json",
        "/static/assets/%2e%2e/%2e%2e/secret", "/static/%252e%252e/secret", "/static/..%2f..%2fsecret", "/static/%00", "/static/a%00.js",
        "/static/%ff%fe", "/static/", "/static/assets", "/static/assets/gone.js", "/static/..%5c..%5csecret",
    ],
)  # fmt: skip
def test_only_built_files_are_served(site: Path, path: str) -> None:
    (site / "secret").write_text("secret")
    with TestClient(make_app(site, [])) as client:
        response = client.get(path)
    assert response.status_code in {400, 404}, response.text
    assert "secret" not in response.text.replace(path, "")


def test_files_that_the_build_hashed_are_served_as_immutable(site: Path) -> None:
    write_list(site, "assets/app-a1.js")
    with TestClient(make_app(site, [])) as client:
        response = client.get("/static/assets/app-a1.js")
    assert response.status_code == 200
    assert response.text == "console.log('app')"
    assert "immutable" in response.headers["cache-control"]


def test_the_version_in_pages_is_the_manifests(site: Path) -> None:
    app = make_app(site, [users])
    with TestClient(app) as client:
        assert client.get("/", headers=inertia_headers(app)).json()["version"] == plugin_of(app).assets.version


def test_a_request_without_a_nonce_has_none_on_its_tags(site: Path) -> None:
    (site / "index.html").write_text(
        '<html><head><script type="module" src="/src/app.tsx"></script></head><body></body></html>'
    )
    with TestClient(make_app(site, [users], vite={"csp_nonce": lambda _: None})) as client:
        html = client.get("/").text
    assert "assets/app-a1.js" in html
    assert "nonce" not in html
    assert "\0" not in html
