"""Updates the files that Python generates in a front end: the npm package, `.litestar-vite.json` and the routes."""

from __future__ import annotations

from pathlib import Path

from litestar_vite._assets.bridge import BRIDGE_FILE, write_bridge
from litestar_vite._assets.npm_package import COMPANION_FOLDER, is_vendored, sync_companion
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import Project
from litestar_vite._cli.terminal import Terminal
from litestar_vite._typegen.project import generate, wants_types
from litestar_vite._typegen.routes import DEFAULT_ROUTES_FILE, named_routes, routes_module, write_routes


def refresh(terminal: Terminal, project: Project) -> bool:
    """Update the generated files, and return whether the npm package changed.

    The npm package is only updated in a project that vendors it.
    """
    changed = is_vendored(project.root) and sync_companion(project.root)
    if changed:
        terminal.done(f"{COMPANION_FOLDER} updated from the Python package")
    if write_bridge(project.config):
        terminal.done(f"{BRIDGE_FILE} written from ViteConfig")
    path = project.root / DEFAULT_ROUTES_FILE
    if project.app is not None and write_routes(
        path, named_routes(project.app, project.config.root_path), only_generated=True
    ):
        terminal.done(f"{DEFAULT_ROUTES_FILE} written from the app's named routes")
    if project.app is not None and wants_types(project.config):
        generated = generate(project.app, project.config)
        for written in generated.write() if generated is not None else ():
            terminal.done(f"{written.relative_to(project.root).as_posix()} written from the app's handlers")
        for found in generated.types.undeclared if generated is not None else ():
            terminal.warn(found.text(project.root))
    return changed


def write_route_file(terminal: Terminal, project: Project, output: Path | None, *, check: bool) -> None:
    """Write the route file, or check that it is up to date.

    Raises:
        CommandError: No app was found; or, with `check`, the file is out of date.
    """
    if project.app is None:
        raise CommandError(
            "No app was found to read the routes from. Pass one: litestar --app module:app assets routes"
        )
    path = output or project.root / DEFAULT_ROUTES_FILE
    found = named_routes(project.app, project.config.root_path)
    if check:
        if not path.is_file() or path.read_text("utf-8") != routes_module(found):
            raise CommandError(f"'{path}' is out of date. Run: litestar assets routes")
        terminal.done(f"{path.name} is up to date", f"{len(found)} routes")
        return
    changed = write_routes(path, found)
    terminal.done(f"{path.name} {'written' if changed else 'is up to date'}", f"{len(found)} routes")
    _show_pages(terminal, project)
    if not found:
        terminal.note("None of the app's routes has a name. Add names: @get('/users', name='users.index')")


def _show_pages(terminal: Terminal, project: Project) -> None:
    """Print each page component and what renders it."""
    generated = generate(project.app, project.config) if project.app is not None else None
    for page in generated.types.pages.values() if generated is not None else ():
        terminal.note(f"{page.component} ← {', '.join(each.where(project.root) for each in page.renderers)}")
