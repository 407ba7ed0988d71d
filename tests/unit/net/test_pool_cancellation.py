"""Requests can be cancelled at any point. The slot is then free again, and the connection closed."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._net.pool import Peer
from tests.unit.ssr.servers import OK, answering, hang, pool_for, read_request, serving, turns, until

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite._net.pool import ConnectionPool

pytestmark = pytest.mark.anyio


async def get(pool: ConnectionPool, body: bytes = b"") -> bytes:
    return (await pool.request("POST", "/", body)).body


async def cancel(task: asyncio.Task[Any]) -> bool:
    """Cancel a request. Return True if it had not finished."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    except ConnectionFailed:
        pass
    return False


# At known points


async def test_while_it_connects(tmp_path: Path) -> None:
    """A listener that accepts no connections and has a full backlog keeps further clients connecting."""
    with ExitStack() as sockets, socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        for _ in range(8):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(address)
        async with pool_for(Peer("127.0.0.1", address[1]), max_connections=2) as pool:
            for _ in range(3):
                tasks = [asyncio.create_task(get(pool)) for _ in range(3)]
                await turns(20)
                assert "open=2/2 idle=0 waiting=1 opened=0" in repr(pool)
                assert [await cancel(task) for task in tasks] == [True] * 3
                assert "open=0/2 idle=0 waiting=0 opened=0" in repr(pool)


async def test_while_it_waits_for_its_turn() -> None:
    async with serving(hang) as (peer, served), pool_for(peer, max_connections=1) as pool:
        busy = asyncio.create_task(get(pool))
        await until(lambda: served.connections == 1)
        waiting = [asyncio.create_task(get(pool)) for _ in range(5)]
        await turns(2)
        assert "open=1/1 idle=0 waiting=5" in repr(pool)
        for left, task in zip((4, 3, 2, 1, 0), reversed(waiting), strict=True):
            assert await cancel(task)
            assert f"waiting={left}" in repr(pool)
        assert await cancel(busy)
        assert "open=0/1" in repr(pool)


async def test_while_it_writes(unix_path: Path | None) -> None:
    async def never_read(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.Event().wait()

    async with serving(never_read, unix_path) as (peer, served), pool_for(peer, max_connections=1) as pool:
        for number in range(1, 4):
            task = asyncio.create_task(get(pool, b"x" * 32_000_000))
            await until(lambda expected=number: served.connections == expected)
            await turns(5)
            assert await cancel(task)
            assert "open=0/1 idle=0" in repr(pool)


@pytest.mark.parametrize(
    "so_far", [b"", b"HTTP/1.1 200 OK\r\nConte", OK[:-2], OK[:-1]], ids=["nothing", "headers", "body", "all but one"]
)
async def test_while_it_reads(unix_path: Path | None, so_far: bytes) -> None:
    closed = 0

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal closed
        await read_request(reader)
        writer.write(so_far)
        await reader.read()
        closed += 1

    async with serving(stall, unix_path) as (peer, served), pool_for(peer, max_connections=1) as pool:
        for number in range(1, 4):
            task = asyncio.create_task(get(pool))
            await until(lambda expected=number: served.connections == expected)
            await turns(10)
            assert await cancel(task)
            assert "open=0/1 idle=0" in repr(pool)
            await until(lambda expected=number: closed == expected)


# At any point: after 0, 1, 2, … turns of the loop


async def test_a_request_on_a_new_connection_cancelled_after_any_number_of_turns(unix_path: Path | None) -> None:
    async with serving(answering(OK), unix_path) as (peer, _), pool_for(peer, max_connections=1) as pool:
        cancelled = []
        for number in range(60):
            while pool._idle:
                pool._discard(pool._idle.pop())
            task = asyncio.create_task(get(pool))
            await turns(number)
            cancelled.append(await cancel(task))
            assert pool._open == len(pool._idle)
            assert await get(pool) == b"ok"
        assert cancelled[0]
        assert not cancelled[-1], "60 turns are enough for a whole request"


async def test_a_request_on_a_reused_connection_cancelled_after_any_number_of_turns(unix_path: Path | None) -> None:
    async with serving(answering(OK), unix_path) as (peer, _), pool_for(peer, max_connections=1) as pool:
        for number in range(40):
            assert await get(pool) == b"ok"
            task = asyncio.create_task(get(pool))
            await turns(number)
            await cancel(task)
            assert pool._open == len(pool._idle)


async def test_a_retry_cancelled_after_any_number_of_turns() -> None:
    async def every_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await read_request(reader)

    async with serving(every_second) as (peer, _), pool_for(peer, max_connections=1) as pool:
        for number in range(60):
            assert await get(pool) == b"ok"
            task = asyncio.create_task(get(pool))
            await turns(number)
            await cancel(task)
            assert pool._open == len(pool._idle)


@pytest.mark.parametrize("closes", [False, True], ids=["granted a connection", "granted a slot"])
async def test_a_waiter_cancelled_after_any_number_of_turns_takes_nothing_from_the_next(
    unix_path: Path | None, closes: bool
) -> None:
    answer = OK.replace(b"200 OK\r\n", b"200 OK\r\nConnection: close\r\n") if closes else OK
    async with serving(answering(answer), unix_path) as (peer, served), pool_for(peer, max_connections=1) as pool:
        outcomes = set()
        for number in range(60):
            busy, cancelled, after = (asyncio.create_task(get(pool)) for _ in range(3))
            await turns(number)
            outcomes.add(await cancel(cancelled))
            assert await busy == b"ok"
            assert await after == b"ok"
            assert pool._open == len(pool._idle)
            assert not pool._waiters
        assert outcomes == {True, False}
        assert served.most_at_a_time <= 2, "a new connection may open while an old one closes"


@pytest.mark.parametrize("grant", ["connection", "slot"])
async def test_a_waiter_that_is_granted_and_cancelled_in_one_turn_hands_on_what_it_got(grant: str) -> None:
    async with serving(answering(OK)) as (peer, _), pool_for(peer, max_connections=1) as pool:
        await get(pool)
        connection = await pool.acquire()
        first, second = (asyncio.create_task(pool.acquire()) for _ in range(2))
        await turns(1)
        pool._give_back(connection) if grant == "connection" else pool._discard(connection)
        assert await cancel(first)
        assert (await second is connection) == (grant == "connection")
        assert "open=1/1" in repr(pool)
        pool._give_back(second.result())


async def test_the_last_waiter_that_is_granted_and_cancelled_in_one_turn_leaves_a_free_slot() -> None:
    async with serving(answering(OK)) as (peer, _), pool_for(peer, max_connections=1) as pool:
        for free in (pool._give_back, pool._discard):
            connection = await pool.acquire()
            waiter = asyncio.create_task(pool.acquire())
            await turns(1)
            free(connection)
            assert await cancel(waiter)
            assert pool._open == len(pool._idle)
            assert await get(pool) == b"ok"


# Churn


@pytest.mark.parametrize("ends", ["cancelled", "timed out"])
async def test_forty_tasks_on_ten_slots_cancelled_two_thousand_times_lose_no_slot(
    unix_path: Path | None, ends: str
) -> None:
    """R6: httpx 0.28 loses all ten here, for good."""
    dice = random.Random(6)
    most = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            await asyncio.sleep(dice.random() * 0.02)
            if dice.random() < 0.05:
                return
            writer.write(OK)

    async with serving(slow, unix_path) as (peer, served), pool_for(peer, max_connections=10) as pool:
        counts = {"ok": 0, "failed": 0, "cancelled": 0}

        async def attempt() -> None:
            # One in ten has time to succeed, even on a busy machine.
            patience = 60 if dice.random() < 0.1 else dice.random() * 0.03
            try:
                if ends == "timed out":
                    async with asyncio.timeout(patience):
                        await get(pool)
                else:
                    task = asyncio.create_task(get(pool))
                    await asyncio.wait([task], timeout=patience)
                    task.cancel()
                    await task
                counts["ok"] += 1
            except ConnectionFailed:
                counts["failed"] += 1
            except (TimeoutError, asyncio.CancelledError):
                counts["cancelled"] += 1

        async def churn() -> None:
            nonlocal most
            while counts["cancelled"] < 2_000:
                await attempt()
                most = max(most, pool._open)

        await asyncio.gather(*(churn() for _ in range(40)))
        assert counts["ok"], counts
        assert counts["cancelled"], counts
        assert most == 10
        assert pool._open == len(pool._idle), repr(pool)
        assert "waiting=0" in repr(pool)
        # The server may still drop requests, so they are repeated until ten at a time succeed.
        replies = await asyncio.gather(*(until_it_succeeds(pool) for _ in range(10)))
        assert replies == [b"ok"] * 10
        await until(lambda: served.open_connections == len(pool._idle))


async def until_it_succeeds(pool: ConnectionPool) -> bytes:
    while True:
        try:
            return await get(pool)
        except ConnectionFailed:
            continue
