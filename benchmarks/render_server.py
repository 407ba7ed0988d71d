"""A render server that renders nothing: it takes a page, waits, and returns a head and a body of fixed size.

Runs in a separate process, so that only the client's loop is measured: `with render_server() as url:`. Implements the
SSR protocol over HTTP/1.1 with keep-alive: POST /render -> {"head": [...], "body": "..."}. There are two: this module,
an asyncio.Protocol of almost no cost, and echo_server.mjs on Node's HTTP server, which real render servers use.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REPOSITORY = Path(__file__).parent.parent
# P5's hop: about 17 KB in, 23 KB out, like a React page of 100 rows.
BODY_BYTES = 23_000


@contextmanager
def render_server(delay_ms: float = 0.0, unix_path: Path | None = None, *, node: bool = False) -> Iterator[str]:
    """Start a render server on 127.0.0.1 or on a Unix socket; yield its base URL (http://localhost for a socket)."""
    where = [str(unix_path)] if unix_path is not None else []
    python = [sys.executable, "-m", "benchmarks.render_server", str(delay_ms), *where]
    process = subprocess.Popen(
        ["node", "benchmarks/echo_server.mjs", str(BODY_BYTES), str(delay_ms), *where] if node else python,
        cwd=_REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        port = int(process.stdout.readline())
        yield f"http://127.0.0.1:{port}" if port else "http://localhost"
    finally:
        process.stdin.close()  # the server exits when stdin ends, like the render worker
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _response(content: object) -> bytes:
    body = json.dumps(content).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


RENDERED = {"head": ["<title>Bench</title>"], "body": f'<div id="app">{"x" * BODY_BYTES}</div>'}
_RENDERED = _response(RENDERED)
_HEALTH = _response({"status": "OK"})


class _Connection(asyncio.Protocol):
    """Sequential requests of known length."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._pieces: list[bytes] = []
        self._missing = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._pieces.append(data)
            head, found, rest = b"".join(self._pieces).partition(b"\r\n\r\n")
            if not found:
                return
            self._pieces = []
            self._answer = _RENDERED if head.startswith(b"POST /render ") else _HEALTH
            self._missing = content_length(head + found) - len(rest)
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._missing = -1
            if self._delay_seconds:
                asyncio.get_running_loop().call_later(self._delay_seconds, self._transport.write, self._answer)
            else:
                self._transport.write(self._answer)


async def _serve(delay_ms: float, unix_path: str | None) -> None:
    loop = asyncio.get_running_loop()
    port = 0
    if unix_path is not None:
        server = await loop.create_unix_server(lambda: _Connection(delay_ms / 1000), unix_path)
    else:
        server = await loop.create_server(lambda: _Connection(delay_ms / 1000), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def content_length(head: bytes) -> int:
    """Return the content length in an HTTP head; 0 if missing."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
