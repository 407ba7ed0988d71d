"""Generates `pages.gen.d.ts` and its source map from an app."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from litestar import Litestar
from msgspec import Struct

from litestar_vite._typegen.connection_calls import connection_calls
from litestar_vite._typegen.declaration_map import declaration_map, relative_to
from litestar_vite._typegen.flash import UndeclaredFlash, flash_data_of, undeclared_flashes
from litestar_vite._typegen.inputs import inputs_of
from litestar_vite._typegen.pages import FoundPage, PageFinder
from litestar_vite._typegen.public_routes import PublicRoute, public_routes
from litestar_vite._typegen.reading.functions import Reader
from litestar_vite._typegen.shapes import Declaration, Fields
from litestar_vite._typegen.shares import shared_props
from litestar_vite._typegen.sources import Sources, is_installed
from litestar_vite._typegen.typescript import Writer, comment, key, name_declarations
from litestar_vite.config import InertiaConfig, TypesConfig

PAGES_FILE: Final = "pages.gen.d.ts"
ROUTES_FILE: Final = "routes.ts"
HEAD: Final = "// Written by `litestar assets types` from the app's handlers. Your changes will be lost."
_TAIL: Final = """
/** The props of a page and the shared ones: `PageProps<'Users/Show'>`. */
export type PageProps<C extends keyof Pages> = Pages[C] & SharedProps

declare module 'litestar-vite/types' {{
  export interface Register {{
    pages: Pages
    shared: SharedProps
  }}
}}

declare module '@inertiajs/core' {{
  export interface InertiaConfig {{
    sharedPageProps: Pick<SharedProps, keyof SharedProps>
    flashDataType: FlashData
    errorValueType: {errors}
  }}
}}
//# sourceMappingURL={map_name}
"""


class AppTypes(Struct, frozen=True):
    """The types of an app's pages.

    Attributes:
        inputs: The data that forms send, by route name.
        declarations: The named types. Their names in the file are set.
        undeclared: The calls that set a flash key which the config does not declare.
    """

    pages: dict[str, FoundPage]
    shared: Fields
    flash: Fields
    inputs: Fields
    routes: list[PublicRoute]
    declarations: list[Declaration]
    undeclared: list[UndeclaredFlash]


def read_types(app: Litestar, config: InertiaConfig, types: TypesConfig, root_path: str = "") -> AppTypes:
    """Find the props of an app's pages without running any handler."""
    reader, declarations = Reader(Sources()), dict[Any, Declaration]()
    by_alias = any(getattr(plugin, "prefer_alias", False) for plugin in app.plugins)
    finder = PageFinder(reader, declarations, by_alias=by_alias)
    finder.find(app, config)
    describer = finder.describer(app.type_encoders or {}, has_big_integers=config.preserve_big_integers)
    calls = connection_calls(app, reader.sources)
    shared = shared_props(reader, describer, calls, config)
    flash = flash_data_of(reader, describer, calls, config)
    routes = public_routes(app, types, reader.sources, root_path)
    inputs = inputs_of(routes, reader.sources, declarations, config)
    pages, undeclared = {name: finder.pages[name] for name in sorted(finder.pages)}, undeclared_flashes(calls, config)
    return AppTypes(pages, shared, flash, inputs, routes, name_declarations(declarations.values()), undeclared)


def pages_module(types: AppTypes, path: Path, *, all_errors: bool = False) -> tuple[str, str]:
    """Return the text of the declaration file and of its source map."""
    writer = Writer()
    writer.write(f"{HEAD}\n/* eslint-disable */\n")
    for declaration in types.declarations:
        _write_declaration(writer, declaration)
    writer.write("\n/** The props of each page component. */\nexport interface Pages {\n")
    relative = cache(partial(relative_to, os.path.realpath(path.parent)))
    for page in types.pages.values():
        _write_page(writer, page, relative)
    writer.write("}\n\n/** The props of every page. */\nexport interface SharedProps ")
    writer.fields(types.shared)
    writer.write("\n\n/** Messages that are shown once. */\nexport interface FlashData ")
    writer.fields(types.flash)
    writer.write("\n\n/** What forms send, by the name of their route. */\nexport interface Inputs ")
    writer.fields(types.inputs)
    writer.write("\n")
    errors = "string[]" if all_errors else "string"
    writer.write(_TAIL.format(errors=errors, map_name=f"{path.name}.map"))
    return str(writer), declaration_map(path, [place for place in writer.places if not is_installed(place[2].file)])


def _write_declaration(writer: Writer, declaration: Declaration) -> None:
    is_interface = isinstance(declaration.shape, Fields) and declaration.shape.fields
    writer.write("\nexport interface " if is_interface else "\nexport type ")
    writer.write(declaration.name, declaration.source)
    writer.write(" " if is_interface else " = ")
    writer.shape(declaration.shape)
    writer.write("\n")


def _write_page(writer: Writer, page: FoundPage, relative: Callable[[str], str]) -> None:
    writer.write("  /**\n")
    for renderer in page.renderers:
        writer.write(f"   * {comment(renderer.text)}")
        if (source := renderer.source) is not None and not is_installed(source.file):
            writer.write(f" ({relative(source.file)}:{source.line})")
        writer.write("\n")
    writer.write("   */\n  ")
    source = next((renderer.source for renderer in page.renderers if renderer.source is not None), None)
    writer.write(key(page.component), source)
    writer.write(": ")
    writer.shape(page.shape, "  ")
    writer.write("\n")
