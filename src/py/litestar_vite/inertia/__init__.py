"""The Inertia.js server adapter."""

from __future__ import annotations

from litestar_vite.config.inertia import InertiaConfig
from litestar_vite.config.ssr import SSRConfig
from litestar_vite.inertia.helpers import DeferredProp, always, deep_merge, defer, lazy, merge, once, optional, prepend
from litestar_vite.inertia.plugin import InertiaPlugin
from litestar_vite.inertia.redirects import InertiaBack, InertiaExternalRedirect, InertiaRedirect
from litestar_vite.inertia.request import clear_history, error, flash, flash_data, preserve_fragment, share
from litestar_vite.inertia.response import InertiaResponse

__all__ = (
    "DeferredProp",
    "InertiaBack",
    "InertiaConfig",
    "InertiaExternalRedirect",
    "InertiaPlugin",
    "InertiaRedirect",
    "InertiaResponse",
    "SSRConfig",
    "always",
    "clear_history",
    "deep_merge",
    "defer",
    "error",
    "flash",
    "flash_data",
    "lazy",
    "merge",
    "once",
    "optional",
    "prepend",
    "preserve_fragment",
    "share",
)
