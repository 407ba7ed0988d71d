"""Chooses an app's render workers by its settings: its own, its server's, or those of `litestar ssr serve`."""

from __future__ import annotations

import itertools
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from litestar_vite._ssr.bundle import BundleVersion, find_bundle
from litestar_vite._ssr.workers.command import WorkerCommand, default_workers
from litestar_vite._ssr.workers.shared_workers import SharedWorkers, server_folder
from litestar_vite._ssr.workers.supervise import WorkerPolicy, WorkerSet
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar_vite._ssr.upstreams import Upstreams
    from litestar_vite.config._ssr import SSRConfig


logger = logging.getLogger("litestar_vite.ssr.worker")

_numbers: Final = itertools.count(1)


class Workers(Protocol):
    """Render workers that can be started and stopped."""

    upstreams: Upstreams

    async def start(self, timeout_seconds: float) -> bool:
        """Start or find the workers; return True if at least one is running."""
        ...

    async def stop(self) -> None:
        """Stop the workers, or disconnect from them."""
        ...


def make_workers(
    config: SSRConfig, ssr_dir: Path, root: Path, warm_up: Sequence[str] = (), build: BundleVersion | None = None
) -> Workers | None:
    """Return the workers that this app runs or shares; None if it uses a render server.

    Args:
        config: The app's settings.
        ssr_dir: The folder of the bundle.
        root: The folder for relative paths.
        warm_up: The app's page components.
        build: The bundle as it was when the app read the manifest; None, or a missing bundle, for the current one.

    Raises:
        ConfigError: The bundle is missing, or the worker script has not been built.
    """
    policy = policy_of(config)
    if build is None or not build.hash:
        build = BundleVersion.of(ssr_dir, config.bundle, root)
    if config.url is not None:
        folder = folder_of(config.url)
        return SharedWorkers(folder, policy, build=build) if folder is not None else None
    command = command_of(config, ssr_dir, root)
    if not hasattr(os, "getuid"):
        return WorkerSet(command, policy, warm_up=warm_up, build=build)
    shared = _is_one_of_several() if config.share_workers is None else config.share_workers
    # A single process keeps its workers where `litestar ssr status` finds them. Two apps in one process have separate
    # sets.
    owner = str(os.getppid()) if shared else f"{os.getpid()}-{next(_numbers)}"
    try:
        folder = server_folder(command, policy, owner, build)
        return SharedWorkers(folder, policy, command, shared=shared, warm_up=warm_up, build=build)
    except (ConfigError, OSError) as error:
        logger.warning("The render workers are kept in a temporary folder: %s", error)
        return WorkerSet(command, policy, warm_up=warm_up, build=build)


def command_of(config: SSRConfig, ssr_dir: Path, root: Path) -> WorkerCommand:
    """Return the command that starts a worker.

    Raises:
        ConfigError: The bundle is missing, or the worker script has not been built.
    """
    command = WorkerCommand(
        config.node,
        find_bundle(ssr_dir, config.bundle, root),
        config.max_heap_mb,
        config.timeout_seconds if config.isolate else 0.0,
    )
    command.arguments()
    return command


def policy_of(config: SSRConfig) -> WorkerPolicy:
    return WorkerPolicy(
        count=config.workers or default_workers(),
        max_connections=config.max_connections,
        timeout_seconds=config.timeout_seconds,
        recycle_renders=config.recycle_renders,
        recycle_mb=config.recycle_mb,
    )


def folder_of(url: str | Sequence[str]) -> Path | None:
    """Return the folder of a URL such as "unix:/run/ssr/"; None for other URLs."""
    return (
        Path(url.removeprefix("unix:"))
        if isinstance(url, str) and url.startswith("unix:") and url.endswith("/")
        else None
    )


def _is_one_of_several() -> bool:
    """Return whether a server with several processes started this one: uvicorn and granian use multiprocessing,
    gunicorn sets a variable.
    """
    from multiprocessing import parent_process

    return parent_process() is not None or os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")
