"""Generates a TypeScript module with the app's named routes, for `route()` in the front end.

How it works:
1. Collect the paths of all named HTTP handlers.
2. Write them as a constant. The npm package's `createRoute` builds URLs from it, and TypeScript infers route names
   and parameters from it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar import Litestar

from litestar_vite._routes import handlers, is_own, under_prefix
from litestar_vite._typegen.files import write_if_changed
from litestar_vite._typegen.typescript import literal

DEFAULT_ROUTES_FILE: Final = "src/routes.ts"
_MARK: Final = "// Written by `litestar assets routes` from the named routes of the app."
_TEMPLATE: Final = """{mark} Your changes will be lost.
import {{ createRoute }} from 'litestar-vite/route'

export const routes = {{
{rows}
}} as const

/** The URL of a route: `route('users.show', {{ user_id: 7 }}, {{ tab: 'posts' }})`. */
export const route = createRoute(routes)
"""


def named_routes(app: Litestar, root_path: str = "") -> dict[str, list[str]]:
    """Return the path templates by route name, sorted, excluding the routes of Litestar and of this package."""
    found: dict[str, set[str]] = {}
    for path, handler in handlers(app):
        if handler.name and not is_own(handler.fn):
            found.setdefault(handler.name, set()).add(under_prefix(path, root_path))
    return {name: sorted(found[name]) for name in sorted(found)}


def routes_module(routes: dict[str, list[str]]) -> str:
    """Return the module's text."""
    rows = "\n".join(f"  {literal(name)}: [{', '.join(map(literal, paths))}]," for name, paths in routes.items())
    return _TEMPLATE.format(mark=_MARK, rows=rows).replace("{\n\n}", "{}")


def write_routes(path: Path, routes: dict[str, list[str]], *, only_generated: bool = False) -> bool:
    """Write the module if its text differs, and return whether it was written. With `only_generated`, a missing file or
    one that the user wrote stays as it is.
    """
    if only_generated and not (path.is_file() and path.read_text("utf-8").startswith(_MARK)):
        return False
    return write_if_changed(path, routes_module(routes))
