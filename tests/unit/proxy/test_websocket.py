"""HMR sockets through the gate: normal traffic and bad input B9."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
from typing import TYPE_CHECKING, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litestar_vite._net.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Frame,
    FrameError,
    FrameReader,
    accept_key,
    close_payload,
    write_frame,
)
from tests.unit.proxy.conftest import DEADLINE_SECONDS, Site

if TYPE_CHECKING:
    from collections.abc import Iterator


def server_frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    head = bytes(((0x80 if final else 0) | opcode,))
    if len(payload) < 126:
        return head + bytes((len(payload),)) + payload
    if len(payload) < 65536:
        return head + b"\x7e" + len(payload).to_bytes(2, "big") + payload
    return head + b"\x7f" + len(payload).to_bytes(8, "big") + payload


def unmask(frame: bytes) -> tuple[int, bytes]:
    """Read one masked frame with a simple, slow implementation."""
    length, start = frame[1] & 0x7F, 2
    if length == 126:
        length, start = int.from_bytes(frame[2:4], "big"), 4
    elif length == 127:
        length, start = int.from_bytes(frame[2:10], "big"), 10
    mask, payload = frame[start : start + 4], frame[start + 4 :]
    assert len(payload) == length
    return frame[0] & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


@given(st.binary(max_size=70_000), st.sampled_from([TEXT, BINARY, PONG]))
def test_what_is_written_is_masked_and_whole(payload: bytes, opcode: int) -> None:
    assert unmask(b"".join(write_frame(opcode, payload))) == (opcode, payload)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.data())
def test_messages_are_read_however_they_are_cut(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(
        server_frame(BINARY, payload[:7], final=False) + server_frame(PING, b"p") + server_frame(0, payload[7:])
        for payload in payloads
    )
    reader, found = FrameReader(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        reader.feed(stream[:cut])
        stream = stream[cut:]
        found.extend(reader.frames())
    assert [frame.payload for frame in found if frame.opcode == BINARY] == payloads
    assert [frame for frame in found if frame.opcode == PING] == [Frame(PING, b"p")] * len(payloads)


@pytest.mark.parametrize(
    "stream",
    [
        b"\x81\x80\x00\x00\x00\x00",  # masked by a server
        b"\xc1\x01x",  # compressed without negotiation
        b"\x83\x01x",  # an unknown opcode
        b"\x80\x01x",  # a continuation without a start
        b"\x01\x01x\x01\x01x",  # a start inside another message
        b"\x89\x7e\x01\x00" + bytes(256),  # a ping that is too long
        b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",  # 8 EiB
    ],
)
def test_frames_that_break_the_rules_are_refused(stream: bytes) -> None:
    reader = FrameReader()
    reader.feed(stream)
    with pytest.raises(FrameError):
        list(reader.frames())


@pytest.mark.parametrize(
    ("code", "payload"), [(1000, b"\x03\xe8"), (4321, b"\x10\xe1"), (1005, b""), (1006, b""), (99, b"")]
)
def test_only_codes_that_may_be_sent_are_sent(code: int, payload: bytes) -> None:
    assert close_payload(code) == payload
    assert len(close_payload(1000, "ü" * 200)) <= 125


class Client:
    """A browser's socket on a raw connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = FrameReader()
        self._frames: list[Frame] = []
        self.head = b""

    @classmethod
    def open(
        cls,
        site: Site,
        target: bytes = b"/static/?token=t",
        *,
        origin: bytes | None = b"http://app.test",
        protocols: bytes = b"vite-hmr",
        compressed: bool = False,
    ) -> Self:
        client = cls(socket.create_connection(("127.0.0.1", site.port), timeout=DEADLINE_SECONDS))
        lines = [b"GET " + target + b" HTTP/1.1", b"Host: app.test", b"Connection: Upgrade", b"Upgrade: websocket"]
        lines += [b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16))]
        lines += [b"Sec-WebSocket-Extensions: permessage-deflate"] if compressed else []
        lines += [b"Origin: " + origin] if origin is not None else []
        lines += [b"Sec-WebSocket-Protocol: " + protocols] if protocols else []
        client._connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        while b"\r\n\r\n" not in client.head:
            data = client._connection.recv(65536)
            if not data:
                break
            client.head += data
        client.head, _, rest = client.head.partition(b"\r\n\r\n")
        client._reader.feed(rest)
        return client

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def send(self, opcode: int, payload: bytes) -> None:
        for piece in write_frame(opcode, payload):
            self._connection.sendall(piece)

    def receive(self) -> Frame:
        while not self._frames:
            self._frames.extend(self._reader.frames())
            if not self._frames:
                data = self._connection.recv(1 << 20)
                assert data, "the connection ended without a close frame"
                self._reader.feed(data)
        frame = self._frames.pop(0)
        if frame.opcode == PING:  # Sent by the server if the machine is slow.
            self.send(PONG, frame.payload)
            return self.receive()
        return frame

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def socket_site() -> Iterator[Site]:
    with Site("httptools", "websockets-sansio") as site:
        site.script = echo
        yield site


async def accept(head: bytes, writer: asyncio.StreamWriter, protocol: bytes = b"vite-hmr") -> None:
    key = re.search(rb"sec-websocket-key: ([^\r]+)", head)
    assert key
    line = b"Sec-WebSocket-Protocol: " + protocol + b"\r\n" if protocol else b""
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept_key(key[1])
        + b"\r\n"
        + line
        + b"\r\n"
    )
    await writer.drain()


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    elif length == 127:
        length = int.from_bytes(await reader.readexactly(8), "big")
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(length)
    repeated = (mask * (length // 4 + 1))[:length]
    return head[0] & 0x0F, (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")


async def echo(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await accept(head, writer)
    while True:
        opcode, payload = await read_frame(reader)
        writer.write(server_frame(opcode, payload))
        await writer.drain()
        if opcode == CLOSE:
            return


@pytest.mark.parametrize("base", ["/shop/static/", "/shop/"])
@pytest.mark.parametrize("server_root_path", ["", "/shop"])
def test_under_a_prefix_the_hmr_socket_arrives_with_it(base: str, server_root_path: str) -> None:
    with Site(
        "httptools", "websockets-sansio", base=base, root_path="/shop", server_root_path=server_root_path
    ) as site:
        site.script = echo
        client = Client.open(site, base.removeprefix("/shop").encode() + b"?token=t")
        assert client.status == 101
        assert site.heads[0].startswith(b"GET " + base.encode() + b"?token=t HTTP/1.1\r\n")
        client.send(TEXT, b"hello")
        assert client.receive() == Frame(TEXT, b"hello")
        client.close()


def test_text_binary_and_a_close_pass_in_both_directions(socket_site: Site) -> None:
    client = Client.open(socket_site)
    assert client.status == 101
    assert b"sec-websocket-protocol: vite-hmr" in client.head.lower()
    client.send(TEXT, "grüße".encode())
    assert client.receive() == Frame(TEXT, "grüße".encode())
    client.send(BINARY, bytes(range(256)))
    assert client.receive() == Frame(BINARY, bytes(range(256)))
    client.send(CLOSE, close_payload(4001, "bye"))
    assert client.receive().close_code == 4001
    client.close()
    socket_site.until(lambda: socket_site.closed == 1, "the upstream's socket to close")


def test_the_upstream_sees_the_browsers_headers_and_no_extension(socket_site: Site) -> None:
    client = Client.open(socket_site, compressed=True)
    head = socket_site.heads[0].lower()
    assert head.startswith(b"get /static/?token=t http/1.1\r\n")
    assert b"host: app.test\r\n" in head
    assert b"origin: http://app.test\r\n" in head
    assert b"permessage-deflate" not in head
    assert head.count(b"sec-websocket-key") == 1
    client.close()


@pytest.mark.parametrize(
    "origin", [None, b"http://evil.test", b"null", b"http://app.test.evil.test", b"http://app.test:81", b"app.test"]
)
def test_an_upgrade_without_our_origin_is_refused_and_not_passed_on(socket_site: Site, origin: bytes | None) -> None:
    client = Client.open(socket_site, origin=origin)
    assert client.status == 403
    assert socket_site.connections == 0
    client.close()


@pytest.mark.parametrize("target", [b"/static/../__inertia_ssr", b"/static/__litestar_vite/x", b"/static/%2e%2e/"])
def test_an_upgrade_of_a_private_path_is_refused(socket_site: Site, target: bytes) -> None:
    client = Client.open(socket_site, target)
    assert client.status in {400, 403, 404}
    assert socket_site.connections == 0
    client.close()


def test_ten_megabytes_pass_in_both_directions(socket_site: Site) -> None:
    client = Client.open(socket_site)
    payload = os.urandom(10 << 20)
    client.send(BINARY, payload)
    assert client.receive().payload == payload
    client.close()


def test_an_answer_to_a_ping_does_not_come_amid_a_message(socket_site: Site) -> None:
    found: list[tuple[int, bytes]] = []

    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        # The message stays in transit, since it is larger than the socket buffers.
        await reader.readexactly(1)
        writer.write(server_frame(PING, b"are you there"))
        await writer.drain()
        await asyncio.sleep(0.3)
        rest = asyncio.StreamReader()
        rest.feed_data(bytes((0x80 | BINARY,)) + await reader.readexactly(13 + len(payload)))
        found.extend((await read_frame(rest), await read_frame(reader)))

    socket_site.script = script
    client = Client.open(socket_site)
    payload = os.urandom(10 << 20)
    client.send(BINARY, payload)
    socket_site.until(lambda: len(found) == 2, "the message and the pong")
    assert found == [(BINARY, payload), (PONG, b"are you there")]
    client.close()


def test_a_browser_that_disappears_closes_vites_socket(socket_site: Site) -> None:
    codes: list[int] = []

    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        opcode, payload = await read_frame(reader)
        assert opcode == CLOSE
        codes.append(int.from_bytes(payload[:2], "big"))

    socket_site.script = script
    client = Client.open(socket_site)
    assert client.status == 101
    client._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # RST
    client.close()
    socket_site.until(lambda: bool(codes), "the close frame")
    assert codes[0] in {0, 1001}, "no code or 1001 (going away), depending on the server"


def test_a_vite_that_disappears_is_a_service_restart(socket_site: Site) -> None:
    async def script(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        writer.transport.abort()

    socket_site.script = script
    client = Client.open(socket_site)
    frame = client.receive()
    assert (frame.opcode, frame.close_code) == (CLOSE, 1012)
    client.close()


def test_a_close_of_vites_keeps_its_code_and_reason(socket_site: Site) -> None:
    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        writer.write(server_frame(PING, b"are you there"))
        assert await read_frame(reader) == (PONG, b"are you there")
        writer.write(server_frame(CLOSE, close_payload(4400, "no more")))
        await writer.drain()
        assert (await read_frame(reader))[0] == CLOSE

    socket_site.script = script
    client = Client.open(socket_site)
    frame = client.receive()
    assert (frame.opcode, frame.close_code, frame.close_reason) == (CLOSE, 4400, "no more")
    client.close()


def test_garbage_from_vite_closes_the_browsers_socket(socket_site: Site) -> None:
    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        writer.write(b"\xff\xff\xff\xff")
        await writer.drain()
        await reader.read()

    socket_site.script = script
    client = Client.open(socket_site)
    assert client.receive().close_code == 1011
    client.close()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"nonsense\r\n\r\n", b""])
def test_a_vite_that_refuses_is_a_refusal(socket_site: Site, answer: bytes) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    socket_site.script = script
    client = Client.open(socket_site)
    assert client.status == 403
    client.close()


def test_a_pong_of_a_json_message_is_not_needed(socket_site: Site) -> None:
    """Vite's client sends {"type":"ping"} as text, which the gate treats as data."""
    client = Client.open(socket_site, protocols=b"vite-ping, vite-hmr")
    assert b"sec-websocket-protocol: vite-ping, vite-hmr" in socket_site.heads[0].lower()
    client.send(TEXT, json.dumps({"type": "ping"}).encode())
    assert client.receive().payload == b'{"type": "ping"}'
    client.close()
