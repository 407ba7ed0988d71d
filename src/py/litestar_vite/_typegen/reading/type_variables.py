"""Infers the types of type variables in a call of a generic function."""

from __future__ import annotations

import types
import typing
from typing import Any, Final, TypeVar, get_args, get_origin

import typing_extensions

from litestar_vite._typegen.annotations import rebuild, substitute

UNIONS: Final = frozenset({typing.Union, types.UnionType})
SELF: Final = frozenset({typing.Self, typing_extensions.Self})


def unify(pattern: Any, annotation: Any, variables: dict[Any, Any]) -> None:
    """Infer type variables by matching a pattern with an annotation: `list[T]` and `list[int]` make T an int."""
    if isinstance(pattern, TypeVar):
        if annotation not in (Any, typing.Never):
            variables.setdefault(pattern, annotation)
        return
    origin, arguments = get_origin(pattern), get_args(pattern)
    if origin in UNIONS:
        for each in arguments:
            unify(each, annotation, variables)
        return
    other = get_args(annotation)
    if arguments and other and isinstance(origin, type) and isinstance(get_origin(annotation), type):
        for each, its in zip(arguments, other, strict=False):
            unify(each, its, variables)


def substituted(annotation: Any, variables: dict[Any, Any]) -> Any:
    """Return an annotation with its type variables and `Self` replaced by their types."""
    if annotation in SELF:
        return variables.get(annotation, Any)
    arguments = get_args(annotation)
    if arguments and get_origin(annotation) is not typing.Literal and any(each in SELF for each in arguments):
        annotation = rebuild(annotation, tuple(substituted(each, variables) for each in arguments))
    return substitute(annotation, variables)


def has_variables(annotation: Any) -> bool:
    """Return whether an annotation contains a type variable."""
    return isinstance(annotation, TypeVar) or any(map(has_variables, get_args(annotation)))
