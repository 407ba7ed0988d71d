"""Generates a TypeScript module with the app's named routes, for `route()` in the front end.

How it works:
1. Collect the paths of all named HTTP handlers.
2. Write them as a constant. The npm package's `createRoute` builds URLs from it, and TypeScript infers route names
   and parameters from it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from litestar_vite._routes import handlers

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar


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
    """Return the path templates by route name, sorted, excluding the routes of Litestar and of this package.

    Args:
        app: The app.
        root_path: The app's path prefix, which `Litestar(path=...)` may already include.
    """
    found: dict[str, set[str]] = {}
    for path, handler in handlers(app):
        if handler.name and not handler.fn.__module__.startswith(("litestar.", "litestar_vite.")):
            found.setdefault(handler.name, set()).add(
                path if f"{path}/".startswith(f"{root_path}/") else root_path + path
            )
    return {name: sorted(found[name]) for name in sorted(found)}


def routes_module(routes: dict[str, list[str]]) -> str:
    """Return the module's text."""
    rows = "\n".join(f"  {_quoted(name)}: [{', '.join(map(_quoted, paths))}]," for name, paths in routes.items())
    return _TEMPLATE.format(mark=_MARK, rows=rows).replace("{\n\n}", "{}")


def write_routes(path: Path, routes: dict[str, list[str]], *, only_generated: bool = False) -> bool:
    """Write the module if its text differs, and return whether it was written.

    Args:
        path: The file.
        routes: Path templates by name.
        only_generated: Only update an existing generated file.
    """
    found = path.read_text("utf-8") if path.is_file() else None
    text = routes_module(routes)
    if found == text or (only_generated and not (found or "").startswith(_MARK)):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
    return True


def _quoted(text: str) -> str:
    return "'" + json.dumps(text, ensure_ascii=False)[1:-1].replace("'", "\\'").replace('\\"', '"') + "'"
