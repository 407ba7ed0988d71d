"""The documentation names every setting, and its programs run."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from litestar_vite.config import InertiaConfig, SSRConfig, ViteConfig
from tests.support import page_in

ROOT = Path(__file__).parents[2]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")


@pytest.mark.parametrize("config", [ViteConfig, InertiaConfig, SSRConfig])
def test_every_setting_is_in_the_configuration_page_and_nothing_else(config: type) -> None:
    section = CONFIGURATION.split(f"## {config.__name__}\n", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert named == [field.name for field in dataclasses.fields(config)]


def programs() -> list[Any]:
    found = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        blocks = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        found += [pytest.param(block, id=f"{path.stem}-{n}") for n, block in enumerate(blocks) if "app = Litestar(" in block]
    return found


@pytest.mark.parametrize("source", programs())
def test_a_program_of_the_documentation_serves_its_page(source: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site)
    path = site / "documented_app.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    app: Litestar = module.app
    with TestClient(app) as client:
        response = client.get("/")
    assert response.status_code == 200
    assert page_in(response.text)["component"] == "Home"


def test_there_are_programs_to_run() -> None:
    assert len(programs()) >= 3
