"""The HTML document in development, as transformed by Vite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from litestar_vite._assets.dev import DevShell, Transformed
from litestar_vite._assets.loader import AssetLoader
from litestar_vite.config import ViteConfig
from litestar_vite.config._resolve import resolve

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

INDEX = '<html><head></head><body><div id="app"></div><script type="module" src="/src/app.tsx"></script></body></html>'
BASES = ["/static/", "/", "/mine/"]


def assets_of(root: Path) -> tuple[AssetLoader, DevShell]:
    assets = AssetLoader(resolve(ViteConfig(root=root, entry="src/app.tsx", dev_mode=True), {}))
    assert assets.dev is not None
    return assets, assets.dev


def ready(dev: DevShell, base: str, injected: str = "") -> None:
    """Simulate a Vite with this base: it adds its client first and prefixes the document's paths with the base."""

    async def transform(source: bytes, _: str) -> Transformed:
        html = source.decode().replace('src="/', f'src="{base}')
        head = f'<head><script type="module" src="{base}@vite/client"></script>{injected}'
        return Transformed(html.replace("<head>", head).encode(), "tag")

    dev.ready(transform, (), base)


async def html_of(dev: DevShell) -> str:
    return (await dev.shell("app")).render((), b"").decode()


@pytest.mark.parametrize("base", BASES)
async def test_the_entry_of_index_html_is_loaded_once(tmp_path: Path, base: str) -> None:
    (tmp_path / "index.html").write_text(INDEX)
    _, dev = assets_of(tmp_path)
    ready(dev, base)
    html = await html_of(dev)
    assert html.count("src/app.tsx") == html.count(f'src="{base}src/app.tsx"') == 1


@pytest.mark.parametrize("base", BASES)
async def test_without_a_script_of_its_own_a_document_gets_the_entry_under_the_base_that_vite_has(
    tmp_path: Path, base: str
) -> None:
    _, dev = assets_of(tmp_path)
    ready(dev, base)
    html = await html_of(dev)
    assert html.count("src/app.tsx") == html.count(f'src="{base}src/app.tsx"') == 1


async def test_an_entry_that_a_vite_plugin_has_put_in_is_loaded_once(tmp_path: Path) -> None:
    _, dev = assets_of(tmp_path)
    ready(dev, "/static/", '<script type="module" src="/static/src/app.tsx"></script>')
    assert (await html_of(dev)).count("src/app.tsx") == 1


@pytest.mark.parametrize("base", BASES)
async def test_a_templates_tags_and_the_overlay_are_under_the_base_that_vite_has(tmp_path: Path, base: str) -> None:
    assets, dev = assets_of(tmp_path)
    ready(dev, base)
    tags = assets.tags().decode()
    for module in ("@litestar-vite/client.js", "@react-refresh", "@vite/client", "src/app.tsx"):
        assert tags.count(module) == tags.count(f'"{base}{module}"') == 1
    assert f'from "{base}@vite/client"'.encode() in dev.overlay("it broke", None, None, None)
