"""Which render workers an app has, by its settings: its own, those of its server, or those that `litestar ssr serve` keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from litestar_vite.ssr.bundle import WorkerCommand, default_workers, find_bundle
from litestar_vite.ssr.workers import WorkerPolicy, WorkerSet

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite.config.ssr import SSRConfig
    from litestar_vite.ssr.upstreams import Upstreams

__all__ = ("Workers", "make_workers")


class Workers(Protocol):
    """Render workers with a life of their own."""

    upstreams: Upstreams

    async def start(self, timeout_seconds: float) -> bool:
        """Start or find them; tell whether at least one is up."""
        ...

    async def stop(self) -> None:
        """Let go of them."""
        ...


def make_workers(config: SSRConfig, ssr_dir: Path, root: Path) -> Workers | None:
    """Return the workers that this app keeps or shares, None when it uses a render server.

    Raises:
        ConfigError: There is no bundle, or the worker script has not been built.
    """
    if config.url is not None:
        return None
    command = WorkerCommand(config.node, find_bundle(ssr_dir, config.bundle, root), config.max_heap_mb, config.isolate)
    command.arguments()
    policy = WorkerPolicy(
        count=config.workers or default_workers(),
        max_connections=config.max_connections,
        timeout_seconds=config.timeout_seconds,
        recycle_renders=config.recycle_renders,
        recycle_mb=config.recycle_mb,
    )
    return WorkerSet(command, policy)
