"""Configuration. The dataclasses hold the user's values; `resolve` combines them with the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite._older_names import older_names
from litestar_vite.config._inertia import InertiaConfig
from litestar_vite.config._live import LiveConfig
from litestar_vite.config._resolve import ResolvedConfig, resolve
from litestar_vite.config._spa import SPAConfig
from litestar_vite.config._ssr import CachePolicy, SSRConfig
from litestar_vite.config._types import TypesConfig
from litestar_vite.config._vite import ViteConfig

__all__ = (
    "CachePolicy",
    "InertiaConfig",
    "LiveConfig",
    "ResolvedConfig",
    "SPAConfig",
    "SSRConfig",
    "TypesConfig",
    "ViteConfig",
    "resolve",
)

if not TYPE_CHECKING:  # For type checkers, a module with __getattr__ has every name.
    __getattr__ = older_names("litestar_vite.config")
