"""The Inertia.js server adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite._older_names import older_names
from litestar_vite.config._inertia import InertiaConfig
from litestar_vite.config._live import LiveConfig
from litestar_vite.config._ssr import CachePolicy, SSRConfig
from litestar_vite.inertia import head
from litestar_vite.inertia._cached_pages import invalidate, tag_page
from litestar_vite.inertia._forms.errors import error
from litestar_vite.inertia._forms.messages import FieldError
from litestar_vite.inertia._forms.precognition import PrecognitionSuccess, is_precognitive
from litestar_vite.inertia._intended import intended
from litestar_vite.inertia._litestar.response import InertiaResponse
from litestar_vite.inertia._live_prop import live
from litestar_vite.inertia._page.request import visit
from litestar_vite.inertia._pagination import scroll, scroll_props
from litestar_vite.inertia._protocol.props import Prop
from litestar_vite.inertia._protocol.scroll import ScrollMetadata
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia._publish import publish, publish_now
from litestar_vite.inertia._redirects import InertiaBack, InertiaExternalRedirect, InertiaRedirect
from litestar_vite.inertia._share_and_flash import (
    clear_history,
    flash,
    flash_data,
    preserve_fragment,
    share,
    share_once,
)
from litestar_vite.inertia.helpers import DeferredProp, always, deep_merge, defer, lazy, merge, once, optional, prepend
from litestar_vite.inertia.plugin import InertiaPlugin

__all__ = (
    "CachePolicy",
    "DeferredProp",
    "FieldError",
    "InertiaBack",
    "InertiaConfig",
    "InertiaExternalRedirect",
    "InertiaPlugin",
    "InertiaRedirect",
    "InertiaResponse",
    "LiveConfig",
    "PrecognitionSuccess",
    "Prop",
    "SSRConfig",
    "ScrollMetadata",
    "Visit",
    "always",
    "clear_history",
    "deep_merge",
    "defer",
    "error",
    "flash",
    "flash_data",
    "head",
    "intended",
    "invalidate",
    "is_precognitive",
    "lazy",
    "live",
    "merge",
    "once",
    "optional",
    "prepend",
    "preserve_fragment",
    "publish",
    "publish_now",
    "scroll",
    "scroll_props",
    "share",
    "share_once",
    "tag_page",
    "visit",
)

if not TYPE_CHECKING:  # For type checkers, a module with __getattr__ has every name.
    __getattr__ = older_names("litestar_vite.inertia")
