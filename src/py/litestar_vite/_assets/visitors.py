"""Built files are the same for every visitor: they skip sessions, carry no cookies, and are compressed by the build.

They skip sessions by the keys in `opt`, unless the app has middleware that may read the session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from litestar.middleware.session.base import BaseBackendConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from litestar.config.compression import CompressionConfig
    from litestar.handlers import BaseRouteHandler
    from litestar.types import HTTPResponseStartEvent, Message, Scope


MARK: Final = "litestar_vite.built_files"
"""The key in `opt` of the route of built files."""


def skip_sessions(handlers: Iterable[BaseRouteHandler]) -> None:
    """Set the `exclude_opt_key` of every session middleware in the `opt` of these handlers.

    A middleware that is not Litestar's may read `request.session`, which raises without a session: sessions then stay.
    """
    for handler in handlers:
        middlewares = handler.resolve_middleware()
        if all(_is_known(middleware) for middleware in middlewares):
            for middleware in middlewares:
                handler.opt.update(dict.fromkeys(_keys_of(middleware), True))


def _is_known(middleware: Any) -> bool:
    """Return whether a middleware is Litestar's or this package's."""
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
    """Return the app's compression, able to leave out routes, and the key in `opt` that leaves one out.

    Litestar's middleware would compress a compressed copy once more, and the parts of a range each.
    """
    if config.exclude_opt_key is None:
        config = replace(config, exclude_opt_key=MARK)
    return config, config.exclude_opt_key or MARK


async def remove_cookies(message: Message, scope: Scope) -> None:
    """Remove the cookies of built files: the before_send hook of apps without Inertia pages, which have one already."""
    if message["type"] == "http.response.start":
        remove_cookies_of_files(message, scope)


def remove_cookies_of_files(message: HTTPResponseStartEvent, scope: Scope) -> None:
    """Remove every cookie from the start of a built file, whichever middleware has set it, in place."""
    handler: Any = scope.get("route_handler")
    if handler is not None and MARK in handler.opt:
        message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"set-cookie"]
