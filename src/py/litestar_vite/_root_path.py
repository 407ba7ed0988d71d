"""ASGI middleware for apps under a path prefix.

How it works:
1. Proxies may or may not strip the prefix from the path, and servers may set `root_path`, restore the prefix, do both
   or neither.
2. `UnderRootPath` normalises every request to the ASGI specification: `root_path` is set, and the path starts with it.
   Litestar then routes without the prefix, and generated URLs contain it.
3. Without `ViteConfig.root_path`, `RootPathCheck` inspects the first request and then removes itself.

Requests to an app with a path, `Litestar(path="/shop")`, are left unchanged: its routes already contain the prefix.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from litestar_vite._middleware import in_front_of, step_aside

logger = logging.getLogger("litestar_vite")

_WARNING: Final = (
    "The server's root_path is %r, but ViteConfig.root_path is %r, so links to assets are broken. "
    "Set ViteConfig.root_path (or VITE_ROOT_PATH) to the app's path prefix in the browser, and build again."
)


@contextmanager
def under_root_path(app: Litestar, root_path: str) -> Iterator[None]:
    """Serve an app under a prefix, such as "/shop"; empty for none. Enter this after all other wrappers of the app."""
    if root_path and app.path not in {"", "/"}:
        yield
        return
    with in_front_of(app, lambda inner: UnderRootPath(inner, root_path) if root_path else RootPathCheck(app, inner)):
        yield


class UnderRootPath:
    """ASGI middleware that sets `root_path` and adds the prefix to the path."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path
        self._below = f"{root_path}/"
        self._raw_below = self._below.encode()
        self._has_warned = False

    # Not async, so the caller awaits the app's coroutine directly.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope.get("root_path") != self._root_path or not scope["path"].startswith(self._below):
            self._normalise(scope)
        return self._app(scope, receive, send)

    def _normalise(self, scope: Any) -> None:
        """Set `root_path` and prefix the path, in place, as Litestar does."""
        given: str = scope.get("root_path", "").rstrip("/")
        path: str = scope["path"]
        raw: bytes | None = scope.get("raw_path")
        if given and given != self._root_path:
            # Mounted in another app, which only knows its own part of the prefix.
            path = path.removeprefix(given)
            raw = raw.removeprefix(given.encode()) if raw else raw
            if not self._has_warned and not self._root_path.endswith(given):
                self._has_warned = True
                logger.warning(_WARNING, given, self._root_path)
        scope["root_path"] = self._root_path
        # "*" and other values that are not paths stay unchanged.
        if not path or (path.startswith("/") and path != self._root_path and not path.startswith(self._below)):
            path = self._root_path + path
        scope["path"] = path
        if raw is not None:
            if (
                raw.startswith(b"/")
                and raw.partition(b"?")[0] != self._raw_below[:-1]
                and not raw.startswith(self._raw_below)
            ):
                raw = self._raw_below[:-1] + raw
            scope["raw_path"] = raw

    def __repr__(self) -> str:
        return f"<UnderRootPath {self._root_path}>"


class RootPathCheck:
    """Warns if the first request has an unconfigured prefix. Removes itself, so later requests cost nothing."""

    def __init__(self, app: Litestar, inner: ASGIApp) -> None:
        self._app = app
        self._inner = inner
        self._has_checked = False

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if not self._has_checked:
            self._has_checked = True
            step_aside(self._app, self, self._inner)
            if given := scope.get("root_path", "").rstrip("/"):
                logger.warning(_WARNING, given, "")
        return self._inner(scope, receive, send)
