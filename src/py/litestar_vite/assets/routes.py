"""Routes of the app's own among the built files."""

from __future__ import annotations

__all__ = ("is_among_files",)


def is_among_files(path: str, asset_url: str) -> bool:
    """Tell whether a route begins with a parameter where the names of the built files begin: a request could mean
    either.

    Others below `asset_url` ("/static/version", "/static/users/{name:str}") are served as they would be anywhere.

    Args:
        path: The route's path.
        asset_url: Where the built files are; a full URL and "/" share no address with routes, or all of them.
    """
    return asset_url != "/" and path.startswith("/") and path.startswith(f"{asset_url}{{")
