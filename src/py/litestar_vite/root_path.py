"""Stands in front of an app that browsers find under a prefix, and makes its requests alike.

How it works:
1. Proxies take the prefix off the path or leave it there, and servers name it (`root_path`), put it back, both or
   neither.
2. `UnderRootPath` gives every request what ASGI asks for: a `root_path`, and a path that begins with it. Litestar then
   routes without it, and whoever makes a URL has it.
3. Without `ViteConfig.root_path` nothing stands there but `FirstLook`, until the first request.

An app with a path of its own, `Litestar(path="/shop")`, has the prefix in its routes: its requests stay as they are.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from litestar import Litestar
    from litestar.types import ASGIApp, Receive, Scope, Send

__all__ = ("FirstLook", "UnderRootPath", "under_root_path")

logger = logging.getLogger("litestar_vite")

_ADVICE: Final = (
    "The server's root_path is %r, and ViteConfig.root_path is %r: pages link to files that browsers will not find. "
    "Set ViteConfig.root_path (or VITE_ROOT_PATH) to the path under which browsers find the app, and build again."
)


@contextmanager
def under_root_path(app: Litestar, root_path: str) -> Iterator[None]:
    """Serve an app under a prefix; enter it after whatever else stands in front of the app.

    Args:
        app: The app.
        root_path: The prefix, "/shop"; empty for none.
    """
    inner = app.asgi_handler
    if not root_path:
        app.asgi_handler = FirstLook(app)
    elif app.path in {"", "/"}:
        app.asgi_handler = UnderRootPath(inner, root_path)
    try:
        yield
    finally:
        app.asgi_handler = inner


class UnderRootPath:
    """An ASGI app around the user's."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path
        self._below = f"{root_path}/"
        self._raw_below = self._below.encode()
        self._has_complained = False

    # Not async: the app's own coroutine is what the caller awaits.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope.get("root_path") != self._root_path or not scope["path"].startswith(self._below):
            self._mend(scope)
        return self._app(scope, receive, send)

    def _mend(self, scope: Any) -> None:
        """Change the scope in place, as Litestar does."""
        given: str = scope.get("root_path", "").rstrip("/")
        path: str = scope["path"]
        raw: bytes | None = scope.get("raw_path")
        if given and given != self._root_path:
            # Mounted in another app, which knows its own part alone.
            path = path.removeprefix(given)
            raw = raw.removeprefix(given.encode()) if raw else raw
            if not self._has_complained and not self._root_path.endswith(given):
                self._has_complained = True
                logger.warning(_ADVICE, given, self._root_path)
        scope["root_path"] = self._root_path
        # "*" and what is no path stay as they are.
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


class FirstLook:
    """Looks at the first request for a prefix that nobody has told us of, and is gone: later ones cost nothing."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self._inner = app.asgi_handler

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if self._app.asgi_handler is self:
            self._app.asgi_handler = self._inner
            if given := scope.get("root_path", "").rstrip("/"):
                logger.warning(_ADVICE, given, "")
        return self._inner(scope, receive, send)
