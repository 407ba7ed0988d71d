"""The cache of rendered pages: keys, lifetimes, single flight, the size limit, and failing stores."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from litestar.stores.memory import MemoryStore
from typing_extensions import override

from litestar_vite._ssr import cache as module
from litestar_vite._ssr import page_store, tags
from litestar_vite._ssr.bundle import BundleVersion
from litestar_vite._ssr.cache import CachedPage, RenderCache
from litestar_vite._ssr.outcome import ClientSide, Failed, Rendered
from litestar_vite.config import CachePolicy
from litestar_vite.exceptions import SSRError
from tests.unit.ssr.servers import turns, until

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite._ssr.outcome import Outcome

pytestmark = pytest.mark.anyio

MINUTE = CachePolicy(60.0)
NO_BUNDLE = BundleVersion(None)


class Clock:
    """The wall clock and the monotonic clock, advanced by the test."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.jumped = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now + self.jumped + 1_700_000_000

    def time_ns(self) -> int:
        return int(self.time() * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for each in (module, page_store, tags):
        monkeypatch.setattr(each, "time", clock)
    return clock


class Renderer:
    """Renders numbered pages while `go` is set."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> Outcome:
        self.calls += 1
        number = self.calls
        await self.go.wait()
        return self.outcomes[number - 1] if self.outcomes else Rendered(b"", b"<p>%d</p>" % number)


async def ask(cache: RenderCache, page: bytes, renderer: Any, policy: CachePolicy = MINUTE) -> Outcome:
    key = cache.key(page)
    found = cache.fresh(key) or await cache.render(key, policy, renderer)
    return found.rendered if isinstance(found, CachedPage) else found


async def test_the_same_page_is_rendered_once_and_other_pages_separately() -> None:
    cache, renderer = RenderCache(NO_BUNDLE, 1 << 20), Renderer()
    assert await ask(cache, b'{"name":"Ada"}', renderer) == Rendered(b"", b"<p>1</p>")
    assert await ask(cache, b'{"name":"Ada"}', renderer) == Rendered(b"", b"<p>1</p>")
    assert await ask(cache, b'{"name":"Bob"}', renderer) == Rendered(b"", b"<p>2</p>")
    assert renderer.calls == 2
    assert cache.stats()["hits"] == 1
    assert cache.stats()["misses"] == 2
    assert "pages=2" in repr(cache)


async def test_an_expired_page_is_rendered_again(clock: Clock) -> None:
    cache, renderer = RenderCache(NO_BUNDLE, 1 << 20), Renderer()
    await ask(cache, b"page", renderer)
    clock.now += 59.9
    await ask(cache, b"page", renderer)
    assert renderer.calls == 1
    clock.now += 0.2
    assert await ask(cache, b"page", renderer) == Rendered(b"", b"<p>2</p>")


async def test_a_stale_page_is_served_while_one_render_refreshes_it(clock: Clock) -> None:
    cache, renderer = RenderCache(NO_BUNDLE, 1 << 20), Renderer()
    policy = CachePolicy(60.0, stale_seconds=600.0)
    await ask(cache, b"page", renderer, policy)
    clock.now += 61
    renderer.go.clear()
    answers = [await ask(cache, b"page", renderer, policy) for _ in range(10)]
    assert answers == [Rendered(b"", b"<p>1</p>")] * 10
    await turns(3)
    assert renderer.calls == 2
    renderer.go.set()
    await until(lambda: not cache._flights)
    assert await ask(cache, b"page", renderer, policy) == Rendered(b"", b"<p>2</p>")
    clock.now += 700
    assert await ask(cache, b"page", renderer, policy) == Rendered(b"", b"<p>3</p>"), "too stale to serve"


async def test_a_refresh_that_fails_leaves_the_stale_page(clock: Clock) -> None:
    cache = RenderCache(NO_BUNDLE, 1 << 20)
    renderer = Renderer(Rendered(b"", b"old"), Failed("timeout", "late"), Rendered(b"", b"new"))
    policy = CachePolicy(60.0, stale_seconds=600.0)
    await ask(cache, b"page", renderer, policy)
    clock.now += 61
    assert await ask(cache, b"page", renderer, policy) == Rendered(b"", b"old")
    await until(lambda: not cache._flights)
    for _ in range(3):
        assert await ask(cache, b"page", renderer, policy) == Rendered(b"", b"old")
        assert not cache._flights, "a page that fails must not be rendered for each visitor"
    clock.now += 1.1
    assert await ask(cache, b"page", renderer, policy) == Rendered(b"", b"old")
    await until(lambda: not cache._flights)
    assert (cache.counters["refreshed"], cache.counters["refresh_failures"]) == (1, 1)
    assert await ask(cache, b"page", renderer, policy) == Rendered(b"", b"new")


async def test_concurrent_requests_for_a_page_share_one_render() -> None:
    cache, renderer = RenderCache(NO_BUNDLE, 1 << 20), Renderer()
    renderer.go.clear()
    tasks = [asyncio.create_task(ask(cache, b"page", renderer)) for _ in range(50)]
    await turns(3)
    # A cancelled request does not cancel the render, even if it was the first.
    for task in tasks[:10]:
        task.cancel()
    await turns(3)
    renderer.go.set()
    assert await asyncio.gather(*tasks[10:]) == [Rendered(b"", b"<p>1</p>")] * 40
    assert renderer.calls == 1
    assert cache.counters["joined"] == 49


@pytest.mark.parametrize("outcome", [Failed("render", "boom"), ClientSide()])
async def test_only_pages_that_were_rendered_are_kept(outcome: Outcome) -> None:
    cache, renderer = RenderCache(NO_BUNDLE, 1 << 20), Renderer(outcome, Rendered(b"", b"fine"))
    assert await ask(cache, b"page", renderer) == outcome
    assert await ask(cache, b"page", renderer) == Rendered(b"", b"fine")


async def test_an_error_is_raised_in_all_waiting_requests_and_not_cached() -> None:
    cache = RenderCache(NO_BUNDLE, 1 << 20)

    async def raising() -> Outcome:
        await asyncio.sleep(0)
        raise SSRError("boom", kind="render")

    answers = await asyncio.gather(*(ask(cache, b"page", raising) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [SSRError] * 3
    assert await ask(cache, b"page", Renderer()) == Rendered(b"", b"<p>1</p>")


async def test_the_size_is_limited_and_the_least_recently_used_page_is_evicted() -> None:
    cache = RenderCache(NO_BUNDLE, 100_000)

    async def big() -> Outcome:
        return Rendered(b"", b"x" * 5_000)

    for number in range(50):
        await ask(cache, b"page %d" % number, big)
        assert cache.fresh(cache.key(b"page 0")) is not None
    assert cache.stats()["bytes"] <= 100_000
    assert cache.stats()["pages"] == 9
    assert cache.counters["evicted"] == 41
    assert cache.fresh(cache.key(b"page 1")) is None

    async def huge() -> Outcome:
        return Rendered(b"", b"x" * 50_000)

    await ask(cache, b"huge", huge)
    assert cache.stats()["pages"] == 9, "one page must not evict all others"


def bundle_at(path: Path, source: str) -> BundleVersion:
    path.write_text(source)
    return BundleVersion(path)


async def test_another_process_finds_the_page_in_the_store(clock: Clock, tmp_path: Path) -> None:
    store = MemoryStore()
    builds = [
        bundle_at(tmp_path / name, source)
        for name, source in (("a.js", "build 1"), ("b.js", "build 1"), ("c.js", "build 2"))
    ]
    first, second, other_build = (RenderCache(build, 1 << 20, store) for build in builds)
    await ask(first, b"page", Renderer(Rendered(b"<title>", b"<p>")))
    await until(lambda: not first._writes)
    unused = Renderer(Failed("connection", "must not be called"))
    assert await ask(second, b"page", unused) == Rendered(b"<title>", b"<p>")
    assert await ask(second, b"page", unused) == Rendered(b"<title>", b"<p>")
    assert (unused.calls, second.counters["store_hits"], second.counters["hits"]) == (0, 1, 1)
    assert await ask(other_build, b"page", Renderer()) == Rendered(b"", b"<p>1</p>")
    clock.now += 61
    assert await ask(second, b"page", Renderer()) == Rendered(b"", b"<p>1</p>")


@pytest.mark.parametrize(("jump", "fresh_seconds"), [(-3600.0, 60.0), (3600.0, 0.0), (-5.0, 60.0), (5.0, 55.0)])
async def test_a_clock_that_jumps_keeps_no_page_longer_than_its_time(
    clock: Clock, jump: float, fresh_seconds: float
) -> None:
    """If set back, a stored page would be fresh for an hour. If set forward, it is rendered again."""
    store = MemoryStore()
    first = RenderCache(BundleVersion(None), 1_000_000, store)
    await ask(first, b"page", Renderer())
    await asyncio.gather(*first._writes)
    clock.jumped = jump
    assert first.fresh(first.key(b"page")) is not None, "this process uses the monotonic clock"
    second = RenderCache(BundleVersion(None), 1_000_000, store)
    renderer = Renderer()
    await ask(second, b"page", renderer)
    assert renderer.calls == (0 if fresh_seconds else 1)
    clock.now += (fresh_seconds or 60.0) - 0.1
    assert second.fresh(second.key(b"page")) is not None
    clock.now += 0.2
    assert second.fresh(second.key(b"page")) is None


async def test_pages_of_a_rebuilt_bundle_are_not_shared_with_other_processes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, bundle = MemoryStore(), tmp_path / "ssr.js"
    cache, renderer = RenderCache(bundle_at(bundle, "build 1"), 1 << 20, store), Renderer()
    await ask(cache, b"page 1", renderer)
    bundle.unlink()
    await ask(cache, b"page 2", renderer)
    bundle.write_text("build 1")
    await ask(cache, b"page 2b", renderer)
    await until(lambda: not cache._writes)
    assert len(store._store) == 3, "no worker can have loaded another build"
    bundle.write_text("build 2")
    for _ in range(2):
        assert isinstance(await ask(cache, b"page 3", renderer), Rendered)
    assert isinstance(await ask(cache, b"page 4", renderer), Rendered)
    assert (renderer.calls, cache.counters["hits"], len(cache._writes), len(store._store)) == (5, 1, 0, 3)
    [logged] = caplog.messages
    assert logged.startswith("The SSR bundle was rebuilt")
    other = RenderCache(bundle_at(bundle, "build 1"), 1 << 20, store)
    assert await ask(other, b"page 3", renderer) == Rendered(b"", b"<p>6</p>"), "a page of another build"


class BrokenStore(MemoryStore):
    def __init__(self, *, hangs: bool) -> None:
        super().__init__()
        self.hangs = hangs
        self.asked = 0

    @override
    async def get(self, key: str, renew_for: Any = None) -> bytes | None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        raise ConnectionError("the store is down")

    @override
    async def set(self, key: str, value: str | bytes, expires_in: Any = None) -> None:
        await self.get(key)


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_store_that_fails_costs_no_page_and_is_left_alone(
    hangs: bool, caplog: pytest.LogCaptureFixture
) -> None:
    store, renderer = BrokenStore(hangs=hangs), Renderer()
    cache = RenderCache(NO_BUNDLE, 1 << 20, store)
    for number in range(20):
        assert isinstance(await ask(cache, b"page %d" % number, renderer), Rendered)
    assert store.asked == 1
    assert len(caplog.records) == 1
    await cache.aclose()


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x94\x01\x02\x03\x04", b"\xff" * 100])
async def test_invalid_entries_of_the_store_are_not_served(junk: bytes) -> None:
    store = MemoryStore()
    cache = RenderCache(NO_BUNDLE, 1 << 20, store)
    await store.set("litestar-vite:ssr:1::" + cache.key(b"page").hex(), junk)
    assert await ask(cache, b"page", Renderer()) == Rendered(b"", b"<p>1</p>")
    await cache.aclose()


async def test_closing_ends_what_runs() -> None:
    cache, renderer = RenderCache(NO_BUNDLE, 1 << 20), Renderer()
    renderer.go.clear()
    task = asyncio.create_task(ask(cache, b"page", renderer))
    await turns(3)
    await cache.aclose()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not cache._flights
