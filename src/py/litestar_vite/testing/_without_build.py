"""Inert mode for tests: pages without a build, Node or any process."""

from __future__ import annotations

from pathlib import Path

from litestar import Litestar

from litestar_vite.plugin import VitePlugin


def inert(app: Litestar, *, ssr: bool = False) -> Litestar:
    """Make an app inert for tests: it needs no build and starts no process. Call this before the app starts.

    `InertiaTestClient` does so automatically; other test clients need this call. `ViteConfig(inert=True)` and the
    environment variable VITE_INERT=1 have the same effect.

    Args:
        app: The app.
        ssr: Keep server-side rendering on. Needs the built bundle and Node, or a render server.

    Raises:
        LookupError: The app does not use VitePlugin.
    """
    plugin_of(app).use_inert_mode(inert=not ssr)
    return app


def plugin_of(app: Litestar) -> VitePlugin:
    """Return the app's VitePlugin.

    Raises:
        LookupError: The app does not use VitePlugin.
    """
    try:
        return app.plugins.get(VitePlugin)
    except KeyError:
        raise LookupError(
            "The app does not use VitePlugin. "
            "Add it: Litestar(..., plugins=[VitePlugin(ViteConfig(inertia=InertiaConfig()))])"
        ) from None


def root_of(app: Litestar) -> Path:
    """Return the app's front end folder."""
    return plugin_of(app).config.root
