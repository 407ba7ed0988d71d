"""The same faults for the peer. Its render server is a child process that speaks JSON lines on stdin and stdout.

`python -m tests.chaos.peer_worker <fault file>`. The fault file is JSON, and is read for each request: {"fault":
"hang", "delay": 0.05}. Faults of HTTP and of keep-alive connections do not exist on a pipe, so the peer skips their
cells."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tests.chaos.rendering import SECRET, Page, page_of, rendered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Fault = Callable[["Request"], Awaitable[None]]

_PIPE = 1


class Request:
    def __init__(self, line: bytes) -> None:
        message = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
        self.id = int(bytes(message["id"]))
        self.page_json = bytes(message["params"])
        self.page: Page = page_of(self.page_json)
        self.delay = 0.0

    @property
    def result(self) -> bytes:
        return b'{"id":%d,"result":%b}\n' % (self.id, rendered(self.page, self.page_json))


def write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(_PIPE, view) :]


def answering(make: Callable[[Request], bytes]) -> Fault:
    async def fault(request: Request) -> None:
        write(make(request))

    return fault


async def ok(request: Request) -> None:
    if request.delay:
        await asyncio.sleep(request.delay)
    write(request.result)


async def hang(_: Request) -> None:
    return


async def drip(request: Request) -> None:
    for start in range(len(request.result)):
        write(request.result[start : start + 1])
        await asyncio.sleep(1.0)


async def never_reads(_: Request) -> None:
    time.sleep(3600)  # noqa: ASYNC251 - the fault is to stop reading


async def leave(_: Request) -> None:
    os._exit(1)


async def leave_mid_answer(request: Request) -> None:
    write(request.result[: len(request.result) // 2])
    os._exit(1)


def _error(request: Request) -> bytes:
    return b'{"id":%d,"error":"%b boom"}\n' % (request.id, SECRET.encode())


DEEP = 100_000
FAULTS: dict[str, Fault] = {
    "ok": ok,
    "poison": answering(lambda request: _error(request) if request.page.component == "Poison" else request.result),
    "500 text": answering(_error),
    "500 page error": answering(_error),
    "non-JSON": answering(lambda _: SECRET.encode() + b" <script>\n"),
    "wrong shape": answering(
        lambda request: b'{"id":%d,"result":{"head":"%b","body":[1]}}\n' % (request.id, SECRET.encode())
    ),
    "empty": answering(lambda request: b'{"id":%d}\n' % request.id),
    "null": answering(lambda request: b'{"id":%d,"result":null}\n' % request.id),
    "hang": hang,
    "drip": drip,
    "stall after headers": answering(lambda request: request.result[:20]),
    "never reads": never_reads,
    "RST after request": leave,
    "RST mid-body": leave_mid_answer,
    "cut chunk": answering(lambda request: request.result[: len(request.result) // 2] + b"\n"),
    "50 MB with length": answering(
        lambda request: b'{"id":%d,"result":{"head":[],"body":"%b"}}\n' % (request.id, b"x" * 50_000_000)
    ),
    "50 MB without length": answering(lambda _: b"x" * 50_000_000),
    "deep JSON in head": answering(
        lambda request: b'{"id":%d,"result":{"head":%b,"body":""}}\n' % (request.id, b"[" * DEEP + b"]" * DEEP)
    ),
}
MIXED = ("500 text", "non-JSON", "hang", "RST after request", "cut chunk", "empty")


def look_up(fault_file: Path, user: str) -> dict[str, Any]:
    """Log when a request arrived, and return the content of the fault file."""
    with fault_file.with_suffix(".log").open("a") as log:
        log.write(f"{time.monotonic()} {user}\n")
    told: dict[str, Any] = json.loads(fault_file.read_text())
    return told


async def main(fault_file: Path) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks: set[asyncio.Task[None]] = set()
    number = 0
    while line := await reader.readline():
        request = Request(line)
        told = look_up(fault_file, request.page.props.user)
        request.delay = told.get("delay", 0.0)
        number += 1
        fault = told["fault"]
        if fault == "mixed":
            fault = MIXED[number // 20 % len(MIXED)] if number % 20 == 0 else "ok"
        task = loop.create_task(FAULTS[fault](request))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
