"""`litestar assets types`."""

from __future__ import annotations

from litestar_vite._assets.pages import PageProblem, page_problems, unrendered_pages
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import Project
from litestar_vite._cli.terminal import Terminal
from litestar_vite._typegen.generate import AppTypes
from litestar_vite._typegen.project import generate


def write_types(terminal: Terminal, project: Project, *, check: bool) -> None:
    """Write the types of the app's pages, or check that they are up to date and that every page component exists.

    Raises:
        CommandError: No app was found, or it has no pages; a flash key is not declared; or, with `check`, a file is out
            of date or a page component does not exist.
    """
    if project.app is None:
        raise CommandError("No app was found to read the pages from. Pass one: litestar --app module:app assets types")
    generated = generate(project.app, project.config)
    if generated is None:
        raise CommandError("The app has no Inertia pages. Set ViteConfig(inertia=True).")
    problems = report_components(terminal, project, generated.types)
    if undeclared := [found.text(project.root) for found in generated.types.undeclared]:
        raise CommandError("\n".join(undeclared))
    if check:
        if outdated := generated.outdated():
            names = ", ".join(path.relative_to(project.root).as_posix() for path in outdated)
            raise CommandError(f"Out of date: {names}. Run: litestar assets types")
        if problems:
            raise CommandError(f"{len(problems)} page components cannot be shown.")
    else:
        for path in generated.write():
            terminal.done(f"{path.relative_to(project.root).as_posix()} written")
    types = generated.types
    terminal.done("Types are up to date", f"{len(types.pages)} pages, {len(types.routes)} routes")


def report_components(terminal: Terminal, project: Project, types: AppTypes) -> list[PageProblem]:
    """Print the page components that do not exist, and those that nothing renders; return the former."""
    named = [
        (page.component, page.renderers[0].where(project.root) if page.renderers else "The app")
        for page in types.pages.values()
    ]
    problems = page_problems(project.root, named)
    for found in problems:
        terminal.warn(found.problem, found.name)
        terminal.hint(found.hint)
    for path in unrendered_pages(project.root, types.pages):
        terminal.note(f"Nothing is seen to render {path}.")
    return problems
