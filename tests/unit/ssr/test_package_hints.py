"""Hints for packages that are bundled but must not be, or the other way round."""

from __future__ import annotations

import pytest

from litestar_vite._ssr.render_request import _package_hint


@pytest.mark.parametrize(
    ("message", "setting"),
    [
        ('Unknown file extension ".css" for /app/node_modules/x/x.css', "noExternal"),
        ("Cannot use import statement outside a module", "noExternal"),
        ("require is not defined in ES module scope", "external"),
        ('Dynamic require of "fs" is not supported', "external"),
        ("__dirname is not defined", "external"),
        ("window is not defined", None),
    ],
)
def test_the_hint_names_the_setting(message: str, setting: str | None) -> None:
    hint = _package_hint(message)
    assert (hint is None) if setting is None else (hint is not None and f"ssr: {{ {setting}: [" in hint)
