"""One render: every answer of a render server is a typed outcome, and none raises an exception."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import FailureLog, render
from litestar_vite._ssr.outcome import ClientSide, Failed, Rendered
from tests.unit.ssr.servers import answering, hang, read_request, reply, serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


RENDER_ERROR = json.dumps(
    {"error": "x is undefined", "type": "render", "component": "Home", "hint": "Check x", "sourceLocation": "a.tsx:1:2"}
)
ANSWERS: list[tuple[str, bytes, Any]] = [
    (
        "rendered",
        reply(b'{"head":["<title>a</title>","<meta>"],"body":"<b>"}'),
        Rendered(b"<title>a</title>\n<meta>", b"<b>"),
    ),
    ("null", reply(b"null"), ClientSide()),
    ("white space first", reply(b'\r\n {"head":[],"body":"<b>"}'), Rendered(b"", b"<b>")),
    ("charset", reply(b'{"head":[],"body":""}', content_type="application/json; charset=utf-8"), Rendered(b"", b"")),
    ("classified error", reply(RENDER_ERROR.encode(), 500), "render"),
    ("unknown class", reply(b'{"error":"a","type":"odd"}', 500), "unknown"),
    ("500 without JSON", reply(b"<h1>oops</h1>", 500, "text/html"), "protocol"),
    ("500 with other JSON", reply(b"[]", 500), "protocol"),
    ("not JSON", reply(b"<html>"), "protocol"),
    ("empty", reply(b""), "protocol"),
    ("wrong shape", reply(b'{"head":"x","body":1}'), "protocol"),
    ("wrong content type", reply(b'{"head":[],"body":""}', content_type="text/plain"), "protocol"),
    ("very deep", reply(b"[" * 100_000), "protocol"),
    ("very deep in its head", reply(b'{"head":' + b"[" * 100_000), "protocol"),
    ("cut", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "connection"),
    ("too large", b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", "too-large"),
    ("garbage", b"nonsense\r\n\r\n", "connection"),
]


@pytest.mark.parametrize("own_pool", [True, False], ids=["pool", "httpx"])
@pytest.mark.parametrize(("answer", "expected"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
async def test_every_answer_is_an_outcome(answer: bytes, expected: Any, own_pool: bool) -> None:
    async with serving(answering(answer, close_after=1)) as (peer, _):
        url = f"http://127.0.0.1:{peer.port}"
        async with open_client(url) if own_pool else httpx.AsyncClient() as client:
            outcome = await render(client, f"{url}/render", b"{}", 20.0)
    if isinstance(expected, str):
        assert isinstance(outcome, Failed)
        # httpx reads up to the limit, and ignores the announced length.
        assert outcome.kind == ("connection" if expected == "too-large" and not own_pool else expected), outcome
    else:
        assert outcome == expected


async def test_a_classified_error_keeps_what_the_server_said() -> None:
    async with (
        serving(answering(reply(RENDER_ERROR.encode(), 500))) as (peer, _),
        open_client(f"http://127.0.0.1:{peer.port}") as client,
    ):
        outcome = await render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", 20.0)
    assert isinstance(outcome, Failed)
    assert (outcome.message, outcome.component, outcome.hint, outcome.source_location) == (
        "x is undefined",
        "Home",
        "Check x",
        "a.tsx:1:2",
    )
    assert outcome.is_page_error
    assert outcome.as_error().kind == "render"


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    for byte in reply(b"null"):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("script", [hang, drip])
async def test_the_deadline_is_total_and_leaves_the_pool_whole(script: Any) -> None:
    async with serving(script) as (peer, _), open_client(f"http://127.0.0.1:{peer.port}", max_connections=1) as client:
        for _ in range(3):
            outcome = await render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", 0.1)
            assert isinstance(outcome, Failed)
            assert outcome.kind == "timeout"
        assert "open=0/1" in repr(client)


async def test_the_client_is_an_httpx_client_for_any_request() -> None:
    async with serving(answering(reply(b'{"status":"OK"}'))) as (peer, _):
        async with open_client(f"http://127.0.0.1:{peer.port}") as client:
            assert isinstance(client, httpx.AsyncClient)
            response = await client.get(f"http://127.0.0.1:{peer.port}/health")
            assert response.json() == {"status": "OK"}
            assert (await client.post(f"http://127.0.0.1:{peer.port}/render", json={})).status_code == 200
        assert "closed" in repr(client)


async def test_the_client_reaches_a_unix_socket(tmp_path: Path) -> None:
    async with serving(answering(reply(b"null")), tmp_path / "s.sock"):
        async with open_client("http://localhost", unix_path=str(tmp_path / "s.sock")) as client:
            assert await render(client, "http://localhost/render", b"{}", 20.0) == ClientSide()


async def test_a_failed_connection_is_httpxs_own_error_for_other_requests() -> None:
    async with open_client("http://127.0.0.1:1") as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://127.0.0.1:1/health")


async def test_proxies_of_the_environment_never_see_props(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answering(reply(b"null"))) as (proxy, served), serving(answering(reply(b"null"))) as (peer, _):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with open_client(f"http://127.0.0.1:{peer.port}") as client:
            assert await render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", 20.0) == ClientSide()
        assert served.connections == 0


async def test_https_goes_through_httpxs_own_transport() -> None:
    async with open_client("https://render.example") as client:
        assert client.pool is None
        assert isinstance(client._transport, httpx.AsyncHTTPTransport)


@pytest.mark.protocol("K4")
def test_a_failure_is_logged_once_a_minute_for_each_kind_and_page(caplog: pytest.LogCaptureFixture) -> None:
    log = FailureLog()
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            log.report(Failed("render", "boom", hint="Do this", source_location="a.tsx:1:1"), "Home")
            log.report(Failed("render", "boom"), "Other")
            log.report(Failed("timeout", "late"), "Home")
            log.report(Failed("timeout", "late"), "Other")
    assert log.total == 20
    assert len(caplog.records) == 3
    assert "boom at a.tsx:1:1 Hint: Do this" in caplog.records[0].message
