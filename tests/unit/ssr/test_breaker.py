"""The circuit breaker opens when a server is down, and probes it with one request at a time."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from litestar_vite._ssr import breaker as module
from litestar_vite._ssr.breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the test advances, since thirty seconds are too long to wait."""
    clock = Clock()
    monkeypatch.setattr(module, "_now", clock)
    return clock


def fail(breaker: Breaker, times: int = 5) -> None:
    tickets = [breaker.enter() for _ in range(times)]
    for ticket in tickets:
        breaker.failed(ticket, "connection, refused")


@pytest.mark.usefixtures("clock")
def test_it_opens_at_the_fifth_failure_and_refuses() -> None:
    breaker = Breaker()
    fail(breaker, 4)
    assert breaker.enter()
    fail(breaker, 1)
    assert breaker.state == "open"
    assert breaker.enter() == 0
    assert breaker.probe() == 0


@pytest.mark.usefixtures("clock")
def test_it_stays_closed_while_more_than_half_succeed() -> None:
    breaker = Breaker()
    for _ in range(100):
        fail(breaker, 1)
        for _ in range(2):
            breaker.succeeded(breaker.enter())
    assert breaker.state == "closed"


def test_failures_are_forgotten(clock: Clock) -> None:
    breaker = Breaker()
    for _ in range(10):
        fail(breaker, 4)
        clock.now += 31
    assert breaker.state == "closed"


def test_it_lets_exactly_one_try_when_its_time_is_over(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker)
    clock.now += 0.8
    assert breaker.probe() == 0
    clock.now += 0.4
    assert breaker.enter() == 0, "visitors do not probe"
    probe = breaker.probe()
    assert probe
    assert [breaker.probe() for _ in range(50)] == [0] * 50
    assert breaker.enter() == 0
    breaker.succeeded(probe)
    assert breaker.state == "closed"
    assert breaker.enter()
    assert breaker.probe() == 0


def test_its_pause_doubles_from_one_second_to_thirty_and_is_reset_by_a_success(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker)
    for seconds in (1, 2, 4, 8, 16, 30, 30):
        clock.now += seconds * 0.89
        assert breaker.probe() == 0
        clock.now += seconds * 0.22
        breaker.failed(breaker.probe(), "connection, refused")
        assert breaker.state == "open"
    clock.now += 33
    breaker.succeeded(breaker.probe())
    fail(breaker)
    clock.now += 1.11
    assert breaker.probe()


def test_its_time_has_jitter(clock: Clock) -> None:
    pauses = set()
    for _ in range(20):
        breaker = Breaker()
        fail(breaker)
        pauses.add(breaker._retry_at - clock.now)
    assert len(pauses) == 20
    assert all(0.9 <= pause <= 1.1 for pause in pauses)


def test_a_cancelled_probe_is_no_success_and_the_next_one_may_try(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker)
    clock.now += 2
    breaker.cancelled(breaker.probe())
    assert breaker.state == "open"
    assert breaker.probe()
    assert breaker.probe() == 0


@pytest.mark.usefixtures("clock")
def test_a_cancelled_call_is_neither_success_nor_failure() -> None:
    breaker = Breaker()
    fail(breaker, 4)
    for _ in range(10):
        breaker.cancelled(breaker.enter())
    fail(breaker, 1)
    assert breaker.state == "open"


@pytest.mark.parametrize(
    "report", [Breaker.succeeded, Breaker.cancelled, lambda breaker, ticket: breaker.failed(ticket, "late")]
)
def test_results_from_before_a_transition_are_ignored(clock: Clock, report: Callable[[Breaker, int], None]) -> None:
    breaker = Breaker()
    old = breaker.enter()
    fail(breaker)
    report(breaker, old)
    assert breaker.state == "open"
    clock.now += 2
    probe = breaker.probe()
    report(breaker, old)
    assert breaker.state == "half-open"
    breaker.succeeded(probe)
    assert breaker.state == "closed"


def test_try_again_allows_a_probe_at_once(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker)
    breaker.try_again()
    assert breaker.probe()
    breaker.try_again()
    assert breaker.probe() == 0, "only one probe"
    assert clock.now == 1000.0


def test_each_transition_is_logged_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker()
    with caplog.at_level(logging.INFO, "litestar_vite.ssr"):
        fail(breaker, 50)
        for _ in range(50):
            breaker.enter()
        clock.now += 2
        probe = breaker.probe()
        for _ in range(50):
            breaker.probe()
        breaker.succeeded(probe)
        breaker.succeeded(probe)
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "WARNING"]
    assert "connection, refused" in caplog.text


def test_a_probe_after_a_cancelled_one_is_not_logged(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker()
    with caplog.at_level(logging.INFO, "litestar_vite.ssr"):
        for _ in range(2):
            fail(breaker)
            clock.now += 30
            for _ in range(50):
                breaker.cancelled(breaker.probe())
            breaker.succeeded(breaker.probe())
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "WARNING"] * 2


def test_its_state_can_be_seen(clock: Clock) -> None:
    breaker = Breaker()
    fail(breaker, 3)
    assert repr(breaker) == "<Breaker closed failures=3 opened=0>"
    fail(breaker, 2)
    clock.now = breaker._retry_at - 0.5
    assert repr(breaker) == "<Breaker open for 0.5 s failures=0 opened=1>"
