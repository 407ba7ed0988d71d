"""The commands of `litestar assets`: options and help texts. The other modules of this package do the work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from litestar_vite._cli.errors import click_errors
from litestar_vite._cli.starter import FRAMEWORKS, KITS, MODES, Choices
from litestar_vite._cli.toolchain import Toolchain, version_of
from litestar_vite._toolchain.package_manager import MANAGERS

if TYPE_CHECKING:
    from litestar_vite._cli.terminal import Terminal


_verbose = click.option("--verbose", "-v", is_flag=True, help="Show the output of npm, Vite and uv.")


def _terminal(*, verbose: bool = False) -> Terminal:
    from litestar_vite._cli.terminal import Terminal

    return Terminal(verbose=verbose)


@click.group(name="assets", context_settings={"help_option_names": ["-h", "--help"]})
def assets_group() -> None:
    """Create, install, build and check the front end."""


@assets_group.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--framework", type=click.Choice(list(FRAMEWORKS), case_sensitive=False), help="Skip the question.")
@click.option("--react", "framework", flag_value="react", help="Short for --framework react.")
@click.option("--vue", "framework", flag_value="vue", help="Short for --framework vue.")
@click.option("--svelte", "framework", flag_value="svelte", help="Short for --framework svelte.")
@click.option(
    "--mode",
    type=click.Choice(list(MODES), case_sensitive=False),
    default="inertia",
    help="Inertia pages, a React application with a JSON API (spa), or templates with HTMX. Default: inertia.",
)
@click.option(
    "--kit",
    type=click.Choice(KITS, case_sensitive=False),
    help="An application with accounts, a database and an example resource (app), or pages and a form (minimal). "
    "Default: app.",
)
@click.option("--name", help="The project's name. Default: the folder's name.")
@click.option("--tailwind/--no-tailwind", default=False, help="Add Tailwind CSS to the minimal kit. Default: no.")
@click.option("--ssr/--no-ssr", default=True, help="Render pages on the server. Default: yes.")
@click.option("--package-manager", type=click.Choice(MANAGERS), help="Default: detected from the lock file, else npm.")
@click.option("--install/--no-install", default=True, help="Install packages and build. Default: yes.")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Ask no questions; use React by default.")
@_verbose
@click_errors
def init(
    folder: Path,
    framework: str | None,
    mode: str,
    kit: str | None,
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
    """Create an application in FOLDER (default: the current folder).

    Asks one question: React, Vue or Svelte; other modes ask none. The application has pages in TypeScript, a layout, a
    form with validation, error pages, server-side rendering, tests and a Dockerfile. The app kit adds accounts, a
    database with migrations, and a resource with a table, dialogs and uploads. Packages are installed and the front end
    is built.

    Existing files are only overwritten with --force.
    """
    from litestar_vite._cli.init import framework_for, initialise, kit_for, project_name
    from litestar_vite._toolchain.package_manager import find_package_manager

    terminal = _terminal(verbose=verbose)
    chosen = framework_for(mode, framework, assume_yes=yes)
    manager = package_manager or find_package_manager(folder.resolve()).name
    choices = Choices(
        framework=chosen,
        name=project_name(Path(name) if name else folder),
        tailwind=tailwind,
        ssr=ssr,
        mode=mode,
        kit=kit_for(mode, kit),
        manager=manager,
        manager_version=version_of(manager) if package_manager and package_manager != "npm" else "",
    )
    initialise(terminal, folder, choices, force=force, dry_run=dry_run, install=install)


@assets_group.command()
@_verbose
@click.pass_context
@click_errors
def install(context: click.Context, verbose: bool) -> None:
    """Install the npm packages.

    Updates vendor/litestar-vite, .litestar-vite.json and src/routes.ts, then runs the project's package manager,
    which is detected from the lock file.
    """
    from litestar_vite._cli.project import find_project
    from litestar_vite._cli.refresh import refresh

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
@click.option("--mode", help="Vite's mode, such as staging, for every build of the script. Default: production.")
@_verbose
@click.pass_context
@click_errors
def build(context: click.Context, mode: str | None, verbose: bool) -> None:
    """Build the front end for the browser and, with server-side rendering, for the server.

    Runs the "build" script in package.json.
    """
    from litestar_vite._cli.build import build_front_end
    from litestar_vite._cli.project import find_project

    build_front_end(_terminal(verbose=verbose), find_project(context), mode)


@assets_group.command()
@click.option(
    "--origin", help="Scheme and host of the requests, such as https://example.org. Default: http://localhost."
)
@click.option("--tag", "tags", multiple=True, help="Only the written pages with this tag. Can be repeated.")
@click.pass_context
@click_errors
def prerender(context: click.Context, origin: str | None, tags: tuple[str, ...]) -> None:
    """Write the pages of routes with `prerender` to files, which a web server sends without the app.

    Starts the app, requests each page as a visitor without cookies, and writes its HTML and its page object. Run it
    after each build. Exits with 1 if a page redirects, fails, or is for one visitor; then nothing is written.
    """
    from litestar_vite._cli.prerender import prerender_pages
    from litestar_vite._cli.project import find_project

    prerender_pages(_terminal(), find_project(context), origin, tags)


@assets_group.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Default: src/routes.ts in the front end's folder.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file is out of date.")
@click.pass_context
@click_errors
def routes(context: click.Context, output: Path | None, check: bool) -> None:
    """Write the app's named routes for `route()` in the front end."""
    from litestar_vite._cli.project import find_project
    from litestar_vite._cli.refresh import write_route_file

    write_route_file(_terminal(), find_project(context), output, check=check)


@assets_group.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file is out of date.")
@click.pass_context
@click_errors
def types(context: click.Context, check: bool) -> None:
    """Write the types of the app's pages to src/generated."""
    from litestar_vite._cli.project import find_project
    from litestar_vite._cli.types import write_types

    write_types(_terminal(), find_project(context), check=check)


@assets_group.command()
@click.pass_context
@click_errors
def status(context: click.Context) -> None:
    """Show paths, settings, and what is built and installed."""
    from litestar_vite._cli.project import find_project
    from litestar_vite._cli.status import show_status

    show_status(_terminal(), find_project(context))


@assets_group.command()
@click.option("--fix", is_flag=True, help="Fix the problems that have an automatic fix.")
@click.pass_context
@click_errors
def doctor(context: click.Context, fix: bool) -> None:
    """Check the project for common problems and suggest fixes.

    Checks the app, the packages, vite.config, the pages and the builds. Exits with 1 if a problem keeps the app from
    working.
    """
    from litestar_vite._cli.doctor.run import run_doctor

    run_doctor(_terminal(), context.obj, fix=fix)


@assets_group.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
@click_errors
def dev(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Run the app for development: updates the generated files, then runs `litestar run --reload`.

    ARGUMENTS are passed to `litestar run`, for example --port 8001.
    """
    from litestar_vite._cli.dev import serve_for_development
    from litestar_vite._cli.project import find_project

    serve_for_development(_terminal(), find_project(context), arguments)


@assets_group.group()
def make() -> None:
    """Write new files into a project."""


@make.command(name="page")
@click.argument("component")
@click.option("--form", is_flag=True, help="Add a form, with its handler, its errors and a flash message.")
@click.pass_context
@click_errors
def make_page(context: click.Context, component: str, form: bool) -> None:
    """Write a page: handler, component, types and test.

    COMPONENT is the name of the page component, such as Users/Show. The files follow the project: React, Vue or Svelte,
    TypeScript or JavaScript, with the generated types if there are any. Existing files are never overwritten.
    """
    from litestar_vite._cli.page import make
    from litestar_vite._cli.project import find_project

    make.make_page(_terminal(), find_project(context), component, form=form)
