"""The vendored npm package of a project, and the file that passes Python's settings to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from litestar_vite import ViteConfig
from litestar_vite._assets.bridge import bridge_of, write_bridge
from litestar_vite._assets.npm_package import companion_differs, companion_files, is_vendored, sync_companion
from litestar_vite.config import resolve

if TYPE_CHECKING:
    from pathlib import Path


def test_the_copy_is_made_once_and_again_when_it_differs(tmp_path: Path) -> None:
    assert companion_differs(tmp_path)
    assert sync_companion(tmp_path)
    assert not companion_differs(tmp_path)
    assert not sync_companion(tmp_path)
    (tmp_path / "vendor/litestar-vite/index.js").write_text("// changed")
    assert companion_differs(tmp_path)
    assert sync_companion(tmp_path)
    assert (tmp_path / "vendor/litestar-vite/index.js").read_bytes() == companion_files()["index.js"]


def test_files_of_an_older_version_are_deleted(tmp_path: Path) -> None:
    sync_companion(tmp_path)
    (tmp_path / "vendor/litestar-vite/old.js").write_text("")
    assert sync_companion(tmp_path)
    assert not (tmp_path / "vendor/litestar-vite/old.js").exists()


def test_files_that_python_runs_are_not_in_the_npm_package() -> None:
    names = companion_files().keys()
    assert {"package.json", "index.js", "index.d.ts", "route.js", "pages.js"} <= names
    assert not {"worker.mjs", "guard.mjs"} & names


def test_a_project_with_its_own_path_to_the_npm_package_is_distinguished(tmp_path: Path) -> None:
    assert not is_vendored(tmp_path)
    (tmp_path / "package.json").write_text('{"dependencies": {"litestar-vite": "file:../js"}}')
    assert not is_vendored(tmp_path)
    (tmp_path / "package.json").write_text('{"dependencies": {"litestar-vite": "file:vendor/litestar-vite"}}')
    assert is_vendored(tmp_path)


def test_settings_are_written_relative_to_the_root_and_independent_of_the_machine(tmp_path: Path) -> None:
    config = resolve(
        ViteConfig(root=tmp_path / "front", bundle_dir=tmp_path / "public", asset_url="/files", entry="src/main.ts"), {}
    )
    text = bridge_of(config)
    settings = json.loads(text)
    assert settings.pop("version")
    assert settings == {"input": "src/main.ts", "bundleDir": "../public", "ssrDir": "dist/ssr", "assetUrl": "/files/"}
    assert str(tmp_path) not in text


def test_the_prefix_is_written_when_there_is_one(tmp_path: Path) -> None:
    settings = json.loads(bridge_of(resolve(ViteConfig(root=tmp_path, root_path="/shop"), {})))
    assert (settings["assetUrl"], settings["rootPath"]) == ("/static/", "/shop")


def test_settings_are_written_only_when_they_differ(tmp_path: Path) -> None:
    assert write_bridge(resolve(ViteConfig(root=tmp_path), {}))
    assert not write_bridge(resolve(ViteConfig(root=tmp_path), {}))
    assert write_bridge(resolve(ViteConfig(root=tmp_path, asset_url="/files/"), {}))
