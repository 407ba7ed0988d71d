"""The Litestar store with rendered pages."""

from __future__ import annotations

from litestar import Litestar
from litestar.stores.base import Store

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._litestar.seams import store_names, store_of


def cache_store(app: Litestar, name: str) -> Store:
    """Return one of the app's stores.

    Raises:
        ConfigError: The name is unknown. Litestar would make a store in memory, which other processes cannot see;
            a user's own `default_factory` is called, as for Litestar's own stores.
    """
    if (store := store_of(app, name)) is None:
        named = ", ".join(map(repr, store_names(app))) or "none"
        raise ConfigError(
            f"SSRConfig.cache_store is {name!r}, which is not a store of the app (it has {named}): add it to "
            "Litestar(stores=...)."
        )
    return store
