"""Any order of requests, answers, lost connections and cancellations: the pool's count is right after each step, and
no request waits needlessly.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._net.pool import ConnectionPool, Peer
from tests.unit.ssr.servers import OK, read_request, turns

MAX_CONNECTIONS = 3
CLOSE = OK.replace(b"200 OK\r\n", b"200 OK\r\nConnection: close\r\n")
ANSWERS = {
    "answer": OK,
    "answer and close": CLOSE,
    "two answers": OK + OK,
    "half": OK[:40],
    "garbage": b"garbage\r\n\r\n",
    "close": b"",
    "unasked": b"HTTP/1.1 408 Request Timeout\r\n\r\n",
}
# Turns of the loop between steps: from none to enough for all pending events.
TURNS = st.sampled_from([0, 1, 2, 3, 5, 30])
PICK = st.integers(0, 100)


class PoolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        path = str(Path(self.folder.name) / "s.sock")
        self.loop.set_exception_handler(lambda _, context: self.unexpected.append(context))
        self.unexpected: list[dict[str, Any]] = []
        self.asked: list[asyncio.StreamWriter] = []
        self.idle: list[asyncio.StreamWriter] = []
        self.readers: set[asyncio.Task[Any]] = set()
        self.tasks: list[asyncio.Task[bytes]] = []
        self.server = self.run(asyncio.start_unix_server(self.connected, path))
        self.pool = ConnectionPool(Peer(unix_path=path), max_connections=MAX_CONNECTIONS)

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.readers.add(task)
        try:
            while True:
                await read_request(reader)
                if writer in self.idle:
                    self.idle.remove(writer)
                self.asked.append(writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            for writers in (self.asked, self.idle):
                if writer in writers:
                    writers.remove(writer)
            writer.transport.abort()
        finally:
            self.readers.discard(task)

    async def request(self) -> bytes:
        return (await self.pool.request("POST", "/", b"page")).body

    # Rules

    @rule(count=st.integers(1, 4), after=TURNS)
    def ask(self, count: int, after: int) -> None:
        async def step() -> None:
            self.tasks.extend(asyncio.create_task(self.request()) for _ in range(count))
            await turns(1 + after)

        self.run(step())

    @rule(kind=st.sampled_from(sorted(ANSWERS)), pick=PICK, cancels=st.none() | PICK, between=TURNS, after=TURNS)
    def answer(self, kind: str, pick: int, cancels: int | None, between: int, after: int) -> None:
        """Let the server answer one request. Another may be cancelled soon after."""

        async def step() -> None:
            if self.asked:
                writer = self.asked.pop(pick % len(self.asked))
                writer.write(ANSWERS[kind])
                if kind == "close":
                    writer.transport.abort()
                else:
                    self.idle.append(writer)
            await turns(between)
            if cancels is not None and self.tasks:
                self.tasks[cancels % len(self.tasks)].cancel()
            await turns(1 + after)

        self.run(step())

    @rule(pick=PICK, after=TURNS)
    def drop_idle(self, pick: int, after: int) -> None:
        """Let the server close an idle connection, which the client may or may not have noticed yet."""

        async def step() -> None:
            if self.idle:
                self.idle.pop(pick % len(self.idle)).transport.abort()
            await turns(after)

        self.run(step())

    @rule(picks=st.lists(PICK, min_size=1, max_size=4), after=TURNS)
    def cancel(self, picks: list[int], after: int) -> None:
        for pick in picks if self.tasks else ():
            self.tasks[pick % len(self.tasks)].cancel()
        self.run(turns(1 + after))

    # Invariants

    @invariant()
    def the_count_is_right(self) -> None:
        pool = self.pool
        waiting = sum(not waiter.done() for waiter in pool._waiters)
        unfinished = [task for task in self.tasks if not task.done()]
        assert len(pool._idle) + len(unfinished) - waiting == pool._open, (
            f"{pool!r} with {len(unfinished)} unfinished requests"
        )
        assert 0 <= pool._open <= MAX_CONNECTIONS
        assert not (waiting and pool._idle), "a request waits despite an idle connection"
        assert not waiting or pool._open == MAX_CONNECTIONS, "a request waits despite a free slot"

    @invariant()
    def a_request_ends_with_its_answer_or_its_own_error(self) -> None:
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.remove(task)
            if not task.cancelled():
                error = task.exception()
                assert isinstance(error, ConnectionFailed) or task.result() == b"ok"

    async def answer_all(self) -> None:
        # Requests with half an answer cannot finish, so their connections are closed.
        for writer in self.idle:
            writer.transport.abort()
        async with asyncio.timeout(30):
            while any(not task.done() for task in self.tasks):
                for writer in self.asked:
                    writer.write(OK)
                self.asked.clear()
                await turns(1)

    async def stop(self) -> None:
        ending = [*self.readers, *self.tasks]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        self.server.close()
        await turns(3)
        ending.clear()
        gc.collect()
        await turns(1)

    def teardown(self) -> None:
        try:
            self.run(self.answer_all())
            self.the_count_is_right()
            self.a_request_ends_with_its_answer_or_its_own_error()
            assert self.pool._open == len(self.pool._idle)
            self.run(self.pool.aclose())
            assert "open=0/3 idle=0 waiting=0" in repr(self.pool)
        finally:
            self.run(self.stop())
            self.loop.close()
            self.folder.cleanup()
        assert not self.unexpected


TestPool = PoolMachine.TestCase
TestPool.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
