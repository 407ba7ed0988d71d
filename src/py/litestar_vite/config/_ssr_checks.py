"""Validates SSRConfig. Each invalid setting raises ConfigError naming it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from litestar_vite.config._ssr import CachePolicy
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from litestar_vite.config._ssr import SSRConfig


# 16 MiB: the contacts example's small bundle needs 7 before it renders, and crashes with 4.
_MIN_HEAP_MB: Final = 16
_PROVIDERS: Final = ("tracer_provider", "meter_provider", "tracer", "meter")


def check_ssr(ssr: SSRConfig) -> None:
    """Validate the settings. `resolve` validates those that the environment may override.

    Raises:
        ConfigError: A setting is invalid. The message names it and the valid values.
    """
    _check_limits(ssr)
    _check_cache(ssr.cache, ssr.cache_mb)
    if isinstance(ssr.exclude, str):
        raise ConfigError(f"SSRConfig.exclude is {ssr.exclude!r}. Use a list of paths: exclude=[{ssr.exclude!r}].")
    share_workers: Any = ssr.share_workers
    if share_workers is not None and not isinstance(share_workers, bool):
        raise ConfigError(f"SSRConfig.share_workers is {share_workers!r}. Use True, False or None.")
    check_exports("SSRConfig", ssr.opentelemetry, ssr.prometheus)
    if ssr.ssl_context is not None:
        _check_ssl_context(ssr.ssl_context)
    if ssr.on_failure is not None:
        _check_hook(ssr.on_failure)


def check_exports(config: str, opentelemetry: Any, prometheus: Any) -> None:
    """Validate the settings `opentelemetry` and `prometheus` of a config class.

    Raises:
        ConfigError: A setting is invalid. The message names it.
    """
    if not isinstance(opentelemetry, bool) and not any(hasattr(opentelemetry, name) for name in _PROVIDERS):
        raise ConfigError(f"{config}.opentelemetry is {opentelemetry!r}. Use True, False or an OpenTelemetryConfig.")
    if not isinstance(prometheus, bool) and not callable(getattr(prometheus, "register", None)):
        raise ConfigError(f"{config}.prometheus is {prometheus!r}. Use True, False or a CollectorRegistry.")


def _check_limits(ssr: SSRConfig) -> None:
    if not ssr.timeout_seconds > 0:  # Written this way to reject NaN.
        raise ConfigError(f"SSRConfig.timeout_seconds is {ssr.timeout_seconds!r}. It must be more than 0 seconds.")
    if not ssr.queue_seconds >= 0:
        raise ConfigError(f"SSRConfig.queue_seconds is {ssr.queue_seconds!r}. It must be 0 seconds or more.")
    if ssr.max_connections < 1:
        raise ConfigError(
            f"SSRConfig.max_connections is {ssr.max_connections!r}. It must be at least 1. "
            "To turn SSR off, set SSRConfig.enabled=False."
        )
    if not _is_whole(ssr.max_heap_mb, _MIN_HEAP_MB):
        raise ConfigError(
            f"SSRConfig.max_heap_mb is {ssr.max_heap_mb!r}. It must be a whole number of MiB, {_MIN_HEAP_MB} or more."
        )
    for name, unit in (("recycle_mb", "MiB"), ("recycle_renders", "renders")):
        value = getattr(ssr, name)
        if not _is_whole(value, 0):
            raise ConfigError(
                f"SSRConfig.{name} is {value!r}. It must be a whole number of {unit}, or 0 to turn it off."
            )


def _check_cache(cache: Any, cache_mb: Any) -> None:
    # False is valid because routes use it to turn caching off. CachePolicy validates itself.
    is_seconds = isinstance(cache, int | float) and cache is not True and cache >= 0
    if cache is not None and not is_seconds and not isinstance(cache, CachePolicy):
        raise ConfigError(f"SSRConfig.cache is {cache!r}. Use a number of seconds, 0 or more, a CachePolicy, or None.")
    if isinstance(cache, CachePolicy) and (named := [tag for tag in cache.tags if "{" in tag]):
        raise ConfigError(
            f"SSRConfig.cache has the tag {named[0]!r}, but the app's routes have different path parameters. "
            "Set ssr_cache=CachePolicy(tags=...) on the route."
        )
    if not _is_whole(cache_mb, 0):
        raise ConfigError(f"SSRConfig.cache_mb is {cache_mb!r}. It must be a whole number of MiB, 0 or more.")


def _check_ssl_context(context: Any) -> None:
    from ssl import SSLContext

    if not isinstance(context, SSLContext):
        raise ConfigError(
            f"SSRConfig.ssl_context is {context!r}. "
            "Use an ssl.SSLContext, such as ssl.create_default_context(cafile='ca.pem')."
        )


def _check_hook(hook: Any) -> None:
    if not callable(hook):
        raise ConfigError(
            f"SSRConfig.on_failure is {hook!r}. Use a function that takes the Failed and the page's component."
        )
    if inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__):
        raise ConfigError(
            f"SSRConfig.on_failure is {hook!r}, an async function. It is called without await. "
            "Use a sync function, and start a task in it if you need to await."
        )


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
