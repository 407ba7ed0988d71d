"""The page's metadata for live props, which follow a channel, also combined with other prop types."""

from __future__ import annotations

from typing import Any

import pytest

from litestar_vite.exceptions import PropError
from litestar_vite.inertia._live_prop import live
from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, defer, merge, once, optional
from tests.protocol.planning import BROWSER, COMPONENT, FULL, knows, partial

LISTENERS = [{"channel": {"name": "orders", "type": "public"}, "events": ("changed",)}]


def live_of(prop: Any, visit: Visit = FULL) -> Any:
    metadata = plan({"a": prop, "b": 1}, visit, COMPONENT, channel_type=lambda _: "public").metadata
    return metadata.get("liveProps")


@pytest.mark.parametrize(
    ("visit", "prop"),
    [
        (BROWSER, live(1, channel="orders")),
        (FULL, live(lambda: 1, channel="orders")),
        (FULL, live(defer(lambda: 1), channel="orders")),
        (FULL, defer(live(lambda: 1, channel="orders"))),
        (FULL, merge(live([1], channel="orders"))),
        (FULL, once(live(1, channel="orders"))),
        (partial("a"), live(1, channel="orders")),
        (partial("a"), optional(live(lambda: 1, channel="orders"))),
        (partial("b"), always(live(1, channel="orders"))),
    ],
)
def test_a_page_with_the_prop_says_which_events_it_follows(visit: Visit, prop: Any) -> None:
    found = live_of(prop, visit)
    assert found.keys() == {"a"}
    assert found["a"]["listeners"] == LISTENERS
    assert isinstance(found["a"]["at"], int)


@pytest.mark.parametrize(
    ("visit", "prop"),
    [
        (FULL, optional(live(lambda: 1, channel="orders"))),
        (partial("b"), live(1, channel="orders")),
        (FULL, defer(lambda: 1)),
    ],
)
def test_a_page_without_the_prop_says_nothing(visit: Visit, prop: Any) -> None:
    assert live_of(prop, visit) is None


def test_a_once_prop_that_the_client_has_is_live_without_the_time_of_this_page() -> None:
    assert live_of(once(live(lambda: 1, channel="orders")), knows("a")) == {"a": {"listeners": LISTENERS}}


def test_several_channels_events_and_a_throttle() -> None:
    prop = live(1, channel=("orders", "stock"), events=("paid", "sent"), throttle_ms=500)
    found = live_of(prop)["a"]
    assert [listener["channel"]["name"] for listener in found["listeners"]] == ["orders", "stock"]
    assert {listener["events"] for listener in found["listeners"]} == {("paid", "sent")}
    assert found["throttle"] == 500


def test_pages_of_one_second_are_the_same() -> None:
    found = live_of(live(1, channel="orders"))["a"]["at"]
    assert found < 100_000_000_000  # Seconds, not milliseconds.


def test_a_live_prop_without_channels_says_what_to_set() -> None:
    with pytest.raises(PropError, match=r"LiveConfig\(channels=\['orders'\]\)"):
        plan({"a": live(1, channel="orders")}, FULL, COMPONENT)
