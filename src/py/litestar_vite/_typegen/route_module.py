"""`src/generated/routes.ts`: one constant per route, so that builds drop the routes that no page imports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from litestar_vite._typegen.public_routes import PublicRoute
from litestar_vite._typegen.typescript import RESERVED, Writer, literal

_HEAD: Final = "// Written by `litestar assets types` from the app's routes. Your changes will be lost."
_IMPORTED: Final = frozenset({"query", "route", "Inputs"})


def route_module(routes: Iterable[PublicRoute]) -> str:
    """Return the module's text."""
    named = _identifiers(routes)
    if not named:
        return f"{_HEAD}\nexport {{}}\n"
    imported = "query, route" if any(route.query.fields for _, route in named) else "route"
    writer = Writer()
    writer.write(f"{_HEAD}\nimport {{ {imported} }} from 'litestar-vite/route'\n\n")
    for name, route in named:
        paths = literal(route.paths[0]) if len(route.paths) == 1 else f"[{', '.join(map(literal, route.paths))}]"
        writer.write(f"/** {literal(route.name)} */\nexport const {name} = route({paths}, {literal(route.method)}")
        if route.component is not None or route.query.fields:
            writer.write(f", {literal(route.component) if route.component is not None else 'null'}")
        if route.query.fields:
            writer.write(", query<")
            writer.fields(route.query)
            writer.write(">()")
        writer.write(")\n")
    return str(writer)


def _identifiers(routes: Iterable[PublicRoute]) -> list[tuple[str, PublicRoute]]:
    """Return a JavaScript name for each route: `contactsShow` for "contacts.show"."""
    named: dict[str, PublicRoute] = {}
    for route in routes:
        words = re.findall(r"[^\W_]+", route.name) or ["route"]
        name = words[0][:1].lower() + words[0][1:] + "".join(word[:1].upper() + word[1:] for word in words[1:])
        if name[0].isdigit() or name in RESERVED or name in _IMPORTED:
            name = f"{name}_" if not name[0].isdigit() else f"_{name}"
        base, number = name, 2
        while name in named:
            name, number = f"{base}{number}", number + 1
        named[name] = route
    return list(named.items())
