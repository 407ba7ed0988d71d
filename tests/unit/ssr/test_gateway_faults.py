"""R1, R2, R3 and R5 of the render hop: whatever the render server does, `render` returns an outcome in time, and the
pool stays intact.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import FailureLog, render
from litestar_vite._ssr.outcome import ClientSide, Failed, Rendered
from litestar_vite.exceptions import SSRError
from tests.unit.ssr.servers import answering, hang, read_request, reply, serving, turns, until

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite._net.pool import Peer
    from litestar_vite._ssr.outcome import Outcome
    from tests.unit.ssr.servers import Script

pytestmark = pytest.mark.anyio

# Long enough even for a slow machine. Tests of the deadline set their own.
PLENTY = 60.0


async def render_at(peer: Peer, timeout_seconds: float = PLENTY, page: bytes = b"{}", times: int = 2) -> Outcome:
    """Render more than once with one slot, so that a lost slot causes a timeout."""
    async with open_client(f"http://127.0.0.1:{peer.port}", unix_path=peer.unix_path, max_connections=1) as client:
        for _ in range(times):
            outcome = await render(client, f"http://127.0.0.1:{peer.port}/render", page, timeout_seconds)
        assert " waiting=0 " in repr(client)
    assert "open=0/1" in repr(client)
    return outcome


def failed_as(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.kind


# Parsing answers (protocol K2-K5)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"head":[],"body":""}', Rendered(b"", b"")),
        (b' \n {"body":"b","head":["a"],"extra":{"x":[1,null]}} \n', Rendered(b"a", b"b")),
        ('{"head":["<title>Ü</title>"],"body":"\\u00dc \\ud83d\\ude00 <\\/b>"}'.encode(), Rendered("<title>Ü</title>".encode(), "Ü 😀 </b>".encode())),
        (b"null", ClientSide()),
        (b" null\n", ClientSide()),
    ],
)  # fmt: skip
@pytest.mark.protocol("K2")
async def test_a_good_answer_is_read(unix_path: Path | None, body: bytes, expected: Outcome) -> None:
    async with serving(answering(reply(body)), unix_path) as (peer, _):
        assert await render_at(peer) == expected


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "application/json ;x", "Application/JSON"]
)
async def test_json_is_known_by_its_content_type_however_it_is_written(content_type: str) -> None:
    async with serving(answering(reply(b"null", content_type=content_type))) as (peer, _):
        assert await render_at(peer) == ClientSide()


@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "text/html; charset=application/json", "application/jsonp", "application/json5", "\xff\xfe"],
)
async def test_what_does_not_say_that_it_is_json_is_not_read(content_type: str) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: "
        + content_type.encode("latin-1")
        + b"\r\nContent-Length: 21\r\n\r\n"
        + b'{"head":[],"body":""}'
    )
    async with serving(answering(answer)) as (peer, _):
        assert failed_as(await render_at(peer)) == "protocol"


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"{}", b"[]", b"true", b"1", b'""', b"NaN", b"nul", b"null null", b'{"head":[],"body":""}x', b"\xef\xbb\xbfnull",
        b'{"status":"NOT_FOUND"}', b'{"head":[]}', b'{"body":""}', b'{"head":null,"body":""}', b'{"head":[1],"body":""}',
        b'{"head":["a",null],"body":""}', b'{"head":"<title>","body":""}', b'{"head":[],"body":null}', b'{"head":[],"body":["b"]}',
        b'{"head":[],"body":"\xff\xfe"}', b'{"head":["\\ud800"],"body":""}', b'{"head":[],"body":"\x00"}',
        b"[" * 1_000_000, b'{"a":' * 500_000, b'{"head":[],"body":"","deep":' + b"[" * 500_000 + b"]" * 500_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
@pytest.mark.protocol("K2")
async def test_an_answer_that_is_no_page_is_a_protocol_failure(body: bytes) -> None:
    async with serving(answering(reply(body))) as (peer, _):
        assert failed_as(await render_at(peer)) == "protocol"


@pytest.mark.parametrize("kind", ["browser-api", "component-resolution", "render", "unknown"])
@pytest.mark.protocol("K4")
async def test_a_classified_error_keeps_its_class_and_its_words(kind: str) -> None:
    error = {
        "error": "window is not defined",
        "type": kind,
        "component": "Users/Index",
        "url": "/users",
        "browserApi": "window",
        "hint": "Use it in an effect",
        "stack": "at x",
        "sourceLocation": "src/a.tsx:1:2",
        "timestamp": "2026-01-01T00:00:00.000Z",
    }
    async with serving(answering(reply(json.dumps(error).encode(), 500))) as (peer, _):
        outcome = await render_at(peer)
    assert failed_as(outcome) == kind
    assert isinstance(outcome, Failed)
    assert outcome.is_page_error
    raised = outcome.as_error()
    assert isinstance(raised, SSRError)
    assert str(raised) == "window is not defined"
    assert (raised.kind, raised.component, raised.hint, raised.source_location) == (
        kind, "Users/Index", "Use it in an effect", "src/a.tsx:1:2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b'{"error":"e"}', "unknown"),
        (500, b"{}", "unknown"),
        (500, b'{"error":"e","type":"timeout"}', "unknown"),
        (500, b'{"error":"e","type":"connection"}', "unknown"),
        (503, b'{"error":"e","type":"render"}', "render"),
        (404, b'{"status":"NOT_FOUND"}', "unknown"),
        (302, b'{"head":[],"body":"moved"}', "unknown"),
        (500, b'{"error":1}', "protocol"),
        (500, b'{"error":"e","hint":{}}', "protocol"),
        (500, b"", "protocol"),
        (500, b"null", "protocol"),
        (500, b'"e"', "protocol"),
        (500, b"\xff", "protocol"),
        (500, b'{"error":"\xff"}', "protocol"),
        (500, b"[" * 500_000, "protocol"),
    ],
    ids=lambda value: repr(value)[:30],
)
@pytest.mark.protocol("K4")
async def test_an_error_of_any_shape_is_a_failure_and_never_a_page(status: int, body: bytes, kind: str) -> None:
    async with serving(answering(reply(body, status))) as (peer, _):
        assert failed_as(await render_at(peer)) == kind


# R1: refused.


async def test_a_server_that_is_not_there_is_a_connection_failure(tmp_path: Path) -> None:
    async with serving(answering(b"")) as (peer, _):
        pass
    outcome = await render_at(peer, times=3)
    assert failed_as(outcome) == "connection"
    assert isinstance(outcome, Failed)
    assert not outcome.is_page_error
    async with open_client("http://localhost", unix_path=str(tmp_path / "gone.sock")) as client:
        assert failed_as(await render(client, "http://localhost/render", b"{}", PLENTY)) == "connection"


@pytest.mark.parametrize(
    "url", ["http://" + "a" * 70 + "/render", "http://127.0.0.1:1/rénder", "http://name.invalid/render"]
)
async def test_an_invalid_address_is_a_connection_failure(url: str) -> None:
    async with open_client(url) as client:
        assert failed_as(await render(client, url, b"{}", PLENTY)) == "connection"


# R2: too late.


async def accept_and_never_read(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def stalling(start: bytes) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(start)
        await asyncio.Event().wait()

    return script


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    for byte in reply(b'{"head":[],"body":"' + b"x" * 1000 + b'"}'):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.01)


async def continue_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "script",
    [
        hang,
        accept_and_never_read,
        drip,
        continue_for_ever,
        stalling(b"HTTP/1.1 200 OK\r\n"),
        stalling(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n"),
        stalling(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnul"),
    ],
    ids=[
        "hangs",
        "never reads",
        "drips",
        "continues",
        "stalls in headers",
        "stalls after headers",
        "stalls in the body",
    ],
)
@pytest.mark.parametrize("own_pool", [True, False], ids=["pool", "httpx"])
async def test_the_deadline_is_the_outcome_of_a_server_that_takes_too_long(script: Script, own_pool: bool) -> None:
    page = b"[" + b"1," * 2_000_000 + b"1]"  # 4 MB: more than sockets buffer for a peer that does not read.
    async with serving(script) as (peer, _):
        url = f"http://127.0.0.1:{peer.port}"
        async with open_client(url, max_connections=1) if own_pool else httpx.AsyncClient() as client:
            for _ in range(2):
                outcome = await render(client, f"{url}/render", page, 0.1)
                assert failed_as(outcome) == "timeout"
                assert isinstance(outcome, Failed)
                assert outcome.message == "no answer within 0.1 s"
                assert not outcome.is_page_error
        if own_pool:
            assert "open=0/1" in repr(client)


async def test_the_deadline_holds_while_waiting_for_a_connection() -> None:
    async with (
        serving(hang) as (peer, served),
        open_client(f"http://127.0.0.1:{peer.port}", max_connections=1) as client,
    ):
        busy = asyncio.create_task(render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", PLENTY))
        await until(lambda: served.connections == 1)
        outcomes = await asyncio.gather(
            *(render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", 0.05) for _ in range(5))
        )
        assert [failed_as(outcome) for outcome in outcomes] == ["timeout"] * 5
        assert "open=1/1 idle=0 waiting=0" in repr(client)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy


async def test_a_cancelled_render_is_cancelled_and_no_outcome() -> None:
    async with (
        serving(hang) as (peer, served),
        open_client(f"http://127.0.0.1:{peer.port}", max_connections=1) as client,
    ):
        task = asyncio.create_task(render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", PLENTY))
        await until(lambda: served.connections == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "open=0/1" in repr(client)


# A truncated answer never becomes half a page (R3)

PAGE = b'{"head":["<title>t</title>"],"body":"<h1>whole</h1>"}'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (
        len(PAGE),
        PAGE,
    )
)


@pytest.mark.parametrize("aborts", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("answer", [reply(PAGE), CHUNKED], ids=["with length", "chunked"])
async def test_a_page_that_is_cut_anywhere_is_a_connection_failure(answer: bytes, aborts: bool) -> None:
    cuts = iter(range(len(answer)))

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer[: next(cuts)])
        if aborts:
            await turns(5)
            writer.transport.abort()

    async with serving(script) as (peer, _), open_client(f"http://127.0.0.1:{peer.port}", max_connections=1) as client:
        for _ in range(len(answer)):
            assert (
                failed_as(await render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", PLENTY)) == "connection"
            )


# R5: too large.


def pouring(start: bytes, piece: bytes, times: int) -> tuple[Script, list[int]]:
    written = [0]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(start)
        for _ in range(times):
            writer.write(piece)
            await writer.drain()
            written[0] += len(piece)

    return script, written


PIECE = b"x" * 65536
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("own_pool", [True, False], ids=["pool", "httpx"])
@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (JSON_HEAD + b"Content-Length: 52428800\r\n\r\n", PIECE),
        (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + PIECE + b"\r\n"),
        (JSON_HEAD + b"Connection: close\r\n\r\n", PIECE),
        (JSON_HEAD + b"Content-Length: 1000000000\r\n\r\n", PIECE),
    ],
    ids=["50 MB", "50 MB in chunks", "50 MB without length", "1 GB declared"],
)
async def test_reading_stops_when_an_answer_is_too_large(start: bytes, piece: bytes, own_pool: bool) -> None:
    script, written = pouring(start, piece, 800)
    async with serving(script) as (peer, served):
        url = f"http://127.0.0.1:{peer.port}"
        async with open_client(url) if own_pool else httpx.AsyncClient() as client:
            outcome = await render(client, f"{url}/render", b"{}", PLENTY)
        await until(lambda: served.open_connections == 0)
    assert failed_as(outcome) == "too-large"
    assert isinstance(outcome, Failed)
    assert "more than" in outcome.message or "longer than" in outcome.message
    assert written[0] < 20_000_000


# Arbitrary bytes


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    status=st.sampled_from([200, 200, 200, 201, 204, 301, 400, 404, 500, 503]),
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=10),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["head", "body", "error", "type", "hint"]), inner, max_size=4)
            ),
            max_leaves=10,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
async def test_no_body_makes_it_raise(status: int, body: bytes) -> None:
    async with serving(answering(reply(body, status), close_after=1)) as (peer, _):
        outcome = await render_at(peer, times=1)
    assert isinstance(outcome, Rendered | ClientSide | Failed)
    assert status == 200 or isinstance(outcome, Failed)


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    raw=st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=60).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail),
        st.lists(
            st.sampled_from([
                b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 C\r\n", b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"null",
                b"4\r\nnull\r\n", b"0\r\n\r\n", b"Content-Type: application/json\r\n", b"Connection: close\r\n", b"\x00", b":", b" ",
            ]),
            max_size=12,
        ).map(b"".join),
    )
)  # fmt: skip
async def test_no_bytes_on_the_wire_make_it_raise_or_cost_a_slot(raw: bytes) -> None:
    async with serving(answering(raw, close_after=1)) as (peer, _):
        outcome = await render_at(peer)
    assert isinstance(outcome, Rendered | ClientSide | Failed)


# The log


class Impatient(FailureLog):
    _PAUSE_SECONDS = 0.0  # type: ignore[misc]


def test_a_failure_is_logged_again_when_the_pause_is_over(caplog: pytest.LogCaptureFixture) -> None:
    log = Impatient()
    for _ in range(3):
        log.report(Failed("render", "boom"), "Home")
    assert len(caplog.records) == 3


def test_a_page_error_is_logged_for_each_page_and_a_failure_of_the_server_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = FailureLog()
    with caplog.at_level(logging.ERROR):
        for kind in ("render", "browser-api", "connection", "timeout", "protocol"):
            for component in ("Home", "Users/Index", "Home"):
                log.report(Failed(kind, f"{kind} failed", 0.25), component)
    assert [record.getMessage().partition(", the browser")[0] for record in caplog.records] == [
        "Server-side rendering of 'Home' failed (render, 250 ms)",
        "Server-side rendering of 'Users/Index' failed (render, 250 ms)",
        "Server-side rendering of 'Home' failed (browser-api, 250 ms)",
        "Server-side rendering of 'Users/Index' failed (browser-api, 250 ms)",
        "Server-side rendering of 'Home' failed (connection, 250 ms)",
        "Server-side rendering of 'Home' failed (timeout, 250 ms)",
        "Server-side rendering of 'Home' failed (protocol, 250 ms)",
    ]
    assert log.total == 15


def test_the_log_remembers_no_more_than_its_share_of_pages() -> None:
    log = FailureLog()
    for number in range(1000):
        log.report(Failed("render", "boom"), f"Page{number}")
    assert log.total == 1000
    assert len(log._last) == 256


def test_settings_of_a_failure_are_frozen() -> None:
    outcome: Any = Failed("render", "boom")
    with pytest.raises(AttributeError):
        outcome.kind = "other"
