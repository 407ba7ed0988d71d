"""`litestar ssr`: the status of server-side rendering, and render workers for several apps."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import rich_click as click

from litestar_vite._cli.errors import CommandError, click_errors

if TYPE_CHECKING:
    from litestar_vite._cli.project import Project
    from litestar_vite._ssr.status import SSRStatus
    from litestar_vite._ssr.workers.shared_workers import SharedWorkers


_MODES: Final = {
    "off": "off: pages are rendered in the browser",
    "development": "by the Vite dev server",
    "own": "by render workers of the app or of 'litestar ssr serve'",
    "external": "by an external render server",
}
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(name="ssr", context_settings={"help_option_names": ["-h", "--help"]})
def ssr_group() -> None:
    """Server-side rendering: show its status, run render workers for several apps."""


@ssr_group.command()
@_json
@click.pass_context
@click_errors
def status(context: click.Context, as_json: bool) -> None:
    """Show the app's render servers and their status."""
    _show(_status(context), as_json=as_json)


@ssr_group.command()
@_json
@click.pass_context
@click_errors
def check(context: click.Context, as_json: bool) -> None:
    """Exit with 0 if pages can be rendered on the server, else with 1. For health probes."""
    status = _status(context)
    _show(status, as_json=as_json)
    context.exit(0 if status.is_fine else 1)


@ssr_group.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help='Apps connect with SSRConfig(url="unix:FOLDER/").',
)
@click.option("--workers", type=click.IntRange(min=1), help="Number of processes. Default: SSRConfig.workers.")
@click.pass_context
@click_errors
def serve(context: click.Context, folder: Path, workers: int | None) -> None:
    """Run render workers for all apps that use FOLDER, until SIGTERM or Ctrl-C.

    For several app servers on one machine, systemd units, or containers that share a volume. The apps must run as the
    same user.
    """
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    asyncio.run(_serve(_project(context), folder.absolute(), workers))


def _status(context: click.Context) -> SSRStatus:
    from litestar_vite._ssr.status import look_at

    return asyncio.run(look_at(_project(context).config))


def _project(context: click.Context) -> Project:
    """Return the project. A health probe in the wrong folder must fail, so an app is required.

    Raises:
        CommandError: No app was found.
    """
    from litestar_vite._cli.project import find_project

    project = find_project(context)
    if project.app is None:
        raise CommandError(f"No app was found. Pass one: litestar --app module:app ssr {context.info_name}")
    return project


def _show(status: SSRStatus, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(status).decode())
        return
    from litestar_vite._cli.terminal import Terminal

    terminal = Terminal()
    terminal.heading("Server-side rendering", _MODES[status.kind])
    for server in status.servers:
        if server.up:
            facts = [f"up, responds in {server.milliseconds:g} ms"]
            facts += (
                [f"{server.renders} {'page' if server.renders == 1 else 'pages'} rendered"]
                if server.renders is not None
                else []
            )
            facts += [f"{server.rss_mb} MiB of memory"] if server.rss_mb is not None else []
            terminal.done(server.url, ", ".join(facts))
        else:
            terminal.bad(server.url, f"down: {server.problem}")
    for entry in status.quarantined:
        terminal.bad(
            f"Page {entry.component!r}",
            f"rendered in the browser for {max(0, entry.until - time.monotonic()):.0f} s: its worker {entry.reason}",
        )
    if not status.servers and not status.is_fine:
        terminal.bad(
            "No render worker is running", f"according to '{status.folder}'" if status.folder is not None else ""
        )
        terminal.hint(
            "Start the app or 'litestar ssr serve'. The logger litestar_vite.ssr.worker logs why a worker cannot start."
        )
        if status.folder is not None:
            terminal.hint(
                "If the app is running, run this command as the same user and with the same XDG_RUNTIME_DIR, TMPDIR "
                "and VITE_SSR_… variables, which determine the folder."
            )
    terminal.blank()


async def _serve(project: Project, folder: Path, workers: int | None) -> None:
    from litestar_vite._ssr.workers.settings import command_of, policy_of
    from litestar_vite._ssr.workers.shared_workers import SharedWorkers

    config = project.config
    if config.ssr is None:
        raise CommandError("Server-side rendering is off. Set InertiaConfig(ssr=True).")
    policy = policy_of(config.ssr)
    if workers is not None:
        policy = msgspec.structs.replace(policy, count=workers)
    command = command_of(config.ssr, config.ssr_dir, config.root)
    shared = SharedWorkers(folder, policy, command, warm_up=_components(project))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        await _start(shared, config.ssr.start_timeout_seconds)
        await stopping.wait()
    finally:
        await shared.stop()


def _components(project: Project) -> list[str]:
    """Return the page components of the app's routes, which the workers are warmed up with."""
    from litestar_vite.inertia.plugin import InertiaPlugin

    plugins = project.app.plugins if project.app is not None else ()
    return sorted(
        component for plugin in plugins if isinstance(plugin, InertiaPlugin) for component in plugin.components
    )


async def _start(shared: SharedWorkers, timeout_seconds: float) -> None:
    is_up = await shared.start(timeout_seconds)
    if shared.own is None:
        raise CommandError(f"Another process already serves '{shared.folder}'. Stop it, or choose another folder.")
    apps = f'Apps connect with SSRConfig(url="unix:{shared.folder}/")'
    if not is_up:
        click.echo("No render worker is up yet. Starting continues; see the log above for errors.", err=True)
        click.echo(apps)
        return
    number = len(shared.upstreams)
    click.echo(f"{number} render {'worker is' if number == 1 else 'workers are'} up. {apps}")
