"""Renders files again when a running app invalidates their tags.

How it works:
1. `invalidate` first removes the files of the tagged pages, so that the next requests reach the app.
2. The pages are then rendered to files in the background, one after another. A page that was invalidated meanwhile is
   rendered once more, since its data may have been read before.

Rules: a page that is refused stays without files, and this is logged. Only the process that invalidates does this, on
its machine."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from anyio import to_thread

from litestar_vite._prerender.folder import PageFiles, PagesFolder
from litestar_vite._prerender.render import render_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from litestar import Litestar


logger = logging.getLogger("litestar_vite")


class PageRefresher:
    """Renders the files of invalidated pages again."""

    def __init__(self, app: Litestar, folder: Path) -> None:
        self._app = app
        self._pages = PagesFolder(folder)
        self._origin = ""
        # How often each page was invalidated since it was last rendered.
        self._waiting: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def invalidated(self, tags: Sequence[str]) -> None:
        """Remove the files of tagged pages, and render them again in the background."""
        index = await to_thread.run_sync(self._pages.read)
        paths, self._origin = index.tagged(tags), index.origin
        if not paths:
            return
        for path in paths:
            self._waiting[path] = self._waiting.get(path, 0) + 1
        await to_thread.run_sync(self._pages.remove_files, paths)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._render_waiting())

    async def _render_waiting(self) -> None:
        while self._waiting:
            path, times = next(iter(self._waiting.items()))
            try:
                page = await render_page(self._app, path, self._origin)
                if self._waiting.get(path) == times:
                    del self._waiting[path]
                    await self._write(path, page)
            except Exception:
                self._waiting.pop(path, None)
                logger.exception("The prerendered page %r could not be rendered again. The app serves it.", path)

    async def _write(self, path: str, page: PageFiles | str | None) -> None:
        if isinstance(page, str):
            logger.warning("The prerendered page %r %s: the app serves it from now on.", path, page)
        files = page if isinstance(page, PageFiles) else None
        await to_thread.run_sync(self._pages.replace, {path: files})

    async def aclose(self) -> None:
        """End after the page that is being rendered. The files of the others are missing, so the app serves them."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
