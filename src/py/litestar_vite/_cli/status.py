"""`litestar assets status`."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from litestar_vite._assets.npm_package import companion_differs, is_vendored
from litestar_vite._cli.project import Project
from litestar_vite._cli.terminal import Terminal
from litestar_vite._ssr.bundle import find_bundle
from litestar_vite._toolchain.package_json import package_problem
from litestar_vite._toolchain.package_manager import find_package_manager
from litestar_vite._toolchain.packages import are_packages_installed
from litestar_vite._toolchain.runtime import find_runtime
from litestar_vite.config._resolve import insight_of
from litestar_vite.exceptions import ConfigError, DevServerError


def show_status(terminal: Terminal, project: Project) -> None:
    """Print one fact per line. Changes nothing, and runs only `node --version`."""
    config = project.config
    terminal.heading("litestar-vite", version("litestar-vite"))
    terminal.facts(
        [
            ("app", project.app_path or "not found; showing the defaults for this folder"),
            ("front end", str(project.root)),
            ("mode", "development" if config.dev_mode else "production"),
            ("Node", node_version()),
            ("package manager", find_package_manager(project.root).name),
            ("npm packages", _packages(project.root)),
            ("client build", _age(config.manifest_path)),
            ("asset URL", config.base),
            ("server-side rendering", _ssr(project)),
            ("insight", ", ".join(insight_of(config)) or "off"),
        ]
    )
    terminal.next_steps([("litestar assets doctor", "check the project for problems")])


def node_version() -> str:
    """Return Node's version and path, or the reason why it cannot run."""
    try:
        runtime = find_runtime()
        return f"{runtime.version()} ({runtime.path})"
    except DevServerError as error:
        return str(error)


def _packages(root: Path) -> str:
    if problem := package_problem(root):
        return f"package.json cannot be read: {problem}"
    if not are_packages_installed(root):
        return "not installed"
    if is_vendored(root) and companion_differs(root):
        return "installed, but litestar-vite differs from the installed Python package"
    return "installed"


def _ssr(project: Project) -> str:
    config = project.config
    if config.ssr is None:
        return "off"
    if config.ssr.url is not None:
        return f"by {config.ssr.url if isinstance(config.ssr.url, str) else ', '.join(config.ssr.url)}"
    try:
        bundle = find_bundle(config.ssr_dir, config.ssr.bundle, config.root)
    except ConfigError:
        return "on, but not built"
    return f"render workers of the app, {bundle.name} built {_age(bundle)}"


def _age(path: Path) -> str:
    if not path.is_file():
        return "not built"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
