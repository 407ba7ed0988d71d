"""The history of live events, from which a client gets those after its position."""

from __future__ import annotations

import pytest

from litestar_vite.inertia._live.events import Event, decode, encode
from litestar_vite.inertia._live.history import CLOCK_SKEW_MS, History, time_of


def event(ms: int) -> Event:
    return Event(f"{ms}-ab", ms, "orders", "changed", b"data: {}\n\n", has_values=False)


def history_of(*times: int, size: int = 10, since_ms: int = 0) -> History:
    history = History(size, since_ms)
    for ms in times:
        assert history.add(event(ms))
    return history


@pytest.mark.parametrize(
    ("position", "missed"),
    [
        ("10000-ab", [20_000, 30_000]),
        ("30000-ab", []),
        ("20000", [20_000, 30_000]),  # Allows for clock skew.
        ("20600", [30_000]),
        ("20600-cd", [30_000]),
        ("9000", [10_000, 20_000, 30_000]),
        ("99999", []),
    ],
)
def test_a_position_is_an_event_or_a_time(position: str, missed: list[int]) -> None:
    found = history_of(10_000, 20_000, 30_000).after(position)
    assert found is not None
    assert [each.ms for each in found] == missed


def test_a_position_before_the_oldest_event_that_is_kept_is_lost() -> None:
    history = history_of(10_000, 20_000, 30_000, size=2)
    assert history.after("10000-ab") is None
    assert history.after("9000") is None
    assert history.after(str(10_001 + CLOCK_SKEW_MS)) == [event(20_000), event(30_000)]


def test_a_position_before_the_history_is_lost() -> None:
    history = history_of(10_000, since_ms=5_000)
    assert history.after("5400") is None
    assert history.after("5500") == [event(10_000)]


def test_an_event_that_is_replayed_is_not_new() -> None:
    history = history_of(10_000, 20_000)
    assert not history.add(event(10_000))


def test_after_a_failure_replays_are_known_and_earlier_positions_are_lost() -> None:
    history = history_of(10_000, 20_000)
    history.forget(25_000)
    assert not history.add(event(20_000))
    assert history.after("20000-ab") is None
    assert history.add(event(30_000))
    assert history.after("26000") == [event(30_000)]


@pytest.mark.parametrize("position", ["", "now", "-1", "1-", "1" * 16, "12-XYZ", "1\n2"])
def test_a_malformed_position_has_no_time(position: str) -> None:
    assert time_of(position) is None


def test_an_event_of_another_channel_is_none() -> None:
    raw = encode("orders", "changed", None)
    assert decode("ORDERS", raw) is None
    found = decode("orders", raw)
    assert found is not None
    assert found.name == "changed"
