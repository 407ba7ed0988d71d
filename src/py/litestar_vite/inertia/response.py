"""The public import path of `InertiaResponse`."""

from litestar_vite.inertia._documents.rendering import _render_inertia_ssr
from litestar_vite.inertia._litestar.response import InertiaResponse, LazyInertiaASGIResponse

__all__ = ("InertiaResponse", "LazyInertiaASGIResponse", "_render_inertia_ssr")
