"""Mistakes in the front end's files and packages."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, Final

from litestar_vite.assets.bridge import BRIDGE_FILE, bridge_of, write_bridge
from litestar_vite.assets.companion import COMPANION_FOLDER, COMPANION_SPEC, companion_differs, sync_companion
from litestar_vite.cli.doctor.diagnosis import Finding
from litestar_vite.cli.mistakes import CommandError
from litestar_vite.cli.toolchain import Toolchain, how_to_get
from litestar_vite.exceptions import DevServerError
from litestar_vite.toolchain.package_json import read_package
from litestar_vite.toolchain.package_manager import find_package_manager
from litestar_vite.toolchain.package_manager import lock_files as lock_files_in
from litestar_vite.toolchain.packages import are_packages_installed, has_plug_and_play
from litestar_vite.toolchain.runtime import NODE_REMEDY, find_runtime, too_old

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar_vite.cli.doctor.diagnosis import Diagnosis
    from litestar_vite.toolchain.vite import ViteFacts

__all__ = ("PROJECT_CHECKS",)

_VERSION: Final = re.compile(r"(\d+)\.(\d+)")
_CLIENTS: Final = ("@inertiajs/react", "@inertiajs/vue3", "@inertiajs/svelte")
# What is no name below this site: the plugin's rule, src/js/src/options.ts.
_ABSOLUTE: Final = re.compile(r"(?:https?:)?//|/")
# Vite 8's own: ^20.19.0 || >=22.12.0.
_MIN_VITE: Final = (8, 0)
_INERTIA_MAJOR: Final = 3


def package_json(patient: Diagnosis) -> Iterator[Finding]:
    """No package.json, or a broken one."""
    if not patient.has_package_json:
        yield Finding(
            "no-package-json",
            f"There is no package.json in '{patient.root}', where the front end should be.",
            "Set ViteConfig(root=...) to its folder (Path(__file__).parent is safer than the working directory), or start one: litestar-vite init",
        )
    elif patient.package_error is not None:
        yield Finding(
            "broken-package-json",
            f"package.json cannot be read: {patient.package_error}",
            "Mend it, then run doctor again.",
        )


def node(_: Diagnosis) -> Iterator[Finding]:
    """No Node, or one that is too old for Vite 8."""
    try:
        found = find_runtime()
    except DevServerError:
        yield Finding(
            "no-node",
            "Node.js is not installed: neither building nor server-side rendering can work.",
            "Install Node 20.19 or newer from https://nodejs.org, or let pip bring it along: pip install 'litestar-vite[node]'",
        )
        return
    try:
        found.version()
    except DevServerError as error:
        yield Finding("no-node", str(error), "Install Node again.")
    if problem := too_old(found):
        yield Finding("old-node", problem, NODE_REMEDY)


def package_manager(patient: Diagnosis) -> Iterator[Finding]:
    """The package manager that the lock file names is not installed."""
    if not patient.package:
        return
    try:
        Toolchain.of(patient.root, os.environ)
    except CommandError:
        manager = find_package_manager(patient.root)
        yield Finding(
            "no-package-manager",
            f"{manager.name} is not in PATH, and it is this project's package manager: neither installing nor building works.",
            how_to_get(manager),
        )
    except DevServerError:
        return  # There is no Node either, which has a finding of its own.


def packages(patient: Diagnosis) -> Iterator[Finding]:
    """Packages that are not installed, or the wrong ones."""
    if not patient.package:
        return
    if not are_packages_installed(patient.root):
        if (patient.root / "node_modules").is_dir():
            name, problem = "no-vite", "Vite is not among the installed npm packages."
        else:
            name, problem = (
                "not-installed",
                f"The npm packages are not installed: no node_modules/vite in '{patient.root}' or above.",
            )
        yield Finding(name, problem, "litestar assets install", fix=lambda: _install(patient))
        return
    for name in (*_CLIENTS, "@inertiajs/vite"):
        version = patient.installed_version(name)
        if version is not None and _major(version) != _INERTIA_MAJOR:
            yield Finding(
                "inertia-version", f"{name} is {version}; this package speaks with 3.x.", _add(patient, f"{name}@3")
            )
    vite = patient.installed_version("vite")
    if vite is not None and _numbers(vite) < _MIN_VITE:
        yield Finding(
            "vite-version",
            f"Vite is {vite}; the litestar-vite plugin needs 8.0.5 or newer.",
            _add(patient, "vite@8", is_dev=True),
        )


def companion(patient: Diagnosis) -> Iterator[Finding]:
    """The npm half is not there, or not of this version."""
    if not patient.package:
        return
    spec = patient.dependencies.get("litestar-vite")
    if spec is None:
        yield Finding(
            "no-companion",
            "package.json does not ask for litestar-vite, the npm half of this package.",
            f'Add "litestar-vite": "{COMPANION_SPEC}" to devDependencies, then: litestar assets install',
            fix=lambda: _add_companion(patient.root),
        )
    elif spec == COMPANION_SPEC and companion_differs(patient.root):
        theirs = read_package(patient.root / COMPANION_FOLDER).get("version", "none")
        yield Finding(
            "old-companion",
            f"'{COMPANION_FOLDER}' (version {theirs}) is not the npm half of the installed Python package.",
            "litestar assets install",
            fix=lambda: _sync(patient.root),
        )
    elif not spec.startswith(("file:", "link:", "portal:", "workspace:")):
        yield Finding(
            "foreign-companion",
            f"package.json takes litestar-vite from the npm registry ({spec}); that is another package, or another version.",
            f'"litestar-vite": "{COMPANION_SPEC}", then: litestar assets install',
            fix=lambda: _add_companion(patient.root),
        )


def vite_config(patient: Diagnosis) -> Iterator[Finding]:
    """vite.config without our plugin, or without Inertia's for server-side rendering, or broken."""
    if not patient.package:
        return
    path, facts = patient.vite_config, patient.vite
    if path is not None and facts is None:
        return  # Vite cannot be asked, which has a finding of its own.
    if path is not None and facts is not None and not facts.is_loaded:
        yield Finding(
            "broken-vite-config",
            f"{path.name} cannot be loaded: {facts.error}",
            "Correct it; 'npx vite build' shows where.",
        )
    elif facts is None or path is None or "litestar-vite" not in facts.plugins:
        where = path.name if path else "vite.config.ts, which does not exist,"
        yield Finding(
            "no-vite-plugin",
            f"{where} does not use the litestar() plugin, so that the build lands where the app does not look.",
            "import litestar from 'litestar-vite', and put litestar() first into plugins",
        )
    elif patient.config.ssr is not None and patient.config.ssr.url is None and not _can_render(patient.root, facts):
        yield Finding(
            "no-ssr-entry",
            "Server-side rendering is on, but there is nothing to build it from: neither inertia() of @inertiajs/vite nor src/ssr.",
            f"{_add(patient, '@inertiajs/vite', is_dev=True)}, and put inertia() into plugins; or take SSRConfig() away",
        )


def base(patient: Diagnosis) -> Iterator[Finding]:
    """vite.config has a base under which the app serves nothing, so that the plugin refuses to build."""
    path, facts = patient.vite_config, patient.vite
    if path is None or facts is None or facts.base is None or "litestar-vite" not in facts.plugins:
        return
    if patient.app is None or not patient.has_plugin:
        return
    found, served = facts.base, patient.config.base
    # Built files find each other by relative URLs; what the server renders cannot.
    if patient.config.ssr is None if found in {"", "./"} else _as_served(found) == served:
        return
    yield Finding(
        "other-base",
        f"{path.name} has base '{found}', but the app serves the built files under '{served}', so that building ends with an error.",
        "Remove base. To serve the files elsewhere set ViteConfig.asset_url (and root_path for a path prefix), then: litestar assets build",
    )


def bridge(patient: Diagnosis) -> Iterator[Finding]:
    """Vite builds with other settings than the app has."""
    path = patient.root / BRIDGE_FILE
    if path.is_file() and patient.app is not None and path.read_text("utf-8", "replace") != bridge_of(patient.config):
        yield Finding(
            "old-settings",
            f"{BRIDGE_FILE}, by which Vite learns the folders and URLs, is not what ViteConfig says now.",
            "litestar assets install",
            fix=lambda: _write_bridge(patient),
        )


def lock_files(patient: Diagnosis) -> Iterator[Finding]:
    """Two package managers in one project."""
    found = lock_files_in(patient.root)
    if len(set(found.values())) > 1:
        yield Finding(
            "two-lock-files",
            f"There are {' and '.join(sorted(found))}: two package managers install different versions.",
            "Keep the one of your package manager, and delete the other.",
            is_fatal=False,
        )


def ignored(patient: Diagnosis) -> Iterator[Finding]:
    """node_modules or dist would be committed."""
    root = patient.root
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
            f"git would take {' and '.join(missing)} along.",
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


def _add(patient: Diagnosis, package: str, *, is_dev: bool = False) -> str:
    """Return what a person types to add a package, with the project's package manager."""
    return " ".join(find_package_manager(patient.root).add(package, is_dev=is_dev))


def _numbers(version: str) -> tuple[int, int]:
    match = _VERSION.match(version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _major(version: str) -> int:
    return _numbers(version)[0]


def _install(patient: Diagnosis) -> str:
    sync_companion(patient.root)
    toolchain = Toolchain.of(patient.root, os.environ)
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


def _write_bridge(patient: Diagnosis) -> str:
    write_bridge(patient.config)
    return f"wrote {BRIDGE_FILE}; now run: litestar assets build"


def _ignore(path: Path, names: list[str]) -> str:
    text = path.read_text("utf-8") if path.is_file() else ""
    text += "" if not text or text.endswith("\n") else "\n"
    path.write_text(text + "".join(f"{name}/\n" for name in names), "utf-8")
    return "added them to .gitignore"
