"""Settings of server-side rendering."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ("SSRConfig",)


@dataclass
class SSRConfig:
    """How pages are rendered on the server.

    Without `url` the app starts a Node process of its own from the built SSR bundle and stops it at shutdown.
    """

    url: str | None = None
    """Base URL of an external render server, for example "http://127.0.0.1:13714". Default: start our own. Env: VITE_SSR_URL."""

    bundle: str | Path | None = None
    """The SSR bundle, relative to `ViteConfig.root`. Default: the one JavaScript entry in "dist/ssr". Env: VITE_SSR_BUNDLE."""

    timeout_seconds: float = 2.0
    """Total time for one render, connection included. After it the page is rendered in the browser. Default: 2 seconds."""

    start_timeout_seconds: float = 15.0
    """How long the app waits at start-up for its own worker to be ready. After it pages are rendered in the browser until it is."""

    node: str = "node"
    """The JavaScript runtime that runs our own worker: a name in PATH or a path. Env: VITE_SSR_NODE."""

    raise_on_error: bool = False
    """Raise SSRError instead of falling back to the browser. For tests and CI."""

    max_connections: int = 20
    """Connections to the render server at the same time; further renders wait within their deadline. Default: 20 (the PRD's)."""

    enabled: bool = True
    """Off means that every page is rendered in the browser. Env: VITE_SSR_ENABLED."""
