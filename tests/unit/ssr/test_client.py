"""The shared client: an `httpx.AsyncClient` that uses the pool, or httpx's own transport for https."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import ipaddress
import json
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from litestar import get

from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import render
from litestar_vite._ssr.outcome import ClientSide, Failed
from litestar_vite._ssr.status import look_at
from litestar_vite.inertia import InertiaConfig, SSRConfig
from tests.support import make_app, plugin_of
from tests.unit.ssr.servers import answering, hang, read_request, reply, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from litestar_vite._net.pool import Peer
    from litestar_vite._ssr.client import SSRClient
    from tests.unit.ssr.servers import Script

pytestmark = pytest.mark.anyio


def client_for(peer: Peer, **options: float) -> SSRClient:
    return open_client(f"http://127.0.0.1:{peer.port}", unix_path=peer.unix_path, **options)  # type: ignore[arg-type]


def recording(answer: bytes) -> tuple[Script, list[bytes]]:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await read_request(reader))
            writer.write(answer)

    return script, seen


async def test_get_and_post_are_what_httpx_says(unix_path: Path | None) -> None:
    script, seen = recording(reply(b'{"status":"OK"}', 418))
    async with serving(script, unix_path) as (peer, served), client_for(peer) as client:
        answers = [
            await client.get("http://render/health", params={"a": "b c", "ü": "/"}, headers={"X-One": "1"}),
            await client.post("http://render/render", json={"props": {"name": "Ü"}}),
            await client.put("http://render/x", content=b"\x00\xff"),
        ]
    assert [answer.status_code for answer in answers] == [418] * 3
    assert answers[0].json() == {"status": "OK"}
    assert answers[0].headers["content-type"] == "application/json"
    assert str(answers[0].request.url) == "http://render/health?a=b+c&%C3%BC=%2F"
    assert seen[0].startswith(b"GET /health?a=b+c&%C3%BC=%2F HTTP/1.1\r\n")
    assert b"\r\nx-one: 1\r\n" in seen[0].lower()
    assert json.loads(seen[1].partition(b"\r\n\r\n")[2]) == {"props": {"name": "Ü"}}
    assert b"\r\ncontent-type: application/json" in seen[1].lower()
    assert seen[2].endswith(b"\r\n\r\n\x00\xff")
    assert served.connections == 1
    for request in seen:
        names = [line.partition(b":")[0].lower() for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]
        assert len(names) == len(set(names)), "a header was sent twice"


async def test_a_streamed_request_is_sent_with_its_length(unix_path: Path | None) -> None:
    async def parts() -> object:
        for part in (b"one", b"two"):
            yield part

    script, seen = recording(reply(b"null"))
    async with serving(script, unix_path) as (peer, _), client_for(peer) as client:
        assert (await client.post("http://render/", content=parts())).json() is None  # type: ignore[arg-type]
    assert b"\r\nContent-Length: 6\r\n" in seen[0]
    assert b"chunked" not in seen[0].lower()
    assert seen[0].endswith(b"\r\n\r\nonetwo")


async def test_a_compressed_answer_is_decoded() -> None:
    packed = gzip.compress(b'{"status":"OK"}')
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    async with serving(answering(answer)) as (peer, _), client_for(peer) as client:
        assert (await client.get("http://render/health")).json() == {"status": "OK"}


async def test_an_answer_can_be_streamed_and_has_repeated_headers() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    async with serving(answering(answer)) as (peer, _), client_for(peer) as client:
        async with client.stream("GET", "http://render/") as response:
            assert [chunk async for chunk in response.aiter_bytes()] == [b"abcde"]
            assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_a_request_to_a_server_that_hangs_ends_with_httpxs_own_error(unix_path: Path | None) -> None:
    async with (
        serving(hang, unix_path) as (peer, _),
        client_for(peer, max_connections=1, timeout_seconds=0.05) as client,
    ):
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout, match="no answer from"):
                await client.get("http://render/health")
        assert "open=0/1" in repr(client)


async def test_a_timeout_of_none_waits() -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(0.1)
        writer.write(reply(b"null"))
        await reader.read()

    async with serving(late) as (peer, _), client_for(peer, timeout_seconds=0.01) as client:
        assert (await client.get("http://render/", timeout=None)).json() is None


async def test_a_cancelled_request_is_cancelled_and_frees_its_slot() -> None:
    async with serving(hang) as (peer, served), client_for(peer, max_connections=1) as client:
        task = asyncio.create_task(client.get("http://render/health"))
        while not served.connections:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "open=0/1" in repr(client)


async def test_a_closed_client_refuses_like_httpx_and_has_closed_its_connections() -> None:
    async with serving(answering(reply(b"null"))) as (peer, served):
        async with client_for(peer) as client:
            await client.get("http://render/")
            assert "<SSRClient open <ConnectionPool 127.0.0.1:" in repr(client)
            assert served.open_connections == 1
        assert "<SSRClient closed <ConnectionPool 127.0.0.1:" in repr(client)
        assert "open=0/" in repr(client)
        with pytest.raises(RuntimeError, match="closed"):
            await client.get("http://render/")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_no_proxy_of_the_environment_sees_a_request(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        serving(answering(reply(b'"proxy"'))) as (proxy, at_proxy),
        serving(answering(reply(b"null"))) as (peer, _),
    ):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        async with client_for(peer) as client:
            assert (await client.get(f"http://127.0.0.1:{peer.port}/")).json() is None
            assert await render(client, f"http://127.0.0.1:{peer.port}/render", b"{}", 20.0) == ClientSide()
        assert at_proxy.connections == 0


async def test_no_netrc_gives_a_request_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    script, seen = recording(reply(b"null"))
    async with serving(script) as (peer, _), client_for(peer) as client:
        await client.get(f"http://127.0.0.1:{peer.port}/")
    assert b"authorization" not in seen[0].lower()


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


async def test_https_goes_through_httpx_and_trusts_only_the_systems_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies are not used, and props are never sent to a server with an untrusted certificate."""
    seen: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    asyncio.get_running_loop().set_exception_handler(
        lambda *_: None
    )  # The server's side of a handshake that the client aborted.
    async with server, serving(answering(reply(b'"proxy"'))) as (proxy, at_proxy):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_client(url) as client:
            assert client.pool is None
            assert repr(client) == "<SSRClient open https>"
            outcome = await render(client, f"{url}/render", b"{}", 20.0)
        assert isinstance(outcome, Failed)
        assert outcome.kind == "connection"
        assert "CERTIFICATE_VERIFY_FAILED" in outcome.message
        assert at_proxy.connections == 0
    assert not seen


@asynccontextmanager
async def serving_tls(context: ssl.SSLContext) -> AsyncIterator[str]:
    """Serve renders and health checks over TLS."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                is_render = (await read_request(reader)).startswith(b"POST /render ")
                writer.write(reply(b'{"head":[],"body":"<p>over TLS</p>"}' if is_render else b'{"status":"OK"}'))
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    asyncio.get_running_loop().set_exception_handler(
        lambda *_: None
    )  # The server's side of a handshake that the client aborted.
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize("number", [1, 2], ids=["one server", "several"])
async def test_a_private_authority_is_trusted_and_a_client_certificate_shown_by_the_users_tls_context(
    site: Path, tmp_path: Path, number: int
) -> None:
    context = self_signed(tmp_path)
    context.load_verify_locations(tmp_path / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    ours = ssl.create_default_context(cafile=str(tmp_path / "server.pem"))
    ours.load_cert_chain(tmp_path / "server.pem")
    stranger = ssl.create_default_context(cafile=str(tmp_path / "server.pem"))

    @get("/", component="Home")
    async def home() -> dict[str, str]:
        return {}

    async with serving_tls(context) as one, serving_tls(context) as two:
        urls = [one, two][:number]
        for ssl_context, is_trusted in ((ours, True), (stranger, False), (None, False)):
            config = InertiaConfig(ssr=SSRConfig(url=urls, timeout_seconds=20, ssl_context=ssl_context))
            app, not_started = make_app(site, [home], config), make_app(site, [home], config)
            async with (
                app.lifespan(),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
            ):
                assert ("<p>over TLS</p>" in (await browser.get("/")).text) is is_trusted
            assert [server.up for server in (await look_at(plugin_of(app).config)).servers] == [is_trusted] * number
            # An app that was not started opens a client per page, and cannot choose between several servers.
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(not_started), base_url="http://testserver"
            ) as browser:
                assert ("<p>over TLS</p>" in (await browser.get("/")).text) is (is_trusted and number == 1)


def test_a_client_for_http_makes_no_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS context would account for most of the time to create a client."""
    made: list[object] = []
    original = ssl.create_default_context
    monkeypatch.setattr(
        ssl, "create_default_context", lambda *args, **kwargs: made.append(args) or original(*args, **kwargs)
    )
    open_client("http://127.0.0.1:1")
    assert not made
    open_client("https://127.0.0.1:1")
    assert made
