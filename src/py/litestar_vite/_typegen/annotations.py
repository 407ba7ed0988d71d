"""Resolves the annotations of classes and functions to types, with type variables replaced."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, ForwardRef, TypeVar, cast, get_args, get_origin

import typing_extensions

Variables: typing.TypeAlias = "Mapping[Any, Any]"
"""The types that replace type variables."""

NOTHING: Final[Variables] = {}
ALIASES: Final = tuple(
    {kind for kind in (getattr(typing, "TypeAliasType", None), typing_extensions.TypeAliasType) if kind is not None}
)


class Unresolved:
    """An annotation that cannot be resolved. `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"<Unresolved {self.reason}>"


def class_hints(kind: Any) -> dict[str, tuple[Any, type]]:
    """Return the annotations of a class or generic alias by name, bases first, each with its defining class."""
    found: dict[str, tuple[Any, type]] = {}
    for base, variables in reversed(list(bases_of(kind))):
        for name, annotation in _own_annotations(base).items():
            found[name] = (resolve(annotation, base.__module__, variables, owner=base), base)
    return found


def bases_of(kind: Any) -> Iterator[tuple[type, Variables]]:
    """Yield a class and its bases in method resolution order, each with the types of its type variables."""
    origin: Any = get_origin(kind) or kind
    known: dict[type, Variables] = {origin: variables_of(kind)}
    for base in origin.__mro__:
        own = known.get(base, NOTHING)
        for parent in base.__dict__.get("__orig_bases__", ()):
            if (generic := get_origin(parent)) is not None and isinstance(generic, type):
                replaced = {name: substitute(value, own) for name, value in variables_of(parent).items()}
                known.setdefault(generic, replaced)
        if base is not object:
            yield base, own


def variables_of(kind: Any) -> Variables:
    """Return the type arguments of a generic alias by type variable. A bare class has their defaults or bounds."""
    origin: Any = get_origin(kind)
    if origin is None:
        return {name: bound_of(name) for name in getattr(kind, "__parameters__", ())}
    return dict(zip(getattr(origin, "__parameters__", ()), get_args(kind), strict=False))


def bound_of(variable: Any) -> Any:
    """Return the widest type that a type variable accepts."""
    default = getattr(variable, "__default__", None)
    if default is not None and default is not getattr(typing_extensions, "NoDefault", None):
        return default
    if constraints := getattr(variable, "__constraints__", ()):
        return typing.Union[constraints]  # noqa: UP007 - built at run time
    bound = getattr(variable, "__bound__", None)
    return bound if bound is not None else Unresolved(f"the type variable {variable} is unbounded")


def substitute(annotation: Any, variables: Variables) -> Any:
    """Replace the type variables in an annotation."""
    if not variables:
        return annotation
    if isinstance(annotation, TypeVar) or type(annotation).__name__ == "TypeVar":
        return variables.get(annotation, annotation)
    arguments = get_args(annotation)
    if not arguments or get_origin(annotation) is typing.Literal:
        return annotation
    replaced = tuple(substitute(each, variables) if not isinstance(each, list) else each for each in arguments)
    return rebuild(annotation, replaced) if replaced != arguments else annotation


def replaced(annotation: Any, old: Any, new: Any) -> Any:
    """Return an annotation with one type in it replaced by another."""
    if annotation == old:
        return new
    arguments = get_args(annotation)
    if not arguments or get_origin(annotation) is typing.Literal:
        return annotation
    others = tuple(each if isinstance(each, list) else replaced(each, old, new) for each in arguments)
    return rebuild(annotation, others) if others != arguments else annotation


def rebuild(annotation: Any, arguments: tuple[Any, ...]) -> Any:
    """Return a generic alias with its arguments replaced."""
    origin: Any = get_origin(annotation)
    if (unresolved := next((each for each in arguments if isinstance(each, Unresolved)), None)) is not None:
        arguments = tuple(Any if isinstance(each, Unresolved) else each for each in arguments)
        if origin in (typing.Union, types.UnionType):
            return unresolved
    if origin in (typing.Union, types.UnionType):
        return typing.Union[arguments]  # noqa: UP007 - built at run time
    if origin is typing.Annotated:
        return typing.Annotated[(arguments[0], *annotation.__metadata__)]
    if isinstance(annotation, types.GenericAlias):
        return types.GenericAlias(origin, arguments)
    return annotation.copy_with(arguments) if hasattr(annotation, "copy_with") else origin[arguments]


def resolve(annotation: Any, module: str, variables: Variables = NOTHING, *, owner: type | None = None) -> Any:
    """Return an annotation with names resolved and type variables replaced, or Unresolved if that fails."""
    if annotation is None:
        return None
    if isinstance(annotation, str):
        annotation = ForwardRef(annotation, is_class=True)
    # Not a copy: a module with a thousand handlers has thousands of annotations, and as many names.
    namespace: Any = vars(sys.modules[module]) if module in sys.modules else {}
    local: dict[str, Any] = dict(vars(owner)) if owner is not None else {}
    local = {name: value for name, value in local.items() if isinstance(value, type)}
    if owner is not None:
        local.setdefault(owner.__name__, owner)
        for parameter in getattr(owner, "__type_params__", ()):
            local.setdefault(parameter.__name__, parameter)
    try:
        evaluated = _evaluate(annotation, namespace, local)
    except Exception as error:  # noqa: BLE001 - an annotation may be any expression
        return Unresolved(f"the annotation {_text(annotation)} cannot be read: {error}")
    return substitute(evaluated, variables)


def _evaluate(annotation: Any, namespace: dict[str, Any], local: dict[str, Any]) -> Any:
    """Resolve the forward references in an annotation at every depth."""
    if isinstance(annotation, str):
        annotation = ForwardRef(annotation, is_class=True)
    if isinstance(annotation, ForwardRef):
        module: Any = getattr(annotation, "__forward_module__", None)
        if module is not None:
            known = vars(sys.modules[module]) if isinstance(module, str) else vars(module)
            namespace = {**namespace, **known}
        found = eval(annotation.__forward_arg__, namespace, local)  # noqa: S307 - the app's own annotations
        return _evaluate(found, namespace, local)
    arguments = get_args(annotation)
    if not arguments or get_origin(annotation) is typing.Literal:
        return annotation
    evaluated = tuple(
        each if isinstance(each, list) else _evaluate(each, namespace, local)
        for each in (arguments[:1] if get_origin(annotation) is typing.Annotated else arguments)
    )
    if get_origin(annotation) is typing.Annotated:
        return rebuild(annotation, evaluated) if evaluated != arguments[:1] else annotation
    return rebuild(annotation, evaluated) if evaluated != arguments else annotation


def _own_annotations(kind: type) -> dict[str, Any]:
    try:
        return dict(inspect.get_annotations(kind))
    except Exception:  # noqa: BLE001 - Python 3.14 and later evaluate annotations here, which may fail
        return {}


def returned_by(fn: Callable[..., Any]) -> Any:
    """Return the return annotation of a function as a type, or `inspect.Signature.empty` if it is missing."""
    return hint_of(fn, "return")


def hint_of(fn: Callable[..., Any], name: str) -> Any:
    """Return the annotation of a parameter, or of the return value for "return", as a type."""
    plain = inspect.unwrap(fn)
    annotations = cast("dict[str, Any]", getattr(plain, "__annotations__", None) or {})
    if name not in annotations:
        return inspect.Signature.empty
    return resolve(annotations[name], getattr(plain, "__module__", "") or "")


def _text(annotation: Any) -> str:
    return repr(annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation)


def owner_of(fn: Any) -> type | None:
    """Return the class of a method, or None for other functions."""
    if isinstance(fn, types.MethodType):
        return type(fn.__self__)
    *classes, _ = fn.__qualname__.split(".")
    return class_at(fn.__module__, classes)


def class_at(module: str, names: Sequence[str]) -> type | None:
    """Return a class of a module by the names of the classes around it and its own, or None without one."""
    found: Any = sys.modules.get(module)
    for name in names:
        found = getattr(found, name, None)
    return found if names and isinstance(found, type) else None
