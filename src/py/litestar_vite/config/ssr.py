"""Settings of server-side rendering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ("CachePolicy", "SSRConfig")


@dataclass(frozen=True)
class CachePolicy:
    """How long a rendered page is kept. The same page, byte by byte, from the same build is served again; any other is
    rendered.
    """

    seconds: float
    """For so long it is served as it is."""

    stale_seconds: float = 0.0
    """For so long after that it is served once more, while a new one is rendered behind it. Default: 0."""

    private: bool = False
    """Keep pages that are one visitor's too: with flash or errors, with a session in use, with a user. Nobody else gets
    them, since the key is the page itself, but they lie in the store. Default: False."""

    def __post_init__(self) -> None:
        # What no type checker has seen: a text, None, or NaN.
        given: dict[str, Any] = {"seconds": self.seconds, "stale_seconds": self.stale_seconds}
        for name, value in given.items():
            if not isinstance(value, int | float) or not value >= 0:
                msg = f"CachePolicy.{name} is {value!r}; it must be a number of seconds, 0 or more."
                raise ConfigError(msg)


class OpenTelemetryProviders(Protocol):
    """Where spans and numbers go; Litestar's `OpenTelemetryConfig` is one. None stands for the provider that is set for
    the process.
    """

    tracer_provider: Any
    meter_provider: Any


@dataclass
class SSRConfig:
    """How pages are rendered on the server.

    Without `url` the app starts Node processes of its own from the built SSR bundle and stops them at shutdown.
    """

    url: str | Sequence[str] | None = None
    """Base URL of an external render server, "http://127.0.0.1:13714", "https://…" or "unix:/run/app/ssr.sock"; a
    folder that `litestar ssr serve` keeps, "unix:/run/app/ssr/"; or a list of URLs. Default: start our own. Env:
    VITE_SSR_URL."""

    bundle: str | Path | None = None
    """The SSR bundle, relative to `ViteConfig.root`. Default: the one JavaScript entry in "dist/ssr". Env:
    VITE_SSR_BUNDLE.
    """

    timeout_seconds: float = 2.0
    """Total time for one render, queue and connection included. After it the page is rendered in the browser. Default:
    2 seconds.
    """

    start_timeout_seconds: float = 15.0
    """How long the app waits at start-up for its own workers to be ready. After it pages are rendered in the browser
    until one is.
    """

    node: str = "node"
    """The JavaScript runtime that runs our own workers: node, bun or deno, a name in PATH or a path. Env:
    VITE_SSR_NODE.
    """

    raise_on_error: bool = False
    """Raise SSRError instead of falling back to the browser. For tests and CI."""

    max_connections: int = 20
    """Renders at the same time; further ones queue for `queue_seconds`. Default: 20."""

    enabled: bool = True
    """Off means that every page is rendered in the browser. Env: VITE_SSR_ENABLED."""

    queue_seconds: float = 0.2
    """How long a render may wait for its turn. Who would wait longer is rendered in the browser at once. Default: 0.2
    seconds.
    """

    exclude: Sequence[str] = ()
    """Paths whose pages the browser renders, "/admin" or "/admin/*"; a star stands for anything, slashes included.
    Default: none.
    """

    on_failure: Callable[[Any, str], object] | None = None
    """A plain function, called with the `Failed` and the page's component when a render fails, besides the log entry;
    not when nobody was asked (overload, open, unavailable), which is counted. Default: None."""

    workers: int | None = None
    """How many Node processes our own workers are. Default: one for each core, at most 4. Env: VITE_SSR_WORKERS."""

    share_workers: bool | None = None
    """Let the processes of one server use the same workers, and not start their own. Default: None, when a server
    starts several.
    """

    max_heap_mb: int = 512
    """JavaScript heap of a worker, in MiB; one that needs more ends and is started again. Default: 512 MiB."""

    recycle_mb: int = 400
    """A worker that takes more memory than this is replaced while it goes on rendering; 0 never. Default: 400 MiB."""

    recycle_renders: int = 100_000
    """A worker is replaced after so many renders; 0 never. Default: 100,000."""

    isolate: bool = False
    """Run each render in a fresh JavaScript context, for front ends that keep state in modules. Costs time. Default:
    False.
    """

    cache: CachePolicy | float | None = None
    """Keep rendered pages of all routes, for so many seconds; a route overrides it by its opt `ssr_cache`. Default:
    None.
    """

    cache_store: str | None = None
    """Name of a store of the app (`Litestar(stores=...)`) where other processes and machines find rendered pages.
    Default: None, in memory.
    """

    cache_mb: int = 64
    """How much memory rendered pages may take in each process, in MiB. Default: 64 MiB."""

    opentelemetry: bool | OpenTelemetryProviders = False
    """Make spans of renders, and let OpenTelemetry read the numbers: True with the providers of the process, or the
    `OpenTelemetryConfig` of Litestar's plugin with its own. Needs `litestar-vite[opentelemetry]`. Default: False."""

    prometheus: bool | Any = False
    """Let Prometheus read the numbers: True in prometheus_client's own registry, which Litestar's
    `PrometheusController` shows, or a `CollectorRegistry`. Needs `litestar-vite[prometheus]`. Default: False."""

    ssl_context: SSLContext | None = None
    """Whom an https:// render server has to convince, and the certificate that we show it: a CA of your own, a client
    certificate. Default: None, the authorities that httpx trusts (certifi)."""
