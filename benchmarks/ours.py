"""This library as a side of the comparisons."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from litestar.plugins import PluginProtocol

from benchmarks.project import built_project


class Ours:
    """The plugin in production mode over a hand-written manifest; `inertia` goes to InertiaConfig."""

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

    def deferred(self, key: str, fn: Callable[[], Awaitable[Any]], *, concurrent: bool) -> Any:
        from litestar_vite.inertia import defer

        del key  # the dict key is the name
        return defer(fn, concurrent=concurrent)
