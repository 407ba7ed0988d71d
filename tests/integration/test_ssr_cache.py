"""The cache of rendered pages in a whole app: cached pages, visitors that share them, and stores."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Controller, Request, get
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.stores.memory import MemoryStore
from litestar.stores.registry import StoreRegistry

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import CachePolicy, InertiaConfig, SSRConfig, flash
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from litestar import Litestar

pytestmark = pytest.mark.anyio


@get("/kept", component="Kept", ssr_cache=60, sync_to_thread=False)
def kept(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"who": request.query_params.get("who", "nobody")}


@get("/plain", component="Plain", sync_to_thread=False)
def plain() -> dict[str, Any]:
    return {}


@get("/never", component="Never", ssr_cache=False, sync_to_thread=False)
def never() -> dict[str, Any]:
    return {}


@get("/flash", component="Flash", ssr_cache=60, sync_to_thread=False)
def flashing(request: Request[Any, Any, Any]) -> dict[str, Any]:
    flash(request, "hello")
    return {}


@get("/private", component="Private", ssr_cache=CachePolicy(60, private=True), sync_to_thread=False)
def private(request: Request[Any, Any, Any]) -> dict[str, Any]:
    flash(request, "hello")
    return {}


class Kept(Controller):
    path = "/controller"
    opt = {"ssr_cache": 60}  # noqa: RUF012

    @get("/", component="Kept", sync_to_thread=False)
    def index(self) -> dict[str, Any]:
        return {}


HANDLERS = [kept, plain, never, flashing, private, Kept]


@asynccontextmanager
async def browsing(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
    ):
        yield browser


def make(site: Path, server: RenderServer, *, options: dict[str, Any] | None = None, **ssr: Any) -> Litestar:
    config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30, **ssr))
    return make_app(site, HANDLERS, config, **(options or {}))


@pytest.mark.parametrize(
    ("path", "renders"),
    [("/kept", 1), ("/plain", 3), ("/never", 3), ("/flash", 3), ("/private", 1), ("/controller", 1)],
)
async def test_a_route_says_whether_its_pages_are_kept(site: Path, path: str, renders: int) -> None:
    async with RenderServer() as server, browsing(make(site, server)) as browser:
        pages = []
        for _ in range(3):
            browser.cookies.clear()
            pages.append((await browser.get(path)).text)
    assert len(server.pages) == renders
    assert len(set(pages)) == 1
    assert "<h1>SSR " in pages[0]


async def test_the_app_can_keep_all_pages_but_those_that_show_flash_or_say_never(site: Path) -> None:
    async with RenderServer() as server, browsing(make(site, server, cache=60)) as browser:
        for path in ("/plain", "/plain", "/never", "/never", "/flash", "/flash"):
            await browser.get(path)
            browser.cookies.clear()
    assert [page["component"] for page in server.pages] == ["Plain", "Never", "Never", "Flash", "Flash"]


async def test_a_kept_page_is_byte_for_byte_the_one_that_was_rendered_and_only_for_its_props(site: Path) -> None:
    async with RenderServer() as server:
        async with browsing(make(site, server)) as browser:
            first = await browser.get("/kept?who=Ada")
            again = await browser.get("/kept?who=Ada")
            other = await browser.get("/kept?who=Bob")
    assert again.content == first.content
    assert again.headers == first.headers
    assert page_in(other.text)["props"]["who"] == "Bob"
    assert len(server.pages) == 2


@pytest.mark.parametrize("header", [{"Authorization": "Bearer x"}])
async def test_pages_of_somebody_the_server_knows_are_not_kept_unless_asked(site: Path, header: dict[str, str]) -> None:
    async with RenderServer() as server, browsing(make(site, server)) as browser:
        for path in ("/kept", "/kept", "/private", "/private"):
            await browser.get(path, headers=header)
            browser.cookies.clear()
    assert [page["component"] for page in server.pages] == ["Kept", "Kept", "Private"]


async def test_a_session_in_use_keeps_pages_out(site: Path) -> None:
    @get("/sign-in", sync_to_thread=False)
    def sign_in(request: Request[Any, Any, Any]) -> None:
        request.session["user"] = 1

    middleware = ServerSideSessionConfig().middleware
    async with RenderServer() as server:
        config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30))
        app = make_app(site, [kept, sign_in], config, middleware=[middleware])
        async with browsing(app) as browser:
            await browser.get("/kept")
            await browser.get("/kept")
            assert len(server.pages) == 1
            await browser.get("/sign-in")
            await browser.get("/kept")
            await browser.get("/kept")
    assert len(server.pages) == 3


async def test_a_template_and_a_nonce_are_made_for_each_visit_around_a_kept_page(site: Path) -> None:
    numbers = iter(range(100))
    async with RenderServer() as server:
        config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30))
        app = make_app(site, HANDLERS, config, vite={"csp_nonce": lambda _: f"n{next(numbers)}"})
        async with browsing(app) as browser:
            pages = [(await browser.get("/kept")).text for _ in range(3)]
    assert len(server.pages) == 1
    assert len(set(pages)) == 3
    assert all('nonce="n' in page and "<h1>SSR Kept</h1>" in page for page in pages)


async def test_inertia_visits_never_touch_the_cache(site: Path) -> None:
    async with RenderServer() as server:
        app = make(site, server)
        async with browsing(app) as browser:
            await browser.get("/kept")
            answer = await browser.get("/kept", headers=inertia_headers(app))
    assert answer.json()["component"] == "Kept"
    assert len(server.pages) == 1


async def test_the_store_is_one_of_the_apps(site: Path) -> None:
    store = MemoryStore()
    async with RenderServer() as server:
        for _ in range(2):
            app = make(site, server, options={"stores": {"pages": store}}, cache_store="pages")
            async with browsing(app) as browser:
                assert "<h1>SSR Kept</h1>" in (await browser.get("/kept")).text
                await asyncio.sleep(0.05)
    assert len(server.pages) == 1


async def test_a_store_that_the_app_does_not_have_is_named_at_start_up(site: Path) -> None:
    """Litestar would create a store in memory, and the mistake would go unnoticed."""
    async with RenderServer() as server:
        app = make(site, server, options={"stores": {"pages": MemoryStore()}}, cache_store="page")
        for _ in range(2):
            # Litestar's event emitter wraps start-up exceptions in a group.
            with pytest.raises(ExceptionGroup) as caught:
                async with browsing(app):
                    pass
            words = r"SSRConfig\.cache_store is 'page'.* \(it has 'pages'\): add it to Litestar\(stores"
            assert caught.group_contains(ConfigError, match=words)


async def test_a_store_that_the_apps_own_factory_makes_is_taken(site: Path) -> None:
    made: dict[str, MemoryStore] = {}
    async with RenderServer() as server:
        stores = StoreRegistry(default_factory=lambda name: made.setdefault(name, MemoryStore()))
        async with browsing(make(site, server, options={"stores": stores}, cache_store="pages")) as browser:
            assert "<h1>SSR Kept</h1>" in (await browser.get("/kept")).text
    assert "pages" in made


@pytest.mark.services
async def test_many_machines_find_each_others_pages_in_redis_and_lose_nothing_when_it_goes(
    site: Path, redis_socket: str
) -> None:
    from litestar.stores.redis import RedisStore
    from redis.asyncio import Redis

    client = Redis(unix_socket_path=redis_socket)
    async with RenderServer() as server:

        def machine() -> Litestar:
            return make(site, server, options={"stores": {"pages": RedisStore(client)}}, cache_store="pages")

        async with browsing(machine()) as one, browsing(machine()) as two:
            first = await one.get("/kept")
            async with asyncio.timeout(60):
                while not await client.keys("*ssr*"):
                    await asyncio.sleep(0.01)
            assert (await two.get("/kept")).content == first.content
            assert len(server.pages) == 1
            [key] = await client.keys("*ssr*")
            assert 0 < await client.ttl(key) <= 61
            await client.shutdown(nosave=True)
            assert "<h1>SSR Kept</h1>" in (await two.get("/kept?who=x")).text
            assert len(server.pages) == 2
    await client.aclose()
