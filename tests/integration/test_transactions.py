"""A form's writes are committed when its page reports success, and a precognitive request writes nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody
from litestar.testing import TestClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, InertiaRedirect, flash
from tests.support import inertia_headers, make_site

if TYPE_CHECKING:
    from pathlib import Path

# The latest Advanced Alchemy needs a newer Litestar than the oldest that is tested.
alchemy = pytest.importorskip(
    "advanced_alchemy.extensions.litestar", reason="needs a newer Litestar", exc_type=ImportError
)
INSERT = text("insert into notes values ('a note')")


@dataclass
class Form:
    name: str


async def audit(db_session: NamedDependency[AsyncSession]) -> str:
    await db_session.execute(INSERT)
    return "written"


def audit_sync(db_session: NamedDependency[Session]) -> str:
    db_session.execute(INSERT)
    return "written"


@post("/async", dependencies={"audit": Provide(audit)})
async def save(request: Request[Any, Any, Any], data: JSONBody[Form], audit: NamedDependency[str]) -> InertiaRedirect:
    flash(request, f"{data.name}: {audit}")
    return InertiaRedirect(request, "/")


@post("/sync", dependencies={"audit": Provide(audit_sync, sync_to_thread=False)}, sync_to_thread=False)
def save_sync(request: Request[Any, Any, Any], data: JSONBody[Form], audit: NamedDependency[str]) -> InertiaRedirect:
    flash(request, f"{data.name}: {audit}")
    return InertiaRedirect(request, "/")


@post("/nothing", dependencies={"audit": Provide(audit)})
async def save_silently(data: JSONBody[Form], audit: NamedDependency[str]) -> None:
    assert (data.name, audit) == ("Ada", "written")


def make(site: Path, way: str, setting: Any, *, is_last: bool) -> Litestar:
    """Return an app with a one-table database, its plugin before or after VitePlugin."""
    path = site / f"{way}.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table notes (text)")
    connection.close()
    config: Any = (
        alchemy.SQLAlchemySyncConfig(connection_string=f"sqlite:///{path}", before_send_handler=setting)
        if way == "sync"
        else alchemy.SQLAlchemyAsyncConfig(connection_string=f"sqlite+aiosqlite:///{path}", before_send_handler=setting)
    )
    vite, database = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig())), alchemy.SQLAlchemyPlugin(config=config)
    handlers = [save_sync] if way == "sync" else [save, save_silently]
    plugins = [vite, database] if is_last else [database, vite]
    # Advanced Alchemy only disposes of the engine of a process's first configuration.
    dispose = config.get_engine().dispose
    return Litestar(handlers, plugins=plugins, logging_config=None, openapi_config=None, on_shutdown=[dispose])


def written(site: Path, way: str) -> int:
    connection = sqlite3.connect(site / f"{way}.sqlite")
    try:
        count: int = connection.execute("select count(*) from notes").fetchone()[0]
    finally:
        connection.close()
    return count


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize("way", ["async", "sync"])
@pytest.mark.parametrize(("setting", "commits"), [("autocommit", False), ("autocommit_include_redirects", True)])
def test_a_setting_that_loses_writes_is_named_at_start_up(
    site: Path, caplog: pytest.LogCaptureFixture, setting: str, commits: bool, way: str, is_last: bool
) -> None:
    app = make(site, way, setting, is_last=is_last)
    with TestClient(app) as client:
        answer = client.post(f"/{way}", json={"name": "Ada"}, headers=inertia_headers(app), follow_redirects=False)
        valid = client.post(f"/{way}", json={"name": "Ada"}, headers={**inertia_headers(app), "Precognition": "true"})
    assert (answer.status_code, written(site, way)) == (303, int(commits)), "a precognitive request commits nothing"
    assert ("autocommit_include_redirects" in caplog.text) is not commits
    assert (valid.status_code, valid.content, valid.headers["precognition-success"]) == (204, b"", "true")
    assert not {"content-type", "content-length"} & valid.headers.keys()


@pytest.mark.parametrize("is_last", [False, True])
def test_a_handler_that_returns_nothing_commits_although_it_is_redirected(site: Path, is_last: bool) -> None:
    app = make(site, "async", "autocommit", is_last=is_last)
    with TestClient(app) as client:
        headers = inertia_headers(app)
        assert client.post("/nothing", json={"name": "Ada"}, headers=headers, follow_redirects=False).status_code == 303
    assert written(site, "async") == 1


def test_hooks_and_middleware_of_the_app_see_that_a_precognitive_request_is_not_to_be_committed(site: Path) -> None:
    seen: list[int] = []

    async def hook(message: Any, _: Any) -> None:
        if message["type"] == "http.response.start":
            seen.append(message["status"])

    def middleware(app: Any) -> Any:
        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            async def noting(message: Any) -> None:
                await hook(message, scope)
                await send(message)

            await app(scope, receive, noting)

        return wrapped

    @post("/", sync_to_thread=False)
    def save(data: JSONBody[Form]) -> None:
        raise AssertionError(data)

    vite = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig()))
    app = Litestar([save], plugins=[vite], middleware=[middleware], before_send=[hook], logging_config=None)
    with TestClient(app) as client:
        answer = client.post("/", json={"name": "Ada"}, headers={**inertia_headers(app), "Precognition": "true"})
    assert (answer.status_code, seen) == (204, [422, 422])
