"""Infers the results of prop helpers, constructors and builtins, without reading their source."""

from __future__ import annotations

import inspect
import typing
from collections import abc
from typing import TYPE_CHECKING, Any, Final, get_origin

import msgspec

from litestar_vite._typegen.annotations import class_hints
from litestar_vite._typegen.reading.attributes import attribute, item_of
from litestar_vite._typegen.reading.type_variables import unify
from litestar_vite._typegen.reading.values import (
    Entry,
    Known,
    Listed,
    Made,
    Nothing,
    OneOf,
    Page,
    PropType,
    Several,
    Typed,
    Value,
    one_of,
)
from litestar_vite.inertia import _live_prop, _pagination, helpers
from litestar_vite.inertia._litestar.response import InertiaResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar_vite._typegen.reading.functions import Reader


LATER: Final = "later"
HELPERS: Final[dict[Any, str]] = {
    helpers.defer: LATER,
    helpers.optional: LATER,
    helpers.once: LATER,
    helpers.always: "always",
    helpers.merge: "normal",
    helpers.prepend: "normal",
    helpers.deep_merge: "normal",
    _live_prop.live: "normal",
    _pagination.scroll: "normal",
}
_NUMBERS: Final[dict[Any, Any]] = {len: int, id: int, hash: int, ord: int, round: int, divmod: tuple[int, int]}
_TEXTS: Final = frozenset({repr, ascii, chr, hex, oct, bin, format})
_TESTS: Final = frozenset({isinstance, issubclass, hasattr, callable, any, all})
_LISTS: Final = frozenset({list, sorted, set, frozenset, reversed, iter, filter})


def call_helper(reader: Reader, fn: Any, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """Return the prop that a helper creates."""
    presence, name = HELPERS[fn], fn.__name__
    first: Value | None = arguments[0] if arguments else keywords.get("value") or keywords.get("fn")
    rest = arguments[1:]
    if isinstance(first, Known) and isinstance(first.value, str) and rest:  # The keyed form.
        first, rest = rest[0], rest[1:]
    if first is None:
        return Nothing(f"{name}() without a value")
    called = reader.sent(reader.call(first, rest, {}) if rest and not isinstance(first, PropType) else first)
    if isinstance(called, PropType):
        presence = LATER if LATER in {presence, called.presence} and presence != "always" else presence
        name, called = f"{name}, {called.note}", called.value
    if fn is _pagination.scroll:
        wrapper = keywords.get("wrapper", Known("data"))
        called = _scrolled(reader, called, wrapper.value if isinstance(wrapper, Known) else "data")
    return PropType(called, presence, name)


def _scrolled(reader: Reader, value: Value, wrapper: str | None) -> Value:
    """Return the items of a pagination under their wrapper key, with the pagination's numbers."""
    if isinstance(value, OneOf):
        return one_of(*(_scrolled(reader, option, wrapper) for option in value.options))
    if isinstance(value, Made):
        return value
    annotation = reader.annotation(value)
    kind = get_origin(annotation) or annotation
    if isinstance(value, Listed | Several) or (
        isinstance(kind, type) and issubclass(kind, (list, tuple, set, frozenset))
    ):
        return Made({wrapper: Entry(value)}) if wrapper else value
    hints = class_hints(annotation) if isinstance(kind, type) else {}
    if "items" not in hints:
        return value
    items = Typed(hints["items"][0])
    if wrapper is None:
        return items
    numbers: dict[str, Entry] = {name: Entry(Typed(hints[name][0])) for name in _pagination.NUMBERS if name in hints}
    return Made({wrapper: Entry(items, source=reader.sources.of_field(kind, "items")), **numbers})


def constructed(reader: Reader, kind: Any, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """Return an instance of a class, with the type arguments inferred from the call's arguments."""
    origin = get_origin(kind) or kind
    if issubclass(origin, InertiaResponse):
        return _page(arguments, keywords)
    parameters = getattr(kind, "__parameters__", ())
    if not parameters or get_origin(kind) is not None:
        return Typed(kind)
    variables: dict[Any, Any] = {}
    hints = {name: annotation for name, (annotation, _) in class_hints(kind[tuple(parameters)]).items()}
    try:
        names = list(inspect.signature(kind).parameters)
    except (TypeError, ValueError):
        names = list(hints)
    for name, value in (*zip(names, arguments, strict=False), *keywords.items()):
        unify(hints.get(name), reader.annotation(value), variables)
    if not variables:
        return Typed(kind)
    return Typed(kind[tuple(variables.get(each, Any) for each in parameters)])


def _page(arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    content = arguments[0] if arguments else keywords.get("content", Made({}))
    component = keywords.get("component", Known(None))
    named = component.options if isinstance(component, OneOf) else (component,)
    names = [each.value if isinstance(each, Known) and isinstance(each.value, str | None) else "" for each in named]
    return one_of(*(Page(name, content) for name in names))


def _getattr(reader: Reader, arguments: tuple[Value, ...], line: int) -> Value:
    """Return the attribute, or the type of the default: `getattr(exc, "status_code", 500)` is a number."""
    name = arguments[1].value if isinstance(arguments[1], Known) else None
    found = attribute(reader, arguments[0], name) if isinstance(name, str) else Nothing("")
    default = [reader.widened(arguments[2])] if len(arguments) > 2 else []  # noqa: PLR2004 - the optional argument
    if not isinstance(found, Nothing):
        return one_of(found, *default)
    if default and default[0] != Known(None):
        return default[0]
    return Nothing(f"getattr() on line {line} is not understood")


def call_builtin(reader: Reader, fn: Any, arguments: tuple[Value, ...], line: int) -> Value | None:
    """Return the result of a supported function without annotations, or None for other functions."""
    try:
        hash(fn)
    except TypeError:
        return None
    if fn in _NUMBERS:
        return Typed(float if fn is round and len(arguments) > 1 else _NUMBERS[fn])
    if fn in _TEXTS:
        return Typed(str)
    if fn in _TESTS:
        return Typed(bool)
    if fn in _LISTS:
        return Listed(item_of(reader, arguments[-1]) if arguments else OneOf(()))
    if fn is tuple:
        return Listed(item_of(reader, arguments[0])) if arguments else Several(())
    if fn in {max, min}:
        values = [item_of(reader, arguments[0])] if len(arguments) == 1 else list(arguments)
        return one_of(*map(reader.widened, values))
    if fn in {sum, abs}:
        found = item_of(reader, arguments[0]) if fn is sum and arguments else arguments[0]
        kind = reader.annotation(found)
        return Typed(int if kind in {bool, typing.Never} else kind)
    if fn is enumerate:
        return Listed(Several((Typed(int), item_of(reader, arguments[0]))))
    if fn is range:
        return Typed(abc.Sequence[int])
    if fn is zip:
        return Listed(Several(tuple(item_of(reader, each) for each in arguments)))
    if fn is next and arguments:
        return one_of(item_of(reader, arguments[0]), *arguments[1:])
    if fn is map and len(arguments) > 1:
        return Listed(reader.call(arguments[0], tuple(item_of(reader, each) for each in arguments[1:]), {}, line))
    if fn in {msgspec.convert, typing.cast}:
        place = 1 if fn is msgspec.convert else 0
        kind_value = arguments[place] if len(arguments) > place else Nothing("")
        return Typed(kind_value.value) if isinstance(kind_value, Known) else Nothing(f"the type on line {line}")
    if fn is getattr and len(arguments) > 1:
        return _getattr(reader, arguments, line)
    return None
