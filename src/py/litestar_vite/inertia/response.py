"""The PRD's path of `InertiaResponse`."""

from litestar_vite.inertia.documents.rendering import _render_inertia_ssr
from litestar_vite.inertia.litestar.response import InertiaResponse, LazyInertiaASGIResponse

__all__ = ("InertiaResponse", "LazyInertiaASGIResponse", "_render_inertia_ssr")
