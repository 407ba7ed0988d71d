"""A render server that renders nothing: it takes a page, waits, and answers a head and a body of fixed size.

Runs in a process of its own, so that the client's loop is the only thing measured: `with render_server() as url:`.
Speaks the SSR contract over HTTP/1.1 with keep-alive: POST /render -> {"head": [...], "body": "..."}, GET /health.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REPOSITORY = Path(__file__).parent.parent
# P5's hop: about 17 KB in, 23 KB out, what a React page of 100 rows came to.
BODY_BYTES = 23_000


@contextmanager
def render_server(delay_ms: float = 0.0) -> Iterator[str]:
    """Start a render server on 127.0.0.1 and give its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.render_server", str(delay_ms)],
        cwd=_REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()  # the server ends with its stdin, as our worker does
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


async def _serve(delay_ms: float) -> None:
    rendered = _response({"head": ["<title>Bench</title>"], "body": f'<div id="app">{"x" * BODY_BYTES}</div>'})
    health = _response({"status": "OK"})

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if size := content_length(head):
                    await reader.readexactly(size)
                if delay_ms:
                    await asyncio.sleep(delay_ms / 1000)
                writer.write(rendered if head.startswith(b"POST /render ") else health)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


def _response(content: object) -> bytes:
    body = json.dumps(content).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def content_length(head: bytes) -> int:
    """Read the length out of an HTTP head, 0 when there is none."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
