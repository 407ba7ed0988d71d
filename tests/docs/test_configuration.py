"""The documentation lists every setting with its default and environment variable, and no others."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from litestar_vite.config import InertiaConfig, SPAConfig, SSRConfig, TypesConfig, ViteConfig, resolve

DOCS = Path(__file__).parents[2] / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text("utf-8")
RENDERING = (DOCS / "server-side-rendering.md").read_text("utf-8")
TABLES = [
    pytest.param(ViteConfig, CONFIGURATION, "ViteConfig", id="ViteConfig"),
    pytest.param(InertiaConfig, CONFIGURATION, "InertiaConfig", id="InertiaConfig"),
    pytest.param(SPAConfig, CONFIGURATION, "SPAConfig", id="SPAConfig"),
    pytest.param(TypesConfig, CONFIGURATION, "TypesConfig", id="TypesConfig"),
    pytest.param(SSRConfig, CONFIGURATION, "SSRConfig", id="SSRConfig"),
    pytest.param(SSRConfig, RENDERING, "Settings", id="SSRConfig on its own page"),
]


def table(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the rows below a heading: field, default, environment, meaning."""
    section = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def variables_in_docstrings(config: type) -> dict[str, str]:
    """Return the environment variable that each field's docstring names, or an empty string."""
    body = ast.parse(inspect.getsource(config)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(text, ast.Expr), f"{field.target.id} needs a docstring"
            assert isinstance(text.value, ast.Constant)
            match = re.search(r"Env:\s+((?:VITE|INERTIA)_\w+)", str(text.value.value))
            found[field.target.id] = match[1] if match else ""
    return found


@pytest.mark.parametrize(("config", "page", "heading"), TABLES)
def test_every_field_has_its_row_in_order_and_there_is_no_other(config: type, page: str, heading: str) -> None:
    named = [row[0].strip("`") for row in table(page, heading)]
    assert named == [field.name for field in dataclasses.fields(config)]


@pytest.mark.parametrize(("config", "page", "heading"), TABLES)
def test_every_default_is_the_one_of_the_code(config: Any, page: str, heading: str) -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(config)}
    for name, default, *_ in table(page, heading):
        value = defaults[name.strip("`")]
        if value is None or value is dataclasses.MISSING:
            continue  # Described in words: no value, or the fallback.
        shown = json.dumps(value) if isinstance(value, str) else repr(value)
        assert default.startswith(f"`{shown}`"), name


@pytest.mark.parametrize(("config", "page", "heading"), TABLES)
def test_every_environment_variable_is_the_one_of_the_docstring(config: type, page: str, heading: str) -> None:
    named = {row[0].strip("`"): row[2].strip("`") for row in table(page, heading)}
    assert named == variables_in_docstrings(config)


class Recorded(dict[str, str]):
    """An environment that records which variables are read."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    @override
    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def test_the_variables_that_are_read_are_the_documented_ones() -> None:
    environment = Recorded()
    resolve(ViteConfig(inertia=InertiaConfig(ssr=SSRConfig())), environment)
    assert environment.asked == set(re.findall(r"`((?:VITE|INERTIA)_\w+)`", CONFIGURATION))
