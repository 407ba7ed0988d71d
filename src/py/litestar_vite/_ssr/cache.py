"""A cache of rendered pages.

How it works:
1. The key is a hash of the page's bytes; in a store it also has a hash of the SSR bundle. The same page with another
   prop, or of another build, has another key. So visitors never share pages by accident, and nothing needs
   invalidation. When the bundle is rebuilt while the app runs, an external render server may load the new build: until
   the app is restarted, pages stay in this process.
2. Pages in this process are returned without waiting. With a Litestar store (Redis, Valkey, files), other processes and
   machines share them, and this process keeps a copy.
3. Concurrent requests for a missing page share one render.
4. A stale page is served while one render refreshes it.

Rules: only rendered pages are kept. A cancelled request does not cancel a render that others wait for. A failing
store is logged and not used for some seconds, while rendering continues."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from litestar_vite._ssr.outcome import Outcome, Rendered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar.stores.base import Store

    from litestar_vite._ssr.bundle import BundleVersion
    from litestar_vite.config._ssr import CachePolicy


logger = logging.getLogger("litestar_vite.ssr")

_STORE_PREFIX: Final = "litestar-vite:ssr:1:"
_STORE_SECONDS: Final = 0.25
_STORE_PAUSE_SECONDS: Final = 5.0


class CachedPage:
    """A rendered page.

    Attributes:
        rendered: Its HTML.
        fresh_until: The monotonic time in seconds after which the page is stale.
        gone_at: The monotonic time in seconds after which the page is not served any more.
        document: The whole document around the page, for callers that always assemble it in the same way.
        size: The bytes that count towards the limit.
    """

    __slots__ = ("document", "fresh_until", "gone_at", "rendered", "size")

    def __init__(self, rendered: Rendered, fresh_until: float, gone_at: float) -> None:
        self.rendered = rendered
        self.fresh_until = fresh_until
        self.gone_at = gone_at
        self.document: bytes | None = None
        # Twice, because the document contains all of it again.
        self.size = 2 * (len(rendered.head) + len(rendered.body)) + 512


class _Stored(Struct, frozen=True, array_like=True):
    """A page in a store. Times are seconds since the epoch, since monotonic clocks differ between machines."""

    head: bytes
    body: bytes
    fresh_until: float
    gone_at: float


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Stored).decode


class RenderCache:
    """Rendered pages, for one app and one event loop.

    Attributes:
        store: The store shared with other processes; None without one.
        counters: hits, stale_hits, store_hits, misses, joined (requests that shared a render), stored, evicted,
            store_failures.
    """

    def __init__(self, bundle: BundleVersion, max_bytes: int, store: Store | None = None) -> None:
        self.store = store
        self.counters = dict.fromkeys(
            ("hits", "stale_hits", "store_hits", "misses", "joined", "stored", "evicted", "store_failures"),
            0,
        )
        # A process has one bundle; a store may have pages of several.
        self._prefix = f"{_STORE_PREFIX}{bundle.hash.hex()}:"
        self._bundle = bundle
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pages: OrderedDict[bytes, CachedPage] = OrderedDict()
        self._flights: dict[bytes, asyncio.Task[Outcome]] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self._store_pause_until = 0.0

    @staticmethod
    def key(page_json: bytes) -> bytes:
        """Return the key of a page: SHA-256, which CPUs accelerate, so that it takes half the time of BLAKE2."""
        return sha256(page_json).digest()

    def fresh(self, key: bytes) -> CachedPage | None:
        """Return a fresh page from this process; None if there is none."""
        page = self._pages.get(key)
        if page is None or page.fresh_until <= time.monotonic():
            return None
        self._pages.move_to_end(key)
        self.counters["hits"] += 1
        return page

    async def render(self, key: bytes, policy: CachePolicy, render: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Return a page that `fresh` did not find: a stale one, one from the store, or a new one.

        Args:
            key: The key of the page.
            policy: The lifetime of a new page.
            render: Renders the page.

        Raises:
            SSRError: The error of `render`.
        """
        page = self._pages.get(key)
        flight = self._flights.get(key)
        if page is not None and page.gone_at > time.monotonic():
            self.counters["stale_hits"] += 1
            if flight is None:
                self._take_off(key, policy, render, ask_store=False)
            return page.rendered
        if flight is None:
            self.counters["misses"] += 1
            flight = self._take_off(key, policy, render, ask_store=True)
        else:
            self.counters["joined"] += 1
        return await asyncio.shield(flight)

    def _take_off(
        self, key: bytes, policy: CachePolicy, render: Callable[[], Awaitable[Outcome]], *, ask_store: bool
    ) -> asyncio.Task[Outcome]:
        flight = asyncio.get_running_loop().create_task(self._fetch(key, policy, render, ask_store=ask_store))
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    def _land(self, key: bytes, flight: asyncio.Task[Outcome]) -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # The exception is retrieved here, since all waiting requests may be cancelled.

    async def _fetch(
        self, key: bytes, policy: CachePolicy, render: Callable[[], Awaitable[Outcome]], *, ask_store: bool
    ) -> Outcome:
        if ask_store and (found := await self._from_store(key, policy)) is not None:
            self.counters["store_hits"] += 1
            self._keep(key, found)
            return found.rendered
        outcome = await render()
        if type(outcome) is Rendered:
            now = time.monotonic()
            page = CachedPage(outcome, now + policy.seconds, now + policy.seconds + policy.stale_seconds)
            self._keep(key, page)
            self._write_to_store(key, page)
        return outcome

    def _keep(self, key: bytes, page: CachedPage) -> None:
        """Store a page in this process, and evict the least recently used pages."""
        old = self._pages.pop(key, None)
        if old is not None:
            self._bytes -= old.size
        # A page that would fill an eighth of the cache is not worth evicting others.
        if page.size * 8 > self._max_bytes:
            return
        self._pages[key] = page
        self._bytes += page.size
        self.counters["stored"] += 1
        while self._bytes > self._max_bytes:
            _, evicted = self._pages.popitem(last=False)
            self._bytes -= evicted.size
            self.counters["evicted"] += 1

    # The store.

    async def _from_store(self, key: bytes, policy: CachePolicy) -> CachedPage | None:
        if self.store is None or time.monotonic() < self._store_pause_until:
            return None
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                data = await self.store.get(self._prefix + key.hex())
            stored = _decode(data) if data is not None else None
        except Exception as error:  # noqa: BLE001 - store clients raise various errors, and pages must still be served.
            self._store_failed(error)
            return None
        if stored is None or stored.gone_at <= time.time():
            return None
        now = time.monotonic()
        shift = now - time.time()
        # No longer than a page rendered now, since the clock may have been set back, or belong to another machine.
        fresh_until = min(stored.fresh_until + shift, now + policy.seconds)
        gone_at = min(stored.gone_at + shift, now + policy.seconds + policy.stale_seconds)
        return CachedPage(Rendered(stored.head, stored.body), fresh_until, gone_at)

    def _write_to_store(self, key: bytes, page: CachedPage) -> None:
        """Write in the background, without delaying the page."""
        if self.store is None or time.monotonic() < self._store_pause_until:
            return
        if not self._bundle.is_current():
            self.store = None
            logger.warning(
                "The SSR bundle was rebuilt: until the app is restarted, rendered pages are kept in this process only"
            )
            return
        task = asyncio.get_running_loop().create_task(self._write(self.store, key, page))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, store: Store, key: bytes, page: CachedPage) -> None:
        shift = time.time() - time.monotonic()
        stored = _Stored(page.rendered.head, page.rendered.body, page.fresh_until + shift, page.gone_at + shift)
        seconds = max(1, int(page.gone_at - time.monotonic() + 0.999))
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                await store.set(self._prefix + key.hex(), _encode(stored), expires_in=seconds)
        except Exception as error:  # noqa: BLE001 - as above
            self._store_failed(error)

    def _store_failed(self, error: Exception) -> None:
        self.counters["store_failures"] += 1
        self._store_pause_until = time.monotonic() + _STORE_PAUSE_SECONDS
        logger.error("The store of rendered pages failed and is not used for %g s: %r", _STORE_PAUSE_SECONDS, error)

    def stats(self) -> dict[str, int]:
        return {**self.counters, "pages": len(self._pages), "bytes": self._bytes}

    async def aclose(self) -> None:
        """Cancel renders and writes that are still running."""
        running = [*self._flights.values(), *self._writes]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def __repr__(self) -> str:
        counters = self.counters
        return (
            f"<RenderCache pages={len(self._pages)} bytes={self._bytes}/{self._max_bytes} "
            f"hits={counters['hits'] + counters['stale_hits']} "
            f"misses={counters['misses']} store={type(self.store).__name__ if self.store is not None else None}>"
        )
