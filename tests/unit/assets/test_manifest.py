"""Vite's manifest: its format, import graphs and invalid content."""

from __future__ import annotations

import json
from typing import Any

import pytest

from litestar_vite._assets.manifest import Chunk, Manifest, parse_manifest
from litestar_vite.exceptions import ManifestInvalidError
from tests.support import MANIFEST


def manifest_of(chunks: dict[str, Any]) -> Manifest:
    return parse_manifest(json.dumps(chunks).encode(), "test")


def chunk(name: str, *imports: str, css: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"file": f"{name}.js", "imports": list(imports), "css": list(css)}


def test_every_field_that_vite_writes_is_read_and_others_are_ignored() -> None:
    raw = {
        "file": "assets/a-1.js", "name": "a", "src": "src/a.ts", "isEntry": True, "isDynamicEntry": False, "imports": ["b"],
        "dynamicImports": ["b"], "css": ["a.css"], "assets": ["a.png"], "integrity": "sha384-x", "fieldOfANewerVite": {"x": [1]},
    }  # fmt: skip
    assert manifest_of({"a": raw, "b": {"file": "b.js"}}).chunks["a"] == Chunk(
        "assets/a-1.js", "src/a.ts", True, False, ("b",), ("b",), ("a.css",), "sha384-x"
    )


def test_the_least_of_a_chunk_is_its_file() -> None:
    assert manifest_of({"a": {"file": "a.js"}}).chunks["a"] == Chunk("a.js")


def test_a_build_of_nothing_has_no_entries() -> None:
    assert manifest_of({}).entries() == []


def test_the_entries_are_the_inputs_and_not_what_is_loaded_later() -> None:
    assert manifest_of(MANIFEST).entries() == ["src/app.tsx"]


def test_a_diamond_of_imports_holds_each_chunk_once_in_the_order_of_the_walk() -> None:
    manifest = manifest_of(
        {
            "a": chunk("a", "b", "c", css=("a.css",)),
            "b": chunk("b", "d", css=("b.css",)),
            "c": chunk("c", "d", css=("c.css", "shared.css")),
            "d": chunk("d", css=("d.css", "shared.css")),
        }
    )
    closure = manifest.closure("a")
    assert [each.file for each in closure.scripts] == ["a.js", "b.js", "d.js", "c.js"]
    assert closure.css == ("d.css", "shared.css", "b.css", "c.css", "a.css")


@pytest.mark.parametrize(
    "graph", [{"a": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["a"]}, {"a": ["b", "c"], "b": ["c"], "c": ["b", "a"]}]
)
def test_import_cycles_end_from_any_start(graph: dict[str, list[str]]) -> None:
    manifest = manifest_of({name: chunk(name, *imports, css=(f"{name}.css",)) for name, imports in graph.items()})
    for start in graph:
        closure = manifest.closure(start)
        assert closure.scripts[0].file == f"{start}.js"
        assert sorted(each.file for each in closure.scripts) == sorted(f"{name}.js" for name in graph)
        assert sorted(closure.css) == sorted(f"{name}.css" for name in graph)


def test_a_chain_of_imports_may_exceed_the_recursion_limit() -> None:
    manifest = manifest_of({str(i): chunk(str(i), *([str(i + 1)] if i < 5000 else [])) for i in range(5001)})
    assert len(manifest.closure("0").scripts) == 5001


def test_dynamic_imports_are_not_in_the_closure() -> None:
    assert "assets/Home-b8.js" not in {each.file for each in manifest_of(MANIFEST).closure("src/app.tsx").scripts}


def test_a_closure_of_an_unknown_chunk_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        manifest_of(MANIFEST).closure("gone")


@pytest.mark.parametrize(
    ("key", "component"),
    [
        ("src/pages/Home.tsx", "Home"),
        ("resources/js/Pages/Users/Index.vue", "Users/Index"),
        ("pages/a.b.svelte", "a.b"),
        ("src/pages/[id].jsx", "[id]"),
        ("src/pages/Home.TSX", "Home"),
        ("../web/pages/Home.mts", "Home"),
        ("src/pages/Ä/ß.ts", "Ä/ß"),
        ("src/mypages/Home.tsx", None),
        ("src/pages.tsx", None),
        ("src/pages/.tsx", None),
        ("src/pages/Home.css", None),
        ("src/pages/Home.tsx.map", None),
        ("_Home-a1.js", None),
    ],
)
def test_a_page_is_a_source_below_a_folder_of_pages(key: str, component: str | None) -> None:
    assert manifest_of({key: {"file": "a.js"}}).pages == ({component: [key]} if component else {})


@pytest.mark.parametrize(
    "raw",
    [
        b"null", b"1", b"{}x", b'{"a":null}', b'{"a":[]}', b'{"a":{"file":null}}', b'{"a":{"file":"a","imports":"b"}}',
        b'{"a":{"file":"a","css":[1]}}', b'{"a":{"file":"a","isEntry":"yes"}}', b'{"a":{"file":"\xff"}}', b'{"\xff":{"file":"a"}}',
        b'{"a":{"file":"\\ud800"}}', b"\xef\xbb\xbf{}", b"\x00", b"<html>", b'{"a":{"file":"a"', b'{"a":{"x":' + b"[" * 100_000,
    ],
    ids=lambda raw: ascii(raw)[:32],
)  # fmt: skip
def test_an_invalid_manifest_raises_one_type_of_error(raw: bytes) -> None:
    with pytest.raises(ManifestInvalidError, match=r"'dist/manifest\.json'.*Build the front end again"):
        parse_manifest(raw, "dist/manifest.json")


def test_every_truncated_manifest_is_rejected() -> None:
    raw = json.dumps(MANIFEST).encode()
    for length in range(len(raw)):
        with pytest.raises(ManifestInvalidError):
            parse_manifest(raw[:length], "cut")


def test_the_version_is_short_and_of_letters_that_stand_in_a_header() -> None:
    version = manifest_of(MANIFEST).version
    assert len(version) == 16
    assert set(version) <= set("0123456789abcdef")


HOMES: dict[str, Any] = {
    "src/app.tsx": {"file": "app.js", "isEntry": True, "dynamicImports": ["src/pages/Home.tsx"]},
    "admin/main.tsx": {"file": "admin.js", "isEntry": True, "dynamicImports": ["admin/pages/Home.tsx"]},
    "src/pages/Home.tsx": {"file": "home.js"},
    "admin/pages/Home.tsx": {"file": "admin-home.js"},
}
BOTH = {
    **HOMES,
    "src/app.tsx": {**HOMES["src/app.tsx"], "dynamicImports": ["admin/pages/Home.tsx", "src/pages/Home.tsx"]},
}


@pytest.mark.parametrize(
    ("chunks", "entry", "script", "key"),
    [
        (HOMES, "src/app.tsx", None, "src/pages/Home.tsx"),
        (HOMES, "admin/main.tsx", None, "admin/pages/Home.tsx"),
        (BOTH, "src/app.tsx", "src/app.tsx", "src/pages/Home.tsx"),
        (BOTH, "src/app.tsx", "admin/main.tsx", "admin/pages/Home.tsx"),
        # Ambiguous, so neither is preloaded.
        (BOTH, "src/app.tsx", None, None),
        (BOTH, "src/app.tsx", "other/app.tsx", None),
        (HOMES, None, None, None),
        (HOMES, None, "src/app.tsx", "src/pages/Home.tsx"),
    ],
)
def test_of_two_pages_of_one_name_the_entrys_own_is_taken(
    chunks: dict[str, Any], entry: str | None, script: str | None, key: str | None
) -> None:
    assert manifest_of(chunks).page_key("Home", entry, script) == key


def test_one_style_sheet_for_everything_belongs_to_every_chunk() -> None:
    chunks = {"a": {"file": "a.js", "isEntry": True}, "style.css": {"file": "assets/style-x.css", "src": "style.css"}}
    assert manifest_of(chunks).closure("a").css == ("assets/style-x.css",)
    # Builds that split their styles may have files with these names too.
    assert manifest_of({**chunks, "b": {"file": "b.js", "css": ["b.css"]}}).closure("a").css == ()
    entry = {"style.css": {"file": "assets/style-x.css", "isEntry": True}}
    assert manifest_of({"a": {"file": "a.js", "isEntry": True}, **entry}).closure("a").css == ()
