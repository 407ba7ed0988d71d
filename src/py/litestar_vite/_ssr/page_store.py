"""The Litestar store that shares rendered pages and tags between processes and machines.

How it works:
1. Each call has a deadline. After a failure, the store is not used for some seconds, so that pages do not wait for it.
2. A failure is logged once, and so is the store's return.
3. `claim` lets one of several processes refresh a page. Litestar's stores lack atomic operations, so a process writes
   its token, waits, and goes ahead only if its token is still there: the last writer wins.

Rule: every method except `claim` raises StoreDown, and nothing else, when the store cannot be used."""

from __future__ import annotations

import asyncio
import logging
import time
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from litestar.stores.base import Store


logger = logging.getLogger("litestar_vite.ssr")

_CALL_SECONDS: Final = 0.25
_PAUSE_SECONDS: Final = 5.0
# Two processes that claim a name at the same time write within a round trip of each other. 50 ms is many round trips,
# and delays only a refresh in the background.
_SETTLE_SECONDS: Final = 0.05


class StoreDown(Exception):  # noqa: N818 - a state, not a mistake
    """The store failed, or has failed and is not used yet."""


class PageStore:
    """A store with time limits, which logs a failure once.

    Attributes:
        failures: The number of failed calls.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pause_until = 0.0
        self._is_down = False
        self.failures = 0

    @property
    def is_paused(self) -> bool:
        return time.monotonic() < self._pause_until

    async def get(self, name: str) -> bytes | None:
        found = await self._call(self._store.get, name)
        return found if isinstance(found, bytes) else None

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        """Store a value for a number of seconds, rounded up."""
        await self._call(self._store.set, name, value, expires_in=max(1, int(seconds + 0.999)))

    async def delete(self, name: str) -> None:
        await self._call(self._store.delete, name)

    async def claim(self, name: str, seconds: float) -> bool:
        """Return whether this process may do the named work; True if the store is down.

        Exactly one of several processes gets True, if each call of the store takes less than 50 ms.
        """
        try:
            if await self.get(name) is not None:
                return False
            token = token_bytes(16)
            await self.set(name, token, seconds)
            await asyncio.sleep(_SETTLE_SECONDS)
            return await self.get(name) == token
        except StoreDown:
            return True

    async def _call(self, method: Any, *arguments: Any, **options: Any) -> Any:
        if self.is_paused:
            raise StoreDown
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                found = await method(*arguments, **options)
        except Exception as error:  # Store clients raise various errors, and pages must still be served.
            self._failed(error)
            raise StoreDown from error
        if self._is_down:
            self._is_down = False
            logger.warning("The store of rendered pages works again.")
        return found

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._pause_until = time.monotonic() + _PAUSE_SECONDS
        if not self._is_down:
            self._is_down = True
            logger.error(
                "The store of rendered pages failed. Until it works again, it is tried every %g s, and pages are "
                "cached in this process only: %r",
                _PAUSE_SECONDS,
                error,
            )

    def __repr__(self) -> str:
        return f"<PageStore {type(self._store).__name__} {'down' if self._is_down else 'up'}>"
