"""The public routes: those exposed to the front end, each with a name, a method and the type of its query."""

from __future__ import annotations

import fnmatch
import inspect
import re
from collections.abc import Collection, Iterable
from typing import Any, Final, get_args

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from litestar_vite._routes import handlers, is_own, under_prefix
from litestar_vite._typegen.annotations import owner_of
from litestar_vite._typegen.shapes import (
    NULL,
    Either,
    Field,
    Fields,
    Fixed,
    Items,
    Named,
    Shape,
    Source,
    Unknown,
    either,
)
from litestar_vite._typegen.sources import Sources
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite.config import TypesConfig
from litestar_vite.inertia._litestar.seams import may_return_a_response, parameters_of

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NOT_IN_QUERY: Final = frozenset(
    {"request", "data", "body", "state", "headers", "cookies", "query", "scope", "socket", "self"}
)


class PublicRoute(Struct, frozen=True):
    """A route as the front end sees it.

    Attributes:
        name: The handler's name, or its module and function, such as "contacts.show".
        paths: The paths, with the app's prefix.
        method: The HTTP method in lower case.
        component: The page component, or None for other routes.
    """

    name: str
    paths: tuple[str, ...]
    method: str
    component: str | None
    query: Fields
    handler: Any
    source: Source | None


def public_routes(app: Litestar, config: TypesConfig, sources: Sources, root_path: str = "") -> list[PublicRoute]:
    """Return the routes by name.

    A route is public if it has a name, renders a page, or accepts a form: its method is an unsafe one, and it may
    respond with a redirect or a page.
    """
    paths: dict[int, list[str]] = {}
    found: dict[int, HTTPRouteHandler] = {}
    for path, handler in handlers(app):
        if _is_public(handler, config):
            paths.setdefault(id(handler), []).append(under_prefix(path, root_path))
            found[id(handler)] = handler
    names = _names(found.values())
    describer = Describer(sources, is_input=True)
    routes = []
    for key, handler in found.items():
        name = names[key]
        if not _matches(name, config.include) or _matches(name, config.exclude):
            continue
        component, place = handler.opt.get("component"), sources.of_function(handler.fn)
        routes.append(
            PublicRoute(
                name,
                tuple(sorted(set(paths[key]))),
                next(method for method in _METHODS if method in handler.http_methods).lower(),
                component if isinstance(component, str) else None,
                _query(handler, paths[key], describer),
                handler,
                Source(place[1], place[0].lineno, place[0].col_offset) if place is not None else None,
            )
        )
    return sorted(routes, key=lambda route: (route.name, route.paths))


def _is_public(handler: HTTPRouteHandler, config: TypesConfig) -> bool:
    if is_own(handler.fn) or not any(method in handler.http_methods for method in _METHODS):
        return False
    if config.exclude_tags and set(config.exclude_tags).intersection(handler.resolve_tags()):
        return False
    if config.exclude_guards and any(_is_one_of(guard, config.exclude_guards) for guard in handler.resolve_guards()):
        return False
    if handler.name or "component" in handler.opt:
        return True
    return not handler.http_methods <= {"GET", "HEAD", "OPTIONS"} and may_return_a_response(handler)


def _is_one_of(guard: Any, named: Collection[Any]) -> bool:
    """Return whether the collection contains a guard, which Litestar wraps if it is sync."""
    return guard in named or getattr(guard, "func", None) in named


def _names(found: Iterable[HTTPRouteHandler]) -> dict[int, str]:
    """Return a name for each handler: its own, or the last part of its module and its function's name."""
    all_handlers = list(found)
    names = {id(handler): handler.name for handler in all_handlers if handler.name}
    taken = set(names.values())
    unnamed = [handler for handler in all_handlers if not handler.name]
    for handler in sorted(unnamed, key=lambda each: _parts(each)[::-1]):
        parts = _parts(handler)
        length = 2
        while (name := ".".join(parts[-length:])) in taken and length < len(parts):
            length += 1
        number = 2
        while name in taken:
            name = f"{'.'.join(parts)}.{number}"
            number += 1
        names[id(handler)] = name
        taken.add(name)
    return names


def _parts(handler: HTTPRouteHandler) -> list[str]:
    """Return `["app", "contacts", "show"]`. A controller's name replaces the last part of its module."""
    fn: Any = inspect.unwrap(handler.fn)
    kind, name = owner_of(fn), fn.__name__
    module = [part for part in fn.__module__.split(".") if part != "__main__"]
    if kind is not None:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__.removesuffix("Controller") or kind.__name__)
        return [*module, words.lower(), name]
    return [*module, name]


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _query(handler: HTTPRouteHandler, paths: Iterable[str], describer: Describer) -> Fields:
    in_paths = {name for path in paths for name in re.findall(r"\{([^:}]+):", path)}
    fields = []
    for name, parameter in parameters_of(handler).items():
        if name in _NOT_IN_QUERY or name in in_paths:
            continue
        rules: Any = parameter.kwarg_definition
        if getattr(rules, "header", None) or getattr(rules, "cookie", None):
            continue
        if rules is not None and type(rules).__name__ == "DependencyKwarg":
            continue
        shape = inlined(describer.describe(parameter.annotation))
        is_optional = (
            parameter.has_default
            or type(None) in get_args(parameter.annotation)
            or (rules is not None and getattr(rules, "default", ...) not in (..., inspect.Signature.empty))
        )
        if _is_in_queries(shape):
            fields.append(Field(getattr(rules, "query", None) or name, shape, is_optional))
    return Fields(tuple(sorted(fields, key=lambda field: field.name)))


def inlined(shape: Shape) -> Shape:
    """Return a shape with named types inlined, for use in another file. Objects become unknown."""
    if isinstance(shape, Named):
        return inlined(shape.declaration.shape)
    if isinstance(shape, Items):
        return Items(inlined(shape.item))
    if isinstance(shape, Fixed):
        return Items(either(*map(inlined, shape.items)))
    return either(*map(inlined, shape.options)) if isinstance(shape, Either) else shape


def _is_in_queries(shape: Shape) -> bool:
    """Return whether a query can carry values of a shape."""
    options = shape.options if isinstance(shape, Either) else (shape,)
    return not any(isinstance(option, Fields | Unknown) for option in options) and shape != NULL
