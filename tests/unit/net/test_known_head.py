"""A response head that llhttp has parsed is not parsed again. The results must equal those of llhttp."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from litestar_vite._net.connection import Connection
from litestar_vite._net.failures import MAX_REPLY_BYTES, ConnectionFailed, DiedUnread
from litestar_vite._net.reply_connection import ReplyConnection
from tests.unit.ssr.servers import answering, pool_for, reply, serving

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite._net.known_reply_head import KnownHead

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MARKED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Mark: %b\r\n\r\nok"
LONGER = b"HTTP/1.1 200 OK\r\nX-Mark: %b\r\nContent-Length: 51\r\n\r\n"
DATED = b"HTTP/1.1 200 OK\r\ncontent-type: text/x\r\ndate: %b\r\nContent-length:  %d\r\nkeep-alive: timeout=5\r\n\r\n%b"


@pytest.fixture
def heads_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list with an entry for each head that llhttp parsed."""
    heads: list[int] = []

    def count(self: Connection) -> None:
        heads.append(1)
        on_message_begin(self)

    on_message_begin = Connection.on_message_begin
    monkeypatch.setattr(Connection, "on_message_begin", count)
    return heads


@pytest.mark.anyio
async def test_a_head_is_read_once_whatever_the_length_of_the_body(
    unix_path: Path | None, heads_read: list[int]
) -> None:
    bodies = [b"x", b"", b"y" * 30_000, b"0123456789"]
    async with serving(answering(*map(reply, bodies)), unix_path) as (peer, served), pool_for(peer) as pool:
        replies = [await pool.request("POST", "/render", b"page") for _ in bodies]
        assert [answer.body for answer in replies] == bodies
        assert {(answer.status, answer.content_type) for answer in replies} == {(200, b"application/json")}
        assert [dict(answer.headers)[b"content-length"] for answer in replies] == [b"%d" % len(body) for body in bodies]
        assert served.connections == 1
    # A long reply that arrives in several reads is parsed too.
    assert 1 <= len(heads_read) <= 2


@pytest.mark.anyio
async def test_another_date_is_another_head(heads_read: list[int]) -> None:
    dates = (b"one", b"one", b"two", b"two")
    async with serving(answering(*(DATED % (date, 2, b"ok") for date in dates))) as (peer, _), pool_for(peer) as pool:
        replies = [await pool.request("GET", "/", b"") for _ in dates]
    assert [dict(answer.headers)[b"date"] for answer in replies] == list(dates)
    assert len(heads_read) == 2


@pytest.mark.anyio
async def test_a_head_with_connection_close_is_not_kept(heads_read: list[int]) -> None:
    goodbye = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with serving(answering(goodbye)) as (peer, served), pool_for(peer) as pool:
        assert [(await pool.request("GET", "/", b"")).body for _ in range(3)] == [b"ok"] * 3
        assert served.connections == 3
    assert len(heads_read) == 3


class Wire:
    """A transport that sends nothing. Tests pass the peer's bytes to `receive`."""

    def __init__(self, connection: ReplyConnection) -> None:
        self.connection = connection
        self.is_lost = False
        connection.connection_made(cast("Any", self))

    def write(self, data: bytes) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.is_lost

    def abort(self) -> None:
        self.is_lost = True

    def receive(self, data: bytes) -> None:
        if self.is_lost:
            return
        buffer = self.connection.get_buffer(-1)
        buffer[: len(data)] = data
        self.connection.buffer_updated(len(data))


class Forgetful(ReplyConnection):
    """A connection that lets llhttp parse every head."""

    @property
    def _known_head(self) -> None:
        return None

    @_known_head.setter
    def _known_head(self, head: KnownHead | None) -> None: ...


async def exchange(connection: ReplyConnection, exchanges: list[list[bytes]]) -> list[Any]:
    """Send a request for each list of reads, and return the results until the connection cannot be reused."""
    wire = Wire(connection)
    came: list[Any] = []
    for reads in exchanges:
        answer = connection.request(b"request", None)
        for data in reads:
            wire.receive(data)
        if not answer.done():
            came.append("waits")
            break
        if (error := answer.exception()) is not None:
            came.append((type(error), str(error)))
            break
        result = answer.result()
        came.append((result.status, sorted(result.headers), result.body, result.content_type, connection.is_reusable))
        if not connection.is_reusable or wire.is_lost:
            break
    came.append(wire.is_lost)
    if not answer.done():
        answer.cancel()
    connection.abort()
    return came


HEADS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length:%d\r\ncontent-type: application/json\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: content-length: 3\r\nContent-Length: 0%d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d \r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.1 204 None\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.1 304 Same\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%d\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: %d\n\n",
        b"no HTTP %d",
    ]
)
BODIES = st.sampled_from([b"", b"ok", b"\r\n", b"\r\n\r\n", b"{}\r\nHTTP/1.1 200 OK\r\n\r\n", b"12345678901"])


@st.composite
def reads(draw: st.DrawFn) -> list[bytes]:
    """Return the bytes that a peer sends for one request: usually a valid reply, in one or two reads."""
    body = draw(BODIES)
    length = len(body) + draw(st.sampled_from([0, 0, 0, 0, 1, -1, 10]))
    data = (
        draw(HEADS) % max(0, length)
        + body
        + draw(st.sampled_from([b"", b"", b"", b"", b"\r\n", b"H", b"HTTP/1.1 200 OK\r\n"]))
    )
    cut = draw(st.sampled_from([0, 0, 0, 0, 1, 17, 30, len(data) - 1]))
    return [piece for piece in (data[:cut], data[cut:]) if piece]


@given(st.lists(reads(), min_size=1, max_size=4))
@example([[WHOLE + b"\r\n"], [WHOLE + b"\r\n"]])  # llhttp ignores an empty line after a reply.
@example([[WHOLE], [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok"]])
@example([[WHOLE], [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"]])
@example([[WHOLE], [b"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nok"]])
@example([[b"HTTP/1.1 304 Same\r\nContent-Length: 0\r\n\r\n"], [b"HTTP/1.1 304 Same\r\nContent-Length: 2\r\n\r\nok"]])
@example([[MARKED % b"one"], [MARKED % b"two"]])
@example(
    [[WHOLE], [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(WHOLE), WHOLE]]
)  # A body that looks like a reply.
@example(
    [[LONGER % b"a", LONGER % b"b" + b"x"], [LONGER % b"b" + b"y" * 51]]
)  # A body that looks like another reply's head.
def test_replies_are_the_same_as_those_of_llhttp(exchanges: list[list[bytes]]) -> None:
    async def both() -> tuple[list[Any], list[Any]]:
        return (
            await exchange(ReplyConnection(MAX_REPLY_BYTES, set()), exchanges),
            await exchange(Forgetful(MAX_REPLY_BYTES, set()), exchanges),
        )

    ours, llhttps = asyncio.run(both())
    assert ours == llhttps


def test_the_comparison_distinguishes_replies_failures_and_waits() -> None:
    """The comparison above only proves something if it sees replies, failures and waits."""

    async def come() -> list[Any]:
        lasts = (WHOLE, WHOLE[:-1], b"no HTTP")
        results = [await exchange(ReplyConnection(MAX_REPLY_BYTES, set()), [[WHOLE], [last]]) for last in lasts]
        return [result[1] for result in results]

    answered, waits, failed = asyncio.run(come())
    assert answered[2] == b"ok"
    assert waits == "waits"
    assert failed[0] is ConnectionFailed
    assert failed[0] is not DiedUnread
