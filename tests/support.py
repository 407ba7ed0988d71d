"""Helpers shared by tests: a small finished build without Node, an app for it, and the headers of an Inertia client."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from litestar import Litestar

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MANIFEST: dict[str, Any] = {
    "src/app.tsx": {
        "file": "assets/app-a1.js",
        "src": "src/app.tsx",
        "isEntry": True,
        "imports": ["_vendor-b2.js"],
        "dynamicImports": ["src/pages/Users/Index.tsx", "src/pages/Home.tsx"],
        "css": ["assets/app-c3.css"],
    },
    "_vendor-b2.js": {"file": "assets/vendor-b2.js", "css": ["assets/vendor-d4.css"]},
    "src/pages/Users/Index.tsx": {
        "file": "assets/Index-e5.js",
        "src": "src/pages/Users/Index.tsx",
        "isDynamicEntry": True,
        "imports": ["src/app.tsx", "_table-f6.js"],
        "css": ["assets/Index-a7.css"],
    },
    "_table-f6.js": {"file": "assets/table-f6.js"},
    "src/pages/Home.tsx": {
        "file": "assets/Home-b8.js",
        "src": "src/pages/Home.tsx",
        "isDynamicEntry": True,
        "imports": ["src/app.tsx"],
    },
}


VARY_OF_KEPT_PAGES = (
    "x-inertia",
    "x-inertia-version",
    "x-inertia-partial-component",
    "x-inertia-partial-data",
    "x-inertia-partial-except",
    "x-inertia-reset",
    "x-inertia-except-once-props",
    "x-inertia-infinite-scroll-merge-intent",
    "x-inertia-error-bag",
)
"""The request headers that change a response, all of which a cacheable response must name in Vary."""


def make_site(folder: Path, manifest: dict[str, Any] | None = None) -> Path:
    """Write a finished build into `folder` and return it."""
    client = folder / "dist" / "client"
    (client / ".vite").mkdir(parents=True, exist_ok=True)
    (client / "assets").mkdir(exist_ok=True)
    (client / ".vite" / "manifest.json").write_text(json.dumps(manifest or MANIFEST))
    (client / "assets" / "app-a1.js").write_text("console.log('app')")
    return folder


def write_list(site: Path, *hashed: str) -> None:
    """Write the file list of a build as the Vite plugin does; `hashed` lists those with a hash in their names."""
    client = site / "dist" / "client"
    names = [path.relative_to(client).as_posix() for path in client.rglob("*") if path.is_file()]
    copies = {"br": ".br", "gzip": ".gz", "zstd": ".zst"}
    listed: dict[str, dict[str, Any]] = {}
    for name in names:
        content = (client / name).read_bytes()
        sizes = {
            encoding: (client / (name + suffix)).stat().st_size
            for encoding, suffix in copies.items()
            if name + suffix in names
        }
        if not name.startswith(".") and not name.endswith(tuple(copies.values())):
            file = {"hash": hashlib.sha256(content).hexdigest()[:16], "size": len(content), **sizes}
            listed[name] = {**file, **({"hashed": True} if name in hashed else {})}
    (client / ".vite" / "litestar-vite.json").write_text(json.dumps({"version": 1, "files": listed}))


def make_app(
    root: Path,
    handlers: Sequence[Any],
    inertia: InertiaConfig | None = None,
    *,
    vite: dict[str, Any] | None = None,
    **options: Any,
) -> Litestar:
    """Return an app with the plugin; `options` are passed to Litestar, `vite` to ViteConfig."""
    plugin = VitePlugin(ViteConfig(root=root, inertia=inertia or InertiaConfig(), **(vite or {})))
    # Litestar's logging configuration would replace pytest's handlers, and its OpenAPI plugin adds ten routes to each app.
    options = {"debug": False, "logging_config": None, "openapi_config": None, **options}
    options |= {"plugins": [*options.get("plugins", ()), plugin]}
    return Litestar(list(handlers), **options)


def plugin_of(app: Litestar) -> VitePlugin:
    """Return the app's VitePlugin."""
    return app.plugins.get(VitePlugin)


def inertia_headers(app: Litestar, **extra: str) -> dict[str, str]:
    """Return the headers of an Inertia client with the app's build; `partial_data="a,b"` becomes
    X-Inertia-Partial-Data.
    """
    names = {"error_bag", "reset", "partial_data", "partial_except", "partial_component", "except_once_props"}
    headers = {"X-Inertia": "true", "X-Inertia-Version": plugin_of(app).assets.version or ""}
    for name, value in extra.items():
        key = "-".join(part.capitalize() for part in name.split("_"))
        headers[f"X-Inertia-{key}" if name in names else key] = value
    return headers


def page_in(html: str, element_id: str = "app") -> dict[str, Any]:
    """Return the page object in an HTML document, located as in the 3.x client."""
    match = re.search(rf'<script data-page="{element_id}" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert match is not None, html
    page: dict[str, Any] = json.loads(match[1])
    return page
