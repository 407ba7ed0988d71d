"""This library's adapter for the comparisons."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from litestar.plugins import PluginProtocol

from benchmarks.data import SSR_PAGE
from benchmarks.project import built_project
from benchmarks.render_server import render_server


class Ours:
    """The plugin in production mode with a hand-written manifest; `inertia` is passed to InertiaConfig."""

    def __init__(self, **inertia: Any) -> None:
        self._inertia = inertia
        self.shares = "share" in inertia

    def plugin(self, stack: AsyncExitStack) -> PluginProtocol:
        # Imported here: `--peer-only` and the floors run without the library.
        from litestar_vite import ViteConfig, VitePlugin
        from litestar_vite.inertia import InertiaConfig

        root = stack.enter_context(built_project())
        plugin: PluginProtocol = VitePlugin(ViteConfig(root=root, inertia=InertiaConfig(**self._inertia)))
        return plugin

    def ssr_plugin(self, stack: AsyncExitStack, delay_ms: float, **options: Any) -> PluginProtocol:
        from litestar_vite.inertia import SSRConfig

        url = options.pop("url", None) or stack.enter_context(render_server(delay_ms))
        return Ours(ssr=SSRConfig(url=url, **options)).plugin(stack)

    async def ssr_hop(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        from litestar_vite._ssr.client import open_client
        from litestar_vite._ssr.gateway import render
        from litestar_vite._ssr.outcome import Rendered

        base_url = stack.enter_context(render_server())
        client = await stack.enter_async_context(open_client(base_url))

        async def post() -> Rendered:
            outcome = await render(client, f"{base_url}/render", SSR_PAGE, 5.0)
            assert type(outcome) is Rendered, outcome
            return outcome

        return post

    def deferred(self, key: str, fn: Callable[[], Awaitable[Any]], *, concurrent: bool) -> Any:
        from litestar_vite.inertia import defer

        del key  # the dict key is the name
        return defer(fn, concurrent=concurrent)
