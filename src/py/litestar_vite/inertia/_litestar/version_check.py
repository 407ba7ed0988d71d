"""Asks for a full page load if the client runs the scripts of another build (protocol C)."""

from __future__ import annotations

from litestar.response import Response

from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._protocol.headers import X_INERTIA_LOCATION, X_INERTIA_VERSION


def page_conflict(inertia: InertiaRequest) -> Response[bytes] | None:
    """Request a full page load for another build, or for a page without scripts that the client build lacks."""
    recipe, conflict = inertia.recipe, version_conflict(inertia)
    is_get = inertia.scope["method"] == "GET"
    if conflict is not None or recipe.hydrates or recipe.component is None or not is_get:
        return conflict
    if recipe.ssr is None or not recipe.context.assets.lacks_page(recipe.component):
        return None
    headers = {X_INERTIA_LOCATION: inertia.request_url, "Vary": "X-Inertia"}
    return Response(b"", status_code=409, headers=headers, media_type="text/plain")


def version_conflict(inertia: InertiaRequest) -> Response[bytes] | None:
    """Request a full page load from a client that runs the scripts of another build (protocol C)."""
    visit = inertia.visit
    if inertia.scope["method"] != "GET" or not visit.is_inertia:
        return None
    version = inertia.version
    if not version or version == visit.version:
        return None
    # Relative: a Host header must not decide where browsers go.
    headers = {X_INERTIA_LOCATION: inertia.request_url, X_INERTIA_VERSION: version, "Vary": "X-Inertia"}
    return Response(b"", status_code=409, headers=headers, media_type="text/plain")
