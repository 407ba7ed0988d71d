"""Serves the built files through Litestar's own static file router."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.static_files import create_static_files_router

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Router
    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler
    from litestar.types import Guard

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
        guards=[_only_files_of(bundle_dir)],
        opt={"exclude_from_auth": True},
    )


def _only_files_of(bundle_dir: Path) -> Guard:
    """Return a guard that answers 404 for dot files (`.vite/manifest.json`) and for everything that is no file.

    Litestar's own answers to the latter name the folder on the machine, or are a 500 (a name that is too long, a file as a folder).
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        path = str(connection.path_params["file_path"]).lstrip("/")
        if any(part.startswith(".") for part in path.split("/")) or not await to_thread.run_sync(os.path.isfile, bundle_dir / path):
            raise NotFoundException

    return guard
