"""Writes a new page into a project, with its types, and prints what to do next."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from typing import Final

from litestar import Litestar, Router

from litestar_vite._assets.pages import component_file
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.page.files import CLIENTS, Style, page_files
from litestar_vite._cli.page.naming import Place, place_of
from litestar_vite._cli.project import Project
from litestar_vite._cli.scaffold import plan_files, write_plan
from litestar_vite._cli.terminal import Terminal
from litestar_vite._routes import handlers
from litestar_vite._toolchain.package_json import require_package
from litestar_vite._typegen.project import generate, wants_types

_PAGES_FOLDERS: Final = ("src/pages", "src/Pages", "resources/pages", "resources/js/Pages", "pages")


def make_page(terminal: Terminal, project: Project, component: str, *, form: bool) -> None:
    """Write the handler, component and test of a page. Existing files are never overwritten.

    Raises:
        CommandError: The name is not one of a component, no app with Inertia was found, the path, name or a file is
            taken, or the project has no Inertia client.
    """
    place = place_of(component)
    if project.app is None or project.config.inertia is None:
        raise CommandError(
            "No app with Inertia was found to add the page to. Pass one: litestar --app module:app assets make page ..."
        )
    _refuse_taken(project.app, project.root, place)
    folder = Path.cwd()
    style = style_of(project, folder)
    files = page_files(place, style, form=form)
    plan = plan_files(folder, files)
    if taken := [*plan.same, *plan.conflicts]:
        raise CommandError(
            f"{', '.join(taken)} exists already. Nothing was written. Choose another name, or delete it first."
        )
    write_plan(folder, files, plan)
    for name in files:
        terminal.done(name)
    package = style.app_module.rpartition(".")[0]
    module = f"{package}.{place.module}" if package else place.module
    _write_types(terminal, project, project.app, module, place)
    _show_next_steps(terminal, style, module, place)


def _refuse_taken(app: Litestar, root: Path, place: Place) -> None:
    """Refuse a page whose path, route name or component the app has already."""
    pattern = _without_names(place.pattern)
    if any(_without_names(path) == pattern and "GET" in handler.http_methods for path, handler in handlers(app)):
        msg = f"The app has a page at '{place.pattern}' already. Choose another name."
    elif app.get_handler_index_by_name(place.route) is not None:
        msg = f"The app has a route named '{place.route}' already. Choose another name."
    elif (found := component_file(root, place.component)) is not None:
        msg = f"'{found}' exists already. Choose another name, or delete it first."
    else:
        return
    raise CommandError(f"{msg} Nothing was written.")


def _without_names(path: str) -> str:
    """Return a path without the names of its parameters, which Litestar does not distinguish."""
    return re.sub(r"\{\w+:", "{", path)


def style_of(project: Project, folder: Path) -> Style:
    """Return the style of a project.

    Raises:
        CommandError: package.json has no Inertia client.
    """
    package = require_package(project.root)
    named = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
    framework = next((name for name, client in CLIENTS.items() if client in named), None)
    if framework is None:
        raise CommandError(
            f"'{project.root / 'package.json'}' has no Inertia client. Install one: npm install @inertiajs/react"
        )
    app_module, _, app_name = (project.app_path or "app").partition(":")
    module = sys.modules.get(app_module)
    file = getattr(module, "__file__", None)
    is_factory = module is not None and getattr(module, app_name, project.app) is not project.app
    pages = next((name for name in _PAGES_FOLDERS if _exists(project.root, name)), _PAGES_FOLDERS[0])
    types = project.root / project.config.types.folder
    return Style(
        framework,
        pages=_relative(project.root / pages, folder),
        typescript=(project.root / "tsconfig.json").is_file(),
        generated=_relative(types, folder) if wants_types(project.config) else None,
        modules=_relative(Path(file).parent, folder) if file else "",
        app_module=app_module,
        app_name=app_name or "app",
        app_is_factory=is_factory,
    )


def _exists(root: Path, folder: str) -> bool:
    """Return whether a folder exists, with the same upper and lower case on every file system."""
    parent = root / Path(folder).parent
    return parent.is_dir() and any(found.name == Path(folder).name for found in parent.iterdir())


def _relative(path: Path, folder: Path) -> str:
    found = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    return "" if found == "." else found


def _write_types(terminal: Terminal, project: Project, app: Litestar, module: str, place: Place) -> None:
    """Write the types of the app as it will be with the page."""
    if not wants_types(project.config):
        return
    importlib.invalidate_caches()
    router: Router = getattr(importlib.import_module(module), f"{place.module}_router")
    app.register(router)
    generated = generate(app, project.config)
    for path in generated.write() if generated is not None else ():
        terminal.done(f"{_relative(path, Path.cwd())} written")


def _show_next_steps(terminal: Terminal, style: Style, module: str, place: Place) -> None:
    router = f"{place.module}_router"
    terminal.next_steps(
        [
            (f"from {module} import {router}", f"in the module {style.app_module}"),
            (f"Litestar([..., {router}])", "adds the page to the app"),
            (f"pytest tests/test_{place.module}.py", "tests it"),
            ("litestar run --reload", f"shows it at {place.url}"),
        ]
    )
