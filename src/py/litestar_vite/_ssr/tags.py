"""Tags of rendered pages, and their invalidation across processes and machines.

How it works:
1. A tag has a generation: random bytes, which change when it is invalidated. The generations of a page's tags are part
   of the page's key, so that a page of an older generation is not found any more. Nothing is searched or deleted.
2. With a store, generations are kept there, and each process believes what it has read for a second. The first page
   after that waits for one read of each of its tags. Without a store, generations belong to the process.
3. A page whose data was read before an invalidation is not kept. A request notes `clock` when it starts, and the page
   is kept only if none of its tags have changed since.

Rules: a store that fails changes no generation. An invalidation that could not be stored is sent again until it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from litestar_vite._ssr.page_store import PageStore, StoreDown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


logger = logging.getLogger("litestar_vite.ssr")

_PREFIX: Final = "litestar-vite:tag:1:"
BELIEF_SECONDS: Final = 1.0
"""How long a process may serve a page after another one has invalidated it."""
ANY_TAG: Final = "*"
"""Changes with every invalidation in a store, so that many tags can be watched at once."""
KEPT_SECONDS: Final = 32 * 86_400.0
"""How long a store keeps a generation: longer than any page (`MAX_PAGE_SECONDS`), so that no older page returns."""
MAX_PAGE_SECONDS: Final = 31 * 86_400.0
_RESEND_SECONDS: Final = 1.0
# 10,000 names are about 3 MB. Names often contain ids from URLs.
_MAX_TAGS: Final = 10_000
# A page is made in less than a minute, and clocks of machines differ by less than ten seconds.
_LONGEST_PAGE_SECONDS: Final = 60.0
_CLOCK_SKEW_SECONDS: Final = 10.0


class _Tag:
    __slots__ = ("believed_until", "changed", "changed_at", "generation")

    def __init__(self, generation: bytes, changed: int, changed_at: float) -> None:
        self.generation = generation
        self.changed = changed
        self.changed_at = changed_at
        self.believed_until = 0.0


class Tags:
    """The generations that one process believes.

    Attributes:
        clock: Counts the changes that this process has noticed.
    """

    def __init__(self, store: PageStore | None) -> None:
        self.clock = 0
        self._store = store
        # The generation of tags of which nothing is known: without a store, and while it is down.
        self._unknown = token_bytes(8)
        self._tags: OrderedDict[str, _Tag] = OrderedDict()
        self._cleared = 0
        self._reads: dict[str, asyncio.Task[None]] = {}
        self._unsent: dict[str, bytes] = {}
        self._sending: asyncio.Task[None] | None = None

    async def generations(self, names: Sequence[str]) -> bytes:
        """Return the generations of tags, for a page's key."""
        if self._store is not None:
            now = time.monotonic()
            reads = [
                self._read(name) for name in names if (tag := self._tags.get(name)) is None or tag.believed_until <= now
            ]
            for read in reads:
                await asyncio.shield(read)
        return b"|".join([self._generation(name) for name in names])

    def have_changed(self, names: Iterable[str], since: int | None) -> bool:
        """Return whether a tag has changed since `clock` had a value; None for a request that did not note it."""
        if since is None:
            since_time = time.monotonic() - _LONGEST_PAGE_SECONDS
            return any(tag is not None and tag.changed_at > since_time for tag in map(self._tags.get, names))
        return self._cleared > since or any(
            tag is not None and tag.changed > since for tag in map(self._tags.get, names)
        )

    async def invalidate(self, names: Iterable[str]) -> bool:
        """Give tags a new generation: in this process at once, in the others within a second.

        Returns:
            False if the store is down: the others learn it when it works again.
        """
        generation = time.time_ns().to_bytes(8, "big") + token_bytes(8)
        self.clock += 1
        now = time.monotonic()
        names = list(dict.fromkeys(names))
        for name in names:
            self._tags[name] = tag = _Tag(generation, self.clock, now)
            tag.believed_until = now + BELIEF_SECONDS
            self._tags.move_to_end(name)
        self._limit()
        if self._store is None:
            return True
        # Last, so that all tags have changed when it has.
        self._unsent.pop(ANY_TAG, None)
        self._unsent.update(dict.fromkeys([*names, ANY_TAG], generation))
        if await self._send(self._store):
            return True
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send_later(self._store))
        return False

    def _generation(self, name: str) -> bytes:
        tag = self._tags.get(name)
        return tag.generation if tag is not None else self._unknown

    def _read(self, name: str) -> asyncio.Task[None]:
        """Return the one running read of a tag."""
        task = self._reads.get(name)
        if task is None:
            task = self._reads[name] = asyncio.get_running_loop().create_task(self._ask(name))
            task.add_done_callback(lambda _: self._reads.pop(name, None))
        return task

    async def _ask(self, name: str) -> None:
        assert self._store is not None  # noqa: S101 - `_read` is called with a store.
        before = self._tags.get(name)
        generation: bytes | None = None
        if name not in self._unsent:
            with contextlib.suppress(StoreDown):
                generation = await self._store.get(_key(name)) or b""
            if self._tags.get(name) is not before:
                return  # It was invalidated meanwhile.
        self._believe(name, before, generation)

    def _believe(self, name: str, tag: _Tag | None, generation: bytes | None) -> None:
        now = time.monotonic()
        if tag is None:
            is_recent = generation is not None and _is_recent(generation)
            self.clock += is_recent
            changed_at = now if is_recent else float("-inf")
            tag = _Tag(self._unknown if generation is None else generation, self.clock if is_recent else 0, changed_at)
            self._tags[name] = tag
            self._limit()
        elif generation is not None and generation != tag.generation and (generation or not _is_known(tag)):
            # A store that has lost a generation does not bring back the pages before it.
            was_unknown = tag.generation == self._unknown and not generation
            self.clock += not was_unknown
            self._tags[name] = tag = _Tag(generation, 0 if was_unknown else self.clock, now)
        tag.believed_until = now + BELIEF_SECONDS

    def _limit(self) -> None:
        if len(self._tags) <= _MAX_TAGS:
            return
        if self._store is not None:
            while len(self._tags) > _MAX_TAGS:
                self._tags.popitem(last=False)
            return
        # Only this process knows these generations: all pages with tags are rendered again.
        self._tags.clear()
        self._unknown = token_bytes(8)
        self.clock += 1
        self._cleared = self.clock

    async def _send(self, store: PageStore) -> bool:
        """Store the generations that were not stored yet; return whether all are."""
        for name, generation in list(self._unsent.items()):
            try:
                await store.set(_key(name), generation, KEPT_SECONDS)
            except StoreDown:
                return False
            if self._unsent.get(name) == generation:
                del self._unsent[name]
        return not self._unsent

    async def _send_later(self, store: PageStore) -> None:
        while self._unsent:
            await asyncio.sleep(_RESEND_SECONDS)
            await self._send(store)

    async def aclose(self) -> None:
        """End what still runs, and log invalidations that were never stored."""
        running = [*self._reads.values(), *([self._sending] if self._sending is not None else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if unsent := sorted(self._unsent.keys() - {ANY_TAG}):
            logger.error(
                "The store of rendered pages was down: other processes do not know that %s %s invalidated. Invalidate "
                "again when it works.",
                ", ".join(map(repr, unsent[:10])),
                "was" if len(unsent) == 1 else "were",
            )


def _key(name: str) -> str:
    # Hashed, because names may be longer than a file's, and contain any characters.
    return _PREFIX + blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _is_recent(generation: bytes) -> bool:
    """Return whether a generation that is new to this process may be younger than the data of the current request."""
    invalidated_at = int.from_bytes(generation[:8], "big") / 1e9
    return len(generation) == 16 and time.time() - invalidated_at < _LONGEST_PAGE_SECONDS + _CLOCK_SKEW_SECONDS  # noqa: PLR2004


def _is_known(tag: _Tag) -> bool:
    """Return whether a tag's generation came from an invalidation."""
    return len(tag.generation) == 16  # noqa: PLR2004
