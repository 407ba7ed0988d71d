"""`litestar assets status`."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from litestar_vite.assets.companion import companion_differs
from litestar_vite.cli.toolchain import find_node, manager_of
from litestar_vite.exceptions import ConfigError
from litestar_vite.ssr.worker import find_bundle

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite.cli.project import Project
    from litestar_vite.cli.terminal import Terminal

__all__ = ("show_status",)


def show_status(terminal: Terminal, project: Project) -> None:
    """Print facts, one a line; changes nothing and starts nothing but `node --version`."""
    config = project.config
    terminal.heading("litestar-vite", version("litestar-vite"))
    terminal.facts(
        [
            ("app", project.app_path or "none found; these are the defaults for this folder"),
            ("front end", str(project.root)),
            ("mode", "development" if config.dev_mode else "production"),
            ("Node", node_version()),
            ("package manager", manager_of(project.root)),
            ("npm packages", _packages(project.root)),
            ("client build", _age(config.manifest_path)),
            ("asset URL", config.asset_url),
            ("server-side rendering", _ssr(project)),
        ]
    )
    terminal.next_steps([("litestar assets doctor", "find out what is wrong, if something is")])


def node_version() -> str:
    """Return version and path of Node, or a sentence that there is none."""
    node = find_node(os.environ.get("PATH", ""))
    if node is None:
        return "not found"
    try:
        answer = subprocess.run([str(node), "--version"], capture_output=True, text=True, timeout=20, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{node} does not run: {error}"
    return f"{answer.strip()} ({node})"


def _packages(root: Path) -> str:
    if not (root / "node_modules").is_dir():
        return "not installed"
    return "installed, but litestar-vite is not the one of this Python package" if companion_differs(root) else "installed"


def _ssr(project: Project) -> str:
    config = project.config
    if config.ssr is None:
        return "off"
    if config.ssr.url is not None:
        return f"by {config.ssr.url}"
    try:
        bundle = find_bundle(config.ssr_dir, config.ssr.bundle, config.root)
    except ConfigError:
        return "on, but not built"
    return f"by our own worker, {bundle.name} built {_age(bundle)}"


def _age(path: Path) -> str:
    if not path.is_file():
        return "not built"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
