"""Compare every page that an app in this process sends with the type that would be generated for it.

This finds false alarms of the guard, and wrong types from the generator.
"""

from __future__ import annotations

import functools
import traceback
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from litestar_vite._typegen.generate import read_types
from litestar_vite._typegen.page_guard import Guard, read_page
from litestar_vite.config import TypesConfig
from litestar_vite.inertia.plugin import InertiaPlugin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from litestar import Litestar

problems: list[str] = []
# Tests with the marker `wrong_types`, in which pages intentionally do not match their types.
skipped = set[str]()


class _Watch:
    """Compares the pages of an app. Types are read at the first page, because most tests change handlers before it."""

    def __init__(self, app: Litestar, plugin: InertiaPlugin) -> None:
        self._app = app
        self._plugin = plugin

    @functools.cached_property
    def _guard(self) -> Guard:
        return Guard(read_types(self._app, self._plugin.config, TypesConfig()))

    def __call__(self, page_json: bytes, *, is_partial: bool) -> None:
        page = read_page(page_json)
        try:
            found = self._guard.problems(page, is_partial=is_partial)
        except Exception:  # noqa: BLE001 - the response must not change
            found = [traceback.format_exc()]
        problems.extend(f"{page['component']}: {problem}" for problem in found)


@contextmanager
def watching() -> Iterator[None]:
    """Watch all apps that start inside this context."""
    original = InertiaPlugin.lifespan

    @asynccontextmanager
    async def lifespan(self: InertiaPlugin, app: Litestar) -> AsyncIterator[None]:
        async with original(self, app):
            if not skipped:
                self.context.check_page = _Watch(app, self)
            yield

    InertiaPlugin.lifespan = lifespan  # type: ignore[method-assign]
    try:
        yield
    finally:
        InertiaPlugin.lifespan = original  # type: ignore[method-assign]
