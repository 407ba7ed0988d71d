"""Only the seam modules use Litestar's private APIs, so that changes in Litestar affect no others."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import litestar
import pytest

import litestar_vite

PACKAGE = Path(litestar_vite.__file__).parent
SEAMS = [PACKAGE / "inertia" / "_litestar" / name for name in ("seams.py", "channel_seams.py")]
# Litestar exports its CLI environment nowhere else.
CLI_MODULE = "litestar.cli._utils"
# Names without an underscore that Litestar considers internal, or that Litestar 3 has removed.
INTERNAL_MODULES = {"litestar.utils.scope.state"}
INTERNAL_ATTRIBUTES = {
    "route_handler_map",
    "ownership_layers",
    "resolve_exception_handlers",
    "signature_model",
    "dependency_batches",
    "to_kwargs",
    "resolve_dependencies",
}


def names_of(tree: ast.AST) -> set[str]:
    """Return the private attribute names that a module defines or reads."""
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    functions = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return {name for name in attributes | named | functions if name.startswith("_") and not name.startswith("__")}


@functools.cache
def litestars_private_names() -> set[str]:
    folder = Path(litestar.__file__).parent
    return set().union(*(names_of(ast.parse(path.read_text("utf-8"))) for path in folder.rglob("*.py"))) - {"_"}


def private_uses(source: str) -> list[str]:
    """Return the uses of Litestar's private APIs in a module."""
    private = litestars_private_names()
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "litestar":
            module = node.module or ""
            is_private = any(part.startswith("_") for part in module.split(".")) or module in INTERNAL_MODULES
            if module != CLI_MODULE and (is_private or any(alias.name.startswith("_") for alias in node.names)):
                found.append(f"{node.lineno}: from {module}")
        elif isinstance(node, ast.Attribute):
            is_own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            is_own = is_own or (isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()")
            if not is_own and (node.attr in private or node.attr in INTERNAL_ATTRIBUTES):
                found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
            if name in private | INTERNAL_ATTRIBUTES:
                found.append(f"{node.lineno}: getattr {name}")
    return found


def test_only_the_seams_use_private_litestar_apis() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path not in SEAMS and "starters" not in path.parts]
    uses = {str(path.relative_to(PACKAGE)): private_uses(path.read_text("utf-8")) for path in modules}
    # `_fields` and `_replace` of named tuples, `_name` of types, and a name that this package defines too.
    ours = {"_fields", "_name", "_replace", "_probe"}
    assert {
        file: found
        for file, lines in uses.items()
        if (found := [line for line in lines if re.split(r"[. ]", line)[-1] not in ours])
    } == {}


def test_the_seams_are_needed() -> None:
    assert all(private_uses(path.read_text("utf-8")) for path in SEAMS)


@pytest.mark.parametrize(
    "source",
    [
        "from litestar._kwargs import KwargsModel",
        "from litestar.utils.scope.state import ScopeState",
        "twin._resolved_include_in_schema = False",
        "route.route_handler_map['GET']",
        "getattr(dto, '_dto_backends', {})",
    ],
)
def test_a_private_use_is_found(source: str) -> None:
    assert private_uses(source)
