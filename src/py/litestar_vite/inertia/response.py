"""The public import path of `InertiaResponse`."""

from litestar_vite.inertia._documents.rendering import _render_inertia_ssr
from litestar_vite.inertia._litestar.lazy_response import LazyInertiaASGIResponse
from litestar_vite.inertia._litestar.response import InertiaResponse

__all__ = ("InertiaResponse", "LazyInertiaASGIResponse", "_render_inertia_ssr")
