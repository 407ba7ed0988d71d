"""Calls of `share`, `flash` and the like in handlers, guards and dependencies, as sources of types."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from litestar import Controller, Litestar, Request, get
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.testing import TestClient
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import Project
from litestar_vite._cli.terminal import Terminal
from litestar_vite._cli.types import write_types
from litestar_vite._typegen import startup
from litestar_vite._typegen.generate import read_types
from litestar_vite._typegen.shapes import Fields
from litestar_vite.config import TypesConfig
from litestar_vite.inertia import InertiaConfig, defer, flash, flash_data, share, share_once
from litestar_vite.inertia._page.context import InertiaContext
from tests.unit.typegen.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Most apps declare dependencies without NamedDependency.
pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")

INERTIA = {"X-Inertia": "true"}


class Team(Struct):
    name: str


class Receipt(Struct):
    number: int


def cc_guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    share(connection, "cc_member.team", Team("Core"))


async def cc_limit() -> int:
    return 7


async def cc_dependency(request: Request[Any, Any, Any]) -> AsyncIterator[str]:
    limit = await cc_limit()
    share(request, key="cc_member.limit", value=limit)
    yield "x"


class CCController(Controller):
    path = "/calls"
    guards = (cc_guard,)
    dependencies: ClassVar = {"found": Provide(cc_dependency)}

    teams: list[Team]

    def menu(self) -> list[Team]:
        return []

    @get("/", component="Calls")
    async def index(self, request: Request[Any, Any, Any], found: str) -> dict[str, Any]:
        def visited() -> int:
            share(request, "cc_inner", found)
            return 1

        share(request, "cc_menu", self.menu())
        share(request, "cc_later", defer(visited))
        share_once(request, "cc_once", lambda: [Team("Core")])
        share(request, "cc_site", None)
        flash(request, "Hello", "cc_hello")
        flash_data(request, "cc_receipt", Receipt(1))
        return {}


@get("/wrong", component="Calls", sync_to_thread=False)
def cc_wrong(request: Request[Any, Any, Any]) -> dict[str, Any]:
    flash(request, "Hello", "cc_helo")
    return {}


def app_of(config: InertiaConfig, root: Path, *, debug: bool = False, dev: bool = False) -> Litestar:
    vite = ViteConfig(
        root=root,
        entry="src/app.tsx" if dev else None,
        inertia=config,
        types=True,
        inert=not dev,
        dev_mode=dev,
        dev_server_url="http://127.0.0.1:1",
    )
    return Litestar(
        [CCController, cc_wrong], plugins=[VitePlugin(vite)], openapi_config=None, logging_config=None, debug=debug
    )


def mine(fields: Fields) -> Fields:
    """Return the fields set by this module, without those of imported modules."""
    return Fields(tuple(field for field in fields.fields if field.name.startswith("cc_")))


def test_share_calls_are_optional_shared_props(tmp_path: Path) -> None:
    config = InertiaConfig(share={"cc_site": "Name", "cc_member": {"id": 1}})
    shared = read_types(app_of(config, tmp_path), config, TypesConfig()).shared
    assert text_of(mine(shared)) == (
        "{ cc_site: string | null; cc_member: { id: number; team?: Team; limit?: number }; "
        "cc_inner?: string; cc_menu?: Team[]; cc_later?: number; cc_once?: Team[] }"
    )
    member = next(field for field in shared.fields if field.name == "cc_member").shape
    assert isinstance(member, Fields)
    source = member.fields[1].source
    assert source is not None
    line = Path(__file__).read_text("utf-8").splitlines()[source.line - 1]
    assert line == '    share(connection, "cc_member.team", Team("Core"))'


def test_shared_props_of_calls_arrive_as_typed(tmp_path: Path) -> None:
    with TestClient(app_of(InertiaConfig(), tmp_path)) as client:
        props = client.get("/calls", headers=INERTIA).json()["props"]
    assert props["cc_member"] == {"team": {"name": "Core"}, "limit": 7}


def test_flash_keys_of_calls_and_their_types(tmp_path: Path) -> None:
    config = InertiaConfig()
    found = read_types(app_of(config, tmp_path), config, TypesConfig()).flash
    assert text_of(mine(found)) == "{ cc_hello?: string[]; cc_helo?: string[]; cc_receipt?: Receipt }"


DECLARED: dict[str, tuple[Any, str]] = {
    "names": (["cc_hello", "cc_receipt"], "{ cc_hello?: string[]; cc_receipt?: Receipt; error?: string[] }"),
    "types": ({"cc_hello": list[str], "cc_other": int}, "{ cc_hello?: string[]; cc_other?: number; error?: string[] }"),
}


@pytest.mark.parametrize(("keys", "expected"), DECLARED.values(), ids=DECLARED)
def test_declared_flash_keys_are_the_only_ones(keys: Any, expected: str, tmp_path: Path) -> None:
    config = InertiaConfig(flash_keys=keys)
    assert text_of(read_types(app_of(config, tmp_path), config, TypesConfig()).flash) == expected


def line_of(text: str) -> int:
    lines = Path(__file__).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_an_undeclared_flash_key_fails_the_command_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_of(InertiaConfig(flash_keys=["cc_hello", "cc_receipt"]), Path(__file__).parent)
    config = next(plugin for plugin in app.plugins if isinstance(plugin, VitePlugin)).config
    with pytest.raises(CommandError) as failed:
        write_types(Terminal(), Project(app=app, config=config), check=True)
    where = f"({Path(__file__).name}:{line_of('cc_helo')})"
    expected = f"InertiaConfig.flash_keys does not contain 'cc_helo' {where}. Did you mean 'cc_hello'?"
    assert expected in str(failed.value).splitlines()


def test_an_undeclared_flash_key_is_logged_at_start_up_and_raises_in_development(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "litestar_vite.types")
    app = app_of(InertiaConfig(flash_keys=["cc_hello", "cc_receipt"]), tmp_path, dev=True)
    config = next(plugin for plugin in app.plugins if isinstance(plugin, VitePlugin)).config
    startup._write(app, config, InertiaContext.of(app))
    assert [line for line in caplog.messages if "cc_helo" in line and Path(__file__).name in line]
    with TestClient(app) as client:
        client.get("/wrong", headers=INERTIA)
        assert "flash_keys does not contain 'cc_helo'. Add it, or use one of: 'cc_hello', 'cc_receipt'." in caplog.text
        assert client.get("/calls", headers=INERTIA).json()["flash"]["cc_hello"] == ["Hello"]


@pytest.mark.wrong_types
def test_an_undeclared_flash_key_is_sent_in_production(tmp_path: Path) -> None:
    with TestClient(app_of(InertiaConfig(flash_keys=["cc_hello"]), tmp_path)) as client:
        assert client.get("/wrong", headers=INERTIA).json()["flash"] == {"cc_helo": ["Hello"]}
