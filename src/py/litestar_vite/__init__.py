"""Join a Litestar back end and a Vite front end, with Inertia.js pages rendered on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar_vite.config import ViteConfig
    from litestar_vite.plugin import VitePlugin

__all__ = ("ViteConfig", "VitePlugin")


# Names load on first use: pytest imports this package at every start for its fixtures, and Litestar takes 0.5 s to
# import.
# See docs/design/0031-packaging.md.
def __getattr__(name: str) -> object:
    if name == "ViteConfig":
        from litestar_vite.config import ViteConfig

        return ViteConfig
    if name == "VitePlugin":
        from litestar_vite.plugin import VitePlugin

        return VitePlugin
    from litestar_vite._older_names import older_names

    return older_names("litestar_vite")(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
