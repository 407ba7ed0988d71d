"""Names and call forms of older apps that still work, listed in docs/migration.md (the issue's seventh part)."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.exceptions import NotAuthorizedException
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.pagination import OffsetPagination
from litestar.testing import TestClient

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite import _older_names as _older
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import (
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaPlugin,
    InertiaRedirect,
    lazy,
    merge,
    scroll,
    scroll_props,
)
from tests.support import inertia_headers, make_app, page_in


@get("/", page="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {
        "a": lazy("a", lambda: 1),
        "rows": merge("rows", [1], strategy="prepend"),
        "deep": merge("deep", {"x": 1}, strategy="deep"),
    }


@get("/login", page="Login", sync_to_thread=False)
def login(request: Request[Any, Any, Any]) -> dict[str, Any]:
    request.session["user"] = "Ada"
    return {}


@get("/secret", page="Secret", sync_to_thread=False)
def secret() -> dict[str, Any]:
    raise NotAuthorizedException


older_plugin: Any = InertiaPlugin


def app_of(site: Path, **config: Any) -> Litestar:
    return make_app(
        site, [home, login, secret], InertiaConfig(**config), middleware=[ServerSideSessionConfig().middleware]
    )


def test_page_is_the_older_name_of_component(site: Path) -> None:
    app = app_of(site)
    with TestClient(app) as client:
        page = client.get("/", headers=inertia_headers(app)).json()
        assert page_in(client.get("/").text)["component"] == "Home"
    assert (page["component"], page["prependProps"], page["deepMergeProps"]) == ("Home", ["rows"], ["deep"])


def test_static_and_session_props_are_shared(site: Path) -> None:
    app = app_of(
        site,
        extra_static_page_props={"site": "Kontor", "both": 1},
        extra_session_page_props={"user"},
        share={"both": 2},
    )
    with TestClient(app) as client:
        assert client.get("/", headers=inertia_headers(app)).json()["props"] == {"errors": {}, "site": "Kontor", "both": 2, "rows": [1], "deep": {"x": 1}}  # fmt: skip
        client.get("/login")
        page = client.get("/", headers=inertia_headers(app)).json()
        headers = inertia_headers(app, partial_component="Home", partial_data="user")
        assert client.get("/", headers=headers).json()["props"] == {"errors": {}, "user": "Ada"}
    assert page["props"]["user"] == "Ada"
    assert page["sharedProps"] == ["errors", "user", "site", "both"]


@pytest.mark.parametrize("concurrent", [False, True])
def test_session_props_are_left_out_without_a_session(site: Path, concurrent: bool) -> None:
    config = InertiaConfig(extra_session_page_props=["user"], share={"n": lambda: 1}, concurrent_props=concurrent)
    app = make_app(site, [home], config)
    partial = inertia_headers(app, partial_component="Home", partial_data="user,n")
    with TestClient(app) as client:
        assert client.get("/", headers=inertia_headers(app)).json()["props"].keys() >= {"errors", "n"}
        assert "user" not in client.get("/", headers=inertia_headers(app)).json()["props"]
        assert client.get("/", headers=partial).json()["props"] == {"errors": {}, "n": 1}


@pytest.mark.parametrize(("target", "location"), [("/login", "/login"), ("https://evil.com/", "/")])
def test_visitors_without_access_are_sent_to_where_they_sign_in(site: Path, target: str, location: str) -> None:
    app = app_of(site, redirect_unauthorized_to=target)
    with TestClient(app) as client:
        for headers in (inertia_headers(app), {"Accept": "text/html"}):
            answer = client.get("/secret", headers=headers, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (302, location)
        assert client.get("/secret", headers={"Accept": "application/json"}).status_code == 401


def test_a_page_that_leads_to_itself_is_not_redirected(site: Path) -> None:
    app = app_of(site, redirect_unauthorized_to="/secret")
    with TestClient(app) as client:
        assert client.get("/secret", headers=inertia_headers(app)).status_code == 401


def test_redirect_to_is_the_older_name_of_to(site: Path) -> None:
    @post("/in", sync_to_thread=False)
    def inside(request: Request[Any, Any, Any]) -> InertiaRedirect:
        return InertiaRedirect(request, redirect_to="/")

    @post("/out", sync_to_thread=False)
    def outside(request: Request[Any, Any, Any]) -> InertiaExternalRedirect:
        return InertiaExternalRedirect(request, redirect_to="https://example.org/")

    app = make_app(site, [inside, outside])
    with TestClient(app) as client:
        assert client.post("/in", headers=inertia_headers(app), follow_redirects=False).headers["location"] == "/"
        assert client.post("/out", headers=inertia_headers(app)).headers["x-inertia-location"] == "https://example.org/"


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        ("litestar_vite", "PathConfig", r"PathConfig is gone: use ViteConfig\(root=…, bundle_dir=…"),
        ("litestar_vite", "InertiaConfig", r"import it from litestar_vite\.inertia"),
        ("litestar_vite.config", "TypeGenConfig", "litestar assets types"),
        ("litestar_vite.inertia", "InertiaMiddleware", "VitePlugin installs"),
        ("litestar_vite.exceptions", "ViteProcessError", "catch DevServerError"),
    ],
)
def test_a_name_of_the_older_package_says_what_to_use(module: str, name: str, words: str) -> None:
    with pytest.raises(ImportError, match=words):
        exec(f"from {module} import {name}")
    found = importlib.import_module(module)
    assert not hasattr(found, "a_name_that_never_was")
    with pytest.raises(ImportError, match="cannot import name 'other'"):
        exec(f"from {module} import other")


def test_each_older_name_is_gone_and_each_replacement_exists() -> None:
    """A name that exists again must leave the table. Settings that the table recommends must exist."""
    for module, names in _older._NAMES.items():
        found = importlib.import_module(module)
        assert not names.keys() & vars(found).keys(), module
    classes: dict[str, type[Any]] = {"ViteConfig": ViteConfig, "InertiaConfig": InertiaConfig}
    for owner, cls in classes.items():
        fields = {field.name for field in dataclasses.fields(cls)}
        assert not fields & _older._SETTINGS[owner].keys()
    every = {field.name for cls in classes.values() for field in dataclasses.fields(cls)}
    named = re.findall(r"(\w+)=[…'T]", " ".join(text for names in (*_older._NAMES.values(), *_older._SETTINGS.values()) for text in names.values()))  # fmt: skip
    assert set(named) <= every | {"component", "page"}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ViteConfig(paths=None), r"ViteConfig\(paths=…\) is gone: use root=…"),
        (lambda: InertiaConfig(root_template="a.html"), r"InertiaConfig\(root_template=…\) is gone: use ViteConfig"),
        (lambda: VitePlugin(asset_loader=None), r"VitePlugin\(asset_loader=…\) is gone"),
        (
            lambda: older_plugin(config=InertiaConfig()),
            r"InertiaPlugin\(config=…\) is gone: VitePlugin creates it: use V",
        ),
        (lambda: older_plugin(InertiaConfig()), r"InertiaPlugin\(config=…\) is gone: VitePlugin creates it: use V"),
    ],
)
def test_a_setting_of_the_older_package_says_what_to_use(make: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()


SETTINGS = {
    "ViteConfig": (
        "mode paths runtime types inertia spa logging dev_mode base_url deploy enabled static_props guards "
        "exclude_static_from_auth spa_path include_root_spa_paths"
    ),
    "PathConfig": "root bundle_dir resource_dir static_dir manifest_name hot_file asset_url ssr_output_dir",
    "RuntimeConfig": (
        "dev_mode proxy_mode external_dev_server host port protocol executor run_command build_command "
        "build_watch_command serve_command install_command is_react health_check detect_nodeenv set_environment "
        "set_static_folders csp_nonce spa_handler http2 start_dev_server trusted_proxies extra_route_prefixes"
    ),
    "TypeGenConfig": (
        "output openapi_path routes_path routes_ts_path asyncapi_path generate_zod generate_sdk generate_routes "
        "generate_page_props generate_channels channels_ts_path generate_schemas schemas_ts_path global_route "
        "fail_on_error fallback_type type_import_paths page_props_path extra_commands"
    ),
    "InertiaConfig": (
        "root_template component_opt_keys redirect_unauthorized_to redirect_404 extra_static_page_props "
        "extra_session_page_props encrypt_history shared_page_prop_types type_gen ssr use_script_element precognition"
    ),
}
"""The settings of litestar-vite 0.32, as `inspect.signature` shows them."""


@pytest.mark.parametrize("name", SETTINGS)
def test_the_guide_has_a_row_for_each_setting_of_the_older_package(name: str) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "migration.md").read_text("utf-8")
    rows = re.search(rf"^##+ {name}$(.*?)^##+ ", guide, re.MULTILINE | re.DOTALL)
    assert rows is not None
    shown = set(
        re.findall(r"\w+", " ".join(re.findall(r"`[^`]*`", re.sub(r"\|[^|]*\|$", "", rows[1], flags=re.MULTILINE))))
    )
    assert set(SETTINGS[name].split()) - shown == set()


def test_an_unknown_setting_is_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="'never_was'"):
        ViteConfig(never_was=1)  # type: ignore[call-arg]  # the test's subject
    assert list(inspect.signature(ViteConfig).parameters) == [field.name for field in dataclasses.fields(ViteConfig)]


def test_a_pagination_is_one_prop_with_its_items_and_totals(site: Path) -> None:
    """The older package sent `total`, `limit` and `offset` as separate props, so two lists overwrote each other's."""
    page_of = OffsetPagination(items=["Ada", "Grace"], limit=2, offset=2, total=6)

    @get("/prop", component="List", sync_to_thread=False)
    def as_prop() -> dict[str, Any]:
        return {"users": page_of, "laravel": scroll(page_of)}

    @get("/page", component="List", sync_to_thread=False)
    def as_page() -> OffsetPagination[str]:
        return page_of

    app = make_app(site, [as_prop, as_page])
    numbers = {"limit": 2, "offset": 2, "total": 6}
    with TestClient(app) as client:
        props = client.get("/prop", headers=inertia_headers(app)).json()["props"]
        assert props["users"] == {"items": ["Ada", "Grace"], **numbers}
        assert props["laravel"] == {"data": ["Ada", "Grace"], **numbers}
        props = client.get("/page", headers=inertia_headers(app)).json()["props"]
        assert props == {"errors": {}, "items": ["Ada", "Grace"], **numbers}


def test_scroll_props_say_where_a_page_stands(site: Path) -> None:
    @get("/list", component="List", sync_to_thread=False)
    def listing() -> dict[str, Any]:
        return {"rows": scroll([1], metadata=scroll_props(page_name="p", current_page=2, previous_page=1, next_page=3))}

    app = make_app(site, [listing])
    with TestClient(app) as client:
        found = client.get("/list", headers=inertia_headers(app)).json()["scrollProps"]["rows"]
    assert found == {"pageName": "p", "previousPage": 1, "nextPage": 3, "currentPage": 2, "reset": False}
