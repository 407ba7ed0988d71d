"""A cache of rendered pages.

How it works:
1. The caller makes the key (`inertia/_documents/cache_key.py`): of the page's bytes, or of its URL. In a store, it
   also has a hash of the SSR bundle, so that builds are not mixed. When the bundle is rebuilt while the app runs, an
   external render server may load the new build: until the app is restarted, pages stay in this process.
2. Pages in this process are returned without waiting. With a Litestar store (Redis, Valkey, files), other processes and
   machines share them, and this process keeps a copy.
3. Concurrent requests for a missing page share one render.
4. A stale page is served at once, while it is refreshed: from the store if another process has a fresh one, else by
   one render in one of the processes. A refresh that fails is tried again a second later.

Rules: only rendered pages are kept. A cancelled request does not cancel a render that others wait for. A failing
store costs no page (page_store.py)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from litestar_vite._ssr.outcome import Outcome, Rendered
from litestar_vite._ssr.page_store import PageStore, StoreDown
from litestar_vite._ssr.tags import MAX_PAGE_SECONDS, Tags

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from litestar.stores.base import Store

    from litestar_vite._ssr.bundle import BundleVersion
    from litestar_vite.config._ssr import CachePolicy


logger = logging.getLogger("litestar_vite.ssr")

_STORE_PREFIX: Final = "litestar-vite:ssr:1:"
_CLAIM_PREFIX: Final = "litestar-vite:ssr-refresh:1:"
_OUTDATED: Final = b"outdated"
# After a refresh that failed, or was left to another process.
_RETRY_SECONDS: Final = 1.0
# Two seconds, the default timeout of a render, and a pause. A process that ends during a refresh delays it this long.
_CLAIM_SECONDS: Final = 5.0


class CachedPage:
    """A rendered page.

    Attributes:
        rendered: Its HTML.
        fresh_until: The monotonic time in seconds after which the page is stale.
        gone_at: The monotonic time in seconds after which the page is not served any more.
        retry_at: The monotonic time in seconds before which a stale page is not refreshed again.
        document: The whole document around the page, for callers that always assemble it in the same way.
        size: The bytes that count towards the limit.
    """

    __slots__ = ("document", "fresh_until", "gone_at", "rendered", "retry_at", "size")

    def __init__(self, rendered: Rendered, fresh_until: float, gone_at: float) -> None:
        self.rendered = rendered
        self.fresh_until = fresh_until
        self.gone_at = gone_at
        self.retry_at = 0.0
        self.document: bytes | None = None
        # Twice, because the document contains all of it again.
        self.size = 2 * (len(rendered.head) + len(rendered.body)) + 512

    @property
    def is_stale(self) -> bool:
        return self.fresh_until <= time.monotonic()


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
        tags: The generations of tags, which are part of the keys of tagged pages.
        counters: hits, stale_hits, store_hits, misses, joined (requests that shared a render), stored, evicted,
            refreshed, refresh_failures, refreshes_left (to another process), invalidated (tags).
    """

    def __init__(self, bundle: BundleVersion, max_bytes: int, store: Store | None = None) -> None:
        self.store = PageStore(store) if store is not None else None
        self.tags = Tags(self.store)
        self.counters = dict.fromkeys(
            (
                *("hits", "stale_hits", "store_hits", "misses", "joined", "stored", "evicted"),
                *("refreshed", "refresh_failures", "refreshes_left", "invalidated"),
            ),
            0,
        )
        # A process has one bundle; a store may have pages of several.
        self._build = bundle.hash.hex()
        self._bundle = bundle
        self._calls = self.store
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pages: OrderedDict[bytes, CachedPage] = OrderedDict()
        self._flights: dict[bytes, asyncio.Task[Outcome]] = {}
        self._writes: set[asyncio.Task[None]] = set()

    @staticmethod
    def key(page_json: bytes) -> bytes:
        """Return the key of a page: SHA-256, which CPUs accelerate, so that it takes half the time of BLAKE2."""
        return sha256(page_json).digest()

    def fresh(self, key: bytes) -> CachedPage | None:
        """Return a fresh page from this process, or None."""
        page = self._pages.get(key)
        if page is None or page.fresh_until <= time.monotonic():
            return None
        self._pages.move_to_end(key)
        self.counters["hits"] += 1
        return page

    async def render(
        self, key: bytes, policy: CachePolicy, render: Callable[[], Awaitable[Outcome]], *, is_outdated: bool = False
    ) -> Outcome | CachedPage:
        """Return a page that `fresh` did not find: a stale one, one from the store, or a new one.

        Args:
            key: The key of the page.
            policy: The lifetime of a new page.
            render: Renders the page.
            is_outdated: The page of `render` may be older than an invalidation: it is not kept, and only shared with
                other requests of which this is true.

        Raises:
            SSRError: The error of `render`.
        """
        page = self._pages.get(key)
        flight_key = key + _OUTDATED if is_outdated else key
        flight = self._flights.get(flight_key)
        now = time.monotonic()
        if page is not None and page.gone_at > now:
            self.counters["stale_hits"] += 1
            if flight is None and page.retry_at <= now and not is_outdated:
                page.retry_at = now + _RETRY_SECONDS
                self._take_off(key, self._refresh(page, key, policy, render))
            return page
        if flight is None:
            self.counters["misses"] += 1
            flight = self._take_off(flight_key, self._fetch(key, policy, render, keeps=not is_outdated))
        else:
            self.counters["joined"] += 1
        return await asyncio.shield(flight)

    async def invalidate(self, tags: Iterable[str]) -> bool:
        """Render pages with one of these tags again; see `Tags.invalidate`."""
        names = list(tags)
        self.counters["invalidated"] += len(names)
        return await self.tags.invalidate(names)

    def _take_off(self, key: bytes, fetch: Coroutine[object, object, Outcome]) -> asyncio.Task[Outcome]:
        flight = asyncio.get_running_loop().create_task(fetch)
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    def _land(self, key: bytes, flight: asyncio.Task[Outcome]) -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # The exception is retrieved here, since all waiting requests may be cancelled.

    async def _fetch(
        self, key: bytes, policy: CachePolicy, render: Callable[[], Awaitable[Outcome]], *, keeps: bool
    ) -> Outcome:
        if (found := await self._from_store(key, policy)) is not None:
            self.counters["store_hits"] += 1
            self._keep(key, found)
            return found.rendered
        outcome = await render()
        if keeps and type(outcome) is Rendered:
            self._keep_new(key, policy, outcome)
        return outcome

    async def _refresh(
        self, page: CachedPage, key: bytes, policy: CachePolicy, render: Callable[[], Awaitable[Outcome]]
    ) -> Outcome:
        """Replace a stale page, unless another process does."""
        found = await self._from_store(key, policy)
        if found is not None and not found.is_stale:
            self.counters["store_hits"] += 1
            self._keep(key, found)
            return found.rendered
        claim = f"{_CLAIM_PREFIX}{self._build}:{key.hex()}"
        if self.store is not None and not await self.store.claim(claim, _CLAIM_SECONDS):
            self.counters["refreshes_left"] += 1
            return page.rendered
        try:
            outcome = await render()
        except BaseException:
            self._refresh_failed(page)
            raise
        if type(outcome) is Rendered:
            self.counters["refreshed"] += 1
            self._keep_new(key, policy, outcome, claim)
        else:
            self._refresh_failed(page)
        return outcome

    def _refresh_failed(self, page: CachedPage) -> None:
        # The claim stays until it expires, so that the processes do not try one after another.
        self.counters["refresh_failures"] += 1
        page.retry_at = time.monotonic() + _RETRY_SECONDS

    def _keep_new(self, key: bytes, policy: CachePolicy, rendered: Rendered, claim: str | None = None) -> None:
        now = time.monotonic()
        gone_at = now + min(policy.seconds + policy.stale_seconds, MAX_PAGE_SECONDS)
        page = CachedPage(rendered, min(now + policy.seconds, gone_at), gone_at)
        self._keep(key, page)
        self._write_to_store(key, page, claim)

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

    def _name(self, key: bytes) -> str:
        return f"{_STORE_PREFIX}{self._build}:{key.hex()}"

    async def _from_store(self, key: bytes, policy: CachePolicy) -> CachedPage | None:
        if self.store is None:
            return None
        try:
            data = await self.store.get(self._name(key))
            stored = _decode(data) if data is not None else None
        except (StoreDown, msgspec.MsgspecError):
            return None
        if stored is None or stored.gone_at <= time.time():
            return None
        now = time.monotonic()
        shift = now - time.time()
        # No longer than a page rendered now, since the clock may have been set back, or belong to another machine.
        fresh_until = min(stored.fresh_until + shift, now + policy.seconds)
        gone_at = min(stored.gone_at + shift, now + policy.seconds + policy.stale_seconds)
        return CachedPage(Rendered(stored.head, stored.body), fresh_until, gone_at)

    def _write_to_store(self, key: bytes, page: CachedPage, claim: str | None) -> None:
        """Write in the background, without delaying the page, and give up the claim."""
        if self.store is None or self.store.is_paused:
            return
        if not self._bundle.is_current():
            self.store = None
            logger.warning(
                "The SSR bundle was rebuilt: until the app is restarted, rendered pages are kept in this process only"
            )
            return
        task = asyncio.get_running_loop().create_task(self._write(self.store, key, page, claim))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, store: PageStore, key: bytes, page: CachedPage, claim: str | None) -> None:
        shift = time.time() - time.monotonic()
        stored = _Stored(page.rendered.head, page.rendered.body, page.fresh_until + shift, page.gone_at + shift)
        with contextlib.suppress(StoreDown):
            await store.set(self._name(key), _encode(stored), page.gone_at - time.monotonic())
            if claim is not None:
                await store.delete(claim)

    def stats(self) -> dict[str, int]:
        failures = self._calls.failures if self._calls is not None else 0
        return {**self.counters, "store_failures": failures, "pages": len(self._pages), "bytes": self._bytes}

    async def aclose(self) -> None:
        """Cancel renders and writes that are still running."""
        running = [*self._flights.values(), *self._writes]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.tags.aclose()

    def __repr__(self) -> str:
        counters = self.counters
        return (
            f"<RenderCache pages={len(self._pages)} bytes={self._bytes}/{self._max_bytes} "
            f"hits={counters['hits'] + counters['stale_hits']} "
            f"misses={counters['misses']} store={self.store!r}>"
        )
