"""Generations of tags: cached values, updates from other processes, and failing stores."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from litestar.stores.memory import MemoryStore
from typing_extensions import override

from litestar_vite._ssr import page_store, tags
from litestar_vite._ssr.page_store import PageStore
from litestar_vite._ssr.tags import BELIEF_SECONDS, KEPT_SECONDS, MAX_PAGE_SECONDS, Tags
from tests.unit.ssr.servers import until
from tests.unit.ssr.test_cache import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for each in (page_store, tags):
        monkeypatch.setattr(each, "time", clock)
    return clock


class CountingStore(MemoryStore):
    """Counts reads, fails on demand, and delays answers until `go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.fails = False
        self.go = asyncio.Event()
        self.go.set()

    @override
    async def get(self, key: str, renew_for: Any = None) -> bytes | None:
        self.reads += 1
        if self.fails:
            raise ConnectionError("the store is down")
        found = await super().get(key)
        await self.go.wait()
        return found

    @override
    async def set(self, key: str, value: str | bytes, expires_in: Any = None) -> None:
        if self.fails:
            raise ConnectionError("the store is down")
        await super().set(key, value, expires_in)


@pytest.mark.parametrize("make", [lambda: None, lambda: PageStore(MemoryStore())], ids=["process", "store"])
async def test_an_invalidation_changes_the_generation_of_its_tag_alone(make: Callable[[], PageStore | None]) -> None:
    mine = Tags(make())
    one, other = await mine.generations(["a"]), await mine.generations(["b"])
    assert await mine.invalidate(["a"])
    assert await mine.generations(["a"]) != one
    assert await mine.generations(["b"]) == other
    assert await mine.generations(["a", "b"]) != await mine.generations(["b", "a"])


async def test_another_process_learns_of_an_invalidation_within_a_second(clock: Clock) -> None:
    store = CountingStore()
    one, two = Tags(PageStore(store)), Tags(PageStore(store))
    before = await two.generations(["a"])
    await one.invalidate(["a"])
    assert await two.generations(["a"]) == before
    clock.now += BELIEF_SECONDS
    assert await two.generations(["a"]) == await one.generations(["a"]) != before


async def test_a_tag_costs_one_read_a_second_however_many_pages_ask(clock: Clock) -> None:
    store = CountingStore()
    mine = Tags(PageStore(store))
    for reads in (1, 2):
        await asyncio.gather(*(mine.generations(["a"]) for _ in range(50)))
        await mine.generations(["a"])
        assert store.reads == reads
        clock.now += BELIEF_SECONDS
    # A cancelled request does not cancel the shared read.
    store.go.clear()
    tasks = [asyncio.create_task(mine.generations(["a"])) for _ in range(2)]
    await until(lambda: store.reads == 3)
    tasks[0].cancel()
    store.go.set()
    assert await tasks[1] == b""


async def test_a_request_knows_whether_its_data_is_older_than_an_invalidation(clock: Clock) -> None:
    store = CountingStore()
    one, two = Tags(PageStore(store)), Tags(PageStore(store))
    await two.generations(["a"])
    started = two.clock
    assert not two.have_changed(["a"], started)
    await one.invalidate(["a"])
    clock.now += BELIEF_SECONDS
    await two.generations(["a"])
    assert two.have_changed(["a"], started)
    assert two.have_changed(["a"], None), "a request that did not note its start"
    assert not two.have_changed(["a"], two.clock)
    assert not two.have_changed(["b"], started)
    # If a process sees the tag for the first time, only an old invalidation certainly precedes the data.
    for seconds, is_old in ((0, False), (120, True)):
        clock.now += seconds
        third = Tags(PageStore(store))
        await third.generations(["a"])
        assert third.have_changed(["a"], 0) is not is_old


async def test_a_read_that_an_invalidation_overtakes_is_forgotten() -> None:
    store = CountingStore()
    mine = Tags(PageStore(store))
    store.go.clear()
    slow = asyncio.create_task(mine.generations(["a"]))
    await until(lambda: store.reads == 1)
    await mine.invalidate(["a"])
    known = mine._generation("a")
    store.go.set()
    assert await slow == known != b""


async def test_a_store_that_loses_a_generation_brings_no_older_page_back(clock: Clock) -> None:
    store = MemoryStore()
    mine = Tags(PageStore(store))
    await mine.invalidate(["a"])
    known = await mine.generations(["a"])
    await store.delete_all()
    clock.now += BELIEF_SECONDS
    assert await mine.generations(["a"]) == known
    assert MAX_PAGE_SECONDS < KEPT_SECONDS


async def test_an_invalidation_reaches_the_others_when_the_store_works_again(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_RESEND_SECONDS", 0.01)
    store = CountingStore()
    one, two = Tags(PageStore(store)), Tags(PageStore(store))
    before = await two.generations(["a"])
    store.fails = True
    assert not await one.invalidate(["a"])
    assert await one.generations(["a"]) != before
    clock.now += BELIEF_SECONDS
    assert await two.generations(["a"]) == before, "the known generation is kept"
    for _ in range(3):
        clock.now += 6
        await two.generations(["a"])
    assert len([record for record in caplog.records if "failed" in record.message]) == 2, "once for each process"
    store.fails = False
    clock.now += 6
    await until(lambda: not one._unsent)
    assert await two.generations(["a"]) == await one.generations(["a"]) != before
    assert [record.message for record in caplog.records if "again." in record.message] == [
        "The store of rendered pages works again."
    ] * 2
    await one.aclose()


async def test_an_invalidation_that_was_never_sent_is_named_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    store = CountingStore()
    store.fails = True
    mine = Tags(PageStore(store))
    await mine.invalidate(["contact:7"])
    await mine.aclose()
    assert "other processes do not know that 'contact:7' was invalidated" in caplog.messages[-1]


@pytest.mark.parametrize("has_store", [False, True])
async def test_names_from_urls_do_not_fill_the_memory(has_store: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_MAX_TAGS", 10)
    mine = Tags(PageStore(MemoryStore()) if has_store else None)
    await mine.invalidate(["a"])
    known = await mine.generations(["a"])
    started = mine.clock
    for number in range(20):
        await mine.invalidate([f"contact:{number}"])
    assert len(mine._tags) <= 10
    # With a store the tag is read again; without one, all pages with tags are rendered again.
    assert (await mine.generations(["a"]) == known) is has_store
    assert mine.have_changed(["a"], started)


async def test_one_of_several_processes_may_refresh() -> None:
    store = MemoryStore()
    claims = await asyncio.gather(*(PageStore(store).claim("page", 5) for _ in range(10)))
    assert sorted(claims) == [False] * 9 + [True]
    assert not await PageStore(store).claim("page", 5)
    broken = CountingStore()
    broken.fails = True
    assert await PageStore(broken).claim("page", 5), "without the store, every process may refresh"
