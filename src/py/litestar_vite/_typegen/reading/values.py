"""The inferred values of expressions in a handler, which is not run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from litestar_vite._typegen.shapes import Source

if TYPE_CHECKING:
    from litestar_vite._typegen.reading.scopes import Scope


class Known(Struct, frozen=True):
    """A run-time object: a constant, or a global of the handler's module."""

    value: Any


class Typed(Struct, frozen=True):
    """An object of a type."""

    annotation: Any


class Entry(Struct, frozen=True):
    """A value in a dict."""

    value: Value
    is_optional: bool = False
    source: Source | None = None


class Made(Struct, frozen=True):
    """A dict with known keys. `rest` says why there may be others."""

    entries: Mapping[str, Entry]
    rest: str = ""


class Listed(Struct, frozen=True):
    """A list of items with this value."""

    item: Value


class Several(Struct, frozen=True):
    """A tuple."""

    items: tuple[Value, ...]


class Awaitable(Struct, frozen=True):
    """The result of calling an async function, before it is awaited."""

    value: Value


class PropType(Struct, frozen=True):
    """A prop helper around a value.

    Attributes:
        presence: "normal", "later" (the first response may omit it) or "always".
    """

    value: Value
    presence: str
    note: str


class Method(Struct, frozen=True):
    """A function bound to its first argument."""

    fn: Any
    owner: Value


class Local(Struct, frozen=True):
    """A function or lambda inside a function."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope


class OneOf(Struct, frozen=True):
    """One of several values."""

    options: tuple[Value, ...]


class Page(Struct, frozen=True):
    """An InertiaResponse. `component` is None if the route names it, and empty if it is chosen at run time."""

    component: str | None
    props: Value


class Nothing(Struct, frozen=True):
    """An unknown value, with a reason that is shown in the generated file."""

    reason: str


Value: TypeAlias = (
    Known | Typed | Made | Listed | Several | Awaitable | PropType | Method | Local | OneOf | Page | Nothing
)


def one_of(*values: Value) -> Value:
    """Return the union of several values, flattened and without duplicates."""
    options: list[Value] = []
    for value in values:
        for option in value.options if isinstance(value, OneOf) else (value,):
            if not any(option is known or _equal(option, known) for known in options):
                options.append(option)
    return options[0] if len(options) == 1 else OneOf(tuple(options))


def without_none(value: Value) -> Value:
    """Return a value with None removed from its options, after a test against None."""
    if not isinstance(value, OneOf):
        return value
    kept = [option for option in value.options if option != Known(None)]
    return one_of(*kept) if kept else value


def _equal(one: Value, other: Value) -> bool:
    try:
        return bool(one == other) and type(getattr(one, "value", None)) is type(getattr(other, "value", None))
    except Exception:  # noqa: BLE001 - the comparison of users' objects may raise anything
        return False
