"""The state of the render servers, for `litestar ssr status` and `check`."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from litestar_vite._net.failures import ConnectionFailed
from litestar_vite._ssr.client import upstream_at
from litestar_vite._ssr.quarantine import Quarantined
from litestar_vite._ssr.workers.process import Health
from litestar_vite._ssr.workers.settings import command_of, folder_of, policy_of
from litestar_vite._ssr.workers.shared_workers import base_folder, known_folders, workers_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from ssl import SSLContext

    from litestar_vite.config import ResolvedConfig
    from litestar_vite.config._ssr import SSRConfig


_HEALTH_SECONDS = 2.0


class ServerStatus(Struct, frozen=True):
    """One render server.

    Attributes:
        url: Its address.
        up: The health check succeeded.
        milliseconds: The duration of the health check.
        renders: The number of pages since its start; None if unknown.
        rss_mb: Its memory; None if unknown.
        problem: Why it is down.
    """

    url: str
    up: bool
    milliseconds: float
    renders: int | None = None
    rss_mb: int | None = None
    problem: str | None = None


class SSRStatus(Struct, frozen=True):
    """All render servers of an app.

    Attributes:
        kind: off, development, own (workers that an app or `litestar ssr serve` has started) or external.
        servers: The render servers that were found.
        folder: The folder that was searched for workers; None for external servers.
        quarantined: Page components that are rendered in the browser, since they ended a worker.
    """

    kind: str
    servers: list[ServerStatus]
    folder: str | None = None
    quarantined: list[Quarantined] = []

    @property
    def is_fine(self) -> bool:
        """True if pages can be rendered, or if server-side rendering is off."""
        return self.kind in {"off", "development"} or any(server.up for server in self.servers)


async def look_at(config: ResolvedConfig) -> SSRStatus:
    """Find the render servers of an app, and check the health of each.

    Raises:
        ConfigError: The app starts its own workers, and the bundle or the worker script is missing.
    """
    ssr = config.ssr
    if ssr is None:
        return SSRStatus("off", [])
    if config.dev_mode:
        return SSRStatus("development", [])
    base, folders, urls = _folders(ssr, config)
    states = [state for folder in folders if (state := workers_state(folder)) is not None]
    urls = [*urls, *(url for state in states for url in state.workers)]
    servers = await asyncio.gather(*(_ask(url, ssr.ssl_context) for url in urls))
    if base is not None:
        servers = [msgspec.structs.replace(server, url=_without_secret(server.url)) for server in servers]
    quarantined = [entry for state in states for entry in state.quarantined if entry.until > time.monotonic()]
    return SSRStatus(
        "own" if base is not None else "external", list(servers), str(base) if base is not None else None, quarantined
    )


def _folders(ssr: SSRConfig, config: ResolvedConfig) -> tuple[Path | None, list[Path], Sequence[str]]:
    """Return the folder to search, the workers' folders in it, and the URLs of render servers."""
    if ssr.url is None:
        return base_folder(), known_folders(command_of(ssr, config.ssr_dir, config.root), policy_of(ssr)), ()
    if (folder := folder_of(ssr.url)) is not None:
        return folder, [folder], ()
    return None, [], [ssr.url] if isinstance(ssr.url, str) else ssr.url


def _without_secret(url: str) -> str:
    return url if url.startswith("unix:") else url.rpartition("/")[0]


async def _ask(url: str, ssl_context: SSLContext | None) -> ServerStatus:
    upstream = upstream_at(url, 1, ssl_context)
    began = time.perf_counter()
    try:
        reply = await upstream.pool.request("GET", f"{upstream.prefix}/health", b"", timeout_seconds=_HEALTH_SECONDS)
        health = msgspec.json.decode(reply.body, type=Health)
    except TimeoutError:
        return _down(url, began, f"no answer within {_HEALTH_SECONDS:g} s")
    except (ConnectionFailed, msgspec.DecodeError) as error:
        return _down(url, began, str(error))
    finally:
        await upstream.pool.aclose()
    # Inertia's own server also answers unknown paths with 200, so the body decides (protocol K5).
    if health.status != "OK":
        return _down(url, began, f"it says {health.status!r}")
    return ServerStatus(
        url, up=True, milliseconds=_since(began), renders=health.renders or None, rss_mb=(health.rss >> 20) or None
    )


def _down(url: str, began: float, problem: str) -> ServerStatus:
    return ServerStatus(url, up=False, milliseconds=_since(began), problem=problem)


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
