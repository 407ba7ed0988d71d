"""The generated files of a project, which are written or compared with the existing ones."""

from __future__ import annotations

from pathlib import Path

from litestar import Litestar
from msgspec import Struct

from litestar_vite._typegen.files import is_current, write_if_changed
from litestar_vite._typegen.generate import PAGES_FILE, ROUTES_FILE, AppTypes, pages_module, read_types
from litestar_vite._typegen.route_module import route_module
from litestar_vite.config import ResolvedConfig


class Generated(Struct, frozen=True):
    """The files of a project by path, not yet written, and the types in them."""

    types: AppTypes
    files: dict[Path, str]

    def write(self) -> list[Path]:
        """Write the files that differ, and return them."""
        return [path for path, text in self.files.items() if write_if_changed(path, text)]

    def outdated(self) -> list[Path]:
        """Return the files that differ."""
        return [path for path, text in self.files.items() if not is_current(path, text)]


def wants_types(config: ResolvedConfig) -> bool:
    """Return whether development and builds write types. If not configured, they update types that already exist."""
    if config.inertia is None:
        return False
    found = config.writes_types
    return (config.root / config.types.folder / PAGES_FILE).is_file() if found is None else found


def generate(app: Litestar, config: ResolvedConfig) -> Generated | None:
    """Return the generated files of an app, or None if it does not use Inertia."""
    if config.inertia is None:
        return None
    folder = config.root / config.types.folder
    path = folder / PAGES_FILE
    types = read_types(app, config.inertia, config.types, config.root_path)
    text, places = pages_module(types, path, all_errors=config.inertia.all_errors)
    # The map is written first, so that an editor does not combine the new text with the old map.
    routes = route_module(types.routes)
    return Generated(types, {path.with_name(f"{path.name}.map"): places, path: text, folder / ROUTES_FILE: routes})
