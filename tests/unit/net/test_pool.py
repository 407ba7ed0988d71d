"""The connection pool against scripted servers on real sockets."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from litestar_vite._net.failures import ConnectionFailed, ReplyTooLarge
from tests.unit.ssr.servers import OK, answering, hang, pool_for, read_request, serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def test_one_connection_serves_many_requests() -> None:
    async with serving(answering(OK)) as (peer, served), pool_for(peer) as pool:
        for _ in range(20):
            assert (await pool.request("POST", "/render", b"{}")).body == b"ok"
        assert served.connections == 1
        assert "open=1/20 idle=1 waiting=0 opened=1" in repr(pool)


async def test_it_connects_over_a_unix_socket(tmp_path: Path) -> None:
    async with serving(answering(OK), tmp_path / "s.sock") as (peer, _), pool_for(peer) as pool:
        reply = await pool.request("GET", "/health", b"")
        assert (reply.status, reply.content_type) == (200, b"application/json")


async def test_the_request_is_what_was_asked_for() -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(OK)
        await writer.drain()
        await reader.read()

    async with serving(script) as (peer, _), pool_for(peer) as pool:
        await pool.request("POST", "/a?b=c", b"body", [("X-One", "1")])
        head, body = seen[0].split(b"\r\n\r\n")
        assert head.split(b"\r\n") == [
            b"POST /a?b=c HTTP/1.1",
            f"Host: 127.0.0.1:{peer.port}".encode(),
            b"X-One: 1",
            b"Content-Length: 4",
        ]
        assert body == b"body"


@pytest.mark.protocol("K8")
async def test_an_idle_connection_that_is_too_old_is_replaced() -> None:
    async with serving(answering(OK)) as (peer, served), pool_for(peer, keepalive_seconds=0.0) as pool:
        for _ in range(3):
            await pool.request("GET", "/", b"")
        assert served.connections == 3


@pytest.mark.protocol("K8")
async def test_a_reused_connection_that_dies_unread_is_replaced_once() -> None:
    async def one_answer_then_close_on_the_next(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await writer.drain()
        await read_request(reader)  # then close without a reply

    async with serving(one_answer_then_close_on_the_next) as (peer, served), pool_for(peer) as pool:
        for _ in range(6):
            assert (await pool.request("GET", "/", b"")).body == b"ok"
        assert served.connections == 6


@pytest.mark.protocol("K8")
async def test_a_fresh_connection_that_dies_unread_is_not_tried_again() -> None:
    async def close(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with serving(close) as (peer, served), pool_for(peer) as pool:
        with pytest.raises(ConnectionFailed, match="before an answer"):
            await pool.request("GET", "/", b"")
        assert served.connections == 1


@pytest.mark.protocol("K8")
async def test_a_reused_connection_that_dies_in_an_answer_is_not_tried_again() -> None:
    async with serving(answering(OK, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", close_after=2)) as (
        peer,
        served,
    ):
        async with pool_for(peer) as pool:
            await pool.request("GET", "/", b"")
            with pytest.raises(ConnectionFailed, match="in the middle of an answer"):
                await pool.request("GET", "/", b"")
            assert served.connections == 1


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"garbage that is no HTTP\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"",
    ],
    ids=[
        "cut header",
        "no body",
        "short body",
        "cut chunk",
        "garbage",
        "TLS",
        "negative length",
        "bad chunk",
        "nothing",
    ],
)
async def test_a_broken_answer_is_an_error_and_costs_no_slot(reply: bytes) -> None:
    async with serving(answering(reply, close_after=1)) as (peer, _), pool_for(peer, max_connections=1) as pool:
        for _ in range(3):
            with pytest.raises(ConnectionFailed):
                await pool.request("GET", "/", b"")


async def test_a_reset_is_an_error() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        writer.transport.abort()

    async with serving(reset) as (peer, _), pool_for(peer) as pool:
        with pytest.raises(ConnectionFailed):
            await pool.request("GET", "/", b"")


async def test_a_refused_connection_is_an_error() -> None:
    async with serving(answering(OK)) as (peer, _):
        pass
    async with pool_for(peer) as pool:
        with pytest.raises(ConnectionFailed, match="cannot connect"):
            await pool.request("GET", "/", b"")


async def test_chunks_and_informational_answers_are_read() -> None:
    reply = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    async with serving(answering(reply)) as (peer, _), pool_for(peer) as pool:
        for _ in range(2):
            assert (await pool.request("GET", "/", b"")).body == b"abcde"


async def test_a_connection_that_says_close_is_not_reused() -> None:
    reply = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with serving(answering(reply)) as (peer, served), pool_for(peer) as pool:
        for _ in range(2):
            await pool.request("GET", "/", b"")
        assert served.connections == 2


async def test_unrequested_bytes_end_the_connection() -> None:
    async with serving(answering(OK + OK)) as (peer, _), pool_for(peer) as pool:
        for _ in range(3):
            assert (await pool.request("GET", "/", b"")).body == b"ok"


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n",
    ],
    ids=["announced", "with length", "chunked"],
)
async def test_an_answer_over_the_limit_is_refused(reply: bytes) -> None:
    async with serving(answering(reply)) as (peer, _), pool_for(peer, max_reply_bytes=1000) as pool:
        with pytest.raises(ReplyTooLarge):
            await pool.request("GET", "/", b"")


async def test_requests_over_the_limit_wait_for_their_turn() -> None:
    async with serving(answering(OK)) as (peer, served), pool_for(peer, max_connections=2) as pool:
        replies = await asyncio.gather(*(pool.request("GET", "/", b"") for _ in range(50)))
        assert len(replies) == 50
        assert served.connections <= 2


async def test_a_cancelled_request_frees_its_slot_and_closes_its_connection() -> None:
    async with serving(hang) as (peer, served), pool_for(peer, max_connections=1) as pool:
        for number in range(1, 4):
            task = asyncio.create_task(pool.request("GET", "/", b""))
            while served.connections < number:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert "open=0/1" in repr(pool)


async def test_a_waiter_that_is_granted_and_cancelled_in_one_turn_hands_its_slot_on() -> None:
    async with serving(answering(OK)) as (peer, _), pool_for(peer, max_connections=1) as pool:
        await pool.request("GET", "/", b"")
        connection = await pool.acquire()
        first, second = (asyncio.create_task(pool.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        pool._give_back(connection)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second is connection
        pool._give_back(connection)


async def test_after_a_storm_of_cancellations_no_slot_is_lost() -> None:
    """R6: 40 tasks on 10 slots are cancelled after 0-30 ms. Afterwards, ten of ten requests succeed."""
    dice = random.Random(7)

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            await asyncio.sleep(dice.random() * 0.03)
            writer.write(OK)
            await writer.drain()

    async with serving(slow) as (peer, _), pool_for(peer, max_connections=10) as pool:
        finished = 0

        async def attempt() -> None:
            nonlocal finished
            try:
                async with asyncio.timeout(dice.random() * 0.03):
                    await pool.request("POST", "/render", b"{}")
                finished += 1
            except TimeoutError:
                pass

        for _ in range(40):
            await asyncio.gather(*(attempt() for _ in range(40)))
        assert 0 < finished < 1600, "some requests are cancelled, others are not"
        replies = await asyncio.gather(*(pool.request("POST", "/render", b"{}") for _ in range(10)))
        assert [reply.status for reply in replies] == [200] * 10
        assert pool._open == len(pool._idle)
        assert not pool._waiters
