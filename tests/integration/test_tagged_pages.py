"""Pages cached by URL, their tags, and visitors that never share them, in whole apps with real stores and renderers."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Request, get, post
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromPath
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.stores.file import FileStore
from litestar.stores.memory import MemoryStore
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from typing_extensions import override

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import (
    CachePolicy,
    InertiaConfig,
    InertiaRedirect,
    InertiaResponse,
    SSRConfig,
    error,
    flash,
    invalidate,
    share,
    tag_page,
)
from tests.integration.test_ssr_cache import browsing
from tests.render_server import RenderServer, echo
from tests.support import make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar
    from litestar.connection import ASGIConnection
    from litestar.stores.base import Store

pytestmark = pytest.mark.anyio

MINUTE = CachePolicy(60, by="url")
# Fresh for a microsecond, so every later visit finds it stale.
STALE = CachePolicy(1e-6, stale_seconds=600, by="url")
TAGGED = CachePolicy(60, by="url", tags=["contacts", "contact:{contact_id}"])

reads = itertools.count(1)


@pytest.fixture(autouse=True)
def numbers() -> None:
    """Restart the numbers of handler calls. A page shows the number of the call that it was rendered for."""
    global reads  # noqa: PLW0603 - the handlers read it
    reads = itertools.count(1)


@get("/news", component="News", ssr_cache=MINUTE, sync_to_thread=False)
def news() -> dict[str, Any]:
    return {"read": next(reads)}


@get("/stale", component="Stale", ssr_cache=STALE, sync_to_thread=False)
def stale() -> dict[str, Any]:
    return {"read": next(reads)}


@get("/contacts/{contact_id:int}", component="Contact", ssr_cache=TAGGED, sync_to_thread=False)
def contact(request: Request[Any, Any, Any], contact_id: FromPath[int]) -> dict[str, Any]:
    tag_page(request, "company:3")
    return {"contact": contact_id, "read": next(reads)}


@post("/contacts/{contact_id:int}")
async def save(request: Request[Any, Any, Any], contact_id: FromPath[int]) -> InertiaRedirect:
    await invalidate(request, f"contact:{contact_id}")
    return InertiaRedirect(request, f"/contacts/{contact_id}")


HANDLERS: list[Any] = [news, stale, contact, save]


def make(
    site: Path, server: RenderServer, *handlers: Any, ssr: dict[str, Any] | None = None, **options: Any
) -> Litestar:
    inertia = options.pop("inertia", {})
    config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30, **(ssr or {})), **inertia)
    return make_app(site, [*HANDLERS, *handlers], config, **options)


async def read(browser: httpx.AsyncClient, path: str, **options: Any) -> Any:
    """Return the number of the handler call that a rendered page shows."""
    answer = await browser.get(path, **options)
    assert "<h1>SSR " in answer.text, answer.text
    return page_in(answer.text)["props"]["read"]


async def settle(app: Litestar) -> None:
    """Wait for pending refreshes and writes."""
    from litestar_vite.inertia._page.context import InertiaContext

    cache = InertiaContext.of(app).rendering.cache
    assert cache is not None
    async with asyncio.timeout(60):
        while cache._flights or cache._writes:
            await asyncio.sleep(0.005)


async def test_a_page_cached_by_its_url_is_served_with_the_props_that_it_was_rendered_with(site: Path) -> None:
    async with RenderServer() as server, browsing(make(site, server)) as browser:
        assert [await read(browser, "/news") for _ in range(3)] == [1, 1, 1]
        assert next(reads) == 4, "the handler and its guards run for each visit"
        assert await read(browser, "/news?page=2") == 5
    assert len(server.pages) == 2


async def test_the_old_page_comes_at_once_and_one_render_fetches_the_new_one(site: Path) -> None:
    go = asyncio.Event()

    async def held(page: dict[str, Any]) -> Any:
        await go.wait()
        return await echo(page)

    async with RenderServer() as server:
        app = make(site, server)
        async with browsing(app) as browser:
            assert await read(browser, "/stale") == 1
            server.answer = held
            # All get a response while the render server is blocked.
            pages = await asyncio.gather(*(read(browser, "/stale") for _ in range(20)))
            assert pages == [1] * 20
            go.set()
            await settle(app)
            assert len(server.pages) == 2
            assert await read(browser, "/stale") == 2


@pytest.mark.parametrize("kind", ["memory", "file", pytest.param("redis", marks=pytest.mark.services)])
async def test_one_of_several_processes_refreshes_and_the_others_find_it(
    site: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    shared, closing = MemoryStore(), []

    def store() -> Store:
        if kind == "memory":
            return shared
        if kind == "file":
            return FileStore(tmp_path / "store", create_directories=True)
        from litestar.stores.redis import RedisStore
        from redis.asyncio import Redis

        client = Redis(unix_socket_path=request.getfixturevalue("redis_socket"))
        closing.append(client)
        return RedisStore(client, namespace=f"refresh-{tmp_path.name}")

    policy = CachePolicy(0.5, stale_seconds=600, by="url")

    @get("/many", component="Many", ssr_cache=policy, sync_to_thread=False)
    def many() -> dict[str, Any]:
        return {"read": next(reads)}

    async with RenderServer() as server:
        apps = [make(site, server, many, ssr={"cache_store": "pages"}, stores={"pages": store()}) for _ in range(4)]
        async with browsing(apps[0]) as a, browsing(apps[1]) as b, browsing(apps[2]) as c, browsing(apps[3]) as d:
            assert await read(a, "/many") == 1
            await settle(apps[0])
            assert [await read(each, "/many") for each in (b, c, d)] == [1, 1, 1], "found in the store"
            await asyncio.sleep(0.6)
            assert len(server.pages) == 1
            await asyncio.gather(*(read(each, "/many") for each in (a, b, c, d) for _ in range(5)))
            for app in apps:
                await settle(app)
            assert len(server.pages) == 2, "one refresh in four processes"
    for client in closing:
        await client.aclose()


async def test_an_invalidated_page_is_rendered_before_anybody_sees_it_again(site: Path) -> None:
    async with RenderServer() as server, browsing(make(site, server)) as browser:
        assert [await read(browser, "/contacts/7") for _ in range(2)] == [1, 1]
        assert await read(browser, "/contacts/8") == 3
        await browser.post("/contacts/7")
        browser.cookies.clear()
        assert [await read(browser, "/contacts/7") for _ in range(2)] == [4, 4]
        assert await read(browser, "/contacts/8") == 3, "the page of another contact stays cached"
    assert [page["props"]["contact"] for page in server.pages] == [7, 8, 7]


@pytest.mark.parametrize("tag", ["contacts", "contact:7", "company:3"])
async def test_each_tag_of_a_page_finds_it_in_every_process(site: Path, tag: str) -> None:
    store = MemoryStore()
    async with RenderServer() as server:
        one, two = (make(site, server, ssr={"cache_store": "pages"}, stores={"pages": store}) for _ in range(2))
        async with browsing(one) as first, browsing(two) as second:
            assert await read(first, "/contacts/7") == 1
            await settle(one)
            assert await read(second, "/contacts/7") == 1
            assert await invalidate(one, tag)
            assert await read(first, "/contacts/7") == 3
            async with asyncio.timeout(60):
                while await read(second, "/contacts/7") == 1:
                    await asyncio.sleep(0.05)
            await settle(one)
            assert len(server.pages) == 2, "the second process found the new page in the store"


async def test_a_job_that_does_not_run_the_app_invalidates_through_the_store(site: Path) -> None:
    store = MemoryStore()
    async with RenderServer() as server:
        app, job = (make(site, server, ssr={"cache_store": "pages"}, stores={"pages": store}) for _ in range(2))
        async with browsing(app) as browser:
            assert await read(browser, "/contacts/7") == 1
            assert await invalidate(job, "contact:7")
            async with asyncio.timeout(60):
                while await read(browser, "/contacts/7") == 1:
                    await asyncio.sleep(0.05)
    async with RenderServer() as server:
        assert await invalidate(make(site, server), "contact:7"), "without a store there is nothing to do"


async def test_a_page_of_data_that_is_older_than_an_invalidation_is_not_kept(site: Path) -> None:
    """The handler reads data, another request saves and invalidates, and only then is the page rendered."""
    has_read, go = asyncio.Event(), asyncio.Event()

    @get("/slow/{contact_id:int}", component="Slow", ssr_cache=TAGGED)
    async def slow(contact_id: FromPath[int]) -> dict[str, Any]:
        number = next(reads)
        has_read.set()
        await go.wait()
        return {"read": number, "contact": contact_id}

    async with RenderServer() as server:
        app = make(site, server, slow)
        async with browsing(app) as browser:
            late = asyncio.create_task(read(browser, "/slow/7"))
            await has_read.wait()
            await invalidate(app, "contact:7")
            go.set()
            assert await late == 1
            assert [await read(browser, "/slow/7") for _ in range(2)] == [2, 2]


async def test_tags_work_for_pages_that_are_cached_by_their_bytes(site: Path) -> None:
    @get("/same", component="Same", ssr_cache=CachePolicy(60, tags=["same"]), sync_to_thread=False)
    def same() -> dict[str, Any]:
        return {}

    async with RenderServer() as server:
        app = make(site, server, same)
        async with browsing(app) as browser:
            for _ in range(2):
                await browser.get("/same")
                await browser.get("/same")
                await invalidate(app, "same")
    assert len(server.pages) == 2


class Signed(AbstractAuthenticationMiddleware):
    """Reads the user from a header other than Authorization."""

    @override
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        return AuthenticationResult(connection.headers.get("x-user"), None)


def who(request: Request[Any, Any, Any]) -> str:
    """Return the visitor's name from any source that an app may use."""
    session = request.scope.get("session") or {}
    known = [
        request.headers.get("authorization"),
        request.cookies.get("who"),
        session.get("who"),
        request.scope.get("user"),
    ]
    return next((each for each in known if each), "nobody")


@get("/sign-in", sync_to_thread=False)
def sign_in(request: Request[Any, Any, Any]) -> None:
    request.session["who"] = "Ada"


@get("/personal", component="Personal", ssr_cache=MINUTE, sync_to_thread=False)
def personal(request: Request[Any, Any, Any]) -> dict[str, Any]:
    share(request, "greeting", f"Hello {who(request)}")
    return {"read": next(reads)}


@get("/flashing", component="Flashing", ssr_cache=MINUTE, sync_to_thread=False)
def flashing(request: Request[Any, Any, Any]) -> dict[str, Any]:
    if "x-flash" in request.headers:
        flash(request, "Only for Ada")
    if "x-error" in request.headers:
        error(request, "name", "Only for Ada")
    return {"read": next(reads)}


@get("/said", component="Said", ssr_cache=MINUTE, sync_to_thread=False)
def said(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
    control = request.headers.get("x-control")
    return InertiaResponse(
        {"read": next(reads), "greeting": control or "nobody"}, headers={"Cache-Control": control} if control else None
    )


@get("/both", component="Both", ssr_cache=MINUTE, sync_to_thread=False)
def both(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"read": next(reads), "greeting": "nobody"}


@post("/both", component="Both", ssr_cache=MINUTE, sync_to_thread=False, status_code=200)
def both_posted() -> dict[str, Any]:
    return {"read": next(reads), "greeting": "Only for Ada"}


VISITORS = [
    pytest.param("/personal", {"Authorization": "Ada"}, id="authorization"),
    pytest.param("/personal", {"Cookie": "who=Ada"}, id="cookie"),
    pytest.param("/personal", {"Cookie": "_ga=1; who=Ada"}, id="a cookie with an ignored one"),
    pytest.param("/personal", {"X-User": "Ada"}, id="user"),
    pytest.param("/personal", {"Sign-In": "1"}, id="session"),
    pytest.param("/flashing", {"X-Flash": "1"}, id="flash"),
    pytest.param("/flashing", {"X-Error": "1"}, id="errors"),
    pytest.param("/said", {"X-Control": "private, Ada"}, id="cache-control private"),
    pytest.param("/said", {"X-Control": "no-store, Ada"}, id="cache-control no-store"),
    pytest.param("/both", {"POST": "1"}, id="post"),
]


@pytest.mark.parametrize("goes_first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize(("path", "headers"), VISITORS)
async def test_a_page_for_one_visitor_is_neither_shown_to_another_nor_replaced(
    site: Path, path: str, headers: dict[str, str], goes_first: bool
) -> None:
    policy = CachePolicy(60, by="url", ignore_cookies=["_ga*"])
    middleware = [ServerSideSessionConfig().middleware, Signed]
    handlers = [personal, flashing, said, both, both_posted, sign_in]

    async def visit(browser: httpx.AsyncClient) -> str:
        if "Sign-In" in headers:
            await browser.get("/sign-in")
            text = (await browser.get(path)).text
            browser.cookies.clear()
            return text
        method = "POST" if "POST" in headers else "GET"
        text = (await browser.request(method, path, headers=headers)).text
        browser.cookies.clear()
        return text

    async with RenderServer() as server:
        app = make(site, server, *handlers, ssr={"cache": policy}, middleware=middleware)
        async with browsing(app) as browser:
            if not goes_first:
                assert "Ada" not in (await browser.get(path)).text
            mine = await visit(browser)
            assert "Ada" in mine
            assert "<h1>SSR " in mine
            pages = [(await browser.get(path)).text for _ in range(3)]
            assert all("Ada" not in page for page in pages)
            assert len({page_in(page)["props"]["read"] for page in pages}) == 1, "the other visitors share one page"


async def test_only_ignored_cookies_share_a_page(site: Path) -> None:
    @get("/shop", component="Shop", ssr_cache=CachePolicy(60, by="url", ignore_cookies=["_ga*"]), sync_to_thread=False)
    def shop() -> dict[str, Any]:
        return {"read": next(reads)}

    async with RenderServer() as server, browsing(make(site, server, shop)) as browser:
        for cookie, expected in (("_ga=1; _ga_X=2", 1), ("", 1), ("_ga=1", 1), ("_g=1", 4), ("x_ga=1", 5)):
            assert await read(browser, "/shop", headers={"Cookie": cookie} if cookie else {}) == expected
            browser.cookies.clear()


async def test_hosts_languages_and_named_headers_have_pages_of_their_own(site: Path) -> None:
    policy = CachePolicy(60, by="url", vary=["Accept-Language", "X-Country"])

    @get("/varied", component="Varied", ssr_cache=policy, sync_to_thread=False)
    def varied() -> dict[str, Any]:
        return {"read": next(reads)}

    async with RenderServer() as server, browsing(make(site, server, varied)) as browser:
        different = [{}, {"Host": "other.example"}, {"Accept-Language": "de"}, {"X-Country": "DE"}]
        assert [await read(browser, "/varied", headers=headers) for headers in different] == [1, 2, 3, 4]
        assert [await read(browser, "/varied", headers=headers) for headers in different] == [1, 2, 3, 4]


async def test_a_version_of_its_own_for_each_request_is_cached_by_bytes(site: Path) -> None:
    async with RenderServer() as server:
        app = make(site, server, inertia={"asset_version": lambda request: request.headers.get("x-build", "1")})
        async with browsing(app) as browser:
            assert [await read(browser, "/news") for _ in range(2)] == [1, 2]


async def test_a_store_that_fails_costs_no_page_and_hides_no_invalidation_in_its_process(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(MemoryStore):
        @override
        async def get(self, key: str, renew_for: Any = None) -> bytes | None:
            raise ConnectionError("the store is down")

        @override
        async def set(self, key: str, value: str | bytes, expires_in: Any = None) -> None:
            raise ConnectionError("the store is down")

    async with RenderServer() as server:
        app = make(site, server, ssr={"cache_store": "pages"}, stores={"pages": Broken()})
        async with browsing(app) as browser:
            assert [await read(browser, "/contacts/7") for _ in range(2)] == [1, 1]
            assert not await invalidate(app, "contact:7")
            assert await read(browser, "/contacts/7") == 3
    failed = [record.message for record in caplog.records if "store of rendered pages failed" in record.message]
    assert len(failed) == 1


async def test_the_cache_says_hit_stale_or_miss_in_the_apps_spans(site: Path) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    config = OpenTelemetryConfig(tracer_provider=provider)
    async with RenderServer() as server:
        app = make(site, server, inertia={"opentelemetry": config}, plugins=[OpenTelemetryPlugin(config)])
        async with browsing(app) as browser:
            for path in ("/news", "/news", "/stale", "/stale"):
                await read(browser, path)
    spans = [span for span in exporter.get_finished_spans() if span.name == "inertia.page"]
    assert [dict(span.attributes or {})["ssr.cache"] for span in spans] == ["miss", "hit", "miss", "stale"]


def test_settings_that_would_leak_or_match_nothing_are_refused(site: Path) -> None:
    with pytest.raises(ConfigError, match=r"private=True needs by='page'"):
        CachePolicy(60, by="url", private=True)
    with pytest.raises(ConfigError, match=r"CachePolicy\.by is 'route'"):
        CachePolicy(60, by="route")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"tags=\['a name'\]"):
        CachePolicy(60, tags="contacts")

    @get("/c/{contact_id:int}", component="C", ssr_cache=CachePolicy(60, tags=["contact:{id}"]))
    async def wrong(contact_id: FromPath[int]) -> dict[str, Any]:
        return {"contact": contact_id}

    with pytest.raises(ConfigError, match=r"'contact:\{id\}' of the cached page .* \(it has 'contact_id'\)"):
        make_app(site, [wrong], InertiaConfig())
    with pytest.raises(ConfigError, match=r"SSRConfig\.cache has the tag 'contact:\{id\}'"):
        make_app(site, [], InertiaConfig(ssr=SSRConfig(cache=CachePolicy(60, tags=["contact:{id}"]))))
