"""Shutdown when uvicorn waits for requests without a limit: the gate closes those that do not end."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import pytest

from litestar_vite._net.frames import CLOSE
from tests.unit.proxy.conftest import DEADLINE_SECONDS, Site
from tests.unit.proxy.test_websocket import BINARY, Client, accept, server_frame

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def unlimited() -> Iterator[Site]:
    with Site("httptools", "websockets-sansio", grace=None) as site:
        yield site


def test_a_request_that_vite_does_not_answer_is_a_503(unlimited: Site) -> None:
    async def script(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        unlimited.end()
        await reader.read()

    unlimited.script = script
    answer = unlimited.raw(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"The server is shutting down." in answer


def test_an_answer_without_end_is_broken_off(unlimited: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe beginning")
        await writer.drain()
        unlimited.end()
        await asyncio.Event().wait()

    unlimited.script = script
    answer = unlimited.raw(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"the beginning")


def test_what_is_answered_in_time_is_whole(unlimited: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        unlimited.end()
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole")

    unlimited.script = script
    answer = unlimited.raw(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"whole")


def test_a_socket_is_told_that_the_server_comes_back(unlimited: Site) -> None:
    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        await reader.read()

    unlimited.script = script
    client = Client.open(unlimited)
    unlimited.end()
    frame = client.receive()
    assert (frame.opcode, frame.close_code) == (CLOSE, 1012)
    client.close()


def test_a_browser_that_does_not_read_does_not_hold_vites_socket(unlimited: Site) -> None:
    is_full = threading.Event()

    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        message = server_frame(BINARY, os.urandom(1 << 20))
        try:
            while True:
                writer.write(message)
                async with asyncio.timeout(0.5):
                    await writer.drain()
        except TimeoutError:
            is_full.set()
        await reader.read()

    unlimited.script = script
    client = Client.open(unlimited)
    assert is_full.wait(DEADLINE_SECONDS)
    # Only the server is stopped: the gate closes nothing, and uvicorn waits without a limit.
    unlimited._loop.call_soon_threadsafe(unlimited._stop)
    unlimited.until(lambda: unlimited.closed == 1, "Vite's socket to close")
    client.close()
