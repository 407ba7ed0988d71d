"""HTTP through the gate: headers, bodies, back-pressure, faults."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite._net.connection import Connection
from litestar_vite._net.pool import Peer, Pool
from litestar_vite._proxy.headers import CHUNKED, body_length, request_head, response_headers, same_origin
from litestar_vite._proxy.http import forward
from tests.unit.proxy.conftest import DEADLINE_SECONDS

if TYPE_CHECKING:
    from tests.unit.proxy.conftest import Site


def test_host_and_origin_are_kept_and_headers_of_the_connection_are_not() -> None:
    headers = [
        (b"host", b"app.test:8000"),
        (b"origin", b"http://app.test:8000"),
        (b"connection", b"keep-alive, X-Secret"),
        (b"x-secret", b"1"),
        (b"keep-alive", b"timeout=5"),
        (b"te", b"trailers"),
        (b"upgrade", b"h2c"),
        (b"proxy-authorization", b"Basic x"),
        (b"expect", b"100-continue"),
        (b"cookie", b"a=b"),
    ]
    head = request_head("GET", b"/static/x", headers)
    assert (
        head == b"GET /static/x HTTP/1.1\r\nhost: app.test:8000\r\norigin: http://app.test:8000\r\ncookie: a=b\r\n\r\n"
    )


def test_all_connection_headers_are_read_and_none_can_name_what_frames_or_checks_a_request() -> None:
    headers = [
        (b"connection", b"close, X-One, content-length"),
        (b"connection", b"Host, ORIGIN ,x-two,transfer-encoding"),
        (b"host", b"app.test"),
        (b"origin", b"http://app.test"),
        (b"content-length", b"5"),
        (b"x-one", b"1"),
        (b"x-two", b"2"),
    ]
    head = request_head("POST", b"/static/x", headers, body_length(headers))
    assert head == b"POST /static/x HTTP/1.1\r\nhost: app.test\r\norigin: http://app.test\r\ncontent-length: 5\r\n\r\n"
    assert response_headers([(b"connection", b"content-length"), (b"content-length", b"5")]) == [
        (b"content-length", b"5")
    ]


def test_a_length_beside_chunks_is_dropped() -> None:
    headers = [(b"content-length", b"5"), (b"transfer-encoding", b"chunked")]
    assert body_length(headers) == CHUNKED
    head = request_head("POST", b"/static/x", headers, CHUNKED)
    assert head == b"POST /static/x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "values", [[b"5", b"6"], [b"5, 5"], [b"+5"], [b"-1"], [b"0x5"], [b"5_0"], [b""], ["\u0665".encode()]]
)
def test_a_length_that_is_no_single_number_frames_nothing(values: list[bytes]) -> None:
    with pytest.raises(ValueError, match="Content-Length"):
        body_length([(b"content-length", value) for value in values])


def test_one_length_said_twice_goes_on_once() -> None:
    headers = [(b"content-length", b"5"), (b"content-length", b"5")]
    assert (
        request_head("POST", b"/x", headers, body_length(headers)) == b"POST /x HTTP/1.1\r\ncontent-length: 5\r\n\r\n"
    )


def test_headers_of_vites_connection_stay_there() -> None:
    headers = [
        (b"connection", b"x-mine"),
        (b"x-mine", b"1"),
        (b"keep-alive", b"timeout=5"),
        (b"date", b"now"),
        (b"etag", b'W/"1"'),
    ]
    assert response_headers(headers) == [(b"etag", b'W/"1"')]


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        (b"http://app.test:8000", b"app.test:8000", True),
        (b"https://APP.test:8000", b"app.test:8000", True),
        (b"http://[::1]:8000", b"[::1]:8000", True),
        (b"http://evil.test", b"app.test", False),
        (b"http://app.test:8001", b"app.test:8000", False),
        (b"http://app.test.evil.test", b"app.test", False),
        (b"null", b"app.test", False),
        (b"app.test", b"app.test", False),
        (b"", b"", False),
    ],
)
def test_the_origin_must_match_the_host(origin: bytes, host: bytes, same: bool) -> None:
    assert same_origin([(b"origin", origin), (b"host", host)]) is same
    assert not same_origin([(b"host", host)])


def test_headers_pass_in_both_directions(site: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b'HTTP/1.1 200 OK\r\nETag: W/"1"\r\nDate: long ago\r\nKeep-Alive: timeout=5\r\nVary: Origin\r\nVary: Accept\r\n'
            b"Content-Length: 2\r\n\r\nok"
        )

    site.script = script
    answer = site.ask(b"/static/x", b"Accept: */*", b"Cookie: a=b", b"TE: trailers").lower()
    assert b"host: app.test\r\n" in site.heads[0].lower()
    assert b"cookie: a=b\r\n" in site.heads[0].lower()
    assert b"te:" not in site.heads[0].lower()
    assert b'etag: w/"1"' in answer
    assert b"vary: origin\r\n" in answer
    assert b"vary: accept\r\n" in answer
    assert b"long ago" not in answer
    assert b"keep-alive: timeout" not in answer


@pytest.mark.parametrize("status", [b"304 Not Modified", b"204 No Content"])
def test_answers_without_a_body_end(site: Site, status: bytes) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + status + b"\r\nETag: x\r\n\r\n")

    site.script = script
    assert site.ask(b"/static/x").startswith(b"HTTP/1.1 " + status[:3])
    assert site.ask(b"/static/y").startswith(b"HTTP/1.1 " + status[:3])
    assert site.connections == 1, "the connection is kept"


def test_a_head_request_gets_a_head(site: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")

    site.script = script
    answer = site.ask(b"/static/x", method=b"HEAD")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")


def test_chunks_and_an_answer_that_ends_with_its_connection_arrive_whole(site: Site) -> None:
    async def script(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"chunked" in head:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in (b"one", b"two", b"three"):
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
            writer.write(b"0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end")
            writer.close()

    site.script = script
    answer = site.ask(b"/static/chunked")
    assert b"one" in answer
    assert b"three" in answer
    assert answer.endswith(b"0\r\n\r\n")
    assert b"until the end" in site.ask(b"/static/closed")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_is_passed_on(site: Site, framing: str) -> None:
    received: list[bytes] = []
    body = b"x" * 300_000

    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"transfer-encoding: chunked" in head.lower():
            whole = b""
            while size := int(await reader.readline(), 16):
                whole += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            whole = await reader.readexactly(len(body))
        received.append(whole)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    site.script = script
    if framing == "length":
        answer = site.ask(b"/static/x", b"Content-Length: %d" % len(body), method=b"POST", body=body)
    else:
        pieces = b"".join(b"%x\r\n%b\r\n" % (50_000, body[:50_000]) for _ in range(6)) + b"0\r\n\r\n"
        answer = site.ask(b"/static/x", b"Transfer-Encoding: chunked", method=b"POST", body=pieces)
    assert answer.endswith(b"ok")
    assert received == [body]


def test_a_browser_that_reads_slowly_holds_vite_back(one_site: Site) -> None:
    sent = 0

    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        size = 64 << 20
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size >> 16):
            writer.write(bytes(1 << 16))
            await writer.drain()
            sent += 1 << 16

    one_site.script = script
    with socket.create_connection(("127.0.0.1", one_site.port), timeout=DEADLINE_SECONDS) as connection:
        connection.sendall(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
        before = -1
        while before != sent or not sent:  # Until every buffer on the way is full.
            before = sent
            connection.recv(1)
            time.sleep(0.3)
        assert sent < 32 << 20, "the proxy has buffered too much"
    one_site.until(lambda: one_site.closed == 1, "the upstream's connection to end with the browser's")


def test_a_browser_that_goes_away_ends_the_request_to_vite(site: Site) -> None:
    async def script(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()  # Never answers.

    site.script = script
    with socket.create_connection(("127.0.0.1", site.port), timeout=DEADLINE_SECONDS) as connection:
        connection.sendall(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
        site.until(lambda: len(site.heads) == 1, "the request")
    site.until(lambda: site.closed == 1, "the upstream's connection to end")


@pytest.mark.parametrize("answer", [b"", b"not http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-"])
def test_an_upstream_that_fails_is_a_502_without_its_words(site: Site, answer: bytes) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    site.script = script
    found = site.ask(b"/static/x")
    assert found.startswith(b"HTTP/1.1 502")
    assert b"not http" not in found


def test_an_answer_that_breaks_off_is_not_made_whole(site: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.close()

    site.script = script
    answer = site.ask(b"/static/x")
    assert not answer.endswith(b"0\r\n\r\n")


def test_a_connection_that_vite_has_closed_meanwhile_is_replaced(site: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if site.connections == 1 and len(site.heads) == 2:
            writer.close()  # Close without a reply to the request.
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    site.script = script
    assert site.ask(b"/static/1").endswith(b"ok")
    assert site.ask(b"/static/2").endswith(b"ok")
    assert site.connections == 2


def test_an_early_answer_to_a_long_body_does_not_spoil_the_next_request(site: Site) -> None:
    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        status = b"413 Too Large" if head.startswith(b"POST") else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nno")
        if head.startswith(b"POST"):
            await reader.read()

    site.script = script
    answer = site.ask(
        b"/static/x", b"Content-Length: 4000000", method=b"POST", body=b"GET /static/smuggled HTTP/1.1\r\n\r\n"
    )
    assert b"413" in answer.split(b"\r\n", 1)[0]
    assert site.ask(b"/static/y").startswith(b"HTTP/1.1 200")
    assert not any(b"smuggled" in head.split(b"\r\n", 1)[0] for head in site.heads)


def test_a_second_answer_in_the_same_bytes_is_discarded(site: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\none"
            b"HTTP/1.1 200 OK\r\nX-Two: 2\r\nContent-Length: 3\r\n\r\ntwo"
        )

    site.script = script
    for _ in range(2):
        answer = site.ask(b"/static/x")
        assert answer.startswith(b"HTTP/1.1 201")
        assert answer.endswith(b"one")
    assert site.connections == 2


@pytest.mark.parametrize(
    "connection", [b"content-length", b"close, Content-Length", b"keep-alive\r\nConnection: content-length"]
)
def test_a_body_is_not_the_next_request_whatever_connection_names(site: Site, connection: bytes) -> None:
    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        await reader.readexactly(length)
        words = b"answer to " + head.split(b" ")[1]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(words), words))

    site.script = script
    smuggled = b"POST /__inertia_ssr HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    answer = site.ask(
        b"/static/x", b"Connection: " + connection, b"Content-Length: %d" % len(smuggled), method=b"POST", body=smuggled
    )
    assert answer.endswith(b"answer to /static/x")
    assert site.ask(b"/static/y").endswith(b"answer to /static/y")
    assert [head.split(b" ")[1] for head in site.heads] == [b"/static/x", b"/static/y"]


@pytest.mark.parametrize("pieces", [[b"abc"], [b"abc", b"de, and more"], [b"abcdeGET /smuggled HTTP/1.1\r\n\r\n"]])
@pytest.mark.anyio
async def test_a_body_of_another_length_than_its_head_says_ends_the_connection(pieces: list[bytes]) -> None:
    received: list[bytes] = []
    ended = asyncio.Event()

    async def vite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            # Answer early, so that only the proxy's byte count prevents reuse of the connection.
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            while data := await reader.read(65536):
                received.append(data)
        except OSError:
            pass
        finally:
            writer.close()
            ended.set()

    messages: list[Any] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def send(_: Any) -> None:
        return None

    scope: Any = {"method": "POST", "headers": [(b"host", b"app.test"), (b"content-length", b"5")]}
    async with await asyncio.start_server(vite, "127.0.0.1", 0) as server:
        upstream = Pool(Peer("127.0.0.1", server.sockets[0].getsockname()[1]), Connection)
        await forward(upstream, b"/static/x", scope, receive, send)
        assert "idle=0" in repr(upstream)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await ended.wait()
        await upstream.aclose()
    assert len(b"".join(received)) <= 5


@pytest.mark.anyio
async def test_lengths_that_contradict_each_other_are_a_400_and_nothing_is_sent() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Any = {"method": "POST", "headers": [(b"content-length", b"5"), (b"content-length", b"6")]}
    await forward(Pool(Peer("127.0.0.1", 9), Connection), b"/static/x", scope, receive, send)
    assert sent[0]["status"] == 400
