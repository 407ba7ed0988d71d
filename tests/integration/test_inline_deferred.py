"""Deferred props that are known to be fast are sent with the page (`inline_within_ms`)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from litestar import get

from litestar_vite.inertia import InertiaConfig, defer, merge, once
from litestar_vite.inertia._page import evaluate
from litestar_vite.testing import InertiaTestClient
from tests.support import make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from litestar import Litestar


class Clock:
    """A clock for measuring props, which a prop advances by its duration."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def spend(self, milliseconds: float) -> None:
        self.now += milliseconds / 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(evaluate, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    return clock


class Stats:
    """A prop with a duration and a result set by the test."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.milliseconds = 10.0
        self.result: Any = {"members": 3}
        self.calls = 0

    async def __call__(self) -> Any:
        self.calls += 1
        self.clock.spend(self.milliseconds)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def app_of(root: Path, props: Callable[[], dict[str, Any]], **inertia: Any) -> Litestar:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {"title": "Home", **props()}

    return make_app(make_site(root), [home], InertiaConfig(**inertia))


@pytest.fixture
def stats(clock: Clock) -> Stats:
    return Stats(clock)


@pytest.fixture
def client(tmp_path: Path, stats: Stats) -> Iterator[InertiaTestClient]:
    with InertiaTestClient(app_of(tmp_path, lambda: {"stats": defer(stats, inline_within_ms=50)})) as client:
        yield client


def fetch(client: InertiaTestClient, *names: str) -> dict[str, Any]:
    """Open the page, fetch these props as the client does, and return the page's props."""
    return client.open("/").reload_only(list(names)).props


def test_a_prop_travels_with_the_page_once_it_is_known_to_be_quick(client: InertiaTestClient, stats: Stats) -> None:
    client.open("/").missing("stats").has_deferred("stats")
    assert stats.calls == 0
    assert fetch(client, "stats")["stats"] == {"members": 3}
    for page in (client.open("/"), client.visit("/")):
        page.where("stats", {"members": 3}).missing_deferred("stats")
    assert stats.calls == 3


def test_a_slow_prop_is_fetched_afterwards(client: InertiaTestClient, stats: Stats) -> None:
    stats.milliseconds = 51
    fetch(client, "stats")
    client.open("/").missing("stats").has_deferred("stats")
    assert stats.calls == 1


def test_a_prop_that_was_slow_once_is_fetched_until_it_has_been_quick_for_a_while(
    client: InertiaTestClient, stats: Stats
) -> None:
    fetch(client, "stats")
    stats.milliseconds = 60
    client.open("/").where("stats.members", 3)
    stats.milliseconds = 1
    # 60 ms, minus a tenth after each fast run: 54, 48.6.
    client.open("/").has_deferred("stats")
    fetch(client, "stats")
    client.open("/").has_deferred("stats")
    fetch(client, "stats")
    client.open("/").missing_deferred("stats")


@pytest.mark.parametrize("rescue", [False, True])
def test_a_prop_that_fails_while_its_page_is_assembled_is_fetched_instead(
    tmp_path: Path, stats: Stats, rescue: bool
) -> None:
    app = app_of(tmp_path, lambda: {"stats": merge(defer(stats, inline_within_ms=50, rescue=rescue))})
    with InertiaTestClient(app) as client:
        fetch(client, "stats")
        stats.result = RuntimeError("no database")
        page = client.open("/").missing("stats").has_deferred("stats").has_merge("stats").missing_rescued()
        assert page.props["title"] == "Home"
        stats.result = {"members": 4}
        client.open("/").has_deferred("stats")
        assert fetch(client, "stats")["stats"] == {"members": 4}


def test_a_prop_that_cannot_be_sent_fails_one_page_at_most(
    client: InertiaTestClient, stats: Stats, caplog: pytest.LogCaptureFixture
) -> None:
    fetch(client, "stats")
    stats.result = object()
    assert client.get("/").status_code == 500
    client.open("/").has_deferred("stats")


def test_props_share_the_time(tmp_path: Path, clock: Clock) -> None:
    first, second, third = Stats(clock), Stats(clock), Stats(clock)
    first.milliseconds, second.milliseconds, third.milliseconds = 30, 30, 15
    props = {"first": first, "second": second, "third": third}
    app = app_of(tmp_path, lambda: {name: defer(fn) for name, fn in props.items()}, inline_deferred_ms=50)
    with InertiaTestClient(app) as client:
        fetch(client, *props)
        client.open("/").has("first").has("third").has_deferred("second").missing_deferred("first", "third")


def test_the_apps_limit_can_be_overridden_for_a_prop(tmp_path: Path, clock: Clock) -> None:
    usual, always, longer = Stats(clock), Stats(clock), Stats(clock)
    longer.milliseconds = 80
    app = app_of(
        tmp_path,
        lambda: {
            "usual": defer(usual),
            "always": defer(always, inline_within_ms=0),
            "longer": defer("longer", longer, inline_within_ms=200),
        },
        inline_deferred_ms=50,
    )
    with InertiaTestClient(app) as client:
        fetch(client, "usual", "always", "longer")
        client.open("/").has("usual").has("longer").has_deferred("always")


def test_concurrent_props_and_once_props_travel_too(tmp_path: Path, clock: Clock) -> None:
    first, second = Stats(clock), Stats(clock)
    app = app_of(
        tmp_path,
        lambda: {
            "first": defer(first, concurrent=True, inline_within_ms=50),
            "second": once(defer(second, concurrent=True, inline_within_ms=50)),
        },
    )
    with InertiaTestClient(app) as client:
        fetch(client, "first", "second")
        client.open("/").has("first").has("second").has_once("second").missing_deferred("first", "second")
        # The client has the once-prop, so a visit does not compute it again.
        calls = second.calls
        client.visit("/").has("first").missing_deferred("first", "second")
        assert second.calls == calls


def test_without_a_limit_nothing_is_measured(tmp_path: Path, clock: Clock, stats: Stats) -> None:
    with InertiaTestClient(app_of(tmp_path, lambda: {"stats": defer(stats)})) as client:
        fetch(client, "stats")
        client.open("/").missing("stats").has_deferred("stats")
