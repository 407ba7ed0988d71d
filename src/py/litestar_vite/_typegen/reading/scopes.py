"""The names in a function: its parameters, its assignments, and its tests against None."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from litestar_vite._typegen.annotations import Unresolved, resolve
from litestar_vite._typegen.reading.values import Known, Typed, Value
from litestar_vite._typegen.sources import FunctionNode


class Binding(Struct):
    """One way in which a name is bound to a value.

    Attributes:
        node: The expression.
        how: "value"; "item" of an iterable; "enter" of a context manager; "annotation"; "annotated".
        place: The position in a tuple; nested tuples have several indexes.
    """

    node: ast.AST
    how: str = "value"
    place: tuple[int, ...] = ()


class ItemSet(Struct):
    """`name["key"] = value`."""

    key: str | None
    node: ast.expr
    line: int
    column: int
    is_conditional: bool


class Scope:
    """The names that an expression can see.

    Attributes:
        module: The module's name, for annotations.
        given: The values of parameters and of other names that are passed in.
        bindings: The assignments of each name.
        item_sets: The keys that are set in dicts, by the dict's name.
        guarded: The line from which on each name is not None.
    """

    def __init__(
        self, file: str, module: str, given: Mapping[str, Value], node: FunctionNode | None, outer: Scope | None = None
    ) -> None:
        self.file = file
        self.module = module
        self.given = given
        self.outer = outer
        self.bindings: dict[str, list[Binding]] = {}
        self.item_sets: dict[str, list[ItemSet]] = {}
        self.guarded: dict[str, int] = {}
        self.local_functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.returns: list[ast.expr] = []
        self.returns_nothing = False
        self.active: set[str] = set()
        if isinstance(node, ast.Lambda):
            self.returns.append(node.body)
        elif node is not None:
            self._read_block(node.body, is_conditional=False)
            self.returns_nothing = not _always_leaves(node.body)

    def global_of(self, name: str) -> Value | None:
        """Return a global of the module or a builtin, or None if the name is not defined."""
        module = sys.modules.get(self.module)
        if module is not None and name in vars(module):
            annotation = vars(module).get("__annotations__", {}).get(name)
            if annotation is not None:
                resolved = resolve(annotation, self.module)
                if not isinstance(resolved, Unresolved):
                    return Typed(resolved)
            return Known(vars(module)[name])
        return Known(getattr(builtins, name)) if hasattr(builtins, name) else None

    def _read_block(self, block: list[ast.stmt], *, is_conditional: bool) -> None:
        for statement in block:
            self._read(statement, is_conditional=is_conditional)

    def _read(self, node: ast.stmt, *, is_conditional: bool) -> None:
        if isinstance(node, ast.Return):
            if node.value is None:
                self.returns_nothing = True
            else:
                self.returns.append(node.value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.local_functions[node.name] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value, is_conditional=is_conditional)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            self._bind(node.target.id, Binding(node.annotation, "annotation"))
            if node.value is not None:
                self._bind(node.target.id, Binding(node.value, "annotated"))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self._set_item(node.target.id, None, node, is_conditional=is_conditional)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._assign(node.target, node.iter, how="item")
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if item.optional_vars is not None:
                    self._assign(item.optional_vars, item.context_expr, how="enter")
        elif isinstance(node, ast.Expr):
            self._read_call(node.value, is_conditional=is_conditional)
        elif isinstance(node, ast.If) and not is_conditional:
            self._read_guard(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._read_walrus(node)
            is_block = isinstance(node, ast.With | ast.AsyncWith)
            for name in ("body", "orelse", "finalbody"):
                self._read_block(getattr(node, name, []), is_conditional=is_conditional or not is_block)
            for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                self._read_block(branch.body, is_conditional=True)

    def _read_walrus(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                for each in ast.walk(child):
                    if isinstance(each, ast.NamedExpr):
                        self._bind(each.target.id, Binding(each.value))

    def _read_call(self, node: ast.expr, *, is_conditional: bool) -> None:
        """Record `props.update(...)` and other method calls that change a dict."""
        call = node.value if isinstance(node, ast.Await) else node
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            return
        changes = call.func.attr in {"update", "setdefault", "pop", "clear", "popitem"}
        if changes and isinstance(call.func.value, ast.Name):
            self._set_item(call.func.value.id, None, call, is_conditional=is_conditional)

    def _read_guard(self, node: ast.If) -> None:
        """Record guards such as `if row is None: raise`."""
        test, last = node.test, node.body[-1]
        name: Any = None
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is):
            right = test.comparators[0]
            name = test.left if isinstance(right, ast.Constant) and right.value is None else None
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            name = test.operand
        if isinstance(name, ast.Name) and isinstance(last, ast.Raise | ast.Return) and not node.orelse:
            self.guarded.setdefault(name.id, last.end_lineno or last.lineno)

    def _assign(
        self,
        target: ast.expr,
        node: ast.expr,
        how: str = "value",
        place: tuple[int, ...] = (),
        *,
        is_conditional: bool = False,
    ) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, Binding(node, how, place))
        elif isinstance(target, ast.Tuple | ast.List):
            for index, each in enumerate(target.elts):
                self._assign(each, node, how, (*place, index))
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            key = target.slice.value if isinstance(target.slice, ast.Constant) else None
            text = key if isinstance(key, str) else None
            self._set_item(target.value.id, text, node, is_conditional=is_conditional, at=target.slice)

    def _set_item(
        self, name: str, key: str | None, node: Any, *, is_conditional: bool, at: ast.AST | None = None
    ) -> None:
        where: Any = at or node
        found = ItemSet(key, node, where.lineno, where.col_offset, is_conditional)
        self.item_sets.setdefault(name, []).append(found)

    def _bind(self, name: str, binding: Binding) -> None:
        self.bindings.setdefault(name, []).append(binding)


def _always_leaves(block: list[ast.stmt]) -> bool:
    """Return whether a block always ends with `return` or `raise`."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return _always_leaves(last.body) and _always_leaves(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return _always_leaves(last.body)
    if isinstance(last, ast.Try):
        return _always_leaves(last.finalbody) or (
            _always_leaves(last.body) and all(_always_leaves(handler.body) for handler in last.handlers)
        )
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and bool(last.test.value)
    return isinstance(last, ast.Match) and all(_always_leaves(case.body) for case in last.cases)
