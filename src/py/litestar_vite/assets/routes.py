"""Routes of the app's own among the built files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("find_conflicts",)


def find_conflicts(paths: Iterable[str], asset_url: str) -> list[str]:
    """Return the paths that begin with a parameter where the names of the built files begin: of each request both could be meant.

    Others below `asset_url` ("/static/version", "/static/users/{name:str}") are served as they would be anywhere.

    Args:
        paths: The paths of the app's own routes.
        asset_url: Where the built files are; a full URL and "/" share no address with routes, or all of them.
    """
    if not asset_url.startswith("/") or asset_url == "/":
        return []
    return [path for path in paths if path.startswith(asset_url) and path[len(asset_url) :].startswith("{")]
