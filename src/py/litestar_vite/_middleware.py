"""Puts ASGI middleware in front of a running app. No other module replaces `app.asgi_handler`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from litestar import Litestar
from litestar.types import ASGIApp

M = TypeVar("M", bound="ASGIApp")


@contextmanager
def in_front_of(app: Litestar, make: Callable[[ASGIApp], M]) -> Iterator[M]:
    """Put middleware in front of Litestar's routing and the app's own middleware, for all requests."""
    inner = app.asgi_handler
    app.asgi_handler = middleware = make(inner)
    try:
        yield middleware
    finally:
        app.asgi_handler = inner


def step_aside(app: Litestar, middleware: ASGIApp, inner: ASGIApp) -> None:
    """Remove middleware that is no longer needed, if it is still the outermost."""
    if app.asgi_handler is middleware:
        app.asgi_handler = inner
