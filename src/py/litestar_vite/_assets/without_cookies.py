"""Keeps built files the same for every visitor: they skip sessions and cookies, and the build compresses them.

Their routes skip sessions through keys in `opt`, unless the app has middleware that may read the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from litestar.handlers import BaseRouteHandler
from litestar.middleware.session.base import BaseBackendConfig
from litestar.types import HTTPResponseStartEvent, Message, Scope

if TYPE_CHECKING:
    from litestar.config.compression import CompressionConfig

MARK: Final = "litestar_vite.built_files"
"""The `opt` key of the route for built files."""


def skip_sessions(handlers: Iterable[BaseRouteHandler]) -> None:
    """Set the `exclude_opt_key` of every session middleware in the `opt` of these handlers.

    Sessions are kept if the app has any other middleware than Litestar's, since it may read `request.session`, which
    raises without a session.
    """
    for handler in handlers:
        middlewares = handler.resolve_middleware()
        if all(_is_known(middleware) for middleware in middlewares):
            for middleware in middlewares:
                handler.opt.update(dict.fromkeys(_keys_of(middleware), True))


def _is_known(middleware: Any) -> bool:
    """Return whether a middleware belongs to Litestar or this package."""
    made = getattr(middleware, "middleware", middleware)
    return getattr(made, "__module__", "").partition(".")[0] in {"litestar", "litestar_vite"}


def _keys_of(middleware: Any) -> Iterator[str]:
    """Yield the `exclude_opt_key` of a session middleware, and of the authentication that reads this session."""
    for given in (*getattr(middleware, "args", ()), *getattr(middleware, "kwargs", {}).values()):
        config = getattr(given, "config", given)
        backend = getattr(config, "session_backend_config", config)
        if isinstance(backend, BaseBackendConfig):
            yield from (key for each in (backend, config) if (key := each.exclude_opt_key))


def skip_compression(config: CompressionConfig) -> tuple[CompressionConfig, str]:
    """Return the app's compression config and the `opt` key that excludes a route from it.

    Litestar's middleware would compress a compressed copy again, and each part of a range separately.
    """
    if config.exclude_opt_key is None:
        config = replace(config, exclude_opt_key=MARK)
    return config, config.exclude_opt_key or MARK


async def remove_cookies(message: Message, scope: Scope) -> None:
    """Remove the cookies of built files. This is the before_send hook of apps without Inertia, which has its own."""
    if message["type"] == "http.response.start":
        remove_cookies_of_files(message, scope)


def remove_cookies_of_files(message: HTTPResponseStartEvent, scope: Scope) -> None:
    """Remove all cookies from a built file's response start, in place, whichever middleware set them."""
    handler: Any = scope.get("route_handler")
    if handler is not None and MARK in handler.opt:
        message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"set-cookie"]
