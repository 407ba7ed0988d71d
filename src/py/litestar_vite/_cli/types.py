"""`litestar assets types`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite._cli.errors import CommandError
from litestar_vite._typegen.project import generate

if TYPE_CHECKING:
    from litestar_vite._cli.project import Project
    from litestar_vite._cli.terminal import Terminal


def write_types(terminal: Terminal, project: Project, *, check: bool) -> None:
    """Write the types of the app's pages, or check that they are up to date.

    Raises:
        CommandError: No app was found, or it has no pages; or, with `check`, a file is out of date.
    """
    if project.app is None:
        msg = "No app was found to read the pages from. Pass one: litestar --app module:app assets types"
        raise CommandError(msg)
    generated = generate(project.app, project.config)
    if generated is None:
        msg = "The app has no Inertia pages. Set ViteConfig(inertia=True)."
        raise CommandError(msg)
    pages = f"{len(generated.types.pages)} pages"
    if check:
        if outdated := generated.outdated():
            names = ", ".join(path.relative_to(project.root).as_posix() for path in outdated)
            msg = f"Out of date: {names}. Run: litestar assets types"
            raise CommandError(msg)
        terminal.done("Types are up to date", pages)
        return
    for path in generated.write():
        terminal.done(f"{path.relative_to(project.root).as_posix()} written")
    terminal.done("Types are up to date", pages)
