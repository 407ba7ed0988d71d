"""Serves the built files through Litestar's own static file router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.static_files import create_static_files_router

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Router
    from litestar.connection import ASGIConnection

__all__ = ("create_asset_router",)

# One year, immutable: Vite puts a hash of the content into the file names.
_CACHE = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)


def create_asset_router(asset_url: str, bundle_dir: Path) -> Router:
    """Return a router for the built files; the manifest and other dot files are not served."""
    return create_static_files_router(
        path=asset_url,
        directories=[bundle_dir],
        cache_control=_CACHE,
        name="litestar_vite.assets",
        guards=[_refuse_hidden],
        opt={"exclude_from_auth": True},
    )


def _refuse_hidden(connection: ASGIConnection[Any, Any, Any, Any], _: object) -> None:
    """Answer 404 for dot files (`.vite/manifest.json`) and for paths that no file can have."""
    path = str(connection.path_params.get("file_path", ""))
    if "\x00" in path or any(part.startswith(".") for part in path.split("/")):
        raise NotFoundException
