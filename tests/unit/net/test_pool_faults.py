"""Faults of a peer: each one is a single error, costs no slot, and never becomes the answer to another request."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from litestar_vite._net.failures import MAX_REPLY_BYTES, ConnectionFailed, ReplyTooLarge
from litestar_vite._net.pool import Peer
from tests.unit.ssr.servers import OK, answering, pool_for, read_request, reply, serving, turns, until

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite._net.pool import ConnectionPool
    from tests.unit.ssr.servers import Script

pytestmark = pytest.mark.anyio

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"


async def get(pool: ConnectionPool) -> bytes:
    return (await pool.request("GET", "/", b"")).body


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN (TCP only; a Unix socket just closes)."""
    sock = writer.get_extra_info("socket")
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# Reuse


async def test_connections_are_reused_wherever_they_lead(unix_path: Path | None) -> None:
    async with serving(answering(OK, CHUNKED, OK), unix_path) as (peer, served), pool_for(peer) as pool:
        assert [await get(pool) for _ in range(3)] == [b"ok", b"hello world", b"ok"]
        assert served.connections == 1


async def test_the_last_connection_that_worked_is_taken_first() -> None:
    async with serving(answering(OK)) as (peer, served), pool_for(peer) as pool:
        await asyncio.gather(*(get(pool) for _ in range(5)))
        assert served.open_connections == 5
        last = pool._idle[-1]
        await get(pool)
        assert pool._idle[-1] is last


async def test_an_idle_connection_that_the_peer_closed_is_replaced_without_a_retry(unix_path: Path | None) -> None:
    requests: list[bytes] = []

    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(OK)

    async with serving(one_answer, unix_path) as (peer, served), pool_for(peer) as pool:
        for number in range(1, 4):
            await get(pool)
            await until(lambda: served.open_connections == 0)
            await turns(5)
            assert len(requests) == served.connections == number


async def test_a_first_answer_leaves_nothing_to_the_one_that_counts() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nContent-Type: application/json\r\nX-Early: 1\r\n\r\n"
    async with (
        serving(answering(early + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as (peer, _),
        pool_for(peer) as pool,
    ):
        answer = await pool.request("GET", "/", b"")
    assert (answer.status, answer.content_type, answer.headers) == (200, b"", ((b"content-length", b"2"),))


# Retry


@pytest.mark.parametrize("ends", ["close", "reset"])
async def test_a_retry_sends_the_whole_request_again_on_a_fresh_connection(unix_path: Path | None, ends: str) -> None:
    requests: list[bytes] = []

    async def answer_one_and_drop_the_next(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(OK)
        requests.append(await read_request(reader))
        if ends == "reset":
            reset(writer)

    async with (
        serving(answer_one_and_drop_the_next, unix_path) as (peer, served),
        pool_for(peer, max_connections=1) as pool,
    ):
        for page in (b"first", b"second", b"third"):
            assert (await pool.request("POST", "/render", page)).body == b"ok"
        assert served.connections == 3
    # "first"; "second" dropped and sent again; "third" dropped and sent again.
    assert [request.rpartition(b"\r\n\r\n")[2] for request in requests] == [
        b"first",
        b"second",
        b"second",
        b"third",
        b"third",
    ]


@pytest.mark.protocol("K8")
async def test_a_retry_is_made_once_and_only_once() -> None:
    connections = 0

    async def only_the_first_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        if connections == 1:
            writer.write(OK)
            await read_request(reader)

    async with serving(only_the_first_answer) as (peer, _), pool_for(peer) as pool:
        await get(pool)
        with pytest.raises(ConnectionFailed, match="before an answer"):
            await get(pool)
        assert connections == 2


@pytest.mark.parametrize("ends", ["close", "reset"])
@pytest.mark.parametrize(
    "bytes_that_came",
    [
        b"H",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        CHUNKED[:-9],
        CHUNKED[:-5],
        CHUNKED[:-2],
    ],
    ids=[
        "one byte",
        "status line",
        "100 Continue",
        "headers",
        "half a body",
        "half a chunk",
        "no last chunk",
        "no end of the last chunk",
    ],
)
@pytest.mark.protocol("K8")
async def test_once_a_byte_came_nothing_is_sent_again(
    unix_path: Path | None, bytes_that_came: bytes, ends: str
) -> None:
    requests = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(OK)
        await read_request(reader)
        requests += 1
        writer.write(bytes_that_came)
        await turns(10)  # Let the client read them first, since a reset may drop unread bytes.
        if ends == "reset":
            reset(writer)

    async with serving(script, unix_path) as (peer, served), pool_for(peer) as pool:
        await get(pool)
        with pytest.raises(ConnectionFailed, match="in the middle of an answer"):
            await get(pool)
        assert (served.connections, requests) == (1, 2)


async def test_under_load_every_answer_comes_though_the_peer_drops_every_second_request() -> None:
    """R4: all requests succeed, with at most one retry each."""

    async def every_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        writer.write(reply(request[-4:]))
        await read_request(reader)

    async with serving(every_second) as (peer, served), pool_for(peer, max_connections=4) as pool:
        numbers = [b"%04d" % number for number in range(400)]
        replies = await asyncio.gather(*(pool.request("POST", "/", number) for number in numbers))
        assert [answer.body for answer in replies] == numbers
        assert served.most_at_a_time <= 5, "a new connection may open while an old one closes"


async def test_a_retried_request_does_not_queue_again() -> None:
    finished: list[str] = []
    go = asyncio.Event()
    connections = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        is_first = connections == 1
        while True:
            request = await read_request(reader)
            if request.endswith(b"dropped") and is_first:
                return
            if request.endswith(b"before"):
                await go.wait()
            writer.write(OK)

    async with serving(script) as (peer, _), pool_for(peer, max_connections=1) as pool:
        await get(pool)

        async def send(name: str) -> None:
            await pool.request("POST", "/", name.encode())
            finished.append(name)

        tasks = [asyncio.create_task(send(name)) for name in ("dropped", "before")]
        await until(lambda: connections == 2)
        tasks.extend(asyncio.create_task(send(f"later {number}")) for number in range(3))
        await turns(1)
        go.set()
        await asyncio.gather(*tasks)
    assert finished == ["before", "dropped", "later 0", "later 1", "later 2"]


# Faults on a fresh connection


@pytest.mark.parametrize(
    "bytes_that_came",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    ],
    ids=["before an answer", "in the headers", "after the headers", "in the body"],
)
async def test_a_reset_at_any_point_is_one_error(unix_path: Path | None, bytes_that_came: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(bytes_that_came)
        await turns(10)
        reset(writer)

    async with serving(script, unix_path) as (peer, served), pool_for(peer, max_connections=1) as pool:
        for number in range(1, 4):
            with pytest.raises(ConnectionFailed, match="closed"):
                await get(pool)
            assert served.connections == number


async def test_a_reset_without_reading_is_one_error(unix_path: Path | None) -> None:
    async def script(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with serving(script, unix_path) as (peer, _), pool_for(peer, max_connections=1) as pool:
        for _ in range(3):
            with pytest.raises(ConnectionFailed):
                await pool.request("POST", "/render", b"x" * 4_000_000)


async def test_a_socket_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "gone.sock", tmp_path / "file", tmp_path / ("x" * 200)):
        async with pool_for(Peer(unix_path=str(path)), max_connections=1) as pool:
            for _ in range(3):
                with pytest.raises(ConnectionFailed, match="cannot connect to unix:"):
                    await get(pool)


async def test_an_invalid_host_is_an_error_and_costs_no_slot() -> None:
    async with pool_for(Peer("a" * 300, 80), max_connections=1) as pool:
        for _ in range(3):
            with pytest.raises(Exception):  # noqa: B017 - a UnicodeError of the idna codec; `render` handles any
                await get(pool)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 4096,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=[
        "zeros",
        "ssh",
        "request",
        "version",
        "status",
        "digits",
        "two lengths",
        "negative chunk",
        "huge chunk",
        "upgrade",
    ],
)
async def test_an_answer_that_is_not_http_is_refused_while_the_connection_stays_open(garbage: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(garbage)
        await reader.read()

    async with serving(script) as (peer, _), pool_for(peer, max_connections=1) as pool:
        for _ in range(2):
            with pytest.raises(ConnectionFailed):
                await get(pool)


# Fragmented answers


@pytest.mark.parametrize(
    "answer", [CHUNKED, b"HTTP/1.1 100 Continue\r\n\r\n" + reply(b"hello world")], ids=["chunked", "100 Continue"]
)
async def test_an_answer_may_be_cut_anywhere(answer: bytes) -> None:
    cuts = iter(range(1, len(answer)))

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            cut = next(cuts)
            writer.write(answer[:cut])
            await turns(4)
            writer.write(answer[cut:])

    async with serving(script) as (peer, served), pool_for(peer) as pool:
        for _ in range(1, len(answer)):
            assert await get(pool) == b"hello world"
        assert served.connections == 1


async def test_an_answer_may_come_byte_by_byte(unix_path: Path | None) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in CHUNKED:
            writer.write(bytes([byte]))
            await turns(3)
        await reader.read()

    async with serving(script, unix_path) as (peer, _), pool_for(peer) as pool:
        assert await get(pool) == b"hello world"


async def test_answers_without_a_body_are_complete() -> None:
    async with serving(answering(b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n", OK)) as (
        peer,
        served,
    ):
        async with pool_for(peer) as pool:
            assert [(await pool.request("GET", "/", b"")).status for _ in range(3)] == [204, 304, 200]
            assert served.connections == 1


async def test_an_answer_that_ends_with_its_connection_is_not_trusted() -> None:
    """It cannot be distinguished from a truncated answer."""
    async with (
        serving(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nnull", close_after=1)) as (peer, _),
        pool_for(peer) as pool,
    ):
        with pytest.raises(ConnectionFailed):
            await get(pool)


# Answers that match no request


async def test_a_connection_that_answered_twice_is_not_used_again(unix_path: Path | None) -> None:
    async with serving(answering(OK + OK), unix_path) as (peer, served), pool_for(peer) as pool:
        for number in range(1, 4):
            assert await get(pool) == b"ok"
            assert served.connections == number


@pytest.mark.parametrize("cut", [1, 20, 60, len(OK) - 1])
async def test_the_rest_of_a_second_answer_is_never_the_answer_to_the_next_request(cut: int) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(100):
            request = await read_request(reader)
            own, stale = reply(request[-1:] * 40), reply(b"s" * 40)
            writer.write(own + stale[:cut] if number == 0 else stale[cut:] + own)

    async with serving(script) as (peer, _), pool_for(peer) as pool:
        for letter in (b"a", b"b", b"c"):
            assert (await pool.request("POST", "/", letter)).body == letter * 40


async def test_a_connection_that_spoke_unasked_is_not_used_again() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await turns(10)
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    async with serving(script) as (peer, served), pool_for(peer) as pool:
        for number in range(1, 4):
            assert await get(pool) == b"ok"
            await until(lambda: served.open_connections == 0)
            assert served.connections == number


async def test_a_connection_whose_request_was_answered_unread_is_not_used_again(unix_path: Path | None) -> None:
    """The unsent rest of the request would block the next one, forever if the peer never reads it."""

    async def answer_after_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply(b"too much", 413))
        await asyncio.Event().wait()

    async with serving(answer_after_the_head, unix_path) as (peer, served), pool_for(peer, max_connections=1) as pool:
        for number in range(1, 4):
            assert (await pool.request("POST", "/render", b"x" * 16_000_000)).status == 413
            assert served.connections == number


# Size


def endless(start: bytes, piece: bytes) -> tuple[Script, list[int]]:
    """Return a script that writes `piece` forever, and a list with the number of bytes written."""
    written = [0]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            written[0] += len(piece)

    return script, written


KIB64 = 64 * 1024
CHUNK_OF_64_KIB = b"%x\r\n" % KIB64 + b"x" * KIB64 + b"\r\n"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNK_OF_64_KIB),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * KIB64),
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"x" * 8000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Header: ", b"x" * KIB64),
        (b"", b"HTTP/1.1 100 Continue\r\nX-Header: yes\r\n\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: " + b"x" * 8000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"x" * KIB64),
    ],
    ids=["chunks", "no length", "headers", "one header", "100 Continue", "trailers", "chunk extension"],
)
async def test_reading_stops_at_8_mib_whatever_comes(unix_path: Path | None, start: bytes, piece: bytes) -> None:
    script, written = endless(start, piece)
    async with serving(script, unix_path) as (peer, served), pool_for(peer, max_connections=1) as pool:
        with pytest.raises(ConnectionFailed, match="more than|longer than|not HTTP"):
            await get(pool)
        await until(lambda: served.open_connections == 0)
    # The client does not read what the kernel and the writer buffer.
    assert written[0] < MAX_REPLY_BYTES + 8 * 1024 * 1024


async def test_a_connection_that_failed_leaves_no_memory_to_the_garbage_collector() -> None:
    """Collections are rare, so a render server that keeps failing would make the process grow in between."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000
    async with serving(answering(cut, close_after=1)) as (peer, _), pool_for(peer) as pool:

        async def fail(times: int) -> None:
            for _ in range(times):
                with pytest.raises(ConnectionFailed):
                    await pool.request("POST", "/render", b"{}")

        await fail(5)
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            await fail(50)
            await turns(5)
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
            gc.enable()
    assert grown < 50 * 16_000, f"{grown / 50:.0f} bytes per failure"


async def test_50_mb_with_its_length_is_refused_at_the_headers(unix_path: Path | None) -> None:
    script, written = endless(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n", b"x" * KIB64)
    async with serving(script, unix_path) as (peer, served), pool_for(peer) as pool:
        with pytest.raises(ReplyTooLarge, match="announces 50000000 bytes"):
            await get(pool)
        await until(lambda: served.open_connections == 0)
    assert written[0] < MAX_REPLY_BYTES


async def test_a_length_of_1_gb_is_refused_before_a_byte_of_it_came() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        await reader.read()

    async with serving(script) as (peer, _), pool_for(peer) as pool:
        with pytest.raises(ReplyTooLarge, match="announces 1000000000 bytes"):
            await get(pool)


@pytest.mark.parametrize("length", [MAX_REPLY_BYTES - 1, MAX_REPLY_BYTES])
async def test_an_answer_up_to_8_mib_is_read(length: int) -> None:
    body = b"x" * length
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % length + body + b"\r\n0\r\n\r\n"
    async with serving(answering(reply(body), chunked)) as (peer, served), pool_for(peer) as pool:
        assert await get(pool) == body
        assert await get(pool) == body
        assert served.connections == 1


async def test_one_byte_more_is_refused() -> None:
    body = b"x" * (MAX_REPLY_BYTES + 1)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    for answer in (reply(body), chunked):
        async with serving(answering(answer)) as (peer, _), pool_for(peer) as pool:
            with pytest.raises(ReplyTooLarge):
                await get(pool)


# Closing


async def test_a_pool_that_is_closed_lets_requests_end_and_keeps_no_connection() -> None:
    go = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            await go.wait()
            writer.write(OK)

    async with serving(script) as (peer, served), pool_for(peer, max_connections=1) as pool:
        busy, waiting = (asyncio.create_task(get(pool)) for _ in range(2))
        await until(lambda: served.connections == 1)
        await pool.aclose()
        go.set()
        assert await busy == b"ok"
        assert await waiting == b"ok"
        assert "open=0/1 idle=0 waiting=0" in repr(pool)


async def test_a_waiter_that_is_granted_a_connection_while_the_pool_closes_and_is_cancelled_leaves_nothing_open() -> (
    None
):
    async with serving(answering(OK)) as (peer, served), pool_for(peer, max_connections=1) as pool:
        connection = await pool.acquire()
        waiter = asyncio.create_task(pool.acquire())
        await turns(1)
        pool._give_back(connection)
        waiter.cancel()
        await pool.aclose()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        assert "open=0/1 idle=0 waiting=0" in repr(pool)
        await until(lambda: served.open_connections == 0)


# Unhandled exceptions


async def test_a_request_that_fails_and_is_cancelled_in_one_turn_leaves_no_exception_behind() -> None:
    seen: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
    go = asyncio.Event()

    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await go.wait()
        writer.write(b"garbage\r\n\r\n")

    async with serving(garbage) as (peer, served), pool_for(peer) as pool:
        for number in range(1, 30):
            go.clear()
            task = asyncio.create_task(get(pool))
            await until(lambda expected=number: served.connections == expected)
            go.set()
            await turns(number)  # One of these falls between the failure and the wake-up.
            task.cancel()
            with pytest.raises((asyncio.CancelledError, ConnectionFailed)):
                await task
            del task
        gc.collect()
        await turns(2)
        assert not seen
