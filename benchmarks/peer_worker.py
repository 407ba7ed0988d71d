"""The peer's side, in the peer's interpreter: one JSON command per line on stdin, one reply per line on stdout.

{"open": case, "options": {...}} -> {"sides": [...]};  {"time": side, "calls": n} -> {"seconds": s};
{"versions": true} -> {"versions": {...}};  {"close": true} -> {"closed": true}.  A failure replies {"error": text}.

The plugin is configured for production according to its documentation: hybrid mode with a built index.html and
manifest, development mode off, no detection at run time. It runs the same cases as this library.
"""

import asyncio
import importlib
import json
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from litestar.plugins import PluginProtocol

from benchmarks.cases import Cases
from benchmarks.data import SSR_PAGE
from benchmarks.harness import Side
from benchmarks.project import built_project

# Imported by name, since it has the same import name as this library, which the type checker sees.
_vite: Any = importlib.import_module("litestar_vite")
_config: Any = importlib.import_module("litestar_vite.config")
_inertia: Any = importlib.import_module("litestar_vite.inertia")


_STDIO_RENDER_SERVER = [sys.executable, "-m", "benchmarks.stdio_render_server"]


class Peer:
    shares = False

    def plugin(self, stack: AsyncExitStack, ssr: Any = None) -> PluginProtocol:
        root = stack.enter_context(built_project(bundle="public", manifest="manifest.json"))
        config = _config.ViteConfig(
            mode="hybrid",
            enabled=True,
            dev_mode=False,
            paths=_config.PathConfig(root=root, bundle_dir="public", asset_url="/static/"),
            inertia=_config.InertiaConfig(ssr=ssr),
        )
        plugin: PluginProtocol = _vite.VitePlugin(config=config)
        return plugin

    def ssr_plugin(self, stack: AsyncExitStack, delay_ms: float, **options: Any) -> PluginProtocol:
        command = [*_STDIO_RENDER_SERVER, str(delay_ms)]
        return self.plugin(stack, _config.InertiaSSRConfig(command=command, cwd=Path.cwd(), timeout=5.0, **options))

    async def ssr_hop(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        response: Any = importlib.import_module("litestar_vite.inertia.response")
        transport = importlib.import_module("litestar_vite.ipc").StdioIPCTransport(
            command=[*_STDIO_RENDER_SERVER, "0"], cwd=Path.cwd()
        )
        await transport.start()
        stack.push_async_callback(transport.close)
        page = json.loads(SSR_PAGE)

        async def post() -> Any:
            return await response._render_inertia_ssr(page, transport, 5.0)

        return post

    def deferred(self, key: str, fn: Callable[[], Awaitable[Any]], *, concurrent: bool) -> Any:
        del concurrent  # it does not support concurrency
        return _inertia.defer(key, fn)


async def serve(commands: TextIO, answers: TextIO) -> None:
    """Process commands sequentially. Reading blocks the loop on purpose, so that nothing runs between slices."""
    async with AsyncExitStack() as everything:
        stack = await everything.enter_async_context(AsyncExitStack())
        sides: dict[str, Side] = {}
        for line in commands:
            command = json.loads(line)
            answer: dict[str, Any]
            try:
                if "open" in command:
                    await stack.aclose()
                    stack = await everything.enter_async_context(AsyncExitStack())
                    sides = await Cases(Peer(), stack).build(command["open"], **command["options"])
                    answer = {"sides": list(sides)}
                elif "time" in command:
                    answer = {"seconds": await sides[command["time"]](command["calls"])}
                elif "versions" in command:
                    packages = ("litestar-vite", "litestar", "msgspec", "cryptography")
                    answer = {"versions": {package: version(package) for package in packages}}
                else:
                    answer = {"closed": True}
            except Exception:  # noqa: BLE001 (whatever went wrong belongs in the driver's traceback)
                answer = {"error": traceback.format_exc()}
            print(json.dumps(answer), file=answers, flush=True)
            if "closed" in answer:
                return


def main() -> None:
    # Replies use the real stdout; other output goes to stderr.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asyncio.run(serve(sys.stdin, answers))


if __name__ == "__main__":
    main()
