"""Combines the configuration with the environment into a ResolvedConfig."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

from litestar_vite.config._inertia import InertiaConfig
from litestar_vite.config._spa import SPAConfig
from litestar_vite.config._ssr import SSRConfig
from litestar_vite.config._ssr_checks import check_exports, check_ssr
from litestar_vite.config._types import TypesConfig
from litestar_vite.config._vite import ViteConfig
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


SECRET_VARIABLES: Final = ("INERTIA_SECRET", "VITE_INERTIA_SECRET")
"""The environment variables for the secret. The first is preferred: Vite exposes VITE_ variables to the browser."""

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})
# A password may contain any character.
_CREDENTIALS: Final = re.compile(r"//.*@", re.DOTALL)
_ACCESS_HINT: Final = "restrict access by network, or with a client certificate in SSRConfig.ssl_context."
# Characters that need no escaping in URLs or HTML.
_PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)+\Z").match


class ResolvedConfig(Struct, frozen=True):
    """The configuration of this process. All paths are absolute."""

    vite: ViteConfig
    root: Path
    bundle_dir: Path
    ssr_dir: Path
    prerender_dir: Path
    manifest_path: Path
    index_html: Path
    asset_url: str
    """The path under which the app serves the built files, or the full URL of a CDN. Ends with "/"."""
    root_path: str
    """Starts with "/" and does not end with "/", or is empty."""
    base: str
    """The URL of the built files for browsers, and Vite's `base` in a build: `root_path` and `asset_url`, or the full
    URL. Ends with "/".
    """
    dev_mode: bool
    inert: bool
    """Start no processes and require no build."""
    dev_server_url: str | None
    """Origin and base, without a trailing "/", of a dev server that the user starts; None if the app starts Vite."""
    dev_base: str
    """Vite's `base` in development if the app starts Vite: the path of `base`. Starts and ends with "/"."""
    allowed_hosts: tuple[str, ...]
    runtime: str
    inertia: InertiaConfig | None
    ssr: SSRConfig | None
    """None when server-side rendering is off."""
    spa: SPAConfig | None
    """None when unknown pages are 404."""
    secrets: tuple[str, ...]
    """The first signs the carry cookie, all verify it."""
    types: TypesConfig
    writes_types: bool | None
    """None updates the files that are there."""
    devtools: bool
    """Requests are recorded for the browser's extension; in development only."""
    server_timing: bool
    secret_is_ephemeral: bool


def resolve(config: ViteConfig, environ: Mapping[str, str], arguments: Sequence[str] = ()) -> ResolvedConfig:
    """Merge the configuration with the environment. Reads no files and starts no processes.

    Args:
        config: The user's configuration.
        environ: The environment variables, which override the configuration.
        arguments: The server's command line. `--reload` turns on development mode.

    Raises:
        ConfigError: A setting is invalid. The message names it.
    """
    root = Path(config.root).resolve()
    bundle_dir = root / config.bundle_dir
    inertia = InertiaConfig() if config.inertia is True else config.inertia or None
    asset_url = _asset_url(config.asset_url)
    root_path = _root_path(config.root_path, environ)
    own_secrets = _secrets(environ, inertia.secret if inertia else None)
    dev_mode = _flag(
        environ, "VITE_DEV_MODE", default="--reload" in arguments if config.dev_mode is None else config.dev_mode
    )
    times = inertia.server_timing if inertia is not None else False
    if inertia is not None:
        check_exports("InertiaConfig", inertia.opentelemetry, inertia.prometheus)
    return ResolvedConfig(
        vite=config,
        root=root,
        bundle_dir=bundle_dir,
        ssr_dir=root / config.ssr_dir,
        prerender_dir=root / (inertia.prerender_dir if inertia is not None else InertiaConfig.prerender_dir),
        manifest_path=bundle_dir / ".vite" / "manifest.json",
        index_html=root / config.index_html,
        asset_url=asset_url,
        root_path=root_path,
        base=root_path + asset_url if asset_url.startswith("/") else asset_url,
        dev_mode=dev_mode,
        dev_server_url=_optional_url(
            environ, "VITE_DEV_SERVER_URL", config.dev_server_url, "ViteConfig.dev_server_url"
        ),
        # In development, assets come from this app even if asset_url is a CDN.
        dev_base=root_path + (asset_url if asset_url.startswith("/") else urlsplit(asset_url).path or "/static/"),
        allowed_hosts=_names(environ.get("VITE_ALLOWED_HOSTS"), config.allowed_hosts),
        runtime=environ.get("VITE_RUNTIME") or config.runtime,
        inert=_flag(environ, "VITE_INERT", default=config.inert),
        inertia=inertia,
        ssr=_resolve_ssr(inertia, environ) if inertia and inertia.ssr else None,
        spa=_resolve_spa(config.spa, asset_url, has_inertia=inertia is not None),
        secrets=own_secrets or (secrets.token_urlsafe(32),),
        secret_is_ephemeral=not own_secrets,
        types=config.types if isinstance(config.types, TypesConfig) else TypesConfig(),
        writes_types=None if config.types is None else bool(config.types),
        devtools=_flag(environ, "VITE_DEVTOOLS", default=inertia is not None and inertia.devtools)
        and dev_mode
        and inertia is not None,
        server_timing=_flag(environ, "VITE_SERVER_TIMING", default=dev_mode if times is None else times)
        and inertia is not None,
    )


def insight_of(config: ResolvedConfig) -> list[str]:
    """Return the names of what observes requests, for the start-up line and `litestar assets status`."""
    observed = [each for each in (config.inertia, config.ssr) if each is not None]
    found = {
        "DevTools": config.devtools,
        "Server-Timing": config.server_timing,
        "OpenTelemetry": any(each.opentelemetry for each in observed),
        "Prometheus": any(each.prometheus for each in observed),
    }
    return [name for name, is_on in found.items() if is_on]


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for front-end programs (Vite, the build, render workers), without the app's secret."""
    # Variable names are case-insensitive on Windows.
    return {name: value for name, value in environ.items() if name.upper() not in SECRET_VARIABLES}


def _secrets(environ: Mapping[str, str], configured: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the secrets of the first variable that has any, separated by commas, else those of the configuration."""
    for variable in SECRET_VARIABLES:
        if found := tuple(filter(None, map(str.strip, environ.get(variable, "").split(",")))):
            return found
    # An empty secret would be public.
    return tuple(filter(None, [configured] if isinstance(configured, str) else configured or ()))


def _resolve_ssr(inertia: InertiaConfig, environ: Mapping[str, str]) -> SSRConfig | None:
    ssr = inertia.ssr if isinstance(inertia.ssr, SSRConfig) else SSRConfig()
    if not _flag(environ, "VITE_SSR_ENABLED", default=ssr.enabled):
        return None
    check_ssr(ssr)
    return replace(
        ssr,
        url=_ssr_url(ssr.url, environ),
        bundle=environ.get("VITE_SSR_BUNDLE") or ssr.bundle,
        node=environ.get("VITE_SSR_NODE") or ssr.node,
        workers=_workers(ssr.workers, environ),
        opentelemetry=ssr.opentelemetry or inertia.opentelemetry,
        prometheus=ssr.prometheus or inertia.prometheus,
    )


def _resolve_spa(
    configured: SPAConfig | bool,  # noqa: FBT001 - a setting
    asset_url: str,
    *,
    has_inertia: bool,
) -> SPAConfig | None:
    if not configured:
        return None
    if has_inertia:
        raise ConfigError(
            "ViteConfig has both inertia and spa. The Inertia client cannot start from an index.html without page "
            "data. Remove one of them; InertiaConfig.error_page shows a page for unknown paths."
        )
    spa = SPAConfig() if configured is True else configured
    if isinstance(spa.exclude, str):
        raise ConfigError(f"SPAConfig.exclude is {spa.exclude!r}. Use a list: [{spa.exclude!r}].")
    if asset_url == "/":
        raise ConfigError(
            "ViteConfig.spa needs a path of its own for the built files, but asset_url is '/'. "
            "Use the default, '/static/', or another path."
        )
    return spa


def _ssr_url(configured: str | Sequence[str] | None, environ: Mapping[str, str]) -> str | tuple[str, ...] | None:
    """Return the render servers' URLs. The variable separates them by commas."""
    if value := environ.get("VITE_SSR_URL"):
        urls, name = [url.strip() for url in value.split(",")], "VITE_SSR_URL"
    elif configured:
        urls, name = [configured] if isinstance(configured, str) else list(configured), "SSRConfig.url"
    else:
        return None
    checked = tuple(_server_url(url, name) for url in urls)
    if (
        len(checked) > 1
        and (folder := next((url for url in checked if url.startswith("unix:") and url.endswith("/")), None))
        is not None
    ):
        raise ConfigError(
            f"{name} has the folder {folder!r} in a list, which may only contain sockets and URLs. "
            "Set the folder alone, or use a socket, such as 'unix:/run/app/ssr.sock'."
        )
    return checked[0] if len(checked) == 1 else checked


def _server_url(url: str, name: str) -> str:
    if url.startswith("unix:"):
        if not url.startswith("unix:/"):
            raise ConfigError(f"{name} is {url!r}. Use an absolute socket path, such as 'unix:/run/app/ssr.sock'.")
        return url
    if "@" in urlsplit(checked := _check_http_url(url, name)).netloc:
        raise ConfigError(
            f"{name} is {_without_credentials(url)!r}, with a user or a password, which are not sent. "
            f"Remove them, and {_ACCESS_HINT}"
        )
    return checked


def _workers(configured: int | None, environ: Mapping[str, str]) -> int | None:
    value, name = (
        (environ["VITE_SSR_WORKERS"], "VITE_SSR_WORKERS")
        if environ.get("VITE_SSR_WORKERS")
        else (configured, "SSRConfig.workers")
    )
    if value is None:
        return None
    try:
        number = int(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ConfigError(f"{name} is {value!r}. It must be a number of processes, 1 or more.")
    return number


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a full URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _names(variable: str | None, configured: Sequence[str]) -> tuple[str, ...]:
    """Return the host names in the variable, separated by commas, else those of the configuration."""
    if isinstance(configured, str):
        raise ConfigError(f"ViteConfig.allowed_hosts is {configured!r}. Use a list: [{configured!r}].")
    return tuple(name.strip() for name in variable.split(",") if name.strip()) if variable else tuple(configured)


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ConfigError(f"{name} is {value!r}. Use 1 or 0.")


def _asset_url(url: str) -> str:
    if url.startswith("//") or not url.startswith(("/", "http://", "https://")):
        raise ConfigError(f"ViteConfig.asset_url is {url!r}. Use a path such as '/static/', or a full URL.")
    return url if url.endswith("/") else f"{url}/"


def _root_path(configured: str, environ: Mapping[str, str]) -> str:
    path, name = (
        (environ["VITE_ROOT_PATH"], "VITE_ROOT_PATH")
        if environ.get("VITE_ROOT_PATH")
        else (configured, "ViteConfig.root_path")
    )
    if path and (_PREFIX(path) is None or not {".", ".."}.isdisjoint(path.split("/"))):
        raise ConfigError(
            f"{name} is {path!r}. Use a path with a leading and no trailing '/', such as '/shop', or '' for none."
        )
    return path


def _optional_url(environ: Mapping[str, str], variable: str, configured: str | None, setting: str) -> str | None:
    if configured is None and not environ.get(variable):
        return None
    return _reachable(_http_url(environ, variable, configured, setting))


def _reachable(url: str) -> str:
    """Replace a wildcard address (0.0.0.0, [::]), which servers print but browsers cannot connect to."""
    parts = urlsplit(url)
    if parts.hostname not in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison
        return url
    port = "" if parts.port is None else f":{parts.port}"
    return parts._replace(netloc=f"127.0.0.1{port}").geturl()


def _http_url(environ: Mapping[str, str], variable: str, configured: str | None, setting: str) -> str:
    """Return the URL from the variable, else from the setting. An error names its source."""
    url, name = (environ[variable], variable) if environ.get(variable) else (configured or "", setting)
    return _check_http_url(url, name)


def _check_http_url(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        is_origin = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and not (parts.query or parts.fragment)
        )
    except ValueError:  # An invalid port or IPv6 address.
        is_origin = False
    if not is_origin:
        raise ConfigError(f"{name} is {_without_credentials(url)!r}. Use a full URL such as 'http://127.0.0.1:13714'.")
    return url.rstrip("/")


def _without_credentials(url: str) -> str:
    """Return a URL for messages, without user and password."""
    return _CREDENTIALS.sub("//…@", url)
