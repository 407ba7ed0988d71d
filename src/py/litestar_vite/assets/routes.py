"""Detects routes that conflict with the built files."""

from __future__ import annotations

__all__ = ("conflicts_with_assets",)


def conflicts_with_assets(path: str, asset_url: str) -> bool:
    """Return whether a route has a parameter directly below `asset_url`, so that it could match a built file.

    Other routes below `asset_url` ("/static/version", "/static/users/{name:str}") work as usual.

    Args:
        path: The route's path.
        asset_url: The URL of the built files. Routes never conflict with a full URL, and are not checked for "/".
    """
    return asset_url != "/" and path.startswith("/") and path.startswith(f"{asset_url}{{")
