"""The flash categories of an app, collected from its calls of `flash` and `flash_data`."""

from __future__ import annotations

import ast
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any, Final

from litestar_vite._routes import handlers
from litestar_vite._typegen.shapes import STRING, Field, Fields, Items, Source, Unknown
from litestar_vite.inertia._sharing import flash, flash_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from litestar_vite._typegen.reading.functions import Reader


_MESSAGES: Final = Items(STRING)
_FLASHES: Final = (flash, flash_data)


def flash_data_of(reader: Reader, app: Litestar) -> Fields:
    """Return the categories. All are optional, since most pages are sent without flash data."""
    # The package flashes an error for rejected forms and expired tokens.
    found: dict[str, Field] = {"error": Field("error", _MESSAGES, is_optional=True)}
    is_open = False
    for module in _modules(app):
        file = getattr(module, "__file__", None)
        tree = reader.sources.tree(file) if file else None
        for node in ast.walk(tree) if tree is not None else ():
            fn = _called(module, node.func) if isinstance(node, ast.Call) else None
            if fn is None or not isinstance(node, ast.Call):
                continue
            name = _category(node, fn)
            if name is None:
                is_open = True
                continue
            shape = _MESSAGES if fn is flash else Unknown("set by flash_data()")
            if found.get(name, Field(name, _MESSAGES)).source is None:
                found[name] = Field(
                    name, shape, is_optional=True, source=Source(str(file), node.lineno, node.col_offset)
                )
    return Fields(tuple(found[name] for name in sorted(found)), is_open)


def _modules(app: Litestar) -> Iterator[types.ModuleType]:
    """Yield the app's modules that may call `flash` or `flash_data`."""
    names = {inspect.unwrap(handler.fn).__module__ for _, handler in handlers(app)}
    for name, module in sorted(sys.modules.items()):
        if name.startswith(("litestar_vite.", "litestar.")) or not isinstance(module, types.ModuleType):
            continue
        if name in names or any(value is flash or value is flash_data for value in list(vars(module).values())):
            yield module


def _called(module: types.ModuleType, node: ast.expr) -> Any:
    """Return `flash` or `flash_data` if the called expression refers to it, or None."""
    if isinstance(node, ast.Name):
        found = vars(module).get(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = getattr(vars(module).get(node.value.id), node.attr, None)
    else:
        return None
    return found if any(found is each for each in _FLASHES) else None


def _category(node: ast.Call, fn: Any) -> str | None:
    """Return the category of a call, or None if it is computed."""
    name, place = ("category", 2) if fn is flash else ("key", 1)
    given: ast.expr | None = next((each.value for each in node.keywords if each.arg == name), None)
    if given is None and len(node.args) > place:
        given = node.args[place]
    if given is None:
        return "info" if fn is flash else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None
