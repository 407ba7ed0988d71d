"""Brings what Python writes into a front end up to date: the npm companion, `.litestar-vite.json`, the routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite.assets.bridge import BRIDGE_FILE, write_bridge
from litestar_vite.assets.companion import COMPANION_FOLDER, is_vendored, sync_companion
from litestar_vite.cli.errors import CommandError
from litestar_vite.typegen.routes import DEFAULT_ROUTES_FILE, named_routes, routes_module, write_routes

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite.cli.project import Project
    from litestar_vite.cli.terminal import Terminal

__all__ = ("refresh", "write_route_file")


def refresh(terminal: Terminal, project: Project) -> bool:
    """Write what differs, say so, and tell whether the npm package itself changed.

    A project that takes the npm package from elsewhere (a path of its own) is left to it.
    """
    changed = is_vendored(project.root) and sync_companion(project.root)
    if changed:
        terminal.done(f"{COMPANION_FOLDER} is now the one of the Python package")
    if write_bridge(project.config):
        terminal.done(f"{BRIDGE_FILE} written from ViteConfig")
    path = project.root / DEFAULT_ROUTES_FILE
    if project.app is not None and write_routes(
        path, named_routes(project.app, project.config.root_path), only_ours=True
    ):
        terminal.done(f"{DEFAULT_ROUTES_FILE} written from the app's named routes")
    return changed


def write_route_file(terminal: Terminal, project: Project, output: Path | None, *, check: bool) -> None:
    """Write the routes, or check that they are written.

    Raises:
        CommandError: There is no app; or, with `check`, the file is not up to date.
    """
    if project.app is None:
        msg = "There is no app to take the routes from. Name it: litestar --app module:app assets routes"
        raise CommandError(msg)
    path = output or project.root / DEFAULT_ROUTES_FILE
    found = named_routes(project.app, project.config.root_path)
    if check:
        if not path.is_file() or path.read_text("utf-8") != routes_module(found):
            msg = f"'{path}' is not up to date. Run: litestar assets routes"
            raise CommandError(msg)
        terminal.done(f"{path.name} is up to date", f"{len(found)} routes")
        return
    changed = write_routes(path, found)
    terminal.done(f"{path.name} {'written' if changed else 'is up to date'}", f"{len(found)} routes")
    if not found:
        terminal.note("No route has a name yet. Give them one: @get('/users', name='users.index')")
