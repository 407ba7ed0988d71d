"""Source locations: the file and line of a handler, of its `return`, and of the props in it.

The source files may have changed since they were imported, so a line is only a hint for the developer, or None if it
is not found."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

Source = dict[str, Any]
"""`{"file": …, "line": …}`, as the extension reads it."""

# 256 handlers, read again when their file changes.
_MAX_HANDLERS: Final = 256


class HandlerSource(Struct, frozen=True):
    """The source lines of one function.

    Attributes:
        render_line: The line of the last `return` with a value, or of the `def` if there is none.
        props: The line of each name that is a key of a dict or a keyword argument of a call.
    """

    file: str
    line: int
    render_line: int
    props: dict[str, int]


def source(file: str, line: int) -> Source:
    return {"file": file, "line": line}


def source_of(function: Any) -> HandlerSource | None:
    """Return the source lines of a function, or None if its source is not available."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None:
        return None
    try:
        changed = Path(code.co_filename).stat().st_mtime_ns
    except OSError:
        return None
    return _read(code.co_filename, code.co_firstlineno, code.co_name, changed)


@lru_cache(maxsize=_MAX_HANDLERS)
def _read(file: str, first_line: int, name: str, _: int) -> HandlerSource | None:
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    found = next((node for node in ast.walk(tree) if _begins_at(node, first_line, name)), None)
    if found is None:
        return None
    line: int = getattr(found, "lineno", first_line)
    names: dict[str, int] = {}
    returns = [node.lineno for node in ast.walk(found) if isinstance(node, ast.Return) and node.value is not None]
    for node in ast.walk(found):
        if isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    names.setdefault(key.value, key.lineno)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg is not None:
                    names.setdefault(keyword.arg, keyword.value.lineno)
    return HandlerSource(file, line, returns[-1] if returns else line, names)


def _begins_at(node: ast.AST, first_line: int, name: str) -> bool:
    if isinstance(node, ast.Lambda):
        return name == "<lambda>" and node.lineno == first_line
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.name != name:
        return False
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) == first_line


def action_of(function: Callable[..., Any]) -> str:
    """Return the name of a handler's function: `module.Controller.method`."""
    bare = inspect.unwrap(function)
    return f"{getattr(bare, '__module__', '')}.{getattr(bare, '__qualname__', '')}".strip(".")
