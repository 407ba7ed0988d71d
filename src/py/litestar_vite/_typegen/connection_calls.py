"""The app's calls of `share`, `flash` and the like, in handlers, guards, dependencies and any other function."""

from __future__ import annotations

import ast
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any, Final

from litestar import Litestar
from msgspec import Struct

from litestar_vite._routes import handlers
from litestar_vite._typegen.annotations import Unresolved, class_at, resolve
from litestar_vite._typegen.reading.expressions import evaluate
from litestar_vite._typegen.reading.functions import Reader
from litestar_vite._typegen.reading.scopes import Scope
from litestar_vite._typegen.reading.values import Nothing, Typed, Value
from litestar_vite._typegen.shapes import Source
from litestar_vite._typegen.sources import Around, Sources, is_installed
from litestar_vite.inertia._litestar.seams import parts_of
from litestar_vite.inertia._share_and_flash import flash, flash_data, share, share_once

FLASHES: Final = (flash, flash_data)
SHARES: Final = (share, share_once)
_FUNCTIONS: Final = (*FLASHES, *SHARES)


class ConnectionCall(Struct, frozen=True):
    """A call in the app's code.

    Attributes:
        fn: The function that is called: `share`, `share_once`, `flash` or `flash_data`.
        around: The classes and functions around it, the outer one first.
    """

    fn: Any
    node: ast.Call
    module: str
    file: str
    around: Around

    @property
    def source(self) -> Source:
        return Source(self.file, self.node.lineno, self.node.col_offset)

    def argument(self, name: str, place: int) -> ast.expr | None:
        """Return an argument by its name or position, or None if it is not given."""
        given = next((each.value for each in self.node.keywords if each.arg == name), None)
        if given is None and len(self.node.args) > place:
            given = self.node.args[place]
        return None if isinstance(given, ast.Starred) else given

    def value_of(self, reader: Reader, node: ast.expr) -> Value:
        """Return the inferred value of an argument."""
        scope: Scope | None = None
        owner: type | None = None
        for index, each in enumerate(self.around):
            if isinstance(each, ast.ClassDef):
                owner = class_at(self.module, [part.name for part in self.around[: index + 1]])
            else:
                scope = Scope(self.file, self.module, _parameters(each, self.module, owner), each, scope)
                owner = None
        return evaluate(reader, node, scope or Scope(self.file, self.module, {}, None))


def connection_calls(app: Litestar, sources: Sources) -> list[ConnectionCall]:
    """Return the calls in the app's modules, by module and line."""
    return [call for module in _modules(app) for call in _calls_in(module, sources)]


def _modules(app: Litestar) -> Iterator[types.ModuleType]:
    """Yield the app's modules that may call one of the functions, and those of installed packages that do."""
    reached = _reached(app)
    for name, module in sorted(_loaded().items()):
        if not isinstance(module, types.ModuleType) or name.startswith(("litestar_vite.", "litestar.")):
            continue
        if name in reached or (
            is_installed(getattr(module, "__file__", None) or "") and any(map(_is_ours, list(vars(module).values())))
        ):
            yield module


def _reached(app: Litestar) -> set[str]:
    """Return the names of the app's modules: those of its handlers, guards, dependencies and the like, and those whose
    functions and classes they import. A process may have other apps, such as those of other tests.
    """
    waiting = [
        name
        for name, module in _loaded().items()
        if isinstance(module, types.ModuleType) and any(value is app for value in list(vars(module).values()))
    ]
    waiting.extend(filter(None, map(_module_of, _parts(app))))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if name in found or file is None or is_installed(file) or name.startswith("litestar_vite."):
            continue
        found.add(name)
        waiting.extend(filter(None, map(_module_of, list(vars(module).values()))))
    return found


def _parts(app: Litestar) -> Iterator[Any]:
    """Yield the functions and classes that an app consists of."""
    yield from (*app.exception_handlers.values(), *app.middleware)
    for _, handler in handlers(app):
        yield from parts_of(handler)


def _loaded() -> dict[str, Any]:
    """Return the modules of the process. Tests and lazy imports may have put other objects there."""
    return dict(sys.modules)


def _module_of(value: Any) -> str | None:
    """Return the name of the module that defines a value or, for an instance, its class."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    value = inspect.unwrap(value) if isinstance(value, types.FunctionType) else getattr(value, "func", value)
    plain = value if isinstance(value, type | types.FunctionType | types.MethodType) else type(value)
    return getattr(plain, "__module__", None)


def _is_ours(value: Any) -> bool:
    return any(value is each for each in _FUNCTIONS)


def _calls_in(module: types.ModuleType, sources: Sources) -> Iterator[ConnectionCall]:
    file = getattr(module, "__file__", None)
    found = [
        ConnectionCall(fn, node, module.__name__, str(file), around)
        for node, around in (sources.calls(file) if file else ())
        if (fn := _called(module, node.func)) is not None
    ]
    yield from sorted(found, key=lambda call: (call.node.lineno, call.node.col_offset))


def _called(module: types.ModuleType, node: ast.expr) -> Any:
    """Return the function that a called expression refers to, if it is one of ours, or None."""
    if isinstance(node, ast.Name):
        found = vars(module).get(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = getattr(vars(module).get(node.value.id), node.attr, None)
    else:
        return None
    return found if _is_ours(found) else None


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, module: str, owner: type | None) -> dict[str, Value]:
    """Return the values of a function's parameters by their annotations."""
    given: dict[str, Value] = {}
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for index, each in enumerate(arguments):
        annotation = resolve(ast.unparse(each.annotation), module) if each.annotation is not None else None
        if annotation is None and index == 0 and owner is not None:
            given[each.arg] = Typed(owner)
        elif annotation is None:
            given[each.arg] = Nothing(f"the parameter {each.arg} is not annotated")
        else:
            given[each.arg] = Nothing(annotation.reason) if isinstance(annotation, Unresolved) else Typed(annotation)
    return given
