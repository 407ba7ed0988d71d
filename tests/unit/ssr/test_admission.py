"""Admission to the render server: a concurrency limit, a short queue, and no lost places."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from litestar_vite._ssr.admission import Admission
from tests.unit.ssr.servers import turns, until

pytestmark = pytest.mark.anyio


async def test_requests_over_the_limit_wait_until_a_place_is_free() -> None:
    admission = Admission(2, queue_seconds=60)
    assert admission.enter()
    assert admission.enter()
    assert not admission.enter()
    waiting = [asyncio.create_task(admission.wait()) for _ in range(2)]
    await turns(2)
    assert repr(admission) == "<Admission running=2/2 waiting=2 turned_away=0>"
    admission.leave(0.01)
    await turns(2)
    assert waiting[0].done()
    assert not waiting[1].done()
    admission.leave(0.01)
    assert await waiting[1]
    for _ in range(2):
        admission.leave(0.01)
    assert admission.running == admission.waiting == 0


async def test_a_request_that_waits_too_long_is_turned_away() -> None:
    admission = Admission(1, queue_seconds=0.01)
    assert admission.enter()
    assert not await admission.wait()
    assert admission.turned_away == 1
    admission.leave()
    assert admission.running == 0


async def test_a_request_that_would_wait_too_long_is_turned_away_at_once() -> None:
    """Recent renders took ten seconds each, so even the first place in a queue of one second waits too long."""
    admission = Admission(2, queue_seconds=1)
    for _ in range(3):
        assert admission.enter()
        admission.leave(10.0)
    assert admission.enter()
    assert admission.enter()
    waiting = asyncio.ensure_future(admission.wait())
    await turns(1)
    assert waiting.done()
    assert not waiting.result()


async def test_the_place_of_a_request_cancelled_in_the_same_turn_goes_to_the_next() -> None:
    admission = Admission(1, queue_seconds=60)
    assert admission.enter()
    first, second = (asyncio.create_task(admission.wait()) for _ in range(2))
    await turns(2)
    admission.leave(0.01)
    first.cancel()
    assert await second
    with pytest.raises(asyncio.CancelledError):
        await first
    admission.leave()
    assert admission.running == 0


async def test_all_are_turned_away_when_there_is_nothing_to_wait_for() -> None:
    admission = Admission(1, queue_seconds=60)
    assert admission.enter()
    waiting = [asyncio.create_task(admission.wait()) for _ in range(3)]
    await turns(2)
    admission.turn_all_away()
    assert await asyncio.gather(*waiting) == [False, False, False]
    assert admission.waiting == 0
    admission.leave()
    assert admission.running == 0


async def test_no_place_is_lost_whatever_is_cancelled() -> None:
    admission = Admission(3, queue_seconds=0.02)
    chance = random.Random(1)
    most = 0

    async def visit() -> None:
        nonlocal most
        if not admission.enter() and not await admission.wait():
            return
        most = max(most, admission.running)
        try:
            await asyncio.sleep(chance.random() / 100)
        finally:
            admission.leave(0.001)

    for _ in range(30):
        tasks = [asyncio.create_task(visit()) for _ in range(12)]
        await asyncio.sleep(chance.random() / 100)
        for task in tasks:
            if chance.random() < 0.5:
                task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        assert admission.running == admission.waiting == 0
    assert most == 3


async def test_no_place_is_idle_while_requests_wait() -> None:
    """64 requests on a capacity of 8 (R10): each place is taken in the same turn in which it becomes free."""
    admission = Admission(8, queue_seconds=60)
    served = 0

    async def visit() -> None:
        nonlocal served
        if admission.enter() or await admission.wait():
            await turns(3)
            assert admission.running == 8 or admission.waiting == 0
            served += 1
            admission.leave(0.0001)

    tasks = [asyncio.create_task(visit()) for _ in range(64)]
    await until(lambda: all(task.done() for task in tasks))
    for task in tasks:
        task.result()
    assert served == 64
