"""The data that the forms of an app send, by route name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar_vite._typegen.pages import preserves_big_integers
from litestar_vite._typegen.public_routes import PublicRoute
from litestar_vite._typegen.shapes import Dictionary, Either, Field, Fields, Named, Shape
from litestar_vite._typegen.sources import Sources
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite.config import InertiaConfig
from litestar_vite.inertia._litestar.seams import dto_wire_type


def inputs_of(
    routes: Iterable[PublicRoute], sources: Sources, declarations: dict[Any, Any], config: InertiaConfig
) -> Fields:
    """Return the type of the request body for each route that accepts an object."""
    describers = {
        is_big: Describer(sources, is_input=True, has_big_integers=is_big, declarations=declarations)
        for is_big in (False, True)
    }
    found = []
    for route in routes:
        data = route.handler.parsed_fn_signature.parameters.get("data")
        if data is None:
            continue
        describer = describers[preserves_big_integers(route.handler, config)]
        shape = describer.describe(dto_wire_type(route.handler) or data.annotation)
        if _is_object(shape):
            found.append(Field(route.name, shape, source=route.source))
    return Fields(tuple(sorted(found, key=lambda field: field.name)))


def _is_object(shape: Shape) -> bool:
    if isinstance(shape, Named):
        return _is_object(shape.declaration.shape)
    if isinstance(shape, Either):
        return all(map(_is_object, shape.options))
    return isinstance(shape, Fields | Dictionary)
