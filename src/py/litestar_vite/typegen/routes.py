"""The named routes of an app, as a TypeScript module for the browser's `route()`.

How it works: 1. Collect the paths of every HTTP handler that has a name. 2. Write them as a constant that `createRoute`
of the npm companion turns into URLs; TypeScript reads names and parameters from the same constant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from litestar_vite.routes import handlers

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

__all__ = ("DEFAULT_ROUTES_FILE", "named_routes", "routes_module", "write_routes")

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
    """Return the path templates by route name, sorted; routes of Litestar and of this package are left out.

    Args:
        app: The app.
        root_path: The prefix under which browsers find it; `Litestar(path=...)` may have it already.
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


def write_routes(path: Path, routes: dict[str, list[str]], *, only_ours: bool = False) -> bool:
    """Write the module if its text differs, and tell whether it did.

    Args:
        path: The file.
        routes: Path templates by name.
        only_ours: Leave the file alone when it does not exist, or was not written by us.
    """
    found = path.read_text("utf-8") if path.is_file() else None
    text = routes_module(routes)
    if found == text or (only_ours and not (found or "").startswith(_MARK)):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
    return True


def _quoted(text: str) -> str:
    return "'" + json.dumps(text, ensure_ascii=False)[1:-1].replace("'", "\\'").replace('\\"', '"') + "'"
