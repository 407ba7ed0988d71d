"""The same render server for the peer's transport: one JSON object per line on stdin, one reply per line on stdout, in
any order.
"""

import asyncio
import json
import sys

from benchmarks.render_server import RENDERED

_RESULT = json.dumps(RENDERED).encode()


async def _serve(delay_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    write = sys.stdout.buffer.write

    def answer(line: bytes) -> None:
        write(b'{"id":%d,"result":%b}\n' % (json.loads(line)["id"], _RESULT))
        sys.stdout.buffer.flush()

    while line := await reader.readline():
        if delay_seconds:
            loop.call_later(delay_seconds, answer, line)
        else:
            answer(line)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) / 1000))
