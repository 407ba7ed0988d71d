"""Configuration of Vite and its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar_vite._older_names import refuses_older_settings
from litestar_vite.config._inertia import InertiaConfig
from litestar_vite.config._spa import SPAConfig
from litestar_vite.config._types import TypesConfig


@refuses_older_settings
@dataclass
class ViteConfig:
    """Configuration of the front end: its location, build and development server."""

    root: str | Path = "."
    """The folder of package.json and vite.config. Default: the working directory."""

    bundle_dir: str | Path = "dist/client"
    """Vite's `build.outDir`, relative to `root`. Default: "dist/client"."""

    ssr_dir: str | Path = "dist/ssr"
    """The output folder of `vite build --ssr`, relative to `root`. Default: "dist/ssr"."""

    asset_url: str = "/static/"
    """The URL of the built files, Vite's `base`. The app serves a path; a full URL (a CDN) is only linked. Default:
    "/static/".
    """

    root_path: str = ""
    """The path prefix of the app in the browser, such as "/shop" (ASGI's `root_path`). It precedes `asset_url` in links
    and in Vite's `base`, so the build needs it too. Routes do not change. Default: "". Env: VITE_ROOT_PATH."""

    entry: str | None = None
    """The entry in the manifest, such as "src/app.tsx". Default: the only entry, or the module script in index.html."""

    index_html: str | Path = "index.html"
    """The HTML document, relative to `root`, used if the file exists. Default: "index.html"."""

    dev_mode: bool | None = None
    """Serve the sources through Vite's dev server instead of the built files. The app starts Vite and proxies its files
    on the app's port. Default: None, which is on if the server runs with `--reload`. Env: VITE_DEV_MODE."""

    dev_server_url: str | None = None
    """The URL, including the base, of a Vite dev server that you start yourself. Pages link to it in dev mode. Default:
    None, which lets the app start Vite. Env: VITE_DEV_SERVER_URL."""

    allowed_hosts: Sequence[str] = ()
    """Host names that the app accepts in development, in addition to localhost, its subdomains and IP addresses.
    ".example.test" includes subdomains; "*" allows all. Default: none. Env: VITE_ALLOWED_HOSTS, separated by commas."""

    runtime: str = "node"
    """The JavaScript runtime that the app starts Vite with: a name in PATH or a path. Default: "node", from PATH or the
    extra `litestar-vite[node]`. Env: VITE_RUNTIME."""

    reload_paths: Sequence[str | Path] = ()
    """Folders and files outside Vite's module graph, relative to `root`. In development, a change in them reloads the
    page. The app's template folders are always included. Default: none."""

    react_refresh: bool | None = None
    """Add the preamble of @vitejs/plugin-react in dev mode. Default: None, which is on for .jsx and .tsx entries."""

    csp_nonce: Callable[[Any], str | None] | None = None
    """A function that returns the CSP nonce of a request, for all script, style and preload tags. None leaves the
    attribute out. Default: None."""

    service_worker_allowed: str | None = None
    """The `Service-Worker-Allowed` header of built scripts: the path that a service worker may control, such as "/",
    in the browser. Default: None, which sends none: a worker controls the folder of its script."""

    inert: bool = False
    """Require no build, and start no render workers or dev server. For tests and scripts that import the app.
    `InertiaTestClient` turns it on automatically. Default: False. Env: VITE_INERT."""

    types: TypesConfig | bool | None = None
    """Write TypeScript types of pages, forms and routes when the app starts in development and in `litestar assets
    build`. True is short for `TypesConfig()`. Default: None, which keeps the files up to date that `litestar assets
    types` has written."""

    inertia: InertiaConfig | bool | None = None
    """The Inertia adapter. True is short for `InertiaConfig()`. Default: None, which serves assets only."""

    spa: SPAConfig | bool = False
    """A single-page application: browsers get index.html for each page that no route answers. True is short for
    `SPAConfig()`. Not together with `inertia`. Default: False."""
