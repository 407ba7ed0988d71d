"""A process of P15: `python -m benchmarks.memory_probe plain|plugin|ssr` serves 200 pages and prints its resident size
in MB.
"""

import asyncio
import gc
import sys
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from litestar import Litestar, MediaType, get

from benchmarks.asgi import NAVIGATION, Caller
from benchmarks.data import SSR_PROPS

_PAGES = 200


async def _run(subject: str) -> float:
    async with AsyncExitStack() as stack:
        plugins: list[Any] = []
        if subject == "plain":

            @get("/", media_type=MediaType.HTML)
            async def page() -> bytes:
                return b"<html>" + b"x" * 40_000

        else:

            @get("/", component="Bench")
            async def page() -> dict[str, Any]:
                return SSR_PROPS

            adapter = _adapter()
            plugins = [adapter.ssr_plugin(stack, 0.0) if subject == "ssr" else adapter.plugin(stack)]
        app = Litestar([page], plugins=plugins, openapi_config=None, logging_config=None)
        await stack.enter_async_context(app.lifespan())
        caller = Caller(app, NAVIGATION)
        await caller.check("text/html")
        await caller(_PAGES)
        gc.collect()
        return _resident_mb()


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1000


def _adapter() -> Any:
    if version("litestar-vite") == "0.32.0":
        from benchmarks.peer_worker import Peer

        return Peer()
    from benchmarks.ours import Ours

    return Ours()


if __name__ == "__main__":
    print(asyncio.run(_run(sys.argv[1])))
