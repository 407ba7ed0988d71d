"""Helpers for tests of live props: handlers, a server on 127.0.0.1, and a client that reads its event stream."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from litestar import Request, get, post
from litestar.params import FromQuery

from litestar_vite.inertia import live, publish_now

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_SECONDS = 30.0


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"orders": live(1, channel="orders")}


@post("/now")
async def now(request: Request[Any, Any, Any], event: FromQuery[str], channel: FromQuery[str] = "orders") -> None:
    await publish_now(request.app, channel, event=event)


@contextlib.contextmanager
def served(app: Any, **options: Any) -> Iterator[str]:
    """Serve an app with uvicorn, and yield its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2, **options))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # Signals belong to pytest's main thread.
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()


class Message:
    """One message of an event stream."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.id = fields.get("id", "")
        self.name = fields.get("event", "message")
        self.data: Any = json.loads(fields["data"])

    def __repr__(self) -> str:
        return f"<{self.name} {self.data} at {self.id}>"


class Stream:
    """An open event stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def __iter__(self) -> Iterator[Message]:
        fields: dict[str, str] = {}
        deadline = time.monotonic() + DEADLINE_SECONDS
        for line in self._lines:
            assert time.monotonic() < deadline, "the stream contains only heartbeats"
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                yield Message(fields)
                fields = {}

    def next(self, name: str = "message") -> Message:
        """Return the next message of this name."""
        for message in self:
            if message.name == name:
                return message
        raise AssertionError(f"the stream ended without {name!r}")


@contextlib.contextmanager
def listening(url: str, *channels: str, last_id: str | None = None, **headers: str) -> Iterator[Stream]:
    """Open a stream. Each channel is a name, or a name and a position: "orders@1764561600000"."""
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    timeout = httpx.Timeout(DEADLINE_SECONDS)
    with httpx.stream(
        "GET", f"{url}/live", params=[("channel", each) for each in channels], headers=headers, timeout=timeout
    ) as response:
        yield Stream(response)


def position_now() -> int:
    """Return the position of a page that is created now, in milliseconds."""
    return time.time_ns() // 1_000_000
