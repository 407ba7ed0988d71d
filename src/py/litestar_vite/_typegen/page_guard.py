"""The guard: compares each page sent in development with its generated type."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from litestar_vite._typegen.generate import AppTypes
from litestar_vite._typegen.shapes import (
    Constant,
    Dictionary,
    Either,
    Field,
    Fields,
    Fixed,
    Items,
    Named,
    Shape,
    Source,
    Word,
)
from litestar_vite._typegen.typescript import Writer
from litestar_vite.inertia._page.big_integers import unmarked

Show = Callable[[str, list[str]], None]


# The rows of a list usually have the same shape, so checking the first ones is enough.
_MAX_ITEMS: Final = 100
_MAX_TEXT: Final = 60
# A path may contain dict keys, which can differ with each request.
_MAX_REMEMBERED: Final = 1000
_MISSING: Final = object()


class BigInt(int):
    """An integer that the browser holds as a BigInt. TypeScript's `number` excludes it."""


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "bigint": (BigInt,),
    "boolean": (bool,),
    "null": (type(None),),
    "never": (),
}

logger = logging.getLogger("litestar_vite.types")


class Mismatch(Struct, frozen=True):
    """A value that does not match its type."""

    path: str
    value: Any
    shape: Shape
    source: Source | None

    def __str__(self) -> str:
        source = self.source
        where = "" if source is None else f" ({os.path.basename(source.file)}:{source.line})"  # noqa: PTH119
        was = "was missing" if self.value is _MISSING else f"was {_short(self.value)}"
        return f"{self.path or 'the object of props'} {was}, but its type is {_type_text(self.shape)}{where}"


def read_page(page_json: bytes) -> dict[str, Any]:
    """Return a page object as the browser holds it."""
    page: dict[str, Any] = msgspec.json.decode(page_json)
    if "preserveBigIntegers" in page:
        page.update({name: unmarked(page[name], BigInt) for name in ("props", "flash") if name in page})
    return page


class Guard:
    """Reports pages that do not match their types. Each difference is logged once.

    Attributes:
        show: Shows the problems of a component in the browser; called without lines when they are gone. None shows
            nothing.
    """

    def __init__(self, types: AppTypes, show: Show | None = None) -> None:
        self.types = types
        self.show = show
        self._reported: set[str] = set()
        self._shown: set[str] = set()

    def __call__(self, page_json: bytes, *, is_partial: bool) -> None:
        """Compare a page with its type, and log the differences."""
        page = read_page(page_json)
        component = page["component"]
        lines = [f"{component}: {problem}" for problem in self.problems(page, is_partial=is_partial)]
        if self.show is not None and (lines or (component in self._shown and not is_partial)):
            # Each time, since the page may have been opened in another tab, and Vite may have been restarted.
            self.show(component, lines)
            (self._shown.add if lines else self._shown.discard)(component)
        for text in lines:
            if text not in self._reported and len(self._reported) < _MAX_REMEMBERED:
                self._reported.add(text)
                logger.warning("%s", text)

    def problems(self, page: dict[str, Any], *, is_partial: bool) -> list[str]:
        """Return the problems of a page object: at most one for its props and one for its flash data."""
        found: list[str] = []
        page_type = self.types.pages.get(page["component"])
        props = page["props"]
        if page_type is not None:
            shared = _optional(self.types.shared) if page_type.is_error else self.types.shared
            shape = _merged(page_type.shape, shared)
            problem = compare(props, shape, "", may_miss=is_partial)
            if problem is not None:
                found.append(str(problem))
        if not self.types.flash.is_open:
            known = {field.name for field in self.types.flash.fields}
            unknown = sorted(set(page.get("flash") or {}).difference(known))
            found.extend(f"flash has the key {name!r}, which its type FlashData does not have" for name in unknown[:1])
        return found


def compare(
    value: Any, shape: Shape, path: str, source: Source | None = None, *, may_miss: bool = False
) -> Mismatch | None:
    """Return the first difference between a decoded JSON value and a shape, or None if they match.

    Args:
        path: The path of the value, such as "contact.phone".
        source: The Python line of the innermost key.
        may_miss: Required keys may be absent at this level, since a partial reload sends only some props.
    """
    match shape:
        case Named():
            return compare(value, shape.declaration.shape, path, source, may_miss=may_miss)
        case Either():
            return _compare_options(value, shape, path, source, may_miss=may_miss)
        case Word():
            kinds = _KINDS.get(shape.name)
            fits = kinds is None or (
                isinstance(value, kinds)
                and (bool in kinds or not isinstance(value, bool))
                and (BigInt in kinds or not isinstance(value, BigInt))
            )
        case Constant():
            fits = value == shape.value and isinstance(value, bool) == isinstance(shape.value, bool)
        case Items():
            if isinstance(value, list):
                return _first(value[:_MAX_ITEMS], [shape.item] * _MAX_ITEMS, path, source)
            fits = False
        case Fixed():
            fits = isinstance(value, list) and (
                len(value) == len(shape.items) or (shape.rest is not None and len(value) > len(shape.items))
            )
            if fits:
                rest = [shape.rest] * (len(value) - len(shape.items)) if shape.rest is not None else []
                return _first(value, [*shape.items, *rest], path, source)
        case Dictionary():
            if isinstance(value, dict) and (shape.keys is None or set(value) <= set(shape.keys)):
                items = list(value.items())[:_MAX_ITEMS]
                found = (compare(item, shape.value, _joined(path, key), source) for key, item in items)
                return next((each for each in found if each is not None), None)
            fits = False
        case Fields():
            if isinstance(value, dict):
                return _compare_fields(value, shape, path, may_miss=may_miss)
            fits = False
        case _:
            fits = True
    return None if fits else Mismatch(path, value, shape, source)


def _first(values: list[Any], shapes: list[Shape], path: str, source: Source | None) -> Mismatch | None:
    for index, (item, shape) in enumerate(zip(values, shapes, strict=False)):
        if (found := compare(item, shape, _joined(path, str(index)), source)) is not None:
            return found
    return None


def _compare_fields(value: dict[str, Any], shape: Fields, path: str, *, may_miss: bool) -> Mismatch | None:
    for field in shape.fields:
        where = _joined(path, field.name)
        if field.name not in value:
            if not field.is_optional and not may_miss:
                return Mismatch(where, _MISSING, field.shape, field.source)
        elif (found := compare(value[field.name], field.shape, where, field.source, may_miss=may_miss)) is not None:
            return found
    return None


def _compare_options(value: Any, shape: Either, path: str, source: Source | None, *, may_miss: bool) -> Mismatch | None:
    closest: Mismatch | None = None
    of_its_kind = 0
    for option in shape.options:
        found = compare(value, option, path, source, may_miss=may_miss)
        if found is None:
            return None
        if found.path != path:
            of_its_kind += 1
            closest = found
    # If the union has only one object, the difference inside it is more specific.
    return closest if closest is not None and of_its_kind == 1 else Mismatch(path, value, shape, source)


def _optional(shape: Fields) -> Fields:
    return Fields(tuple(msgspec.structs.replace(field, is_optional=True) for field in shape.fields), shape.is_open)


def _merged(own: Shape, shared: Fields) -> Shape:
    """Return the props of a page merged with the shared ones. The page's own props take precedence."""
    if isinstance(own, Named):
        return _merged(own.declaration.shape, shared)
    if isinstance(own, Either):
        return Either(tuple(_merged(option, shared) for option in own.options))
    if not isinstance(own, Fields):
        return own
    names = {field.name for field in own.fields}
    others: tuple[Field, ...] = tuple(field for field in shared.fields if field.name not in names)
    return Fields((*own.fields, *others), own.is_open)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, BigInt):
        return f"the BigInt {value}"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _type_text(shape: Shape) -> str:
    writer = Writer()
    writer.shape(shape)
    text = re.sub(r"\s+", " ", str(writer))
    return text if len(text) <= 2 * _MAX_TEXT else f"{text[: 2 * _MAX_TEXT]}…"
