"""The Inertia.js server adapter."""

from __future__ import annotations

from litestar_vite.config.inertia import InertiaConfig
from litestar_vite.config.ssr import CachePolicy, SSRConfig
from litestar_vite.inertia import head
from litestar_vite.inertia.forms.errors import error
from litestar_vite.inertia.forms.precognition import PrecognitionSuccess, is_precognitive
from litestar_vite.inertia.helpers import DeferredProp, always, deep_merge, defer, lazy, merge, once, optional, prepend
from litestar_vite.inertia.litestar.response import InertiaResponse
from litestar_vite.inertia.pagination import ScrollMetadata, scroll, scroll_props
from litestar_vite.inertia.plugin import InertiaPlugin
from litestar_vite.inertia.protocol.props import Prop
from litestar_vite.inertia.redirects import InertiaBack, InertiaExternalRedirect, InertiaRedirect
from litestar_vite.inertia.sharing import clear_history, flash, flash_data, preserve_fragment, share, share_once

__all__ = (
    "CachePolicy",
    "DeferredProp",
    "InertiaBack",
    "InertiaConfig",
    "InertiaExternalRedirect",
    "InertiaPlugin",
    "InertiaRedirect",
    "InertiaResponse",
    "PrecognitionSuccess",
    "Prop",
    "SSRConfig",
    "ScrollMetadata",
    "always",
    "clear_history",
    "deep_merge",
    "defer",
    "error",
    "flash",
    "flash_data",
    "head",
    "is_precognitive",
    "lazy",
    "merge",
    "once",
    "optional",
    "prepend",
    "preserve_fragment",
    "scroll",
    "scroll_props",
    "share",
    "share_once",
)
