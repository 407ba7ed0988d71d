"""R5 for many replies at a time: together they stay within the pool's budget, and a small reply is never the victim."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from litestar_vite.ssr.budget import MAX_BYTES_IN_FLIGHT, ReplyBudget
from litestar_vite.ssr.pool import ReplyTooLarge
from tests.unit.ssr.servers import pool_for, read_request, reply, serving, until

if TYPE_CHECKING:
    from litestar_vite.ssr.pool import ConnectionPool

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


async def pour_or_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer `/small` at once; send seven of eight MiB to everybody else, and then nothing."""
    request = await read_request(reader)
    if b" /small " in request.partition(b"\r\n")[0]:
        writer.write(reply(b"ok"))
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (8 * MIB - 1))
    for _ in range(7):
        writer.write(b"x" * MIB)
        await writer.drain()
    await reader.read()


async def test_replies_in_flight_share_a_budget_and_give_it_back() -> None:
    async with serving(pour_or_answer) as (peer, _), pool_for(peer, max_connections=10) as pool:
        tasks = [asyncio.create_task(pool.request("GET", "/large", b"")) for _ in range(8)]
        await until(lambda: sum(task.done() for task in tasks) >= 6)
        failures = [task.exception() for task in tasks if task.done()]
        assert all(isinstance(failure, ReplyTooLarge) and "in flight" in str(failure) for failure in failures)
        assert taken(pool) <= MAX_BYTES_IN_FLIGHT
        # Two hold what there is; a small page is rendered all the same.
        assert (await pool.request("GET", "/small", b"")).body == b"ok"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert taken(pool) == 0


def taken(pool: ConnectionPool) -> int:
    return pool._budget.taken


def test_a_small_reply_may_always_grow_and_a_large_one_only_while_there_is_room() -> None:
    budget = ReplyBudget(max_bytes=1000)
    assert budget.take(900, 900)
    assert budget.take(500, 500)
    assert not budget.take(MIB, MIB)
    budget.give_back(MIB)
    budget.give_back(900)
    assert budget.taken == 500
    assert repr(budget) == "<ReplyBudget 500/1000 bytes>"
