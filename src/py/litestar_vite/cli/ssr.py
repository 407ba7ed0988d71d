"""`litestar ssr`: what renders the pages, whether it does, and workers that several apps use."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import rich_click as click

from litestar_vite.cli.mistakes import CommandError, explained

if TYPE_CHECKING:
    from litestar_vite.cli.project import Project
    from litestar_vite.ssr.status import SSRStatus
    from litestar_vite.ssr.workers.share import SharedWorkers

__all__ = ("ssr_group",)

_KINDS: Final = {
    "off": "off: the browser renders every page",
    "development": "in development: the Vite dev server renders",
    "own": "by workers that the app, or 'litestar ssr serve', keeps running",
    "external": "by a render server that runs elsewhere",
}
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group(name="ssr", context_settings={"help_option_names": ["-h", "--help"]})
def ssr_group() -> None:
    """Server-side rendering: what is up, and workers for several apps."""


@ssr_group.command()
@_json
@click.pass_context
@explained
def status(context: click.Context, as_json: bool) -> None:
    """Show the render servers of the app and how each is."""
    _show(_look(context), as_json=as_json)


@ssr_group.command()
@_json
@click.pass_context
@explained
def check(context: click.Context, as_json: bool) -> None:
    """Exit with 0 when pages can be rendered on the server, with 1 when not. For health probes."""
    seen = _look(context)
    _show(seen, as_json=as_json)
    context.exit(0 if seen.is_fine else 1)


@ssr_group.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help='The apps set SSRConfig(url="unix:FOLDER/").',
)
@click.option("--workers", type=click.IntRange(min=1), help="How many processes. Default: SSRConfig.workers.")
@click.pass_context
@explained
def serve(context: click.Context, folder: Path, workers: int | None) -> None:
    """Run render workers for all apps that look at FOLDER, until SIGTERM or Ctrl-C.

    For several app servers on one machine, systemd, or containers that share a volume. The apps must run as the same
    user."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    asyncio.run(_serve(_project(context), folder.absolute(), workers))


def _look(context: click.Context) -> SSRStatus:
    from litestar_vite.ssr.status import look_at

    return asyncio.run(look_at(_project(context).config))


def _project(context: click.Context) -> Project:
    """Find the project, and the app: a probe in the wrong folder must not say that all is well.

    Raises:
        CommandError: There is no app.
    """
    from litestar_vite.cli.project import find_project

    project = find_project(context)
    if project.app is None:
        msg = f"There is no app here. Name it: litestar --app module:app ssr {context.info_name}"
        raise CommandError(msg)
    return project


def _show(seen: SSRStatus, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(seen).decode())
        return
    from litestar_vite.cli.terminal import Terminal

    terminal = Terminal()
    terminal.heading("Server-side rendering", _KINDS[seen.kind])
    for server in seen.servers:
        if server.up:
            facts = [f"is up, answers in {server.milliseconds:g} ms"]
            facts += (
                [f"{server.renders} {'page' if server.renders == 1 else 'pages'} rendered"]
                if server.renders is not None
                else []
            )
            facts += [f"{server.rss_mb} MiB of memory"] if server.rss_mb is not None else []
            terminal.done(server.url, ", ".join(facts))
        else:
            terminal.bad(server.url, f"is not up: {server.problem}")
    if not seen.servers and not seen.is_fine:
        terminal.bad("No render worker is up", f"as far as '{seen.folder}' tells" if seen.folder is not None else "")
        terminal.remedy(
            "Start the app, or 'litestar ssr serve'; `litestar_vite.ssr.worker` logs why a worker does not start."
        )
        if seen.folder is not None:
            terminal.remedy(
                "If the app runs: ask as its user, with its XDG_RUNTIME_DIR, TMPDIR and VITE_SSR_… variables, which say where to look."
            )
    terminal.blank()


async def _serve(project: Project, folder: Path, workers: int | None) -> None:
    from litestar_vite.ssr.workers.settings import command_of, policy_of
    from litestar_vite.ssr.workers.share import SharedWorkers

    config = project.config
    if config.ssr is None:
        msg = "Server-side rendering is off: set InertiaConfig(ssr=True)."
        raise CommandError(msg)
    policy = policy_of(config.ssr)
    if workers is not None:
        policy = msgspec.structs.replace(policy, count=workers)
    shared = SharedWorkers(
        folder, policy, command_of(config.ssr, config.ssr_dir, config.root), warm_up=_components(project)
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        await _start(shared, config.ssr.start_timeout_seconds)
        await stopping.wait()
    finally:
        await shared.stop()


def _components(project: Project) -> list[str]:
    """Return the pages that the app's routes name: workers are warmed up with them."""
    from litestar_vite.inertia.plugin import InertiaPlugin

    plugins = project.app.plugins if project.app is not None else ()
    return sorted(
        component for plugin in plugins if isinstance(plugin, InertiaPlugin) for component in plugin.components
    )


async def _start(shared: SharedWorkers, timeout_seconds: float) -> None:
    is_up = await shared.start(timeout_seconds)
    if shared.own is None:
        msg = f"Another process already serves '{shared.folder}'. Stop it, or choose another folder."
        raise CommandError(msg)
    apps = f'The apps set SSRConfig(url="unix:{shared.folder}/")'
    if not is_up:
        click.echo(
            "No render worker is up yet; they go on starting, and the log above says why one does not.", err=True
        )
        click.echo(apps)
        return
    number = len(shared.upstreams)
    click.echo(f"{number} render {'worker is' if number == 1 else 'workers are'} up. {apps}")
