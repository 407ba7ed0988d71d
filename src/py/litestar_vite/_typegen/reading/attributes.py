"""Infers the attributes and items of values, and the results of their builtin methods."""

from __future__ import annotations

import ast
import datetime
import enum
import functools
import inspect
import types
import typing
from collections import abc
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from litestar_vite._typegen.annotations import Unresolved, bases_of, class_hints, resolve, returned_by, substitute
from litestar_vite._typegen.reading.values import (
    Known,
    Listed,
    Made,
    Method,
    Nothing,
    OneOf,
    Several,
    Typed,
    Value,
    one_of,
)

if TYPE_CHECKING:
    from litestar_vite._typegen.reading.functions import Reader


_UNIONS: Final = frozenset({typing.Union, types.UnionType})
# The methods of builtins are not annotated.
_METHODS: Final[dict[type, dict[str, Any]]] = {
    str: {
        **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isalnum", "isspace", "isupper"), bool),
        **dict.fromkeys(("count", "find", "index", "rfind"), int),
        **dict.fromkeys(("split", "rsplit", "splitlines"), list[str]),
        "encode": bytes,
    },
    datetime.datetime: {"date": datetime.date, "time": datetime.time, "timestamp": float, "weekday": int},
    datetime.timedelta: {"total_seconds": float},
    list: {"count": int, "index": int},
}
_STILL_TEXT: Final = frozenset(dir(str))


def attribute(reader: Reader, value: Value, name: str) -> Value:
    """Return the inferred value of `value.name`."""
    if isinstance(value, OneOf):
        options = [option for option in value.options if option != Known(None)]
        return one_of(*(attribute(reader, option, name) for option in options)) if options else value
    if isinstance(value, Known):
        return _of_object(reader, value.value, name)
    if isinstance(value, Typed):
        return _of_type(reader, value, name)
    if isinstance(value, Made) and name in {"get", "copy", "items", "keys", "values", "pop"}:
        return Method(name, value)
    if isinstance(value, Listed) and name in {"copy", "index", "count", "pop"}:
        return Method(name, value)
    if isinstance(value, Nothing):
        return value
    return Nothing(f"the attribute {name} is not known")


def _of_object(reader: Reader, found: Any, name: str) -> Value:
    if isinstance(found, types.ModuleType):
        return Known(getattr(found, name)) if hasattr(found, name) else Nothing(f"{found.__name__}.{name} is missing")
    if isinstance(found, type) or get_origin(found) is not None:
        kind = get_origin(found) or found
        plain = inspect.getattr_static(kind, name, None)
        if isinstance(plain, classmethod):
            return Method(plain.__func__, Known(found))
        if isinstance(plain, staticmethod):
            return Known(plain.__func__)
        hints = _safe_hints(kind)
        if name in hints and not isinstance(plain, types.FunctionType):
            return Typed(_unmapped(hints[name][0]))
        if isinstance(plain, (types.BuiltinMethodType, types.ClassMethodDescriptorType)):
            return Method(name, Known(found))
        return Known(getattr(kind, name)) if hasattr(kind, name) else Nothing(f"{kind.__name__}.{name} is missing")
    known = _of_type(reader, Typed(type(found)), name)
    if not isinstance(known, Nothing):
        return known
    own = getattr(found, "__dict__", {})
    return Known(own[name]) if name in own else known


def _of_type(reader: Reader, owner: Typed, name: str) -> Value:
    annotation = owner.annotation
    if get_origin(annotation) in _UNIONS:
        options = [Typed(each) for each in get_args(annotation) if each is not type(None)]
        return one_of(*(_of_type(reader, option, name) for option in options))
    if get_origin(annotation) is typing.Annotated:
        return _of_type(reader, Typed(get_args(annotation)[0]), name)
    kind: Any = get_origin(annotation) or annotation
    if not isinstance(kind, type) or kind is object:
        return Nothing(f"the type of .{name} is not known")
    if typing.is_typeddict(kind) or kind is dict:
        return Method(name, owner)
    hints = _safe_hints(annotation)
    if name in hints and not isinstance(hints[name][0], Unresolved):
        return Typed(_unmapped(hints[name][0]))
    plain = inspect.getattr_static(kind, name, None)
    if isinstance(plain, property) and plain.fget is not None:
        return reader.call_function(plain.fget, (owner,), {}, owner)
    if isinstance(plain, functools.cached_property):
        return reader.call_function(plain.func, (owner,), {}, owner)
    if isinstance(plain, classmethod):
        return Method(plain.__func__, Known(annotation))
    if isinstance(plain, staticmethod):
        return Known(plain.__func__)
    if isinstance(plain, types.FunctionType):
        return Method(plain, owner)
    if plain is not None and callable(plain) and kind.__module__ in {"builtins", "datetime"}:
        return Method(name, owner)
    if plain is not None and not callable(plain) and not hasattr(type(plain), "__get__"):
        return Known(plain)
    if kind.__module__ == "datetime" and plain is not None:
        return Typed(int)
    return _set_in_init(reader, owner, kind, name)


def _set_in_init(reader: Reader, owner: Typed, kind: type, name: str) -> Value:
    """Infer an attribute from `self.name = …` in the constructor."""
    for base in kind.__mro__:
        found = reader.sources.class_node(base)
        init = base.__dict__.get("__init__")
        if found is None or init is None:
            continue
        for node in ast.walk(found[0]):
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(target, ast.Attribute) and _is_self(target, name) and isinstance(node, ast.AnnAssign):
                return Typed(resolve(ast.unparse(node.annotation), base.__module__))
        definition = reader.sources.of_function(init)
        for node in ast.walk(definition[0]) if definition is not None else ():
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Attribute) and _is_self(target, name) for target in node.targets
            ):
                return reader.widened(reader.in_function(init, node.value, owner))
    return Nothing(f"{kind.__name__}.{name} is not annotated")


def _is_self(target: ast.Attribute, name: str) -> bool:
    return target.attr == name and isinstance(target.value, ast.Name) and target.value.id == "self"


def _safe_hints(kind: Any) -> dict[str, tuple[Any, type]]:
    try:
        return class_hints(kind)
    except Exception:  # noqa: BLE001 - classes of other libraries may raise anything
        return {}


def _unmapped(annotation: Any) -> Any:
    """Return T of `Mapped[T]` or `ClassVar[T]`."""
    origin = get_origin(annotation)
    name = getattr(origin, "__name__", "") or getattr(origin, "_name", "")
    return get_args(annotation)[0] if name in {"Mapped", "DynamicMapped", "ClassVar"} else annotation


def item_of(reader: Reader, value: Value, *, of_keys: bool = True) -> Value:
    """Return the inferred items of an iteration or, without `of_keys`, the value of `value[...]`."""
    if isinstance(value, OneOf):
        return one_of(*(item_of(reader, option, of_keys=of_keys) for option in value.options))
    if isinstance(value, Listed):
        return value.item
    if isinstance(value, Several):
        return one_of(*value.items)
    if isinstance(value, Made):
        return Typed(str) if of_keys else one_of(*(entry.value for entry in value.entries.values()))
    if isinstance(value, Known) and isinstance(value.value, (list, tuple, set, frozenset)):
        return one_of(*(reader.widened(Known(each)) for each in value.value))
    if isinstance(value, Known) and isinstance(value.value, dict):
        chosen: Any = value.value if of_keys else value.value.values()
        return one_of(*(reader.widened(Known(each)) for each in chosen))
    if isinstance(value, Known) and isinstance(value.value, type) and issubclass(value.value, enum.Enum):
        return Typed(value.value)
    annotation = reader.annotation(value)
    if get_origin(annotation) in _UNIONS:
        options = [Typed(each) for each in get_args(annotation) if each is not type(None)]
        return one_of(*(item_of(reader, option, of_keys=of_keys) for option in options))
    if annotation is str:
        return Typed(str)
    return _item_of_type(annotation, of_keys=of_keys)


def _item_of_type(annotation: Any, *, of_keys: bool) -> Value:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return one_of(*map(Typed, arguments))
    if isinstance(origin, type) and arguments:
        if issubclass(origin, abc.Mapping):
            return Typed(arguments[0] if of_keys else arguments[-1])
        if issubclass(origin, abc.Iterable):
            return Typed(arguments[0])
    for base, variables in _bases(annotation):
        fn = base.__dict__.get("__iter__" if of_keys else "__getitem__")
        if isinstance(fn, types.FunctionType):
            returned = substitute(returned_by(fn), variables)
            if of_keys and get_args(returned):
                return Typed(get_args(returned)[0])
            if not of_keys and returned is not inspect.Signature.empty:
                return Typed(returned)
    return Nothing(f"the items of {getattr(annotation, '__name__', annotation)} are not known")


def _bases(annotation: Any) -> list[tuple[type, Any]]:
    kind = get_origin(annotation) or annotation
    return list(bases_of(annotation)) if isinstance(kind, type) else []


def item_at(reader: Reader, value: Value, index: int) -> Value:
    """Return the inferred value of `value[index]`, which may be a position in an unpacked tuple."""
    if isinstance(value, Several) and -len(value.items) <= index < len(value.items):
        return value.items[index]
    if isinstance(value, Typed) and get_origin(value.annotation) is tuple:
        arguments = get_args(value.annotation)
        if arguments and arguments[-1] is not Ellipsis and -len(arguments) <= index < len(arguments):
            return Typed(arguments[index])
    if isinstance(value, OneOf):
        return one_of(*(item_at(reader, option, index) for option in value.options))
    return item_of(reader, value, of_keys=False) if not isinstance(value, Nothing) else value


def entered(reader: Reader, value: Value) -> Value:
    """Return the inferred value of `name` in `with value as name`."""
    annotation = reader.annotation(value)
    for name in ("__aenter__", "__enter__"):
        plain = inspect.getattr_static(get_origin(annotation) or annotation, name, None)
        if isinstance(plain, types.FunctionType):
            return reader.awaited(reader.call_function(plain, (value,), {}, Typed(annotation)))
    return Nothing("the value of the context manager is not known")


def call_method(reader: Reader, name: str, owner: Value, arguments: tuple[Value, ...]) -> Value:
    """Return the result of a builtin's method."""
    if isinstance(owner, Made):
        return _dict_method(name, owner, arguments)
    if isinstance(owner, Listed):
        return owner if name == "copy" else owner.item if name == "pop" else Typed(int)
    annotation = reader.annotation(owner)
    if isinstance(owner, Known) and isinstance(owner.value, type):
        kind = owner.value
        made = name in {"now", "utcnow", "today", "fromisoformat", "fromtimestamp", "combine", "strptime"}
        return Typed(kind) if made or name in {"fromkeys", "from_bytes"} else Nothing(f"{name}() is not understood")
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and (typing.is_typeddict(kind) or issubclass(kind, dict)):
        as_dict = reader.as_dict(owner) if isinstance(owner, Typed) else owner
        if isinstance(as_dict, Made):
            return _dict_method(name, as_dict, arguments)
        return _mapping_method(annotation, name, arguments)
    known = _METHODS.get(kind, {})
    if name in known:
        return Typed(known[name])
    if kind is str and name in _STILL_TEXT:
        return Typed(str)
    if name in {"isoformat", "strftime", "hex", "decode"}:
        return Typed(str)
    if kind in {datetime.datetime, datetime.date, datetime.time} and name in {"replace", "astimezone"}:
        return Typed(kind)
    if kind in {list, set, frozenset}:
        if name in {"copy", "union", "intersection", "difference"}:
            return Typed(annotation)
        if name == "pop":
            return item_of(reader, owner)
    return Nothing(f"{name}() is not understood")


def _mapping_method(annotation: Any, name: str, arguments: tuple[Value, ...]) -> Value:
    key, value = get_args(annotation) if len(get_args(annotation)) == 2 else (Any, Any)  # noqa: PLR2004
    if name == "get":
        return one_of(Typed(value), arguments[1] if len(arguments) > 1 else Known(None))
    if name in {"values", "keys"}:
        return Typed(types.GenericAlias(list, value if name == "values" else key))
    if name == "items":
        return Typed(types.GenericAlias(list, types.GenericAlias(tuple, (key, value))))
    return Typed(annotation) if name == "copy" else Typed(value) if name == "pop" else Nothing(f"{name}() of a dict")


def _dict_method(name: str, owner: Made, arguments: tuple[Value, ...]) -> Value:
    key = arguments[0].value if arguments and isinstance(arguments[0], Known) else None
    if name in {"get", "pop"} and isinstance(key, str) and key in owner.entries:
        entry = owner.entries[key]
        default = arguments[1] if len(arguments) > 1 else Known(None)
        return one_of(entry.value, default) if entry.is_optional else entry.value
    if name == "copy":
        return owner
    values = one_of(*(entry.value for entry in owner.entries.values()))
    if name == "values":
        return Listed(values)
    if name == "keys":
        return Listed(Typed(str))
    return Listed(Several((Typed(str), values))) if name == "items" else Nothing(f"{name}() of a dict")
