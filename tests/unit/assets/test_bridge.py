"""The settings of the HTML document that Python passes to the Vite build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from litestar_vite._assets.bridge import bridge_of
from litestar_vite.config import ViteConfig
from litestar_vite.config._resolve import resolve
from litestar_vite.inertia import InertiaConfig


@pytest.mark.parametrize(
    ("vite", "document"),
    [
        ({}, None),
        ({"inertia": InertiaConfig()}, None),
        ({"index_html": "web/page.html"}, "web/page.html"),
        # With a template, the build ignores index.html.
        ({"inertia": InertiaConfig(template="root.html")}, False),
    ],
)
def test_the_build_makes_the_document_unless_it_is_a_template(vite: dict[str, Any], document: Any) -> None:
    written = msgspec.json.decode(bridge_of(resolve(ViteConfig(root=Path("/site"), **vite), {})))
    assert written.get("indexHtml") == document
