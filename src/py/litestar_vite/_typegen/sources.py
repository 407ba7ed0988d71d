"""Finds the positions of classes, their fields, and functions in Python files. Each file is read once."""

from __future__ import annotations

import ast
import inspect
import os
import sys
import sysconfig
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar_vite._typegen.shapes import Source

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Around = tuple[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, ...]
"""The classes and functions around a node, the outer one first."""
Call = tuple[ast.Call, Around]


_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_STANDARD: Final = sysconfig.get_path("stdlib")


def is_installed(file: str) -> bool:
    """Return whether a file belongs to an installed package or to Python. Its path is specific to this machine."""
    return file.startswith(_STANDARD) or not _INSTALLED.isdisjoint(Path(file).parts)


class Sources:
    """The Python files of an app, parsed on demand.

    Attributes:
        copied: The model of each class that was made from one at run time, such as by a DTO. It has the model's source.
    """

    def __init__(self) -> None:
        self._modules: dict[str, _Module | None] = {}
        self.copied: dict[type, type] = {}

    def of_class(self, kind: type) -> Source | None:
        """Return the position of a class, or None if it is not found."""
        node = self.class_node(kind)
        return node[1] if node is not None else None

    def class_node(self, kind: type) -> tuple[ast.ClassDef, Source] | None:
        """Return the class statement and its position, or None if it is not found."""
        kind = self.copied.get(kind, kind)
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        module = self._module(file) if file else None
        node = module.classes.get(kind.__qualname__) if module is not None else None
        if node is None or file is None:
            return None
        return node, Source(file, node.lineno, node.col_offset + len("class "))

    def of_field(self, kind: type, name: str) -> Source | None:
        """Return the position of a field's annotation in the class or in its nearest base."""
        for base in getattr(self.copied.get(kind, kind), "__mro__", ()):
            if (found := self.class_node(base)) is not None:
                for node in found[0].body:
                    if _defines(node, name):
                        return Source(found[1].file, node.lineno, node.col_offset + _offset(node))
        return None

    def of_function(self, fn: Callable[..., Any]) -> tuple[FunctionNode, str] | None:
        """Return the definition of a function and its file, or None if its source is not available."""
        code = getattr(inspect.unwrap(fn), "__code__", None)
        if code is None or not (module := self._module(code.co_filename)):
            return None
        found = module.functions.get((code.co_firstlineno, code.co_name))
        return (found, code.co_filename) if found is not None else None

    def calls(self, file: str) -> list[Call]:
        """Return the calls of functions by a name, or by a name and an attribute, in a file."""
        module = self._module(file)
        return module.calls if module is not None else []

    def _module(self, file: str) -> _Module | None:
        if file not in self._modules:
            try:
                self._modules[file] = _parsed(file, os.stat(file).st_mtime_ns)  # noqa: PTH116 - hundreds of files
            except (OSError, SyntaxError, ValueError):
                self._modules[file] = None
        return self._modules[file]


@cache
def _parsed(file: str, _changed_ns: int) -> _Module:
    """Return a file's definitions. Cached, since the apps of a process share most of their files."""
    with open(file, "rb") as source:  # noqa: PTH123 - hundreds of files
        return _Module(ast.parse(source.read()))


class _Module:
    """The classes of a file by qualified name, its functions by first line (as in code objects, of decorators), and its
    calls. All are found in one walk, since a file may have a thousand handlers.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.classes: dict[str, ast.ClassDef] = {}
        self.functions: dict[tuple[int, str], FunctionNode] = {}
        self.calls: list[Call] = []
        self._walk(tree, "", ())

    def _walk(self, node: ast.AST, prefix: str, around: Around) -> None:
        for child in ast.iter_child_nodes(node):
            below, inside = prefix, around
            if isinstance(child, ast.ClassDef):
                self.classes[prefix + child.name] = child
                below, inside = f"{prefix}{child.name}.", (*around, child)
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                first = child.decorator_list[0].lineno if child.decorator_list else child.lineno
                self.functions[first, child.name] = child
                below, inside = f"{prefix}{child.name}.<locals>.", (*around, child)
            elif isinstance(child, ast.Lambda):
                self.functions.setdefault((child.lineno, "<lambda>"), child)
            elif isinstance(child, ast.Call) and _has_name(child.func):
                self.calls.append((child, around))
            # Names and constants have no children that matter here, and are every second node.
            if not isinstance(child, ast.Name | ast.Constant | ast.expr_context):
                self._walk(child, below, inside)


def _has_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == name
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name


def _offset(node: ast.stmt) -> int:
    """Return the column offset of the name in a definition."""
    if isinstance(node, ast.AsyncFunctionDef):
        return len("async def ")
    return len("def ") if isinstance(node, ast.FunctionDef) else 0
