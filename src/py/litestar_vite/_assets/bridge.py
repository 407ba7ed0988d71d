"""`.litestar-vite.json`: passes the resolved configuration to the Vite plugin.

Paths are relative to the front end's root, and the file contains nothing machine-specific. Commit it, so that builds
without Python use the same settings.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Final

from litestar_vite.config import ResolvedConfig

BRIDGE_FILE: Final = ".litestar-vite.json"


def bridge_of(config: ResolvedConfig) -> str:
    """Return the file's text. The keys are the plugin's options (src/js/src/bridge.ts)."""
    values = {
        "version": version("litestar-vite"),
        "input": config.vite.entry,
        "bundleDir": _relative(config.bundle_dir, config.root),
        "ssrDir": _relative(config.ssr_dir, config.root),
        "assetUrl": config.asset_url,
        "rootPath": config.root_path or None,
        "indexHtml": _index_html(config),
    }
    return json.dumps({name: value for name, value in values.items() if value is not None}, indent=2) + "\n"


def write_bridge(config: ResolvedConfig) -> bool:
    """Write the file if it differs, and return whether it was written."""
    path, text = config.root / BRIDGE_FILE, bridge_of(config)
    if path.is_file() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, "utf-8", newline="\n")
    return True


def _index_html(config: ResolvedConfig) -> str | bool | None:
    """Return the document that the build creates: False if a template is the document, None for the default."""
    if config.inertia is not None and config.inertia.template is not None:
        return False
    path = _relative(config.index_html, config.root)
    return None if path == "index.html" else path


def _relative(path: Path, root: Path) -> str:
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # On another drive on Windows.
        return path.as_posix()
