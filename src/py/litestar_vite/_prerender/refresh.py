"""Renders files again when a running app invalidates their tags.

How it works:
1. `invalidate` first removes the files of the tagged pages, so that the next requests reach the app.
2. The pages are then rendered to files in the background, one after another. A page that was invalidated meanwhile is
   rendered once more, since its data may have been read before.
3. With a store of rendered pages, one process on each machine watches for invalidations by other processes, at the cost
   of one read a second. After a change it reads the generations of the index's tags.

Rules: a page that is refused stays without files, and this is logged. Files that cannot be written never break the
request that invalidates."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from anyio import to_thread
from litestar import Litestar

from litestar_vite._prerender.folder import PageFiles, PagesFolder
from litestar_vite._prerender.render import render_page
from litestar_vite._processes.lock import FileLock
from litestar_vite._ssr.tags import ANY_TAG, BELIEF_SECONDS, Tags
from litestar_vite.exceptions import LitestarViteError
from litestar_vite.inertia._page.context import InertiaContext

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
        self._watcher: asyncio.Task[None] | None = None
        # The generations for which the files of this machine were rendered.
        self._seen: dict[str, bytes] = {}

    def start(self) -> None:
        """Watch for invalidations by other processes, if they share a store."""
        if self._shared_tags() is not None:
            self._watcher = asyncio.get_running_loop().create_task(self._watch())

    async def invalidated(self, tags: Sequence[str]) -> None:
        """Remove the files of tagged pages, and render them again in the background. Failures are logged."""
        shared = self._shared_tags()
        if shared is not None:
            await self._read_generations(shared, tags)
        try:
            await self._refresh(tags)
        except (OSError, LitestarViteError) as error:
            logger.error("The prerendered pages with %s could not be removed: %s", ", ".join(map(repr, tags)), error)  # noqa: TRY400

    async def _refresh(self, tags: Sequence[str]) -> None:
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

    # Invalidations by others.

    def _shared_tags(self) -> Tags | None:
        cache = InertiaContext.of(self._app).rendering.cache
        return cache.tags if cache is not None and cache.store is not None else None

    async def _watch(self) -> None:
        lock: FileLock | None = None
        last: bytes | None = None
        try:
            while True:
                if lock is None:
                    lock = await to_thread.run_sync(FileLock.take, self._pages.path / ".lock")
                if lock is not None and (tags := self._shared_tags()) is not None:
                    last = await self._look(tags, last)
                await asyncio.sleep(BELIEF_SECONDS)
        except (OSError, LitestarViteError) as error:
            logger.error("Prerendered pages do not follow the invalidations of other processes: %s", error)  # noqa: TRY400
        finally:
            if lock is not None:
                lock.release()

    async def _look(self, tags: Tags, last: bytes | None) -> bytes:
        """Refresh the pages whose tags have changed since the last look, and return the common generation."""
        current = await tags.generations([ANY_TAG])
        if current == last:
            return current
        # The generations of the tags themselves may be believed for this long.
        await asyncio.sleep(BELIEF_SECONDS)
        index = await to_thread.run_sync(self._pages.read)
        names = sorted({tag for entry in index.pages.values() for tag in entry.tags})
        if (changed := await self._read_generations(tags, names)) and last is not None:
            await self._refresh(changed)
        return current

    async def _read_generations(self, tags: Tags, names: Iterable[str]) -> list[str]:
        """Remember the generations of tags, and return those that have changed."""
        changed = []
        for name in names:
            generation = await tags.generations([name])
            if self._seen.get(name) != generation:
                self._seen[name] = generation
                changed.append(name)
        return changed

    async def aclose(self) -> None:
        """End after the page that is being rendered. The files of the others are missing, so the app serves them."""
        running = [task for task in (self._task, self._watcher) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
