"""Props are awaited while dependencies are open; the render server is awaited after they are closed."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from litestar import Controller, Litestar, Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.dto import DTOConfig, MsgspecDTO
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig, always, defer, optional
from tests.render_server import RenderServer, echo
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


def client_for(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


class User(Struct):
    name: str
    password: str


class PublicUser(MsgspecDTO[User]):
    config = DTOConfig(exclude={"password"})


class Database:
    """A real aiosqlite database behind a pool of one connection."""

    def __init__(self, folder: Path) -> None:
        self.engine = create_async_engine(
            f"sqlite+aiosqlite:///{folder / 'test.sqlite'}",
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,
            max_overflow=0,
        )
        self.sessions = async_sessionmaker(self.engine)
        self.events: list[str] = []

    async def provide_session(self) -> AsyncIterator[AsyncSession]:
        async with self.sessions() as session:
            self.events.append("session opened")
            yield session
        self.events.append("session closed")

    async def count(self, session: AsyncSession) -> int:
        self.events.append("query")
        result = await session.execute(text("select count(*) from users"))
        count: int = result.scalar_one()
        return count


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path)
    async with database.engine.begin() as connection:
        await connection.execute(text("create table users (id integer)"))
        await connection.execute(text("insert into users values (1), (2), (3)"))
    yield database
    await database.engine.dispose()


async def test_a_deferred_prop_queries_the_session_of_its_request_while_it_is_open(
    site: Path, database: Database
) -> None:
    @get("/", component="Users/Index")
    async def users(session: NamedDependency[AsyncSession]) -> dict[str, Any]:
        return {"count": defer(database.count, session), "now": always(lambda: database.count(session))}

    app = make_app(site, [users], dependencies={"session": Provide(database.provide_session)})
    async with app.lifespan(), client_for(app) as browser:
        full = (await browser.get("/", headers=inertia_headers(app))).json()
        assert full["deferredProps"] == {"default": ["count"]}
        assert database.events == ["session opened", "query", "session closed"]
        database.events.clear()
        headers = inertia_headers(app, partial_component="Users/Index", partial_data="count")
        partial = (await browser.get("/", headers=headers)).json()
    assert partial["props"] == {"errors": {}, "count": 3, "now": 3}
    assert database.events == ["session opened", "query", "query", "session closed"]


async def test_while_ssr_waits_the_next_request_gets_the_only_database_connection(
    site: Path, database: Database
) -> None:
    """The pool has one connection. If the first request kept it during SSR, the second could not finish."""
    released = asyncio.Event()

    async def render_when_released(page: dict[str, Any]) -> Any:
        await released.wait()
        return await echo(page)

    @get("/", component="Users/Index")
    async def users(session: NamedDependency[AsyncSession]) -> dict[str, Any]:
        return {"count": lambda: database.count(session)}

    async with RenderServer(render_when_released) as server:
        app = make_app(
            site,
            [users],
            InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30)),
            dependencies={"session": Provide(database.provide_session)},
        )
        async with app.lifespan(), client_for(app) as browser:
            pages: list[str] = []

            async def visit() -> None:
                pages.append((await browser.get("/")).text)

            with anyio.fail_after(20):
                async with anyio.create_task_group() as group:
                    group.start_soon(visit)
                    while not server.pages:
                        await anyio.sleep(0.001)
                    assert database.events[-1] == "session closed", (
                        "the connection is returned before the render server answers"
                    )
                    second = await browser.get("/", headers=inertia_headers(app))
                    assert second.json()["props"]["count"] == 3
                    assert pages == [], "the first page is still waiting for the render server"
                    released.set()
    assert page_in(pages[0])["props"]["count"] == 3


async def test_props_run_on_the_requests_loop_one_after_another_in_their_order(site: Path) -> None:
    running, order, threads = 0, [], set()

    async def compute(name: str) -> str:
        nonlocal running
        running += 1
        assert running == 1, "two props ran at the same time"
        threads.add(threading.get_ident())
        await anyio.lowlevel.checkpoint()
        running -= 1
        order.append(name)
        return name

    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {name: (lambda name=name: compute(name)) for name in "abc"}

    app = make_app(site, [home])
    async with app.lifespan(), client_for(app) as browser:
        page = (await browser.get("/", headers=inertia_headers(app))).json()
    assert list(page["props"]) == ["errors", "a", "b", "c"]
    assert order == ["a", "b", "c"]
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("everywhere", [True, False], ids=["config", "each prop"])
async def test_concurrent_props_run_together(site: Path, everywhere: bool) -> None:
    """Each prop waits for the other two, so they would never finish one after another."""
    barrier = asyncio.Barrier(3)

    async def meet() -> int:
        await barrier.wait()
        return 1

    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {name: optional(meet, concurrent=not everywhere) for name in "abc"}

    app = make_app(site, [home], InertiaConfig(concurrent_props=everywhere))
    async with app.lifespan(), client_for(app) as browser:
        with anyio.fail_after(20):
            page = (
                await browser.get("/", headers=inertia_headers(app, partial_component="Home", partial_data="a,b,c"))
            ).json()
    assert page["props"] == {"errors": {}, "a": 1, "b": 1, "c": 1}


async def test_an_error_of_a_concurrent_prop_reaches_the_users_exception_handler_as_it_is(site: Path) -> None:
    async def fail() -> None:
        raise LookupError("gone")

    async def wait() -> None:
        await asyncio.Event().wait()

    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {"a": optional(fail, concurrent=True), "b": optional(wait, concurrent=True)}

    def handle(_: Request[Any, Any, Any], exc: LookupError) -> Response[str]:
        return Response(f"handled {exc}", status_code=418)

    app = make_app(site, [home], exception_handlers={LookupError: handle})
    async with app.lifespan(), client_for(app) as browser:
        response = await browser.get("/", headers=inertia_headers(app, partial_component="Home"))
    assert (response.status_code, response.text) == (418, "handled gone")


async def test_a_sync_prop_can_run_in_a_worker_thread(site: Path) -> None:
    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {
            "inline": threading.get_ident,
            "thread": optional(threading.get_ident, sync_to_thread=True),
        }

    app = make_app(site, [home])
    async with app.lifespan(), client_for(app) as browser:
        props = (await browser.get("/", headers=inertia_headers(app, partial_component="Home"))).json()["props"]
    assert props["inline"] == threading.get_ident()
    assert props["thread"] != threading.get_ident()


async def test_a_sync_handler_in_a_thread_has_its_async_props_awaited_on_the_loop(site: Path) -> None:
    handler_threads: list[int] = []

    async def late() -> int:
        return threading.get_ident()

    @get("/", component="Home", sync_to_thread=True)
    def home() -> dict[str, Any]:
        handler_threads.append(threading.get_ident())
        return {"late": late}

    app = make_app(site, [home])
    async with app.lifespan(), client_for(app) as browser:
        page = (await browser.get("/", headers=inertia_headers(app))).json()
    assert page["props"]["late"] == threading.get_ident()
    assert handler_threads != [threading.get_ident()]


async def test_users_after_request_of_every_layer_sees_the_page_and_the_innermost_one_wins(site: Path) -> None:
    def marks(name: str) -> Any:
        async def after_request(response: Response[Any]) -> Response[Any]:
            assert isinstance(response, InertiaResponse)
            response.set_header("X-Layer", name)
            return response

        return after_request

    async def late() -> int:
        return 5

    @get("/handler", component="Home", after_request=marks("handler"))
    async def of_handler() -> dict[str, Any]:
        return {"late": late}

    class Pages(Controller):
        path = "/controller"
        after_request = marks("controller")

        @get(component="Home")
        async def of_controller(self) -> dict[str, Any]:
            return {"late": late}

    @get("/", component="Home")
    async def plain() -> dict[str, Any]:
        return {"late": late}

    router = Router("/router", route_handlers=[plain], after_request=marks("router"))
    app = make_app(site, [of_handler, Pages, router, plain], after_request=marks("app"))
    async with app.lifespan(), client_for(app) as browser:
        for path, layer in {
            "/handler": "handler",
            "/controller": "controller",
            "/router": "router",
            "/": "app",
        }.items():
            response = await browser.get(path, headers=inertia_headers(app))
            assert response.headers["x-layer"] == layer
            assert response.json()["props"]["late"] == 5


async def test_users_before_request_of_every_layer_is_called_and_may_answer_itself(site: Path) -> None:
    async def stop(request: Request[Any, Any, Any]) -> Response[str] | None:
        return Response("stopped", media_type="text/plain") if request.query_params.get("stop") else None

    @get("/", component="Home")
    async def home() -> dict[str, Any]:
        return {"n": 1}

    app = make_app(site, [home], before_request=stop)
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/?stop=1")).text == "stopped"
        assert (await browser.get("/", headers=inertia_headers(app))).json()["props"]["n"] == 1


async def test_an_after_request_hook_may_turn_an_answer_into_a_page(site: Path) -> None:
    async def late() -> int:
        return 5

    async def wrap(response: Response[Any]) -> Response[Any]:
        return InertiaResponse({"late": late, "was": response.content}, component="Wrapped")

    @get("/", after_request=wrap)
    async def handler() -> dict[str, Any]:
        return {"n": 1}

    app = make_app(site, [handler])
    async with app.lifespan(), client_for(app) as browser:
        page = (await browser.get("/", headers=inertia_headers(app))).json()
    assert page["component"] == "Wrapped"
    assert page["props"] == {"errors": {}, "late": 5, "was": {"n": 1}}


async def test_return_dtos_shape_the_props(site: Path) -> None:
    @get("/", component="Users/Show", return_dto=PublicUser)
    async def show() -> User:
        return User("Ada", "secret")

    app = make_app(site, [show])
    async with app.lifespan(), client_for(app) as browser:
        page = (await browser.get("/", headers=inertia_headers(app))).json()
    assert page["props"] == {"errors": {}, "name": "Ada"}


async def test_yield_dependencies_are_closed_when_a_prop_fails(site: Path) -> None:
    closed: list[str] = []

    async def provide() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            closed.append("closed")

    async def fail() -> None:
        raise LookupError("gone")

    @get("/", component="Home")
    async def home(thing: NamedDependency[int]) -> dict[str, Any]:
        return {"a": fail, "b": thing}

    app = make_app(site, [home], dependencies={"thing": Provide(provide)})
    async with app.lifespan(), client_for(app) as browser:
        response = await browser.get("/", headers=inertia_headers(app))
    assert response.status_code == 500
    assert "gone" not in response.text
    assert closed == ["closed"]
