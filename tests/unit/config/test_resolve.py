"""The effective settings of a process: its configuration merged with the environment."""

from __future__ import annotations

import functools
import math
import os
import ssl
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from litestar_vite._cli.toolchain import Toolchain
from litestar_vite._devserver.process import _environment as vite_environment
from litestar_vite._ssr.workers.command import WorkerCommand
from litestar_vite.config import InertiaConfig, ResolvedConfig, SSRConfig, ViteConfig, resolve
from litestar_vite.config._resolve import insight_of, origin_of
from litestar_vite.config._ssr import CachePolicy
from litestar_vite.exceptions import ConfigError


def resolve_ssr(environ: dict[str, str] | None = None, **settings: Any) -> SSRConfig | None:
    return resolve(ViteConfig(inertia=InertiaConfig(ssr=SSRConfig(**settings))), environ or {}).ssr


def resolve_inertia(environ: dict[str, str] | None = None, **settings: Any) -> ResolvedConfig:
    return resolve(ViteConfig(inertia=InertiaConfig(**settings)), environ or {})


# Paths


def test_relative_paths_are_below_the_root(tmp_path: Path) -> None:
    config = resolve(ViteConfig(root=tmp_path, bundle_dir="out", ssr_dir="out-ssr", index_html="web/page.html"), {})
    assert config.root == tmp_path.resolve()
    assert config.bundle_dir == config.root / "out"
    assert config.manifest_path == config.root / "out" / ".vite" / "manifest.json"
    assert config.ssr_dir == config.root / "out-ssr"
    assert config.index_html == config.root / "web" / "page.html"


def test_absolute_paths_stay_as_they_are(tmp_path: Path) -> None:
    config = resolve(
        ViteConfig(root=tmp_path / "web", bundle_dir=tmp_path / "client", index_html=tmp_path / "a.html"), {}
    )
    assert config.bundle_dir == tmp_path / "client"
    assert config.manifest_path == tmp_path / "client" / ".vite" / "manifest.json"
    assert config.index_html == tmp_path / "a.html"


def test_a_relative_root_is_made_absolute_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = resolve(ViteConfig(root="web"), {})
    monkeypatch.chdir("/")
    assert config.root == tmp_path.resolve() / "web"
    assert config.bundle_dir.is_absolute()


def test_nothing_has_to_exist(tmp_path: Path) -> None:
    config = resolve(ViteConfig(root=tmp_path / "nowhere"), {})
    assert not config.root.exists()


# Asset URL


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/static/", "/static/"),
        ("/static", "/static/"),
        ("/", "/"),
        ("https://cdn.example/app", "https://cdn.example/app/"),
        ("http://cdn.example/app/", "http://cdn.example/app/"),
    ],
)
def test_the_asset_url_ends_with_a_slash(given: str, expected: str) -> None:
    assert resolve(ViteConfig(asset_url=given), {}).asset_url == expected


@pytest.mark.parametrize("url", ["", "static/", "./", "ftp://cdn.example/", "//cdn.example/app/"])
def test_an_asset_url_that_is_neither_a_path_nor_a_full_url_is_rejected(url: str) -> None:
    with pytest.raises(ConfigError, match=r"ViteConfig\.asset_url"):
        resolve(ViteConfig(asset_url=url), {})


# Root path


@pytest.mark.parametrize(
    ("asset_url", "base", "dev_base"),
    [
        ("/static", "/shop/static/", "/shop/static/"),
        ("/", "/shop/", "/shop/"),
        ("https://cdn.example/app", "https://cdn.example/app/", "/shop/app/"),
    ],
)
def test_the_root_path_stands_before_every_path_that_browsers_ask_for(asset_url: str, base: str, dev_base: str) -> None:
    config = resolve(ViteConfig(asset_url=asset_url, root_path="/shop"), {})
    assert (config.root_path, config.base, config.dev_base) == ("/shop", base, dev_base)
    # The app still serves its files at the asset URL.
    assert config.asset_url == asset_url.rstrip("/") + "/"


def test_without_a_root_path_links_are_the_asset_url() -> None:
    config = resolve(ViteConfig(), {})
    assert (config.root_path, config.base, config.dev_base) == ("", "/static/", "/static/")


def test_the_root_path_in_the_environment_takes_precedence() -> None:
    assert resolve(ViteConfig(root_path="/shop"), {"VITE_ROOT_PATH": "/stage/v1.2"}).base == "/stage/v1.2/static/"
    assert resolve(ViteConfig(root_path="/shop"), {"VITE_ROOT_PATH": ""}).base == "/shop/static/"


WRONG_PREFIXES = [
    "shop",
    "/shop/",
    "/",
    "//shop",
    "/a//b",
    "https://example.org/shop",
    "/a b",
    "/a/../b",
    "/.",
    "/a?b",
    '/"',
    "/shop\n",
    "/{x}",
]


@pytest.mark.parametrize("path", WRONG_PREFIXES)
def test_an_invalid_root_path_is_rejected_by_name(path: str) -> None:
    with pytest.raises(ConfigError, match=r"ViteConfig\.root_path is .* such as '/shop'"):
        resolve(ViteConfig(root_path=path), {})
    with pytest.raises(ConfigError, match=r"VITE_ROOT_PATH is .* such as '/shop'"):
        resolve(ViteConfig(), {"VITE_ROOT_PATH": path})


# Flags


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on"])
def test_a_flag_of_the_environment_turns_dev_mode_on(value: str) -> None:
    assert resolve(ViteConfig(), {"VITE_DEV_MODE": value}).dev_mode


@pytest.mark.parametrize("value", ["0", "false", "No", "off", ""])
def test_a_flag_of_the_environment_turns_dev_mode_off(value: str) -> None:
    assert not resolve(ViteConfig(dev_mode=True), {"VITE_DEV_MODE": value}).dev_mode


@pytest.mark.parametrize("configured", [True, False])
def test_without_the_flag_the_setting_counts(configured: bool) -> None:
    assert resolve(ViteConfig(dev_mode=configured), {}).dev_mode is configured


@pytest.mark.parametrize("name", ["VITE_DEV_MODE", "VITE_SSR_ENABLED"])
def test_an_invalid_flag_is_rejected_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is 'maybe'"):
        resolve_ssr({name: "maybe"})


# Dev server


def test_the_environment_moves_the_dev_server() -> None:
    config = resolve(
        ViteConfig(dev_server_url="http://localhost:5173"), {"VITE_DEV_SERVER_URL": "http://127.0.0.1:3000/base/"}
    )
    assert config.dev_server_url == "http://127.0.0.1:3000/base"
    assert origin_of(config.dev_server_url) == "http://127.0.0.1:3000"


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]"])
def test_a_wildcard_dev_server_address_becomes_localhost(host: str) -> None:
    assert (
        resolve(ViteConfig(), {"VITE_DEV_SERVER_URL": f"http://{host}:5173/base/"}).dev_server_url
        == "http://127.0.0.1:5173/base"
    )
    assert resolve(ViteConfig(dev_server_url=f"https://{host}"), {}).dev_server_url == "https://127.0.0.1"


def test_an_empty_variable_counts_as_unset() -> None:
    assert resolve(ViteConfig(), {"VITE_DEV_SERVER_URL": ""}).dev_server_url is None


BAD_URLS = [
    "localhost:5173",
    "ftp://localhost",
    "http://",
    "/path",
    "http://localhost:port",
    "http://localhost:99999",
    "http://[::1",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_invalid_dev_server_url_is_rejected(url: str) -> None:
    with pytest.raises(ConfigError, match=r"ViteConfig\.dev_server_url"):
        resolve(ViteConfig(dev_server_url=url), {})


def test_the_message_names_the_variable_that_a_bad_url_came_from() -> None:
    with pytest.raises(ConfigError, match="VITE_DEV_SERVER_URL is 'nonsense'"):
        resolve(ViteConfig(), {"VITE_DEV_SERVER_URL": "nonsense"})
    with pytest.raises(ConfigError, match="VITE_SSR_URL is 'nonsense'"):
        resolve_ssr({"VITE_SSR_URL": "nonsense"})


# Server-side rendering


def test_without_inertia_or_ssr_config_there_is_no_ssr() -> None:
    assert resolve(ViteConfig(), {}).ssr is None
    assert resolve_inertia().ssr is None
    assert resolve_inertia({"VITE_SSR_ENABLED": "1", "VITE_SSR_URL": "http://127.0.0.1:1"}).ssr is None


@pytest.mark.parametrize(
    ("configured", "variable", "is_on"),
    [(True, None, True), (False, None, False), (True, "0", False), (False, "1", True)],
)
def test_ssr_is_turned_on_and_off_by_setting_and_variable(configured: bool, variable: str | None, is_on: bool) -> None:
    environ = {} if variable is None else {"VITE_SSR_ENABLED": variable}
    assert (resolve_ssr(environ, enabled=configured) is not None) is is_on


def test_the_environment_overrides_url_bundle_and_runtime() -> None:
    environ = {"VITE_SSR_URL": "http://render:13714/", "VITE_SSR_BUNDLE": "out/app.js", "VITE_SSR_NODE": "/opt/node"}
    ssr = resolve_ssr(environ, url="http://other:1", bundle="x.js", node="bun", timeout_seconds=7.0)
    assert ssr is not None
    assert (ssr.url, ssr.bundle, ssr.node) == ("http://render:13714", "out/app.js", "/opt/node")
    assert ssr.timeout_seconds == 7.0


def test_the_users_configuration_is_not_changed() -> None:
    ssr = SSRConfig(url="http://other:1/")
    resolve(ViteConfig(inertia=InertiaConfig(ssr=ssr)), {"VITE_SSR_URL": "http://render:13714", "VITE_SSR_NODE": "bun"})
    assert ssr == SSRConfig(url="http://other:1/")


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_invalid_render_server_url_is_rejected(url: str) -> None:
    with pytest.raises(ConfigError, match=r"SSRConfig\.url"):
        resolve_ssr(url=url)


@pytest.mark.parametrize("seconds", [0, -1.0, math.nan])
def test_a_render_needs_time(seconds: float) -> None:
    with pytest.raises(ConfigError, match=r"SSRConfig\.timeout_seconds"):
        resolve_ssr(timeout_seconds=seconds)


@pytest.mark.parametrize("number", [0, -3])
def test_a_pool_needs_a_connection(number: int) -> None:
    with pytest.raises(ConfigError, match=r"SSRConfig\.max_connections"):
        resolve_ssr(max_connections=number)


async def awaited(failed: Any, component: str) -> None: ...


class Awaited:
    async def __call__(self, failed: Any, component: str) -> None: ...


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("exclude", "/admin", r"is '/admin'. Use a list of paths: exclude=\['/admin'\]"),
        ("cache", "60", "is '60'. Use a number of seconds"),
        ("cache", True, "is True. Use a number of seconds"),
        ("cache", -1, "is -1. Use a number of seconds"),
        ("cache", math.nan, "is nan. Use a number of seconds"),
        ("cache_mb", -1, "is -1. It must be a whole number of MiB"),
        ("cache_mb", "64", "is '64'. It must be a whole number of MiB"),
        ("max_heap_mb", 0, "is 0. It must be a whole number of MiB, 16 or more"),
        ("max_heap_mb", 1.5, "is 1.5. It must be a whole number of MiB, 16 or more"),
        ("recycle_mb", -1, "is -1. It must be a whole number of MiB, or 0 to turn it off"),
        ("recycle_renders", None, "is None. It must be a whole number of renders, or 0 to turn it off"),
        ("share_workers", "no", "is 'no'. Use True, False or None"),
        ("prometheus", "yes", "is 'yes'. Use True, False or a CollectorRegistry"),
        ("opentelemetry", "no", "is 'no'. Use True, False or an OpenTelemetryConfig"),
        ("on_failure", "log", "is 'log'. Use a function"),
        (
            "on_failure",
            awaited,
            "an async function. It is called without await. Use a sync function, and start a task in it",
        ),
        ("on_failure", functools.partial(awaited, component="Home"), "Use a sync function"),
        ("on_failure", Awaited(), "Use a sync function"),
        ("ssl_context", "ca.pem", "is 'ca.pem'. Use an ssl.SSLContext"),
    ],
)
def test_an_invalid_setting_is_rejected_by_name(setting: str, value: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=rf"SSRConfig\.{setting} is .*{words.removeprefix('is ')}"):
        resolve_ssr(**{setting: value})


@pytest.mark.parametrize(
    "settings",
    [
        {"exclude": ["/admin"], "cache": 0, "cache_mb": 0, "recycle_mb": 0, "recycle_renders": 0},
        {"cache": 0.5, "share_workers": False, "on_failure": print, "prometheus": CollectorRegistry()},
        {"cache": CachePolicy(60), "share_workers": True, "ssl_context": ssl.create_default_context()},
        {"cache": False, "exclude": ("/admin",), "on_failure": functools.partial(print, "failed")},
    ],
)
def test_valid_settings_are_kept(settings: dict[str, Any]) -> None:
    resolved = resolve_ssr(**settings)
    assert resolved is not None
    assert {name: getattr(resolved, name) for name in settings} == settings


@pytest.mark.parametrize("seconds", [-1, math.nan, "60", None])
def test_a_policy_with_an_invalid_duration_is_rejected(seconds: Any) -> None:
    with pytest.raises(ConfigError, match=r"CachePolicy\.seconds is .*. It must be a number of seconds, 0 or more"):
        CachePolicy(seconds)
    with pytest.raises(ConfigError, match=r"CachePolicy\.stale_seconds is "):
        CachePolicy(60, stale_seconds=seconds)


def test_a_folder_of_workers_is_rejected_in_a_list() -> None:
    with pytest.raises(
        ConfigError, match=r"SSRConfig\.url has the folder 'unix:/run/app/' in a list.*Set the folder alone"
    ):
        resolve_ssr(url=["http://127.0.0.1:1", "unix:/run/app/"])
    with pytest.raises(ConfigError, match="VITE_SSR_URL has the folder 'unix:/run/app/'"):
        resolve_ssr({"VITE_SSR_URL": "unix:/run/app/,unix:/run/app/ssr.sock"})
    for url in ("unix:/run/app/", ["unix:/run/app/"]):
        resolved = resolve_ssr(url=url)
        assert resolved is not None
        assert resolved.url == "unix:/run/app/"


@pytest.mark.parametrize(
    "url", ["http://u:classified@render:13714", "https://u:classified@render/x", "http://classified@render"]
)
def test_credentials_that_would_not_be_sent_are_rejected_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match=r"SSRConfig\.url is .*//…@render.*, with a user or a password") as caught:
        resolve_ssr(url=url)
    assert "classified" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://u:classified@render:port",
        "ftp://u:classified@render",
        "http://u:classi/fied@render",
        "http://u:classified@",
    ],
)
def test_a_password_in_an_invalid_url_is_not_shown(url: str) -> None:
    for settings in ({"url": url}, {"url": ["http://render:1", url]}):
        with pytest.raises(ConfigError, match=r"SSRConfig\.url is .*//…@") as caught:
            resolve_ssr(**settings)
        assert "classi" not in str(caught.value)


def test_settings_of_an_ssr_that_is_off_are_not_checked() -> None:
    assert resolve_ssr(enabled=False, timeout_seconds=0, url="nonsense") is None


# Secret


def test_the_secret_of_the_environment_comes_first() -> None:
    config = resolve_inertia({"VITE_INERTIA_SECRET": "from outside"}, secret="from code")
    assert (config.secrets, config.secret_is_ephemeral) == (("from outside",), False)
    config = resolve_inertia(secret="from code")
    assert (config.secrets, config.secret_is_ephemeral) == (("from code",), False)


@pytest.mark.parametrize(
    ("environ", "secret"),
    [
        ({}, ["new", "old"]),
        ({}, ("new", "", "old")),
        ({"INERTIA_SECRET": "new,old"}, "code"),
        ({"INERTIA_SECRET": " , new, old,", "VITE_INERTIA_SECRET": "older"}, None),
        ({"INERTIA_SECRET": ",", "VITE_INERTIA_SECRET": "new,old"}, ["code"]),
    ],
)
def test_several_secrets_keep_their_order_and_lose_the_empty_ones(environ: dict[str, str], secret: Any) -> None:
    assert resolve_inertia(environ, secret=secret).secrets == ("new", "old")


def test_a_sequence_of_empty_secrets_is_none() -> None:
    assert resolve_inertia(secret=["", ""]).secret_is_ephemeral


def test_the_variable_that_vite_does_not_expose_takes_precedence() -> None:
    assert resolve_inertia({"INERTIA_SECRET": "new", "VITE_INERTIA_SECRET": "old"}, secret="code").secrets == ("new",)
    assert resolve_inertia({"INERTIA_SECRET": "", "VITE_INERTIA_SECRET": "old"}, secret="code").secrets == ("old",)


def test_front_end_programs_do_not_receive_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Covers the environments of Vite, the package manager and the render workers."""
    for name in ("INERTIA_SECRET", "VITE_INERTIA_SECRET", "Vite_Inertia_Secret", "VITE_API_URL"):
        monkeypatch.setenv(name, "classified" if "secret" in name.lower() else "/api")
    (tmp_path / "package.json").write_text("{}")
    environments = [
        vite_environment(os.environ, {}),
        Toolchain.of(tmp_path, os.environ).environment,
        WorkerCommand("node", tmp_path / "ssr.js").environment(),
    ]
    for environment in environments:
        assert "classified" not in environment.values()
        assert environment["VITE_API_URL"] == "/api"


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_a_random_one_is_generated(secret: str | None) -> None:
    first, second = (resolve_inertia({"VITE_INERTIA_SECRET": ""}, secret=secret) for _ in range(2))
    assert first.secret_is_ephemeral
    assert len(first.secrets[0]) >= 32
    assert first.secrets != second.secrets


# True and False instead of a config


def test_true_means_the_default_settings() -> None:
    config = resolve(ViteConfig(inertia=True), {})
    assert config.inertia == InertiaConfig()
    assert config.ssr is None
    assert resolve(ViteConfig(inertia=InertiaConfig(ssr=True)), {}).ssr == resolve_ssr()
    assert resolve(ViteConfig(inertia=InertiaConfig(ssr=True)), {"VITE_SSR_ENABLED": "0"}).ssr is None


def test_false_means_none() -> None:
    assert resolve(ViteConfig(inertia=False), {}).inertia is None
    assert resolve(ViteConfig(inertia=InertiaConfig(ssr=False)), {"VITE_SSR_ENABLED": "1"}).ssr is None


def test_spans_and_metrics_of_pages_include_renders_and_are_named_at_the_start() -> None:
    registry = CollectorRegistry()
    config = resolve(ViteConfig(inertia=InertiaConfig(prometheus=registry, ssr=True)), {})
    assert config.ssr is not None
    assert (config.ssr.prometheus, config.ssr.opentelemetry) == (registry, False)
    assert insight_of(config) == ["Prometheus"]
    own = resolve(ViteConfig(inertia=InertiaConfig(opentelemetry=True, ssr=SSRConfig(prometheus=registry))), {})
    assert own.ssr is not None
    assert (own.ssr.prometheus, own.ssr.opentelemetry) == (registry, True)
    assert insight_of(own) == ["OpenTelemetry", "Prometheus"]
    assert insight_of(resolve(ViteConfig(inertia=True), {})) == []
