"""Join a Litestar back end and a Vite front end, with Inertia.js pages rendered on the server."""

from __future__ import annotations

from litestar_vite.config import ViteConfig
from litestar_vite.plugin import VitePlugin

__all__ = ("ViteConfig", "VitePlugin")
