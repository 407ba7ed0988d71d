"""The command group of `litestar-vite`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from litestar_vite._cli.group import assets_group

if TYPE_CHECKING:
    from litestar.cli._utils import LitestarEnv


@click.group(name="litestar-vite", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="litestar-vite", message="%(version)s")
@click.option(
    "--app",
    "app_path",
    metavar="MODULE:NAME",
    help="The app. Default: LITESTAR_APP, or discovered as by the litestar command.",
)
@click.option(
    "--app-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to import it from. Default: the current one.",
)
@click.pass_context
def standalone_group(context: click.Context, app_path: str | None, app_dir: Path | None) -> None:
    """Connect a Litestar back end and a Vite front end.

    In a project, the same commands are available as `litestar assets`.
    """

    def load() -> LitestarEnv:
        from litestar.cli._utils import LitestarEnv

        return LitestarEnv.from_env(app_path, app_dir)

    context.obj = load


for _command in assets_group.commands.values():
    standalone_group.add_command(_command)
