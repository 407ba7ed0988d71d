"""A render server with injected faults, run in a separate process: `python -m tests.chaos.render_server [--port N]`.

How it works:
1. It prints two ports: the port for rendering, and the control port.
2. A line of JSON on the control port selects the fault: {"fault": "hang", "delay": 0.05, "reset": true}. The reply
   contains the counters.
3. A fault is one function over one connection, and controls every byte that is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.chaos.rendering import SECRET, Page, page_of, render_error, rendered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Fault = Callable[["Connection"], Awaitable[None]]

PIECE = b"x" * 65_536
FIFTY_MB = 50 * 1024 * 1024
DEEP = 100_000
FOR_EVER = 3600.0


class Server:
    """The state shared by all connections."""

    def __init__(self) -> None:
        self.fault = "ok"
        self.delay = 0.0
        self.connections = 0
        self.requests = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.bytes_written = 0
        self.asked: list[tuple[float, str]] = []
        """Time (on the machine's monotonic clock) and user of each requested page since the last reset."""

    def control(self, command: dict[str, Any]) -> dict[str, Any]:
        counters = {
            name: getattr(self, name)
            for name in ("connections", "requests", "in_flight", "most_in_flight", "bytes_written", "fault")
        }
        if command.get("reset"):
            self.connections = self.requests = self.bytes_written = 0
            self.asked = []
            self.most_in_flight = self.in_flight
        if command.get("asked"):
            counters["asked"] = self.asked
        self.delay = command.get("delay", self.delay)
        if (fault := command.get("fault")) is not None:
            FAULTS[fault]
            self.fault = fault
        return counters


class Connection:
    """One client connection."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.served = 0
        self._is_counted = False
        self._pushed: tuple[Page, bytes] | None = None
        self._is_last = False

    def push(self, request: tuple[Page, bytes]) -> None:
        """Put a request back. The next fault reads it, as the last request of this connection."""
        self._pushed = request
        self._is_last = True

    async def request(self) -> tuple[Page, bytes]:
        """Read one request. Raises IncompleteReadError if the client has disconnected."""
        if self._pushed is not None:
            request, self._pushed = self._pushed, None
            return request
        if self._is_last:
            raise asyncio.IncompleteReadError(b"", None)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        self.server.requests += 1
        self.server.in_flight += 1
        self._is_counted = True
        self.server.most_in_flight = max(self.server.most_in_flight, self.server.in_flight)
        _, found, rest = head.partition(b"\r\ncontent-length:")
        body = await self.reader.readexactly(int(rest.partition(b"\r\n")[0])) if found else b""
        page = page_of(body) if body else Page()
        self.server.asked.append((time.monotonic(), page.props.user))
        return page, body

    def done(self) -> None:
        if self._is_counted:
            self._is_counted = False
            self.server.in_flight -= 1

    async def answer(self, body: bytes, status: str = "200 OK", content_type: str = "application/json") -> None:
        await self.write(
            f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        self.served += 1
        self.done()

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        self.server.bytes_written += len(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with RST."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def ok(connection: Connection) -> None:
    while True:
        page, page_json = await connection.request()
        if connection.server.delay:
            await asyncio.sleep(connection.server.delay)
        await connection.answer(rendered(page, page_json))


async def poison(connection: Connection) -> None:
    while True:
        page, page_json = await connection.request()
        if page.component == "Poison":
            await connection.answer(render_error(page), "500 Internal Server Error")
        else:
            await connection.answer(rendered(page, page_json))


MIXED = (
    "500 text",
    "500 page error",
    "non-JSON",
    "hang",
    "stall after headers",
    "RST after request",
    "cut chunk",
    "short Content-Length",
    "empty",
)


async def mixed(connection: Connection) -> None:
    """Apply the faults of MIXED in turn, one to every twentieth request, and close its connection."""
    while True:
        page, page_json = await connection.request()
        number = connection.server.requests
        if number % 20 == 0:
            connection.push((page, page_json))
            await FAULTS[MIXED[number // 20 % len(MIXED)]](connection)
            return
        await connection.answer(rendered(page, page_json))


def answering(
    make: Callable[[Page, bytes], bytes], status: str = "200 OK", content_type: str = "application/json"
) -> Fault:
    async def script(connection: Connection) -> None:
        while True:
            page, page_json = await connection.request()
            await connection.answer(make(page, page_json), status, content_type)

    return script


async def hang(connection: Connection) -> None:
    await connection.request()
    await connection.reader.read()


async def drip(connection: Connection) -> None:
    page, page_json = await connection.request()
    body = rendered(page, page_json)
    data = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    for start in range(len(data)):
        await connection.write(data[start : start + 1])
        await asyncio.sleep(1.0)


async def stall_after_headers(connection: Connection) -> None:
    await connection.request()
    await connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n")
    await connection.reader.read()


async def never_reads(connection: Connection) -> None:
    connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.sleep(FOR_EVER)


async def rst_on_accept(connection: Connection) -> None:
    connection.reset()


async def rst_after_request(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def fin_after_request(connection: Connection) -> None:
    await connection.request()


def cut(keep: Callable[[int, int], int], *, rst: bool, chunked: bool = False) -> Fault:
    """Send the first `keep(head length, total length)` bytes of a response, then close or reset the connection."""

    async def script(connection: Connection) -> None:
        page, page_json = await connection.request()
        body = rendered(page, page_json)
        if chunked:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            data = head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        else:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            data = head + body
        await connection.write(data[: keep(len(head), len(data))])
        await asyncio.sleep(0.005)
        if rst:
            connection.reset()

    return script


def closing_upon_reuse(*, rst: bool) -> Fault:
    async def script(connection: Connection) -> None:
        while True:
            page, page_json = await connection.request()
            if connection.served:
                if rst:
                    connection.reset()
                return
            await connection.answer(rendered(page, page_json))

    return script


def pouring(head: bytes, piece: bytes) -> Fault:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head)
        for _ in range(FIFTY_MB // len(PIECE)):
            await connection.write(piece)
        await connection.reader.read()

    return script


def _deep_head(_page: Page, _json: bytes) -> bytes:
    return b'{"head":' + b"[" * DEEP + b"]" * DEEP + b',"body":"%b"}' % SECRET.encode()


def _deep_other(_page: Page, _json: bytes) -> bytes:
    return b'{"x":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b',"head":[],"body":"%b"}' % SECRET.encode()


_TEXT = SECRET.encode() + b" <script>alert(1)</script>"
FAULTS: dict[str, Fault] = {
    "ok": ok,
    "poison": poison,
    "mixed": mixed,
    "null": answering(lambda _p, _j: b"null"),
    # R1
    "500 text": answering(lambda _p, _j: _TEXT, "500 Internal Server Error", "text/plain"),
    "503 html": answering(lambda _p, _j: b"<html>" + _TEXT, "503 Service Unavailable", "text/html"),
    "500 page error": answering(lambda page, _j: render_error(page), "500 Internal Server Error"),
    "non-JSON": answering(lambda _p, _j: _TEXT),
    "wrong shape": answering(lambda _p, _j: b'{"head":"%b","body":[1]}' % SECRET.encode()),
    "wrong content type": answering(rendered, content_type="text/html"),
    "empty": answering(lambda _p, _j: b""),
    "not HTTP": answering(lambda _p, _j: b"", "\r\n" + SECRET),
    # R2
    "hang": hang,
    "drip": drip,
    "stall after headers": stall_after_headers,
    "never reads": never_reads,
    # R3
    "RST on accept": rst_on_accept,
    "RST after request": rst_after_request,
    "FIN after request": fin_after_request,
    "RST after headers": cut(lambda head, _all: head, rst=True),
    "RST mid-body": cut(lambda head, whole: (head + whole) // 2, rst=True),
    "short Content-Length": cut(lambda _head, whole: whole - 5, rst=False),
    "cut chunk": cut(lambda head, whole: (head + whole) // 2, rst=False, chunked=True),
    "no last chunk": cut(lambda _head, whole: whole - 5, rst=False, chunked=True),
    # R4
    "FIN upon reuse": closing_upon_reuse(rst=False),
    "RST upon reuse": closing_upon_reuse(rst=True),
    # R5
    "50 MB with length": pouring(b"Content-Length: %d\r\n\r\n" % FIFTY_MB, PIECE),
    "50 MB chunked": pouring(b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + PIECE + b"\r\n"),
    "50 MB without length": pouring(b"Connection: close\r\n\r\n", PIECE),
    "1 GB declared": pouring(b"Content-Length: 1073741824\r\n\r\n", PIECE),
    "deep JSON in head": answering(_deep_head),
    "deep JSON in another field": answering(_deep_other),
}


async def serve(port: int) -> None:
    server = Server()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        connection = Connection(server, reader, writer)
        try:
            # Looked up for each connection, so that a new fault applies to new connections.
            await FAULTS[server.fault](connection)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            connection.done()
            writer.close()

    async def controlled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(server.control(json.loads(line))).encode() + b"\n")
        writer.close()

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Small, or a request that is not read would fit into the kernel's buffers ("never reads").
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    listener.bind(("127.0.0.1", port))
    await asyncio.start_server(connected, sock=listener, limit=1 << 20, backlog=512)
    control = await asyncio.start_server(controlled, "127.0.0.1", 0)
    print(listener.getsockname()[1], control.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the parent reads the ports
    # Exit when the parent closes the pipe.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
