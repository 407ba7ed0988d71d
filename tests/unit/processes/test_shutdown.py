"""Shutdown signals reach both the server and this package. Processes are identified reliably."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from litestar_vite._processes.liveness import Owner, is_same_process, process
from litestar_vite._processes.parent_process import follow_parents, running_command
from litestar_vite._processes.shutdown import on_shutdown_signal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def servers_signals() -> Iterator[list[int]]:
    """Install a server's SIGTERM handler, and return the signals that it has received."""
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: got.append(number))
    yield got
    signal.signal(signal.SIGTERM, before)


@pytest.mark.anyio
async def test_a_signal_reaches_the_server_and_us(servers_signals: list[int]) -> None:
    notified = asyncio.Event()
    handler = signal.getsignal(signal.SIGTERM)
    with on_shutdown_signal(notified.set):
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(30):
            await notified.wait()
    assert servers_signals == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is handler


@pytest.mark.anyio
async def test_a_handler_of_the_loop_goes_on_working() -> None:
    loop, server, notified = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, server.set)
    try:
        with on_shutdown_signal(notified.set):
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(30):
                await server.wait()
                await notified.wait()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@pytest.mark.anyio
async def test_a_handler_that_came_later_stays(servers_signals: list[int]) -> None:
    later: list[int] = []
    with on_shutdown_signal(lambda: None):
        signal.signal(signal.SIGTERM, lambda number, _: later.append(number))
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0)
    assert (later, servers_signals) == ([signal.SIGTERM], [])


@pytest.mark.anyio
async def test_a_loop_in_another_thread_is_left_alone(servers_signals: list[int]) -> None:
    async def live() -> None:
        with on_shutdown_signal(lambda: None):
            pass

    handler = signal.getsignal(signal.SIGTERM)
    await asyncio.to_thread(asyncio.run, live())
    assert signal.getsignal(signal.SIGTERM) is handler
    assert servers_signals == []


@pytest.mark.anyio
async def test_a_server_without_a_reloader_follows_no_parent() -> None:
    await follow_parents()


def test_children_of_litestar_run_know_it() -> None:
    with running_command():
        pid, start = os.environ["LITESTAR_VITE_RUN"].split(" ")
        assert is_same_process(Owner(int(pid), start, is_parent=True))
    assert "LITESTAR_VITE_RUN" not in os.environ


def test_another_process_with_the_same_id_is_another() -> None:
    me = process(os.getpid())
    assert is_same_process(me)
    assert not is_same_process(Owner(me.pid, "1", is_parent=False))
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not is_same_process(Owner(child.pid, None, is_parent=False))
