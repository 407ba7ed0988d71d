"""Checks of the front end's files and packages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from litestar_vite._assets.bridge import BRIDGE_FILE, bridge_of, write_bridge
from litestar_vite._assets.npm_package import COMPANION_FOLDER, COMPANION_SPEC, companion_differs, sync_companion
from litestar_vite._cli.doctor.diagnosis import Diagnosis, Finding
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.toolchain import Toolchain, how_to_get
from litestar_vite._toolchain.package_json import read_package
from litestar_vite._toolchain.package_manager import find_package_manager
from litestar_vite._toolchain.package_manager import lock_files as lock_files_in
from litestar_vite._toolchain.packages import are_packages_installed, has_plug_and_play
from litestar_vite._toolchain.runtime import NODE_REMEDY, find_runtime, too_old
from litestar_vite._toolchain.vite import ViteFacts
from litestar_vite.exceptions import DevServerError

_VERSION: Final = re.compile(r"(\d+)\.(\d+)")
_CLIENTS: Final = ("@inertiajs/react", "@inertiajs/vue3", "@inertiajs/svelte")
# An absolute URL or path, by the same rule as src/js/src/options.ts.
_ABSOLUTE: Final = re.compile(r"(?:https?:)?//|/")
_MIN_VITE: Final = (8, 0)
_INERTIA_MAJOR: Final = 3


def package_json(project: Diagnosis) -> Iterator[Finding]:
    """Check that package.json exists and is valid."""
    if not project.has_package_json:
        yield Finding(
            "no-package-json",
            f"No package.json in '{project.root}', the front end's folder.",
            "Set ViteConfig(root=...) to the right folder (Path(__file__).parent is safer than the working directory), "
            "or create a front end: litestar-vite init",
        )
    elif project.package_error is not None:
        yield Finding(
            "broken-package-json",
            f"package.json cannot be read: {project.package_error}",
            "Fix the file, then run doctor again.",
        )


def node(_: Diagnosis) -> Iterator[Finding]:
    """Check that Node is installed and recent enough for Vite 8."""
    try:
        found = find_runtime()
    except DevServerError:
        yield Finding(
            "no-node",
            "Node.js is not installed. Building and server-side rendering need it.",
            "Install Node 20.19 or newer from https://nodejs.org, or with pip: pip install 'litestar-vite[node]'",
        )
        return
    try:
        found.version()
    except DevServerError as error:
        yield Finding("no-node", str(error), "Reinstall Node.")
    if problem := too_old(found):
        yield Finding("old-node", problem, NODE_REMEDY)


def package_manager(project: Diagnosis) -> Iterator[Finding]:
    """Check that the package manager of the lock file is installed."""
    if not project.package:
        return
    try:
        Toolchain.of(project.root, os.environ)
    except CommandError:
        manager = find_package_manager(project.root)
        yield Finding(
            "no-package-manager",
            f"{manager.name} is not in PATH. It is the project's package manager, needed to install and build.",
            how_to_get(manager),
        )
    except DevServerError:
        return  # Node is missing, which the check `node` reports.


def packages(project: Diagnosis) -> Iterator[Finding]:
    """Check that the npm packages are installed, in supported versions."""
    if not project.package:
        return
    if not are_packages_installed(project.root):
        if (project.root / "node_modules").is_dir():
            name, problem = "no-vite", "Vite is not among the installed npm packages."
        else:
            name, problem = (
                "not-installed",
                f"The npm packages are not installed: no node_modules/vite in '{project.root}' or a parent folder.",
            )
        yield Finding(name, problem, "litestar assets install", fix=lambda: _install(project))
        return
    for name in (*_CLIENTS, "@inertiajs/vite"):
        version = project.installed_version(name)
        if version is not None and _major(version) != _INERTIA_MAJOR:
            yield Finding(
                "inertia-version", f"{name} is {version}; litestar-vite needs 3.x.", _add(project, f"{name}@3")
            )
    vite = project.installed_version("vite")
    if vite is not None and _numbers(vite) < _MIN_VITE:
        yield Finding(
            "vite-version",
            f"Vite is {vite}; the litestar-vite plugin needs 8.0.5 or newer.",
            _add(project, "vite@8", is_dev=True),
        )


def companion(project: Diagnosis) -> Iterator[Finding]:
    """Check that the litestar-vite npm package matches the installed Python package."""
    if not project.package:
        return
    spec = project.dependencies.get("litestar-vite")
    if spec is None:
        yield Finding(
            "no-companion",
            "package.json does not list the litestar-vite npm package.",
            f'Add "litestar-vite": "{COMPANION_SPEC}" to devDependencies, then: litestar assets install',
            fix=lambda: _add_companion(project.root),
        )
    elif spec == COMPANION_SPEC and companion_differs(project.root):
        installed = read_package(project.root / COMPANION_FOLDER).get("version", "none")
        yield Finding(
            "old-companion",
            f"'{COMPANION_FOLDER}' (version {installed}) does not match the installed Python package.",
            "litestar assets install",
            fix=lambda: _sync(project.root),
        )
    elif not spec.startswith(("file:", "link:", "portal:", "workspace:")):
        yield Finding(
            "foreign-companion",
            f"package.json installs litestar-vite from the npm registry ({spec}), "
            "which is a different package or version.",
            f'Set "litestar-vite": "{COMPANION_SPEC}", then: litestar assets install',
            fix=lambda: _add_companion(project.root),
        )


def vite_config(project: Diagnosis) -> Iterator[Finding]:
    """Check that vite.config loads, uses the litestar() plugin and can build for server-side rendering."""
    if not project.package:
        return
    path, facts = project.vite_config, project.vite
    if path is not None and facts is None:
        return  # Vite cannot run. Another check reports why.
    if path is not None and facts is not None and not facts.is_loaded:
        yield Finding(
            "broken-vite-config",
            f"{path.name} cannot be loaded: {facts.error}",
            "Correct it. 'npx vite build' shows the place.",
        )
    elif facts is None or path is None or "litestar-vite" not in facts.plugins:
        where = path.name if path else "vite.config.ts, which does not exist,"
        yield Finding(
            "no-vite-plugin",
            f"{where} does not use the litestar() plugin, so the app does not find the build.",
            "Add to vite.config: import litestar from 'litestar-vite', and put litestar() first in plugins.",
        )
    elif project.config.ssr is not None and project.config.ssr.url is None and not _can_render(project.root, facts):
        yield Finding(
            "no-ssr-entry",
            "Server-side rendering is on, but vite.config does not use inertia() from @inertiajs/vite, "
            "and no src/ssr entry exists.",
            f"{_add(project, '@inertiajs/vite', is_dev=True)}, and add inertia() to plugins; or remove SSRConfig().",
        )


def base(project: Diagnosis) -> Iterator[Finding]:
    """Check that `base` in vite.config is where the app serves the build. Otherwise the plugin fails the build."""
    path, facts = project.vite_config, project.vite
    if path is None or facts is None or facts.base is None or "litestar-vite" not in facts.plugins:
        return
    if project.app is None or not project.has_plugin:
        return
    found, served = facts.base, project.config.base
    # A relative base works in the browser, not in HTML that the server renders.
    if project.config.ssr is None if found in {"", "./"} else _as_served(found) == served:
        return
    yield Finding(
        "other-base",
        f"{path.name} has base '{found}', but the app serves the built files under '{served}'. The build fails.",
        "Remove base. To serve the files elsewhere, set ViteConfig.asset_url (and root_path for a path prefix), "
        "then: litestar assets build",
    )


def bridge(project: Diagnosis) -> Iterator[Finding]:
    """Check that the settings file read by Vite matches ViteConfig."""
    path = project.root / BRIDGE_FILE
    if path.is_file() and project.app is not None and path.read_text("utf-8", "replace") != bridge_of(project.config):
        yield Finding(
            "old-settings",
            f"{BRIDGE_FILE}, which passes folders and URLs to Vite, differs from the current ViteConfig.",
            "litestar assets install",
            fix=lambda: _write_bridge(project),
        )


def lock_files(project: Diagnosis) -> Iterator[Finding]:
    """Check that the project has a single lock file."""
    found = lock_files_in(project.root)
    if len(set(found.values())) > 1:
        yield Finding(
            "two-lock-files",
            f"Found {' and '.join(sorted(found))}. Two package managers install different versions.",
            "Keep the lock file of your package manager, and delete the other.",
            is_fatal=False,
        )


def ignored(project: Diagnosis) -> Iterator[Finding]:
    """Check that git ignores node_modules and dist."""
    root = project.root
    path = root / ".gitignore"
    if not (root / ".git").exists() and not path.exists():
        return
    lines = {line.strip().strip("/") for line in path.read_text("utf-8").splitlines()} if path.is_file() else set[str]()
    # Plug'n'Play has no node_modules.
    written = (
        ("dist",) if has_plug_and_play(root) and not (root / "node_modules").is_dir() else ("node_modules", "dist")
    )
    missing = [name for name in written if name not in lines]
    if missing:
        yield Finding(
            "not-ignored",
            f"git does not ignore {' and '.join(missing)}.",
            f"Add {' and '.join(f'{name}/' for name in missing)} to .gitignore.",
            is_fatal=False,
            fix=lambda: _ignore(path, missing),
        )


PROJECT_CHECKS: Final = (
    package_json,
    node,
    package_manager,
    packages,
    companion,
    vite_config,
    base,
    bridge,
    lock_files,
    ignored,
)


def _can_render(root: Path, facts: ViteFacts) -> bool:
    entries = (root / "src" / f"ssr.{extension}" for extension in ("tsx", "jsx", "ts", "js"))
    return "@inertiajs/vite" in facts.plugins or any(entry.is_file() for entry in entries)


def _as_served(base: str) -> str:
    absolute = base if _ABSOLUTE.match(base) else f"/{base}"
    return absolute if absolute.endswith("/") else f"{absolute}/"


def _add(project: Diagnosis, package: str, *, is_dev: bool = False) -> str:
    """Return the command that adds a package with the project's package manager."""
    return " ".join(find_package_manager(project.root).add(package, is_dev=is_dev))


def _numbers(version: str) -> tuple[int, int]:
    match = _VERSION.match(version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _major(version: str) -> int:
    return _numbers(version)[0]


def _install(project: Diagnosis) -> str:
    sync_companion(project.root)
    toolchain = Toolchain.of(project.root, os.environ)
    toolchain.install()
    return f"ran {toolchain.manager.name} install"


def _sync(root: Path) -> str:
    sync_companion(root)
    return f"wrote {COMPANION_FOLDER}"


def _add_companion(root: Path) -> str:
    sync_companion(root)
    path = root / "package.json"
    package: dict[str, Any] = json.loads(path.read_text("utf-8"))
    package.get("dependencies", {}).pop("litestar-vite", None)
    package["devDependencies"] = dict(
        sorted({**package.get("devDependencies", {}), "litestar-vite": COMPANION_SPEC}.items())
    )
    path.write_text(json.dumps(package, indent=2) + "\n", "utf-8")
    return f"wrote {COMPANION_FOLDER} and package.json; now run: litestar assets install"


def _write_bridge(project: Diagnosis) -> str:
    write_bridge(project.config)
    return f"wrote {BRIDGE_FILE}; now run: litestar assets build"


def _ignore(path: Path, names: list[str]) -> str:
    text = path.read_text("utf-8") if path.is_file() else ""
    text += "" if not text or text.endswith("\n") else "\n"
    path.write_text(text + "".join(f"{name}/\n" for name in names), "utf-8")
    return f"added {' and '.join(names)} to .gitignore"
