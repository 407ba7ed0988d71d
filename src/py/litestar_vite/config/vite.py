"""Settings of the Vite side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar_vite.config.inertia import InertiaConfig

__all__ = ("ViteConfig",)


@dataclass
class ViteConfig:
    """Where the front end lives and how it is served."""

    root: str | Path = "."
    """The folder of package.json and vite.config. Default: the working directory."""

    bundle_dir: str | Path = "dist/client"
    """Vite's `build.outDir`, relative to `root`. Default: "dist/client"."""

    ssr_dir: str | Path = "dist/ssr"
    """Where `vite build --ssr` writes, relative to `root`. Default: "dist/ssr"."""

    asset_url: str = "/static/"
    """URL of the built files, Vite's `base`. A path is served by the app, a full URL (a CDN) is only linked. Default:
    "/static/".
    """

    root_path: str = ""
    """The path under which browsers find the app, when that is not "/", for example "/shop" (ASGI's `root_path`). It
    goes before a path in `asset_url` in every link and in Vite's `base`, so the build has to know it; routes stay as
    they are. Default: "". Env: VITE_ROOT_PATH."""

    entry: str | None = None
    """The entry in the manifest, for example "src/app.tsx". Default: the only one there is, or the module script of
    index.html.
    """

    index_html: str | Path = "index.html"
    """The HTML shell, relative to `root`, used when the file exists. Default: "index.html"."""

    dev_mode: bool | None = None
    """Serve the sources through Vite's dev server, and not the built files. The app starts Vite itself and hands its
    files through on its own port. Default: None, on when the server was started with `--reload`. Env: VITE_DEV_MODE."""

    dev_server_url: str | None = None
    """A Vite dev server that you start yourself, for dev mode: its files are linked, base included. Default: None, the
    app starts its own. Env: VITE_DEV_SERVER_URL."""

    runtime: str = "node"
    """The JavaScript runtime of our own Vite: a name in PATH or a path. Default: "node", from PATH or the extra
    `litestar-vite[node]`. Env: VITE_RUNTIME."""

    reload_paths: Sequence[str | Path] = ()
    """Folders and files outside Vite's graph, relative to `root`: a change in one reloads the page in development. The
    app's template folders are among them anyway. Default: none."""

    react_refresh: bool | None = None
    """Add the preamble of @vitejs/plugin-react in dev mode. Default: None, when the entry is a .jsx or .tsx file."""

    csp_nonce: Callable[[Any], str] | None = None
    """Called with the request; its result is put as `nonce` on every script, style and preload tag. Default: None."""

    inert: bool = False
    """Need no build and start nothing: no render worker, no dev server. For tests and scripts that import the app;
    `InertiaTestClient` turns it on by itself. Default: False. Env: VITE_INERT."""

    inertia: InertiaConfig | bool | None = None
    """The Inertia adapter; True is `InertiaConfig()`. Default: None, only assets are served."""
