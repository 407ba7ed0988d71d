"""Configuration of server-side rendering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from ssl import SSLContext


@dataclass(frozen=True)
class CachePolicy:
    """How long rendered pages are cached, and what they are cached by. A cached page is only served for the same
    build."""

    seconds: float
    """How long a cached page is fresh."""

    stale_seconds: float = 0.0
    """How long after that a stale page is served while a new one is rendered in the background. Default: 0."""

    private: bool = False
    """Also cache pages for a single visitor: with flash data or errors, with a session in use, or with a user. The
    cache key is the page object, so other visitors cannot receive them, but the store holds them. Default: False."""

    by: Literal["page", "url"] = "page"
    """What a page is cached by. "page": the page object, so that any other props are rendered. "url": the URL, so that
    visitors without cookies get the page that was rendered last, with its props. For public pages only: they must
    depend on nothing but the URL, `vary` and the time. Default: "page"."""

    tags: Sequence[str] = ()
    """The names under which `invalidate` finds the pages. Path parameters are filled in: "contact:{contact_id}". A
    handler adds further tags with `tag_page`. Default: none."""

    vary: Sequence[str] = ("accept-language",)
    """Request headers on which pages depend, with `by="url"`. Default: Accept-Language."""

    ignore_cookies: Sequence[str] = ()
    """Cookies that do not change the page, with `by="url"`, such as ``_ga*``; the CSRF cookie is always ignored. Any
    other cookie gets the page of its own props. Default: none."""

    has_templates: bool = field(init=False, repr=False, compare=False)
    """Whether a tag contains a path parameter. Set by the class."""

    def __post_init__(self) -> None:
        # Values that a type checker would reject: strings, None, NaN.
        given: dict[str, Any] = {"seconds": self.seconds, "stale_seconds": self.stale_seconds}
        for name, value in given.items():
            if not isinstance(value, int | float) or not value >= 0:
                raise ConfigError(f"CachePolicy.{name} is {value!r}. It must be a number of seconds, 0 or more.")
        for name in ("tags", "vary", "ignore_cookies"):
            names: Any = getattr(self, name)
            if isinstance(names, str) or not all(isinstance(each, str) and each for each in names):
                raise ConfigError(f"CachePolicy.{name} is {names!r}. Use a list of names: {name}=['a name'].")
            # Hashable, so that routes with equal policies share one.
            object.__setattr__(self, name, tuple(names))
        object.__setattr__(self, "has_templates", any("{" in tag for tag in self.tags))
        if self.by not in ("page", "url"):
            raise ConfigError(f"CachePolicy.by is {self.by!r}. Use 'page' or 'url'.")
        if self.by == "url" and self.private:
            raise ConfigError(
                "CachePolicy.private=True needs by='page': a page that is cached by its URL is sent to every visitor."
            )


class OpenTelemetryProviders(Protocol):
    """The providers of tracers and meters, such as Litestar's `OpenTelemetryConfig`. None uses the global provider."""

    tracer_provider: Any
    meter_provider: Any


@dataclass
class SSRConfig:
    """Configuration of server-side rendering.

    Without `url`, the app starts Node processes (render workers) with the built SSR bundle, and stops them at shutdown.
    """

    url: str | Sequence[str] | None = None
    """The base URL of an external render server ("http://127.0.0.1:13714", "https://…" or "unix:/run/app/ssr.sock"), a
    folder of `litestar ssr serve` ("unix:/run/app/ssr/"), or a list of URLs. Default: None, which starts render
    workers. Env: VITE_SSR_URL."""

    bundle: str | Path | None = None
    """The SSR bundle, relative to `ViteConfig.root`. Default: the only JavaScript entry in "dist/ssr".
    Env: VITE_SSR_BUNDLE.
    """

    timeout_seconds: float = 2.0
    """Total time for a render, including queueing and connecting. After that, the page is rendered in the browser.
    Default: 2 seconds.
    """

    start_timeout_seconds: float = 15.0
    """How long start-up waits for a render worker. After that, pages are rendered in the browser until one is ready.
    Default: 15 seconds.
    """

    node: str = "node"
    """The JavaScript runtime of the render workers: node, bun or deno, as a name in PATH or a path. Default: "node".
    Env: VITE_SSR_NODE.
    """

    raise_on_error: bool = False
    """Raise SSRError instead of falling back to the browser. For tests and CI. Default: False."""

    max_connections: int = 20
    """Maximum number of concurrent renders. Further renders wait for up to `queue_seconds`. Default: 20."""

    enabled: bool = True
    """False renders every page in the browser. Default: True. Env: VITE_SSR_ENABLED."""

    queue_seconds: float = 0.2
    """How long a render may wait in the queue. Pages that would wait longer are rendered in the browser immediately.
    Default: 0.2 seconds.
    """

    exclude: Sequence[str] = ()
    """Paths of pages that are rendered in the browser, such as "/admin" or ``/admin/*``. A star matches all characters,
    including slashes. Does not apply to pages with `hydrate=False`. Default: none.
    """

    on_failure: Callable[[Any, str], object] | None = None
    """A sync function called with the `Failed` and the page's component when a render fails, in addition to the log
    entry. Renders that are skipped (overload, open, unavailable, quarantined) are counted, but do not call it. Default:
    None."""

    workers: int | None = None
    """The number of render workers. Default: one per core, at most 4. Env: VITE_SSR_WORKERS."""

    share_workers: bool | None = None
    """Share the render workers between the processes of one server. Default: None, which is on if the server starts
    several processes.
    """

    max_heap_mb: int = 512
    """The JavaScript heap limit of a worker, in MiB. A worker that exceeds it is restarted. Default: 512 MiB."""

    recycle_mb: int = 400
    """Replace a worker that uses more memory than this, in MiB, without interrupting rendering. 0 turns this off.
    Default: 400 MiB."""

    recycle_renders: int = 100_000
    """Replace a worker after this many renders. 0 turns this off. Default: 100,000."""

    isolate: bool = False
    """Run each render in a new JavaScript context, for front ends with module-level state. Slower. Default: False."""

    cache: CachePolicy | float | None = None
    """Cache the rendered pages of all routes, by a CachePolicy or a number of seconds. The route opt `ssr_cache`
    overrides this. Default: None.
    """

    cache_store: str | None = None
    """The name of an app store (`Litestar(stores=...)`) for cached pages, shared with other processes and machines.
    Default: None, which caches in memory.
    """

    cache_mb: int = 64
    """Maximum memory for cached pages in each process, in MiB. Default: 64 MiB."""

    opentelemetry: bool | OpenTelemetryProviders = False
    """Record OpenTelemetry spans and metrics of renders. True uses the global providers; the `OpenTelemetryConfig` of
    Litestar's plugin brings its own. Needs `litestar-vite[opentelemetry]`. Default: False."""

    prometheus: bool | Any = False
    """Export Prometheus metrics of renders. True uses prometheus_client's default registry, which Litestar's
    `PrometheusController` exposes; or pass a `CollectorRegistry`. Needs `litestar-vite[prometheus]`. Default: False."""

    ssl_context: SSLContext | None = None
    """The TLS context for https:// render servers, for a private CA or a client certificate. Default: None, which uses
    the CAs that httpx trusts (certifi)."""
