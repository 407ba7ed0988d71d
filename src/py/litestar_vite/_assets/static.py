"""Serves the built files with Litestar's static files router.

How it works:
1. Files named in the manifest, and files in `assets/` with a hash in their name, never change. Browsers cache them for
   a year.
2. Other files, such as those that Vite copies from `public/`, may change. Browsers revalidate them by ETag.
3. The files are the same for every visitor. They skip sessions, by the keys in `opt`, unless the app has middleware
   that may read the session. Their cookies are removed.
"""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.middleware.session.base import BaseBackendConfig
from litestar.static_files import create_static_files_router

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from litestar import Router
    from litestar.config.csrf import CSRFConfig
    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler
    from litestar.types import ASGIApp, Guard, HTTPResponseStartEvent, Message, Receive, Scope, Send

    from litestar_vite._assets.manifest import Manifest


MARK: Final = "litestar_vite.built_files"

# One year, immutable: Vite's file names contain a hash of the content.
_CACHE = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)
# Vite's `assets/[name]-[hash].js`. The hash has eight characters, unlike a word not all of them lower case.
_HASHED: Final = re.compile(r"assets/.*[-.](?=[a-z-]*[A-Z0-9_])[A-Za-z0-9_-]{8}\.[^/]+\Z").match


def create_asset_router(
    asset_url: str,
    bundle_dir: Path,
    manifest: Manifest | None = None,
    csrf_config: CSRFConfig | None = None,
    document: str | None = None,
) -> Router:
    """Return a router for the built files, excluding the manifest, other dot files and the document around the pages.

    Responses omit the CSRF cookie, since a shared cache would serve one visitor's token to others.
    """
    chunks = manifest.chunks.values() if manifest is not None else ()
    named = frozenset(path for chunk in chunks for path in (chunk.file, *chunk.css))
    return create_static_files_router(
        path=asset_url,
        directories=[bundle_dir],
        cache_control=_CACHE,
        name="litestar_vite._assets",
        guards=[_only_files_of(bundle_dir, document)],
        middleware=[lambda app: _revalidated(app, named)],
        opt={
            MARK: True,
            "exclude_from_auth": True,
            csrf_config.exclude_from_csrf_key if csrf_config is not None else "exclude_from_csrf": True,
        },
    )


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


async def remove_cookies(message: Message, scope: Scope) -> None:
    """Remove the cookies of built files: the before_send hook of apps without Inertia pages, which have one already."""
    if message["type"] == "http.response.start":
        remove_cookies_of_files(message, scope)


def remove_cookies_of_files(message: HTTPResponseStartEvent, scope: Scope) -> None:
    """Remove every cookie from the start of a built file, whichever middleware has set it, in place."""
    handler: Any = scope.get("route_handler")
    if handler is not None and MARK in handler.opt:
        message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"set-cookie"]


def _revalidated(app: ASGIApp, named: frozenset[str]) -> ASGIApp:
    """Make browsers revalidate the files without a content hash in their name."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        # A guard of the app may look at the session.
        scope.setdefault("session", {})
        path = str(scope["path_params"].get("file_path", "")).lstrip("/")
        if path in named or _HASHED(path):
            await app(scope, receive, send)
            return
        if_none_match = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        is_unchanged = False

        async def send_checked(message: Message) -> None:
            nonlocal is_unchanged
            if message["type"] == "http.response.start" and message["status"] == 200:  # noqa: PLR2004
                headers = [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
                etag = next((value for name, value in headers if name.lower() == b"etag"), b"")
                is_unchanged = bool(etag) and etag in {
                    tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")
                }
                if is_unchanged:
                    headers = [pair for pair in headers if pair[0].lower() in {b"etag", b"last-modified"}]
                    message["status"] = 304
                message["headers"] = [*headers, (b"cache-control", b"no-cache")]
            elif message["type"] == "http.response.body" and is_unchanged:
                if message.get("more_body"):
                    return
                message["body"] = b""
            await send(message)

        await app(scope, receive, send_checked)

    return serve


def _only_files_of(bundle_dir: Path, document: str | None) -> Guard:
    """Return a guard that responds with 404 to dot files (`.vite/manifest.json`), to links that lead out of the build,
    to paths that are not files, and to the document, which shows nothing without a page.

    For the latter, Litestar's response names the server's folder, or is a 500 (a name that is too long, a file used as
    a folder).
    """

    def is_of_the_build(path: str) -> bool:
        file = bundle_dir / path
        # Path.is_file raises for a name that is too long.
        return os.path.isfile(file) and os.path.realpath(file).startswith(os.path.realpath(bundle_dir) + os.sep)  # noqa: PTH113

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        path = str(connection.path_params["file_path"]).lstrip("/")
        is_hidden = path == document or any(part.startswith(".") for part in path.split("/"))
        if is_hidden or not await to_thread.run_sync(is_of_the_build, path):
            raise NotFoundException

    return guard
