"""Make an app serve pages without a build, without Node, and without starting anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite.plugin import VitePlugin

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

__all__ = ("inert", "plugin_of", "root_of")


def inert(app: Litestar, *, ssr: bool = False) -> Litestar:
    """Make an app inert for tests, before it is started: it needs no build and starts no process.

    `InertiaTestClient` does it by itself; call it for apps that other test clients start. `ViteConfig(inert=True)` and
    the environment variable VITE_INERT=1 do the same.

    Args:
        app: The app.
        ssr: Start what server-side rendering needs all the same. It needs the built bundle and Node, or a render
            server.

    Raises:
        LookupError: The app has no VitePlugin.
    """
    plugin_of(app).use_inert_mode(inert=not ssr)
    return app


def plugin_of(app: Litestar) -> VitePlugin:
    """Return the app's plugin.

    Raises:
        LookupError: It has none.
    """
    try:
        return app.plugins.get(VitePlugin)
    except KeyError:
        msg = "The app has no VitePlugin: Litestar(..., plugins=[VitePlugin(ViteConfig(inertia=InertiaConfig()))])."
        raise LookupError(msg) from None


def root_of(app: Litestar) -> Path:
    """Return the folder of the app's front end."""
    return plugin_of(app).config.root
