"""The commands. Thin: each says what it does, and leaves it to the modules beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from litestar_vite.cli.mistakes import explained
from litestar_vite.cli.starter import FRAMEWORKS, Choices
from litestar_vite.cli.toolchain import Toolchain, version_of
from litestar_vite.toolchain.package_manager import MANAGERS

if TYPE_CHECKING:
    from litestar_vite.cli.terminal import Terminal

__all__ = ("assets_group",)

_verbose = click.option("--verbose", "-v", is_flag=True, help="Show what npm, Vite and uv print.")


def _terminal(*, verbose: bool = False) -> Terminal:
    from litestar_vite.cli.terminal import Terminal

    return Terminal(verbose=verbose)


@click.group(name="assets", context_settings={"help_option_names": ["-h", "--help"]})
def assets_group() -> None:
    """The front end: start one, install it, build it, find out what is wrong with it."""


@assets_group.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--framework", type=click.Choice(list(FRAMEWORKS), case_sensitive=False), help="Instead of the question.")
@click.option("--react", "framework", flag_value="react", help="The same as --framework react.")
@click.option("--vue", "framework", flag_value="vue", help="The same as --framework vue.")
@click.option("--svelte", "framework", flag_value="svelte", help="The same as --framework svelte.")
@click.option("--name", help="The project's name. Default: the folder's.")
@click.option("--tailwind/--no-tailwind", default=False, help="Add Tailwind CSS. Default: no.")
@click.option("--ssr/--no-ssr", default=True, help="Render pages on the server. Default: yes.")
@click.option("--package-manager", type=click.Choice(MANAGERS), help="Default: npm, or by the lock file that is there.")
@click.option("--install/--no-install", default=True, help="Install Python and npm packages and build. Default: yes.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: React, unless told otherwise.")
@_verbose
@explained
def init(
    folder: Path,
    framework: str | None,
    name: str | None,
    tailwind: bool,
    ssr: bool,
    package_manager: str | None,
    install: bool,
    force: bool,
    dry_run: bool,
    yes: bool,
    verbose: bool,
) -> None:
    """Start an application in FOLDER (default: here).

    It asks one question: React, Vue or Svelte. You get pages in TypeScript, a layout, a form with validation, error
    pages, server-side rendering, tests and a Dockerfile; the packages are installed and the front end is built.

    Files that are there are never overwritten without --force.
    """
    from litestar_vite.cli.init import ask_framework, initialise, project_name
    from litestar_vite.toolchain.package_manager import find_package_manager

    terminal = _terminal(verbose=verbose)
    chosen = framework or ask_framework(assume_yes=yes)
    manager = package_manager or find_package_manager(folder.resolve()).name
    choices = Choices(
        framework=chosen,
        name=project_name(Path(name) if name else folder),
        tailwind=tailwind,
        ssr=ssr,
        manager=manager,
        manager_version=version_of(manager) if package_manager and package_manager != "npm" else "",
    )
    initialise(terminal, folder, choices, force=force, dry_run=dry_run, install=install)


@assets_group.command()
@_verbose
@click.pass_context
@explained
def install(context: click.Context, verbose: bool) -> None:
    """Install the npm packages, the half that travels in this Python package included.

    Brings vendor/litestar-vite, .litestar-vite.json and the written routes up to date first, then runs the package
    manager of the project (by its lock file)."""
    from litestar_vite.cli.project import find_project
    from litestar_vite.cli.refresh import refresh

    terminal = _terminal(verbose=verbose)
    project = find_project(context)
    project.require_package_json()
    toolchain = Toolchain.of(project.root, os.environ)
    refresh(terminal, project)
    with terminal.step(
        f"Installing npm packages with {toolchain.manager.name}",
        f"npm packages installed with {toolchain.manager.name}",
    ):
        toolchain.install(verbose=verbose)
    terminal.next_steps([("litestar assets build", "build the front end"), ("litestar run", "serve the app")])


@assets_group.command()
@_verbose
@click.pass_context
@explained
def build(context: click.Context, verbose: bool) -> None:
    """Build the front end for the browser and, with server-side rendering, for the server.

    Runs the script "build" of package.json.
    """
    from litestar_vite.cli.build import build_front_end
    from litestar_vite.cli.project import find_project

    build_front_end(_terminal(verbose=verbose), find_project(context))


@assets_group.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Default: src/routes.ts in the front end's folder.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when the file is not up to date.")
@click.pass_context
@explained
def routes(context: click.Context, output: Path | None, check: bool) -> None:
    """Write the named routes of the app for the front end's `route()`."""
    from litestar_vite.cli.project import find_project
    from litestar_vite.cli.refresh import write_route_file

    write_route_file(_terminal(), find_project(context), output, check=check)


@assets_group.command()
@click.pass_context
@explained
def status(context: click.Context) -> None:
    """Show where everything is, and what is built and installed."""
    from litestar_vite.cli.project import find_project
    from litestar_vite.cli.status import show_status

    show_status(_terminal(), find_project(context))


@assets_group.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended without asking you.")
@click.pass_context
@explained
def doctor(context: click.Context, fix: bool) -> None:
    """Find out what is wrong, say why it matters and what to do.

    Looks at the app, the packages, vite.config, the pages and the builds. Exits with 1 when something keeps the app
    from working."""
    from litestar_vite.cli.doctor.examine import run_doctor

    run_doctor(_terminal(), context.obj, fix=fix)


@assets_group.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
@explained
def dev(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Serve the app while you write it: the same as `litestar run --reload`.

    ARGUMENTS go to `litestar run`, for example --port 8001. The npm half and the routes are brought up to date first.
    """
    from litestar_vite.cli.dev import serve_for_development
    from litestar_vite.cli.project import find_project

    serve_for_development(_terminal(), find_project(context), arguments)
