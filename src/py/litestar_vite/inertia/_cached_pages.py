"""Tags of cached pages: a handler names what its page shows, and the code that changes it invalidates the page."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.stores.base import Store

from litestar_vite.inertia._documents.cache_key import TAGS_KEY
from litestar_vite.inertia._litestar.seams import store_of
from litestar_vite.inertia._page.context import InertiaContext


def tag_page(connection: ASGIConnection[Any, Any, Any, Any], *tags: str) -> None:
    """Add tags to the page of this request, if it is cached (`ssr_cache`). `invalidate` finds it by any of them.

    Args:
        connection: The request.
        tags: Names such as "contact:7".
    """
    scope: Any = connection.scope
    scope[TAGS_KEY] = (*scope.get(TAGS_KEY, ()), *tags)


async def invalidate(app: Litestar | ASGIConnection[Any, Any, Any, Any], *tags: str) -> bool:
    """Render cached and prerendered pages with one of these tags again, from the next visit on. Call it after the data
    was committed.

    In this process, pages are invalidated at once. With `SSRConfig.cache_store`, other processes and machines follow
    within a second, at the cost of one write per tag; without it, pages are only invalidated in this process. A job
    that imports the app, but does not run it, invalidates through the store.

    Args:
        app: The app, or a connection of it.
        tags: The names that `CachePolicy.tags` and `tag_page` gave to pages.

    Returns:
        False if the store is down. The write is then repeated until it succeeds; pages are served as before.
    """
    app = app if isinstance(app, Litestar) else app.app
    context = InertiaContext.of(app)
    cache = context.rendering.cache
    if cache is not None:
        is_stored = await cache.invalidate(tags)
        if context.on_invalidate is not None:
            await context.on_invalidate(tags)
        return is_stored
    if context.on_invalidate is not None:
        await context.on_invalidate(tags)
    store = _store_of_unstarted(app, context)
    if store is None:
        return True
    from litestar_vite._ssr.page_store import PageStore
    from litestar_vite._ssr.tags import Tags

    waiting = Tags(PageStore(store))
    is_stored = await waiting.invalidate(tags)
    await waiting.aclose()
    return is_stored


def _store_of_unstarted(app: Litestar, context: InertiaContext) -> Store | None:
    """Return the store of an app that does not run, as in a job that only imports it; None without a `cache_store`."""
    name = context.ssr.cache_store if context.ssr is not None and not context.is_development else None
    return store_of(app, name) if name is not None else None
