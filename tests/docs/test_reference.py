"""docs/reference.md describes every name that applications import, and no others."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src/py/litestar_vite"
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
LISTED = re.compile(r"^\.\. auto(class|function|module|data):: (\S+)$", re.MULTILINE)


def public_modules() -> list[str]:
    """Return the names of the public modules: no part of their path begins with an underscore."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        parts = [part.removesuffix(".py") for part in path.relative_to(PACKAGE).parts]
        if "starters" in parts or any(re.match(r"_(?!_)", part) for part in parts):
            continue
        found.append(".".join(["litestar_vite", *(part for part in parts if part != "__init__")]))
    return sorted(set(found) - {"litestar_vite.__main__"})


def public_names() -> dict[str, Any]:
    modules = [importlib.import_module(name) for name in public_modules()]
    return {name: getattr(module, name) for module in modules for name in module.__all__}


def described() -> set[str]:
    names: set[str] = set()
    for kind, target in LISTED.findall(REFERENCE):
        if kind == "module":
            names |= {*importlib.import_module(target).__all__, target.rpartition(".")[2]}
        else:
            names.add(target.rpartition(".")[2])
    return names


def test_the_reference_has_every_public_name_and_no_other() -> None:
    modules = {name.rpartition(".")[2] for name in public_modules()}
    assert set(public_names()) <= described()
    assert described() <= set(public_names()) | modules


@pytest.mark.parametrize(
    "name", [name for name, value in public_names().items() if not isinstance(value, (ModuleType, Mapping))]
)
def test_a_public_name_says_what_it_is_for(name: str) -> None:
    value = public_names()[name]
    own = inspect.getdoc(value) or ""
    assert own, name
    assert not own.startswith(f"{name}("), "only the generated signature of a dataclass"
