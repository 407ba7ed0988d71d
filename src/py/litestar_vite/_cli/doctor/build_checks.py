"""Checks of page components, entries and builds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from litestar_vite._assets.html import entry_of
from litestar_vite._assets.loader import DEV_ENTRIES
from litestar_vite._assets.manifest import parse_manifest
from litestar_vite._assets.pages import page_problems
from litestar_vite._cli.doctor.diagnosis import Diagnosis, Finding
from litestar_vite._cli.toolchain import Toolchain
from litestar_vite._ssr.bundle import find_bundle
from litestar_vite.exceptions import ConfigError, ManifestError


def pages(project: Diagnosis) -> Iterator[Finding]:
    """Check that each page component that the app names exists and has a default export."""
    for found in page_problems(project.root, project.named_components()):
        yield Finding(found.name, found.problem, found.hint)


def entry(project: Diagnosis) -> Iterator[Finding]:
    """Check that the entry in index.html or ViteConfig exists."""
    config = project.config
    if not project.has_package_json:
        return
    named = _named_entry(project)
    if named is not None and not (project.root / named).is_file():
        where = "ViteConfig.entry" if config.vite.entry else config.index_html.name
        found = [name for name in DEV_ENTRIES if (project.root / name).is_file()]
        hint = f"Did you mean '{found[0]}'?" if found else "Create the file, or correct the name."
        yield Finding("no-entry", f"{where} names the entry '{named}', which does not exist in '{project.root}'.", hint)


def client_nonce(project: Diagnosis) -> Iterator[Finding]:
    """Check that Inertia's client gets the nonce of the policy, since it adds styles in the browser."""
    config = project.config
    named = _named_entry(project)
    if config.vite.csp_nonce is None or config.inertia is None or named is None:
        return
    path = project.root / named
    source = path.read_text("utf-8", "replace") if path.is_file() else ""
    if "createInertiaApp" in source and "nonce" not in source:
        yield Finding(
            "client-nonce",
            f"ViteConfig.csp_nonce is set, but '{named}' passes no nonce to createInertiaApp. A policy for styles "
            "blocks those of the progress bar and the error dialog.",
            "Add nonce: cspNonce(), from 'litestar-vite/csp'.",
            is_fatal=False,
        )


def client_build(project: Diagnosis) -> Iterator[Finding]:
    """Check that the client build exists, is complete, and is newer than the sources."""
    config = project.config
    if config.dev_mode or not project.has_package_json:
        return
    if not config.manifest_path.is_file():
        yield Finding(
            "not-built",
            f"The front end is not built: '{config.manifest_path}' does not exist.",
            "litestar assets build",
            fix=lambda: _build(project),
        )
        return
    try:
        manifest = parse_manifest(config.manifest_path.read_bytes(), str(config.manifest_path))
    except ManifestError as error:
        yield Finding("broken-build", str(error), "litestar assets build", fix=lambda: _build(project))
        return
    missing = sorted(chunk.file for chunk in manifest.chunks.values() if not (config.bundle_dir / chunk.file).is_file())
    if missing:
        yield Finding(
            "broken-build",
            f"The manifest names files that are missing from '{config.bundle_dir}': {', '.join(missing[:3])}.",
            "litestar assets build",
            fix=lambda: _build(project),
        )
    newer = _newest_source(project.root)
    if newer is not None and newer.stat().st_mtime > config.manifest_path.stat().st_mtime:
        yield Finding(
            "old-build",
            f"'{newer.relative_to(project.root).as_posix()}' has changed since the last build.",
            "litestar assets build",
            is_fatal=False,
            fix=lambda: _build(project),
        )


def ssr_build(project: Diagnosis) -> Iterator[Finding]:
    """Check that the SSR bundle exists if server-side rendering is on."""
    config = project.config
    if config.ssr is None or config.ssr.url is not None or config.dev_mode or not config.manifest_path.is_file():
        return
    try:
        find_bundle(config.ssr_dir, config.ssr.bundle, config.root)
    except ConfigError as error:
        yield Finding(
            "no-ssr-build",
            f"Pages are only rendered in the browser: {error}",
            "litestar assets build",
            fix=lambda: _build(project),
        )


BUILD_CHECKS: Final = (pages, entry, client_nonce, client_build, ssr_build)


def _named_entry(project: Diagnosis) -> str | None:
    """Return the entry that ViteConfig or index.html names; None without one."""
    config = project.config
    html = config.index_html.read_text("utf-8", "replace") if config.index_html.is_file() else None
    return config.vite.entry or (entry_of(html) if html else None)


def _newest_source(root: Path) -> Path | None:
    files = [path for path in (root / "src").rglob("*") if path.is_file()] if (root / "src").is_dir() else []
    return max(files, key=lambda path: path.stat().st_mtime, default=None)


def _build(project: Diagnosis) -> str:
    Toolchain.of(project.root, os.environ).run_script("build")
    return "built the front end"
