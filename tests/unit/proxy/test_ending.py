"""The end of a server whose uvicorn waits for every request without a limit: the gate cuts what does not end by itself."""

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
def patient() -> Iterator[Site]:
    with Site("httptools", "websockets-sansio", grace=None) as site:
        yield site


def test_a_request_that_vite_does_not_answer_is_a_503(patient: Site) -> None:
    async def script(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        patient.end()
        await reader.read()

    patient.script = script
    answer = patient.raw(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"The server is shutting down." in answer


def test_an_answer_without_end_is_broken_off(patient: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe beginning")
        await writer.drain()
        patient.end()
        await asyncio.Event().wait()

    patient.script = script
    answer = patient.raw(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"the beginning")


def test_what_is_answered_in_time_is_whole(patient: Site) -> None:
    async def script(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        patient.end()
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole")

    patient.script = script
    answer = patient.raw(b"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"whole")


def test_a_socket_is_told_that_the_server_comes_back(patient: Site) -> None:
    async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(head, writer)
        await reader.read()

    patient.script = script
    client = Client.open(patient)
    patient.end()
    frame = client.receive()
    assert (frame.opcode, frame.close_code) == (CLOSE, 1012)
    client.close()


def test_a_browser_that_does_not_read_does_not_hold_vites_socket(patient: Site) -> None:
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

    patient.script = script
    client = Client.open(patient)
    assert is_full.wait(DEADLINE_SECONDS)
    # The server alone is told: no gate that cuts, and no limit of the server's.
    patient._loop.call_soon_threadsafe(patient._stop)
    patient.until(lambda: patient.closed == 1, "Vite's socket to close")
    client.close()
