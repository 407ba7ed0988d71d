"""Infers the return value of a function from its annotation or, if that is too vague, from its source."""

from __future__ import annotations

import ast
import functools
import inspect
import types
import typing
from collections import abc
from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin

import typing_extensions

from litestar_vite._typegen.annotations import (
    Unresolved,
    bases_of,
    class_hints,
    hint_of,
    owner_of,
    resolve,
    returned_by,
)
from litestar_vite._typegen.reading.attributes import call_method
from litestar_vite._typegen.reading.calls import HELPERS, call_builtin, call_helper, constructed
from litestar_vite._typegen.reading.expressions import evaluate
from litestar_vite._typegen.reading.scopes import Scope
from litestar_vite._typegen.reading.type_variables import SELF, has_variables, substituted, unify
from litestar_vite._typegen.reading.values import (
    Awaitable,
    Entry,
    Known,
    Listed,
    Local,
    Made,
    Method,
    Nothing,
    OneOf,
    PropType,
    Several,
    Typed,
    Value,
    one_of,
)
from litestar_vite._typegen.sources import FunctionNode, Sources, is_installed

_VAGUE: Final = frozenset({Any, object, dict, list, inspect.Signature.empty, typing.Dict, typing.List})  # noqa: UP006
_AWAITABLES: Final = frozenset({abc.Awaitable, abc.Coroutine})
_MAX_DEPTH: Final = 8  # of nested calls


class Reader:
    """Reads functions without running any code of the app."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._active: list[Any] = []

    def call_function(
        self, fn: Any, arguments: tuple[Value, ...], keywords: Mapping[str, Value], owner: Value | None = None
    ) -> Value:
        """Return the inferred result of a function call. `arguments` include `self`; the type of `owner`, the instance
        or class of a method call, replaces `Self`.
        """
        plain = inspect.unwrap(fn)
        returned = returned_by(plain)
        is_async = inspect.iscoroutinefunction(plain)
        given = self._given(plain, arguments, keywords)
        read: Value | None = None
        if self.is_vague(returned):
            read = self._read(plain, given)
        if read is None or (isinstance(read, Nothing) and returned not in _VAGUE):
            annotation = self._replaced(plain, returned, given, owner)
            read = Typed(annotation) if returned is not inspect.Signature.empty else read or _unread(plain)
            if isinstance(annotation, Unresolved):
                read = Nothing(annotation.reason)
        return Awaitable(read) if is_async else read

    def is_vague(self, annotation: Any) -> bool:
        """Return whether an annotation is so vague that the source is read, such as one that contains Any or object."""
        try:
            if annotation in _VAGUE:
                return True
        except TypeError:
            return False
        if isinstance(annotation, Unresolved):
            return True
        arguments = get_args(annotation)
        if get_origin(annotation) is typing.Annotated:
            arguments = arguments[:1]
        if get_origin(annotation) in {typing.Literal, abc.Callable}:
            return False
        return any(self.is_vague(each) for each in arguments)

    def in_function(self, fn: Any, node: ast.expr, owner: Value) -> Value:
        """Return the inferred value of an expression in a method."""
        definition = self.sources.of_function(fn)
        if definition is None or fn in self._active:
            return Nothing(f"the source of {fn.__qualname__} cannot be read")
        self._active.append(fn)
        try:
            scope = Scope(definition[1], fn.__module__, self._given(fn, (owner,), {}), definition[0])
            return evaluate(self, node, scope)
        finally:
            self._active.pop()

    def read(self, fn: Any) -> Value:
        """Infer the return value of a function from its source."""
        plain = getattr(fn, "__func__", fn)
        owner = owner_of(fn)
        return self._read(plain, self._given(plain, (Typed(owner),) if owner is not None else (), {}))

    def _read(self, fn: Any, given: Mapping[str, Value]) -> Value:
        """Infer the return value of a function from its source and its arguments."""
        definition = self.sources.of_function(fn)
        if definition is None or fn in self._active or len(self._active) > _MAX_DEPTH or is_installed(definition[1]):
            return _unread(fn)
        self._active.append(fn)
        try:
            return self._returned(definition[0], self._scope(fn, definition, given))
        finally:
            self._active.pop()

    def _scope(self, fn: Any, definition: tuple[FunctionNode, str], given: Mapping[str, Value]) -> Scope:
        closure = getattr(fn, "__closure__", None) or ()
        outer: dict[str, Value] = {}
        for name, cell in zip(fn.__code__.co_freevars, closure, strict=False):
            try:
                outer[name] = Known(cell.cell_contents)
            except ValueError:  # The variable is not set yet.
                continue
        return Scope(definition[1], fn.__module__, {**outer, **given}, definition[0])

    def _returned(self, node: FunctionNode, scope: Scope) -> Value:
        if isinstance(node, ast.Lambda):
            return evaluate(self, node.body, scope)
        if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node)):
            return Nothing(f"{node.name} is a generator")
        values = [evaluate(self, each, scope) for each in scope.returns]
        return one_of(*values, *([Known(None)] if scope.returns_nothing or not values else []))

    def _given(self, fn: Any, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> dict[str, Value]:
        """Return the value of each parameter, from its annotation, the argument or the default, in this order."""
        given: dict[str, Value] = {}
        try:
            parameters = inspect.signature(fn).parameters.values()
        except (TypeError, ValueError):
            return given
        passed = iter(arguments)
        for parameter in parameters:
            value = keywords.get(parameter.name)
            if value is None and parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
                value = next(passed, None)
            annotation = hint_of(fn, parameter.name)
            if annotation is inspect.Signature.empty or (value is not None and self.is_vague(annotation)):
                default = parameter.default
                if value is None and default is not inspect.Parameter.empty and default is not None:
                    value = self.widened(Known(default))
                given[parameter.name] = value or Nothing(f"the parameter {parameter.name} is not annotated")
            elif isinstance(annotation, Unresolved):
                given[parameter.name] = Nothing(annotation.reason)
            elif parameter.kind is parameter.VAR_POSITIONAL:
                given[parameter.name] = Typed(types.GenericAlias(tuple, (annotation, ...)))
            elif parameter.kind is parameter.VAR_KEYWORD:
                given[parameter.name] = Typed(types.GenericAlias(dict, (str, annotation)))
            else:
                given[parameter.name] = Typed(annotation)
                if value is not None and has_variables(annotation):
                    given[parameter.name] = value
        return given

    def _replaced(self, fn: Any, annotation: Any, given: Mapping[str, Value], owner: Value | None) -> Any:
        """Return a return annotation with `Self` and type variables replaced by their types in a call."""
        variables: dict[Any, Any] = {}
        if owner is not None:
            kind = owner.value if isinstance(owner, Known) else self.annotation(owner)
            variables.update(dict.fromkeys(SELF, kind))
            if isinstance(get_origin(kind) or kind, type):
                for _, known in bases_of(kind):
                    variables.update(known)
        if has_variables(annotation):
            for name, value in given.items():
                unify(hint_of(fn, name), self.annotation(value), variables)
        return substituted(annotation, variables)

    def is_helper(self, callee: Value) -> bool:
        """Return whether a callee is a prop helper."""
        return isinstance(callee, Known) and _is_in(callee.value, HELPERS)

    def call(self, callee: Value, arguments: tuple[Value, ...], keywords: Mapping[str, Value], line: int = 0) -> Value:
        """Return the inferred result of a call."""
        if isinstance(callee, OneOf):
            return one_of(*(self.call(option, arguments, keywords, line) for option in callee.options))
        if isinstance(callee, Local):
            return self._call_local(callee, arguments, keywords)
        if isinstance(callee, Method):
            if isinstance(callee.fn, str):
                return call_method(self, callee.fn, callee.owner, arguments)
            return self.call_function(callee.fn, (callee.owner, *arguments), keywords, callee.owner)
        if isinstance(callee, Nothing):
            return callee
        if isinstance(callee, Typed):
            return self._call_typed(callee)
        if not isinstance(callee, Known):
            return Nothing(f"the call on line {line} is not understood")
        return self._call_known(callee.value, arguments, keywords, line)

    def _call_known(self, found: Any, arguments: tuple[Value, ...], keywords: Mapping[str, Value], line: int) -> Value:
        if _is_in(found, HELPERS):
            return call_helper(self, found, arguments, keywords)
        if found is functools.partial and arguments:
            return arguments[0]  # Only the return value of the wrapped function matters.
        if isinstance(found, functools.partial):
            return self._call_known(found.func, (), {}, line)
        if (made := call_builtin(self, found, arguments, line)) is not None:
            return made
        if isinstance(found, type) or isinstance(get_origin(found), type):
            return constructed(self, found, arguments, keywords)
        if isinstance(found, types.MethodType):
            owner = found.__self__
            known = Known(owner) if isinstance(owner, type) else Typed(type(owner))
            return self.call_function(found.__func__, (known, *arguments), keywords, known)
        if isinstance(inspect.unwrap(found), types.FunctionType):
            return self.call_function(found, arguments, keywords)
        call = getattr(type(found), "__call__", None)  # noqa: B004 - the method itself
        if isinstance(call, types.FunctionType):
            return self.call_function(call, (Typed(type(found)), *arguments), keywords, Typed(type(found)))
        return Nothing(f"the call of {getattr(found, '__name__', type(found).__name__)} on line {line}")

    def _call_typed(self, callee: Typed) -> Value:
        origin, arguments = get_origin(callee.annotation), get_args(callee.annotation)
        if origin is abc.Callable and arguments:
            return Typed(arguments[-1])
        call = getattr(origin or callee.annotation, "__call__", None)  # noqa: B004
        if isinstance(call, types.FunctionType):
            return self.call_function(call, (callee,), {}, callee)
        return Nothing(f"the return type of {callee.annotation!r} is not known")

    def _call_local(self, callee: Local, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
        node = callee.node
        if node in self._active or len(self._active) > _MAX_DEPTH:
            return OneOf(())
        given: dict[str, Value] = dict(keywords)
        for index, parameter in enumerate((*node.args.posonlyargs, *node.args.args)):
            if parameter.annotation is not None:
                given[parameter.arg] = Typed(resolve(ast.unparse(parameter.annotation), callee.scope.module))
            elif index < len(arguments):
                given[parameter.arg] = arguments[index]
            else:
                given.setdefault(parameter.arg, Nothing(f"the parameter {parameter.arg} is not annotated"))
        self._active.append(node)
        try:
            returns = None if isinstance(node, ast.Lambda) else node.returns
            if returns is not None:
                annotation = resolve(ast.unparse(returns), callee.scope.module)
                if not self.is_vague(annotation):
                    return Awaitable(Typed(annotation)) if isinstance(node, ast.AsyncFunctionDef) else Typed(annotation)
            scope = Scope(callee.scope.file, callee.scope.module, given, node, callee.scope)
            value = self._returned(node, scope)
            return Awaitable(value) if isinstance(node, ast.AsyncFunctionDef) else value
        finally:
            self._active.pop()

    def awaited(self, value: Value) -> Value:
        """Return the inferred result of `await value`."""
        if isinstance(value, Awaitable):
            return value.value
        if isinstance(value, OneOf):
            return one_of(*map(self.awaited, value.options))
        if isinstance(value, Typed) and get_origin(value.annotation) in _AWAITABLES:
            return Typed(get_args(value.annotation)[-1])
        return value

    def sent(self, value: Value) -> Value:
        """Return the value that is sent for a prop: callables are called, and awaitables awaited."""
        value = self.awaited(value)
        if isinstance(value, OneOf):
            return one_of(*map(self.sent, value.options))
        if isinstance(value, PropType):
            return value
        is_function = isinstance(value, Known) and callable(value.value) and not isinstance(value.value, type)
        if is_function or isinstance(value, Local | Method):
            return self.sent(self.awaited(self.call(value, (), {})))
        if isinstance(value, Typed) and get_origin(value.annotation) is abc.Callable:
            return self.sent(self.call(value, (), {}))
        return value

    def widened(self, value: Value) -> Value:
        """Return a value that may differ between requests, with constants replaced by their types."""
        if isinstance(value, Known) and isinstance(value.value, (str, int, float, bytes)):
            return Typed(type(value.value))
        return value

    def annotation(self, value: Value) -> Any:
        """Return the type of a value, or Any if it is not known."""
        if isinstance(value, Typed):
            return value.annotation
        if isinstance(value, Known):
            return type(value.value)
        if isinstance(value, Listed):
            return list[self.annotation(value.item)]  # type: ignore[misc]
        if isinstance(value, Several):
            return tuple[tuple(map(self.annotation, value.items))]  # type: ignore[misc]
        if isinstance(value, OneOf):
            options = tuple(map(self.annotation, value.options))
            return typing.Union[options] if options else typing.Never  # noqa: UP007
        return Any

    def as_dict(self, value: Typed) -> Value:
        """Return a TypedDict as a dict with known keys."""
        kind: Any = get_origin(value.annotation) or value.annotation
        if not typing_extensions.is_typeddict(kind):
            return value
        required = kind.__required_keys__
        return Made(
            {
                name: Entry(Typed(hint), name not in required, self.sources.of_field(kind, name))
                for name, (hint, _) in class_hints(value.annotation).items()
            }
        )


def _is_in(found: Any, known: Mapping[Any, Any]) -> bool:
    try:
        return found in known
    except TypeError:  # The object is not hashable.
        return False


def _unread(fn: Any) -> Nothing:
    name = f"{fn.__module__}.{getattr(fn, '__qualname__', '') or type(fn).__name__}"
    return Nothing(f"{name} lacks a precise return annotation, and its source was not understood")
