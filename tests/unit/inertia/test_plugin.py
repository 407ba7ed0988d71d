"""The PRD's "Shared Client Tests" and "DeferredProp Tests", and the changes that InertiaPlugin makes to an app."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx
import msgspec
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from litestar import Litestar, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import JSONBody
from litestar.serialization import get_serializer
from litestar.testing import TestClient

from litestar_vite.exceptions import BlockingRenderError
from litestar_vite.inertia import DeferredProp, InertiaConfig, InertiaPlugin, SSRConfig, defer, merge
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"greeting": "hello"}


def inertia_of(app: Litestar) -> InertiaPlugin:
    return app.plugins.get(InertiaPlugin)


def client_for(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


# Feature 1: shared httpx.AsyncClient


async def test_prd_1_1_the_plugin_has_an_ssr_client_attribute_that_is_an_httpx_client_while_the_app_runs(
    site: Path,
) -> None:
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url="http://127.0.0.1:1")))
    plugin = inertia_of(app)
    assert plugin._ssr_client is None
    async with app.lifespan():
        assert isinstance(plugin._ssr_client, httpx.AsyncClient)


async def test_prd_1_2_the_client_is_made_in_the_lifespan_with_connection_limits(site: Path) -> None:
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url="http://127.0.0.1:1", max_connections=7)))
    async with app.lifespan():
        pool = inertia_of(app).context.rendering.client.pool
        assert pool.max_connections == 7
    assert SSRConfig().max_connections == 20, "the PRD's limit is the default"


async def test_prd_1_3_rendering_uses_the_shared_client(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with app.lifespan(), client_for(app) as browser:
            response = await browser.get("/")
            assert "<h1>SSR Home</h1>" in response.text
            pool = inertia_of(app).context.rendering.client.pool
            assert pool.opened_total == 1, "the page went through the shared client's pool"


async def test_prd_1_4_the_client_is_closed_at_shutdown(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=server.url)))
        plugin = inertia_of(app)
        async with app.lifespan(), client_for(app) as browser:
            await browser.get("/")
            shared = plugin._ssr_client
            assert shared is not None
            assert server.open_connections == 1
        assert shared.is_closed
        assert plugin._ssr_client is None
        assert plugin.context.rendering.client is None
        with anyio.fail_after(5):
            while server.open_connections:
                await anyio.sleep(0.01)


async def test_prd_1_5_a_hundred_renders_reuse_one_client_and_one_connection(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=server.url)))
        plugin = inertia_of(app)
        async with app.lifespan(), client_for(app) as browser:
            clients = set()
            for _ in range(100):
                assert "<h1>SSR Home</h1>" in (await browser.get("/")).text
                clients.add(id(plugin._ssr_client))
            assert len(clients) == 1
            assert len(server.pages) == 100
            assert server.connections == 1


async def test_prd_risk_client_exhaustion_under_load_waits_for_a_free_connection_and_loses_no_page(site: Path) -> None:
    async with RenderServer() as server:
        app = make_app(
            site,
            [home],
            InertiaConfig(ssr=SSRConfig(url=server.url, max_connections=3, timeout_seconds=30, queue_seconds=30)),
        )
        async with app.lifespan(), client_for(app) as browser:
            pages: list[str] = []

            async def visit() -> None:
                pages.append((await browser.get("/")).text)

            async with anyio.create_task_group() as group:
                for _ in range(60):
                    group.start_soon(visit)
            assert sum("<h1>SSR Home</h1>" in page for page in pages) == 60
            assert server.connections <= 3


async def test_an_app_without_ssr_makes_no_client(site: Path) -> None:
    app = make_app(site, [home])
    async with app.lifespan():
        assert inertia_of(app)._ssr_client is None


async def test_an_error_at_start_up_is_not_wrapped_in_another_exception_group(site: Path) -> None:
    """Litestar's event emitter wraps it in one group. The portal's task group must not add a second."""

    def broken() -> None:
        raise ZeroDivisionError

    app = make_app(site, [home], on_startup=[broken])
    with pytest.raises(ExceptionGroup) as raised:
        async with app.lifespan():
            pass
    assert [type(error) for error in raised.value.exceptions] == [ZeroDivisionError]


async def test_one_handler_object_serves_two_apps(site: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Test suites create an app per test from the handlers of a module, so apps share handler objects."""
    other = make_site(tmp_path_factory.mktemp("other"), {"src/app.tsx": {"file": "assets/other.js", "isEntry": True}})
    first, second = make_app(site, [home]), make_app(other, [home])
    assert inertia_headers(first) != inertia_headers(second)
    for app in (first, second, first):
        async with client_for(app) as browser:
            page = (await browser.get("/", headers=inertia_headers(app))).json()
            assert page["version"] == inertia_headers(app)["X-Inertia-Version"]


# Feature 3: portal


async def compute() -> str:
    await anyio.lowlevel.checkpoint()
    return threading.current_thread().name


async def test_prd_3_1_the_type_encoder_hands_the_plugins_portal_to_deferred_props(site: Path) -> None:
    """A worker thread encodes, as for sync callers. The callable then runs on the app's loop, through the portal."""
    app = make_app(site, [home])
    encode = msgspec.json.Encoder(enc_hook=get_serializer(app.type_encoders)).encode
    async with app.lifespan():
        encoded = await anyio.to_thread.run_sync(encode, [defer(compute)])
    assert msgspec.json.decode(encoded) == [threading.current_thread().name]


def test_prd_3_2_render_accepts_an_optional_portal() -> None:
    with start_blocking_portal() as portal:
        assert defer(compute).render(portal) == defer(compute).render(portal=portal)
    assert isinstance(defer(compute).render(), str)


def test_prd_3_3_no_portal_is_made_when_one_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a portal was made")

    with start_blocking_portal() as portal:
        monkeypatch.setattr("anyio.from_thread.start_blocking_portal", refuse)
        assert defer(compute).render(portal)
        with pytest.raises(AssertionError, match="a portal was made"):
            defer(compute).render()


def test_prd_3_4_ten_props_share_the_one_thread_of_the_given_portal() -> None:
    with start_blocking_portal() as portal:
        threads = {defer(compute).render(portal) for _ in range(10)}
        assert threads == {portal.call(compute)}


def test_prd_risk_without_a_portal_the_fallback_opens_one_and_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    assert defer(compute).render()
    assert threading.active_count() == before


def test_render_calls_a_sync_callable_with_its_arguments_and_needs_no_portal() -> None:
    assert defer(lambda a, b: a + b, 1, 2).render() == 3


async def test_render_of_a_sync_callable_works_on_a_running_loop() -> None:
    assert defer(lambda: 5).render() == 5


async def test_render_of_an_async_callable_on_a_running_loop_is_refused_and_says_what_to_do(site: Path) -> None:
    app = make_app(site, [home])
    async with app.lifespan():
        for portal in (None, inertia_of(app)._portal):
            with pytest.raises(BlockingRenderError, match="Await the callable, or put the prop directly into the dict"):
                defer(compute).render(portal)


async def test_render_on_another_loops_portal_is_refused_on_a_running_loop() -> None:
    with start_blocking_portal() as portal, pytest.raises(BlockingRenderError):
        defer(compute).render(portal)


def test_render_with_a_stopped_portal_says_that_the_app_shuts_down() -> None:
    with start_blocking_portal() as portal:
        pass
    with pytest.raises(BlockingRenderError, match="the portal has stopped"):
        defer(compute).render(portal)


def test_render_passes_on_what_the_callable_raises() -> None:
    async def fail() -> None:
        raise LookupError("gone")

    with start_blocking_portal() as portal:
        for given in (portal, None):
            with pytest.raises(LookupError, match="gone"):
                defer(fail).render(given)


def test_the_portal_is_open_in_the_lifespan_only(site: Path) -> None:
    app = make_app(site, [home])
    plugin = inertia_of(app)
    assert plugin._portal is None
    with TestClient(app):
        assert isinstance(plugin._portal, BlockingPortal)
        assert "portal=open" in repr(plugin)
    assert plugin._portal is None
    assert "portal=closed" in repr(plugin)


def test_prop_types_in_lists_are_sent_as_plain_values(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler() -> dict[str, Any]:
        return {"rows": [{"a": merge([1]), "b": defer(lambda: 2)}]}

    app = make_app(site, [handler])
    with TestClient(app) as client:
        page = client.get("/", headers=inertia_headers(app)).json()
    assert page["props"]["rows"] == [{"a": [1], "b": 2}]


def test_an_async_deferred_prop_in_a_list_fails_with_a_hint(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler() -> dict[str, Any]:
        return {"rows": [defer(compute)]}

    app = make_app(site, [handler], debug=True)
    with TestClient(app) as client:
        response = client.get("/", headers=inertia_headers(app))
    assert response.status_code == 500
    assert "put the prop directly into the dict" in response.text


def test_users_settings_are_kept(site: Path) -> None:
    """Exception handlers, type encoders, response and request classes are merged or kept, never replaced."""

    class Mine(Response[Any]):
        pass

    class Colour:
        pass

    def handle(_: Any, exc: HTTPException) -> Response[Any]:
        return Response({"mine": exc.detail}, status_code=exc.status_code)

    @get("/plain", sync_to_thread=False)
    def plain() -> dict[str, Any]:
        return {"c": Colour()}

    @post("/number", sync_to_thread=False)
    def number(data: JSONBody[dict[str, int]]) -> None:
        raise AssertionError(data)

    app = make_app(
        site,
        [plain, number, home],
        response_class=Mine,
        exception_handlers={HTTPException: handle},
        type_encoders={Colour: lambda _: "red", DeferredProp: lambda _: "mine"},
    )
    assert app.response_class is Mine
    assert app.type_encoders[DeferredProp](None) == "mine"
    with TestClient(app) as client:
        assert client.get("/plain").json() == {"c": "red"}
        assert "mine" in client.post("/number", json={"n": "x"}).json()
        assert client.get("/", headers=inertia_headers(app)).json()["component"] == "Home"


async def test_the_fallback_client_renders_when_the_plugin_was_not_started(site: Path) -> None:
    """The PRD's graceful degradation: without a lifespan, an app still renders, with a client per request."""
    async with RenderServer() as server:
        app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with client_for(app) as browser:
            for _ in range(2):
                assert "<h1>SSR Home</h1>" in (await browser.get("/")).text
        assert server.connections == 2
