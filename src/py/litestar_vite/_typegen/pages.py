"""Finds the pages of an app and the shapes of their props."""

from __future__ import annotations

import inspect
import types
import typing
from collections import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import typing_extensions
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct, structs

from litestar_vite._routes import error_components, handlers, is_own
from litestar_vite._typegen.annotations import replaced, returned_by
from litestar_vite._typegen.reading.functions import Reader
from litestar_vite._typegen.reading.value_shapes import shape_of
from litestar_vite._typegen.reading.values import Known, Made, Nothing, OneOf, Page, Typed, Value
from litestar_vite._typegen.shapes import NULL, NUMBER, STRING, Dictionary, Either, Field, Fields, Shape, Source, either
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite.config import InertiaConfig
from litestar_vite.inertia._litestar.response import InertiaResponse
from litestar_vite.inertia._litestar.seams import dto_copies, exception_handlers

Copies: typing.TypeAlias = "Sequence[tuple[type, Any]]"
"""The Structs that a return DTO sends, each with its model; that of the handler's result first."""

_UNIONS: Final = frozenset({typing.Union, types.UnionType})
_ERROR_PROPS: Final = Fields((Field("status", NUMBER), Field("message", STRING)))


class Renderer(Struct, frozen=True):
    """A place that renders a page: a handler, an exception handler, or a setting."""

    text: str
    source: Source | None = None

    def where(self, root: Path) -> str:
        """Return the description with its file and line, if known. Terminals show these as a link."""
        return self.text if self.source is None else f"{self.text} ({self.source.where(root)})"


class FoundPage(Struct):
    """A page component.

    Attributes:
        shapes: The props of each handler that renders it.
        renderers: The places that render it.
        is_error: It is shown for exceptions, and then without the shared props that cannot be evaluated.
    """

    component: str
    shapes: list[Shape] = []
    renderers: list[Renderer] = []
    is_error: bool = False

    @property
    def shape(self) -> Shape:
        return either(*self.shapes)


class PageFinder:
    """Collects the pages of an app."""

    def __init__(self, reader: Reader, declarations: dict[Any, Any], *, by_alias: bool) -> None:
        self._reader = reader
        self._declarations = declarations
        self._by_alias = by_alias
        self.pages: dict[str, FoundPage] = {}

    def describer(self, encoders: Mapping[Any, Callable[[Any], Any]], *, has_big_integers: bool = False) -> Describer:
        return Describer(
            self._reader.sources,
            encoders,
            by_alias=self._by_alias,
            has_big_integers=has_big_integers,
            declarations=self._declarations,
        )

    def find(self, app: Litestar, config: InertiaConfig) -> None:
        """Read all handlers, exception handlers and `error_page`."""
        seen: set[Any] = set()
        for path, handler in handlers(app):
            fn = inspect.unwrap(handler.fn)
            component = handler.opt.get("component")
            if is_own(fn):
                continue
            is_big = preserves_big_integers(handler, config)
            describer = self.describer(handler.resolve_type_encoders(), has_big_integers=is_big)
            methods = " ".join(sorted(handler.http_methods - {"HEAD", "OPTIONS"}))
            named = component if isinstance(component, str) else None
            self._read(fn, describer, named, f"{methods} {path}", dto_copies(handler))
            for raised in exception_handlers(handler).values():
                seen.add(inspect.unwrap(raised))
        seen.update(map(inspect.unwrap, app.exception_handlers.values()))
        describer = self.describer(app.type_encoders or {}, has_big_integers=config.preserve_big_integers)
        errors = config.error_page
        for raised in sorted((fn for fn in seen if _is_users(fn)), key=lambda fn: (fn.__module__, fn.__qualname__)):
            self._read(raised, describer, None, "exception handler")
        if callable(errors):
            self._read(errors, describer, None, "InertiaConfig.error_page")
        for component in error_components(config):
            self._add(component, _ERROR_PROPS, Renderer("InertiaConfig.error_page"))
            self.pages[component].is_error = True

    def _read(self, fn: Any, describer: Describer, component: str | None, what: str, copies: Copies = ()) -> None:
        found = self._reader.sources.of_function(fn)
        source = Source(found[1], found[0].lineno, found[0].col_offset) if found is not None else None
        renderer = Renderer(f"{what}: {fn.__module__}.{fn.__qualname__}", source)
        describer.sources.copied.update(copies)
        for page in self._pages_of(fn, component):
            name = page.component if page.component is not None else component
            if name:
                self._add(name, self._props(describer, _behind_dto(page.props, copies)), renderer)

    def _props(self, describer: Describer, value: Value) -> Shape:
        return _page_shape(shape_of(self._reader, describer, self._reader.awaited(value)))

    def _add(self, component: str, shape: Shape, renderer: Renderer) -> None:
        page = self.pages.setdefault(component, FoundPage(component))
        if renderer not in page.renderers:
            page.renderers.append(renderer)
        if shape not in page.shapes:
            page.shapes.append(shape)

    def _pages_of(self, fn: Any, component: str | None) -> Iterator[Page]:
        """Yield the pages that a function returns. Its source is read if its annotation is too vague."""
        annotation = returned_by(fn)
        options = get_args(annotation) if get_origin(annotation) in _UNIONS else (annotation,)
        vague = False
        for option in options:
            origin = get_origin(option) or option
            if option is type(None) or option is None:
                if component is not None:
                    yield Page(component, Known(None))
            elif isinstance(origin, type) and issubclass(origin, InertiaResponse):
                vague = True  # Only the source names its component.
            elif isinstance(origin, type) and issubclass(origin, Response):
                vague = vague or origin is Response
            elif self._reader.is_vague(option) or component is None or _is_mapping(origin):
                vague = True
            else:
                yield Page(component, Typed(option))
        if vague:
            yield from self._in_source(fn, annotation, component)

    def _in_source(self, fn: Any, annotation: Any, component: str | None) -> Iterator[Page]:
        value = self._reader.awaited(self._reader.read(fn))
        options = value.options if isinstance(value, OneOf) else (value,)
        typed = [each for each in _arguments_of_pages(annotation) if not self._reader.is_vague(each)]
        for option in options:
            if isinstance(option, Page):
                yield Page(option.component, Typed(typed[0]) if len(typed) == 1 else option.props)
            elif component is not None and not self._is_response(option):
                if option == Known(None) and len(options) > 1 and not _may_be_none(annotation):
                    continue
                yield Page(component, self._annotated(option, annotation))

    def _annotated(self, value: Value, annotation: Any) -> Value:
        """Return a value with what its source does not tell, but its annotation does: V of `dict[str, V]`."""
        if not _is_mapping(get_origin(annotation)) or self._reader.is_vague(item := get_args(annotation)[-1]):
            return value
        if not isinstance(value, Made):
            return Typed(annotation) if isinstance(value, Nothing) else value
        entries = {
            name: structs.replace(entry, value=Typed(item)) if isinstance(entry.value, Nothing) else entry
            for name, entry in value.entries.items()
        }
        return Made(entries, value.rest)

    def _is_response(self, value: Value) -> bool:
        annotation = self._reader.annotation(value)
        kind: Any = get_origin(annotation) or annotation
        return isinstance(kind, type) and issubclass(kind, Response)


def preserves_big_integers(handler: HTTPRouteHandler, config: InertiaConfig) -> bool:
    """Return whether the pages of a handler have BigInts, as its route or the app sets it."""
    opt = handler.opt.get("preserve_big_integers")
    return config.preserve_big_integers if opt is None else bool(opt)


def _is_mapping(kind: Any) -> bool:
    """Return whether a type has keys that only the source can tell."""
    return isinstance(kind, type) and issubclass(kind, abc.Mapping) and not typing_extensions.is_typeddict(kind)


def _page_shape(shape: Shape) -> Shape:
    """Return the shape of a page's props. A page without props is an object too, and has errors and shared props, which
    an object with values of one type would contradict.
    """
    if isinstance(shape, Either):
        return either(*map(_page_shape, shape.options))
    if shape == NULL:
        return Fields(())
    return Fields((), is_open=True) if isinstance(shape, Dictionary) else shape


def _behind_dto(value: Value, copies: Copies) -> Value:
    """Return what a return DTO makes of a handler's result: the model in its annotation is replaced by its copy."""
    if not copies or not isinstance(value, Typed):
        return value
    struct, model = copies[0]
    return Typed(replaced(value.annotation, model, struct))


def _arguments_of_pages(annotation: Any) -> list[Any]:
    """Return T of each `InertiaResponse[T]` in an annotation."""
    options = get_args(annotation) if get_origin(annotation) in _UNIONS else (annotation,)
    return [
        get_args(option)[0]
        for option in options
        if isinstance(get_origin(option), type) and issubclass(get_origin(option), InertiaResponse)
    ]


def _may_be_none(annotation: Any) -> bool:
    return annotation is inspect.Signature.empty or type(None) in get_args(annotation)


def _is_users(fn: Any) -> bool:
    return inspect.isfunction(fn) and not is_own(fn)
