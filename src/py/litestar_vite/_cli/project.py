"""The project that a command works on: the app, its configuration and the front end's folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import rich_click as click
from litestar import Litestar
from msgspec import Struct

from litestar_vite._cli.errors import CommandError
from litestar_vite._toolchain.package_json import require_package
from litestar_vite._toolchain.packages import are_packages_installed
from litestar_vite.config import ResolvedConfig, ViteConfig, resolve
from litestar_vite.plugin import VitePlugin


class Project(Struct, frozen=True):
    """The app and its configuration.

    Attributes:
        config: The app's resolved configuration. Without an app, the defaults for the working directory.
        app: The app; None when none was found.
        app_path: "module:name" of the app; None without an app.
    """

    config: ResolvedConfig
    app: Litestar | None = None
    app_path: str | None = None

    @property
    def root(self) -> Path:
        return self.config.root

    def require_package_json(self) -> Path:
        """Return the path of package.json.

        Raises:
            CommandError: The file is missing or cannot be read.
        """
        path = self.root / "package.json"
        if path.is_file():
            require_package(self.root)
            return path
        hint = "Start a new front end with 'litestar-vite init'" + (
            ", or set ViteConfig.root to its folder." if self.app else "."
        )
        raise CommandError(f"No package.json in '{self.root}'. {hint}")

    def require_packages(self) -> None:
        """Check that the npm packages are installed.

        Raises:
            CommandError: They are not installed.
        """
        if not are_packages_installed(self.root):
            raise CommandError(
                f"The npm packages are not installed: no node_modules/vite in '{self.root}' or a parent folder. "
                "Run: litestar assets install"
            )


def find_project(context: click.Context) -> Project:
    """Load the app as Litestar's own commands do, and read its configuration.

    Without an app, the project has the default configuration for the working directory.

    Raises:
        CommandError: The app cannot be imported, or does not use VitePlugin.
    """
    env = _load(context)
    if env is None:
        return Project(resolve(ViteConfig(root=Path.cwd()), os.environ))
    plugin = next((plugin for plugin in env.app.plugins if isinstance(plugin, VitePlugin)), None)
    if plugin is None:
        raise CommandError(
            f"The app '{env.app_path}' does not use VitePlugin. "
            "Add it: Litestar(..., plugins=[VitePlugin(ViteConfig(...))])"
        )
    return Project(plugin.config, env.app, env.app_path)


def _load(context: click.Context) -> Any:
    """Return the command's LitestarEnv; None when no app was found."""
    try:
        env = load_env(context.obj)
    except Exception as error:  # Not SystemExit: Litestar has already printed that the module does not exist.
        raise CommandError(
            f"The app cannot be imported: {type(error).__name__}: {error}. "
            "Run 'python app.py' or 'litestar-vite doctor' to see where."
        ) from error
    if env is not None:
        context.find_root().obj = context.obj = env
    return env


def load_env(given: Any) -> Any:
    """Return the LitestarEnv of a command, whose context holds it or its factory; None when no app was found."""
    # Private in Litestar, yet passed to every command of a plugin.
    from litestar.cli._utils import LitestarCLIException, LitestarEnv

    if isinstance(given, LitestarEnv):
        return given
    try:
        return given() if callable(given) else LitestarEnv.from_env(None)
    except LitestarCLIException:
        return None
