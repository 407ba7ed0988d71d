"""The routes of an app. No other module walks `app.routes`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute

from litestar_vite.config import InertiaConfig


def handlers(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Yield the path and the handler of every HTTP route."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                yield route.path, handler


def is_own(fn: Callable[..., object]) -> bool:
    """Return whether a handler belongs to Litestar or to this package."""
    return fn.__module__.startswith(("litestar.", "litestar_vite."))


def under_prefix(path: str, root_path: str) -> str:
    """Return a route's path below the app's prefix, which `Litestar(path=...)` may already include."""
    return path if f"{path}/".startswith(f"{root_path}/") else root_path + path


def page_routes(app: Litestar) -> Iterator[tuple[str, str]]:
    """Yield the page component and the path of every route that names a component."""
    for path, handler in handlers(app):
        if isinstance(component := handler.opt.get("component"), str):
            yield component, path


def named_components(app: Litestar, inertia: InertiaConfig | None) -> Iterator[tuple[str, str]]:
    """Yield each page component that routes and `InertiaConfig.error_page` name, with a description of its origin."""
    for component, path in page_routes(app):
        yield component, f"The route '{path}'"
    for component in error_components(inertia) if inertia is not None else ():
        yield component, "InertiaConfig.error_page"


def error_components(inertia: InertiaConfig) -> Iterable[str]:
    """Return the page components that `InertiaConfig.error_page` names."""
    errors = inertia.error_page
    return (errors,) if isinstance(errors, str) else errors.values() if isinstance(errors, Mapping) else ()


def route_paths(app: Litestar) -> list[str]:
    """Return the paths of all routes. A mounted app owns every path below its own."""
    mounted = [route.path for route in app.routes if isinstance(route, ASGIRoute) and route.route_handler.is_mount]
    return [*(route.path for route in app.routes), *(f"{path.rstrip('/')}/{{below:path}}" for path in mounted)]


def is_mounted_over(route: BaseRoute, asset_url: str) -> bool:
    """Return whether an app is mounted at or above the URL of the built files, so that it would get their requests."""
    if not (isinstance(route, ASGIRoute) and route.route_handler.is_mount) or route.path == "/":
        return False
    return asset_url.startswith(f"{route.path.rstrip('/')}/")


def conflicts_with_assets(path: str, asset_url: str) -> bool:
    """Return whether a route has a parameter directly below `asset_url`, so that it could match a built file.

    Other routes below `asset_url` ("/static/version", "/static/users/{name:str}") work as usual.

    Args:
        path: The route's path.
        asset_url: The URL of the built files. Routes never conflict with a full URL, and are not checked for "/".
    """
    return asset_url != "/" and path.startswith("/") and path.startswith(f"{asset_url}{{")


def path_matcher(patterns: Sequence[str]) -> Callable[[str], object] | None:
    """Return a matcher for paths; None without patterns."""
    if not patterns:
        return None
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns)).match
