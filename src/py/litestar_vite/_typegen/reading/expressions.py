"""Infers the values of a handler's expressions from its syntax tree, without running it."""

from __future__ import annotations

import ast
import types
import typing
from collections.abc import Callable as CallableType
from typing import TYPE_CHECKING, Any, Final

from litestar_vite._typegen.annotations import resolve
from litestar_vite._typegen.reading.attributes import attribute, entered, item_at, item_of
from litestar_vite._typegen.reading.scopes import Scope
from litestar_vite._typegen.reading.values import (
    Entry,
    Known,
    Listed,
    Local,
    Made,
    Nothing,
    OneOf,
    Several,
    Typed,
    Value,
    one_of,
    without_none,
)
from litestar_vite._typegen.shapes import Source

if TYPE_CHECKING:
    from litestar_vite._typegen.reading.functions import Reader
    from litestar_vite._typegen.reading.scopes import Binding


def evaluate(reader: Reader, node: ast.expr, scope: Scope) -> Value:
    """Return the inferred value of an expression."""
    found = _EVALUATORS.get(type(node))
    if found is None:
        return Nothing(f"{type(node).__name__} on line {node.lineno} is not understood")
    return found(reader, node, scope)


def _name(reader: Reader, node: Any, scope: Scope) -> Value:
    value = value_of(reader, node.id, scope)
    guard = scope.guarded.get(node.id)
    return without_none(as_options(value)) if guard is not None and node.lineno > guard else value


def value_of(reader: Reader, name: str, scope: Scope) -> Value:
    """Return the inferred value of a name: the union of all its assigned values."""
    around: Scope | None = scope
    while around is not None:
        if name in around.local_functions:
            return Local(around.local_functions[name], around)
        if name in around.bindings or name in around.given:
            return _local(reader, name, around)
        around = around.outer
    found = scope.global_of(name)
    return found if found is not None else Nothing(f"the name {name} is not known")


def _local(reader: Reader, name: str, scope: Scope) -> Value:
    bindings = scope.bindings.get(name, [])
    for binding in bindings:
        if binding.how == "annotation":
            resolved = resolve(ast.unparse(binding.node), scope.module)
            if not reader.is_vague(resolved):
                return Typed(resolved)
    given = [scope.given[name]] if name in scope.given else []
    if name in scope.active:  # `status = status if … else ""`
        return one_of(*given)
    scope.active.add(name)
    try:
        values = [_bound(reader, binding, scope) for binding in bindings if binding.how != "annotation"]
    finally:
        scope.active.discard(name)
    return _with_items_set(reader, name, scope, one_of(*given, *values))


def _bound(reader: Reader, binding: Binding, scope: Scope) -> Value:
    node: Any = binding.node
    value = evaluate(reader, node, scope)
    if binding.how == "item":
        value = item_of(reader, value)
    elif binding.how == "enter":
        value = entered(reader, value)
    for index in binding.place:
        value = item_at(reader, value, index)
    return value


def _with_items_set(reader: Reader, name: str, scope: Scope, value: Value) -> Value:
    """Add the keys that are set in a dict after its creation."""
    if not isinstance(value, Made) or name not in scope.item_sets:
        return value
    entries, rest = dict(value.entries), value.rest
    for item in scope.item_sets[name]:
        if item.key is None:
            rest = rest or f"keys are added on line {item.line}"
            continue
        added, known = evaluate(reader, item.node, scope), entries.get(item.key)
        optional = item.is_conditional and (known is None or known.is_optional)
        merged = one_of(known.value, added) if known is not None and item.is_conditional else added
        entries[item.key] = Entry(merged, optional, Source(scope.file, item.line, item.column))
    return Made(entries, rest)


def _dict(reader: Reader, node: Any, scope: Scope) -> Value:
    entries: dict[str, Entry] = {}
    rest, others = "", []
    for key, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(reader, value_node, scope)
        if key is None:
            merged = merge_dicts(reader, Made(entries, rest), value, node.lineno)
            if not isinstance(merged, Made):
                return merged
            entries, rest = dict(merged.entries), merged.rest
            continue
        name = key.value if isinstance(key, ast.Constant) else None
        if isinstance(name, str):
            entries[name] = Entry(value, source=Source(scope.file, key.lineno, key.col_offset))
        else:
            others.append(value)
    if others and not entries and not rest:
        keys = [evaluate(reader, key, scope) for key in node.keys if key is not None]
        return Typed(dict[reader.annotation(one_of(*keys)), reader.annotation(one_of(*others))])  # type: ignore[misc]
    return Made(entries, rest or (f"a key on line {node.lineno} is computed" if others else ""))


def merge_dicts(reader: Reader, one: Made, other: Value, line: int) -> Value:
    """Return the inferred value of `{**one, **other}`."""
    if isinstance(other, Typed):
        other = reader.as_dict(other)
    if isinstance(other, Known) and isinstance(other.value, dict):
        other = Made({str(key): Entry(Known(each)) for key, each in other.value.items()})
    if isinstance(other, OneOf):
        return one_of(*(merge_dicts(reader, one, option, line) for option in other.options))
    if not isinstance(other, Made):
        return Made(one.entries, one.rest or f"** on line {line} adds unknown keys")
    entries = dict(one.entries)
    for name, entry in other.entries.items():
        known = entries.get(name)
        if entry.is_optional and known is not None:
            entries[name] = Entry(one_of(known.value, entry.value), known.is_optional, entry.source)
        else:
            entries[name] = entry
    return Made(entries, one.rest or other.rest)


def _list(reader: Reader, node: Any, scope: Scope) -> Value:
    items = [
        item_of(reader, evaluate(reader, each.value, scope))
        if isinstance(each, ast.Starred)
        else evaluate(reader, each, scope)
        for each in node.elts
    ]
    return Listed(one_of(*items))


def _tuple(reader: Reader, node: Any, scope: Scope) -> Value:
    if any(isinstance(each, ast.Starred) for each in node.elts):
        return _list(reader, node, scope)
    return Several(tuple(evaluate(reader, each, scope) for each in node.elts))


def _comprehension(reader: Reader, node: Any, scope: Scope) -> Value:
    return Listed(evaluate(reader, node.elt, _inner(node, scope)))


def _dict_comprehension(reader: Reader, node: Any, scope: Scope) -> Value:
    inner = _inner(node, scope)
    key, value = evaluate(reader, node.key, inner), evaluate(reader, node.value, inner)
    return Typed(dict[reader.annotation(key), reader.annotation(value)])  # type: ignore[misc]


def _inner(node: Any, scope: Scope) -> Scope:
    """Return the scope of a comprehension."""
    inner = Scope(scope.file, scope.module, {}, None, scope)
    inner.guarded = scope.guarded
    for generator in node.generators:
        inner._assign(generator.target, generator.iter, "item")  # noqa: SLF001 - the module of scopes makes them
    return inner


def _conditional(reader: Reader, node: Any, scope: Scope) -> Value:
    return one_of(evaluate(reader, node.body, scope), evaluate(reader, node.orelse, scope))


def _and_or(reader: Reader, node: Any, scope: Scope) -> Value:
    values = [as_options(evaluate(reader, each, scope)) for each in node.values]
    if isinstance(node.op, ast.Or):
        values = [*map(without_none, values[:-1]), values[-1]]
    return one_of(*values)


def as_options(value: Value) -> Value:
    """Return a value of a union type as OneOf its members."""
    if isinstance(value, Typed) and typing.get_origin(value.annotation) in {typing.Union, types.UnionType}:
        each = (Known(None) if option is type(None) else Typed(option) for option in typing.get_args(value.annotation))
        return one_of(*each)
    return value


def _not(reader: Reader, node: Any, scope: Scope) -> Value:
    if isinstance(node.op, ast.Not):
        return Typed(bool)
    return reader.widened(evaluate(reader, node.operand, scope))


def _operation(reader: Reader, node: Any, scope: Scope) -> Value:
    left, right = evaluate(reader, node.left, scope), evaluate(reader, node.right, scope)
    if isinstance(node.op, ast.BitOr):
        if isinstance(left, Typed):
            left = reader.as_dict(left)
        if isinstance(left, Made):
            return merge_dicts(reader, left, right, node.lineno)
    if isinstance(left, Listed) and isinstance(node.op, ast.Add):
        return Listed(one_of(left.item, item_of(reader, right)))
    kinds = {reader.annotation(left), reader.annotation(right)}
    if str in kinds:
        return Typed(str)
    if kinds <= {int, float, bool}:
        return Typed(float if float in kinds or isinstance(node.op, ast.Div) else int)
    if len(kinds) == 1 and (kind := kinds.pop()) not in {Any, object}:
        return Typed(kind)
    return Nothing(f"the operation on line {node.lineno} is not understood")


def _subscript(reader: Reader, node: Any, scope: Scope) -> Value:
    value = evaluate(reader, node.value, scope)
    if isinstance(node.slice, ast.Slice):
        return reader.widened(value) if not isinstance(value, Several) else Listed(one_of(*value.items))
    key = evaluate(reader, node.slice, scope)
    if isinstance(value, Known) and isinstance(value.value, type):
        return _generic(reader, value.value, key)
    if isinstance(value, Typed):
        value = reader.as_dict(value)
    if isinstance(value, Made) and isinstance(key, Known) and key.value in value.entries:
        return value.entries[key.value].value
    if isinstance(key, Known) and isinstance(key.value, int):
        return item_at(reader, value, key.value)
    return item_of(reader, value, of_keys=False)


def _generic(reader: Reader, kind: Any, key: Value) -> Value:
    """Return `Page[User]`."""
    items: tuple[Value, ...] = key.items if isinstance(key, Several) else (key,)
    arguments: tuple[Any, ...] = tuple(
        each.value if isinstance(each, Known) else reader.annotation(each) for each in items
    )
    try:
        return Known(kind[arguments if len(arguments) != 1 else next(iter(arguments))])
    except Exception:  # noqa: BLE001 - a user's __class_getitem__
        return Nothing(f"{kind.__name__}[…] is not understood")


def _call(reader: Reader, node: Any, scope: Scope) -> Value:
    callee = evaluate(reader, node.func, scope)
    arguments = []
    for each in node.args:
        if isinstance(each, ast.Starred):
            return (
                reader.call(callee, (), {}, node.lineno)
                if not reader.is_helper(callee)
                else Nothing(f"*arguments on line {node.lineno} are not understood")
            )
        arguments.append(evaluate(reader, each, scope))
    keywords = {each.arg: evaluate(reader, each.value, scope) for each in node.keywords if each.arg is not None}
    spread = [evaluate(reader, each.value, scope) for each in node.keywords if each.arg is None]
    if isinstance(callee, Known) and callee.value is dict:
        made: Value = Made({
            each.arg: Entry(keywords[each.arg], source=Source(scope.file, each.lineno, each.col_offset))
            for each in node.keywords if each.arg is not None
        })  # fmt: skip
        for other in (*spread, *arguments):
            if isinstance(made, Made):
                first = merge_dicts(reader, Made({}), other, node.lineno)
                made = merge_dicts(reader, first, made, node.lineno) if isinstance(first, Made) else first
        return made
    return reader.call(callee, tuple(arguments), keywords, node.lineno)


_EVALUATORS: Final[dict[type, CallableType[[Any, Any, Scope], Value]]] = {
    ast.Constant: lambda _, node, __: Known(node.value),
    ast.JoinedStr: lambda *_: Typed(str),
    ast.Compare: lambda *_: Typed(bool),
    ast.Name: _name,
    ast.Dict: _dict,
    ast.List: _list,
    ast.Set: _list,
    ast.Tuple: _tuple,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.IfExp: _conditional,
    ast.BoolOp: _and_or,
    ast.UnaryOp: _not,
    ast.BinOp: _operation,
    ast.Await: lambda reader, node, scope: reader.awaited(evaluate(reader, node.value, scope)),
    ast.NamedExpr: lambda reader, node, scope: evaluate(reader, node.value, scope),
    ast.Attribute: lambda reader, node, scope: attribute(reader, evaluate(reader, node.value, scope), node.attr),
    ast.Subscript: _subscript,
    ast.Lambda: lambda _, node, scope: Local(node, scope),
    ast.Call: _call,
}
