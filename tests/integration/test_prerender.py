"""Prerendered pages: which files are written, which pages are refused, and the effect of invalidated tags."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.stores.memory import MemoryStore

from litestar_vite._prerender.folder import PagesFolder
from litestar_vite._prerender.render import Prerendered, prerender, prerender_once
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import (
    CachePolicy,
    InertiaConfig,
    InertiaResponse,
    SSRConfig,
    error,
    flash,
    invalidate,
    tag_page,
)
from tests.render_server import RenderServer
from tests.support import make_app, page_in, plugin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from litestar import Litestar

pytestmark = pytest.mark.anyio

titles: dict[int, str] = {}


@pytest.fixture(autouse=True)
def articles() -> None:
    titles.clear()
    titles.update({1: "Ada", 2: "Grace"})


@get("/", component="Home", prerender=True, sync_to_thread=False)
def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
    tag_page(request, "home")
    return {"host": request.headers["host"], "scheme": request.scope["scheme"]}


async def ids() -> list[int]:
    return list(titles)


POLICY = CachePolicy(3600, by="url", tags=["article:{article_id}"])


@get("/articles/{article_id:int}", component="Article", prerender=ids, ssr_cache=POLICY)
async def article(article_id: FromPath[int]) -> dict[str, Any] | Response[Any]:
    if article_id not in titles:
        return Response({"detail": "gone"}, status_code=404)
    return {"title": titles[article_id]}


@get("/other", component="Other", sync_to_thread=False)
def other() -> dict[str, Any]:
    return {}


HANDLERS: list[Any] = [home, article, other]


def folder(site: Path) -> Path:
    return site / "dist" / "pages"


def files(site: Path) -> list[str]:
    return sorted(path.relative_to(folder(site)).as_posix() for path in folder(site).rglob("*") if path.is_file())


def document(site: Path, path: str) -> dict[str, Any]:
    return page_in((folder(site) / "html" / path / "index.html").read_text())


async def run(app: Litestar, tags: Sequence[str] = (), origin: str | None = None) -> Prerendered:
    return await prerender_once(app, plugin_of(app).config.prerender_dir, origin, tags)


async def test_each_declared_page_becomes_a_document_and_a_page_object_of_its_build(site: Path) -> None:
    app = make_app(site, HANDLERS, csrf_config=CSRFConfig(secret="x" * 32))
    version = plugin_of(app).assets.version
    result = await run(app, origin="https://example.org")
    assert list(result.written) == ["/", "/articles/1", "/articles/2"]
    assert files(site) == [
        "html/articles/1/index.html",
        "html/articles/2/index.html",
        "html/index.html",
        "index.json",
        f"json/{version}/articles/1/index.json",
        f"json/{version}/articles/2/index.json",
        f"json/{version}/index.json",
    ]
    page = json.loads((folder(site) / "json" / str(version) / "articles" / "2" / "index.json").read_bytes())
    assert page == document(site, "articles/2")
    assert page["url"] == "/articles/2"
    assert document(site, "")["props"] | {"errors": {}} == {"errors": {}, "host": "example.org", "scheme": "https"}
    assert all((path.stat().st_mode & 0o777) == 0o644 for path in folder(site).rglob("*.html"))


async def test_another_run_removes_pages_and_builds_that_are_gone_and_nothing_else(site: Path) -> None:
    await run(make_app(site, HANDLERS))
    del titles[2]
    manifest = plugin_of(make_app(site, [])).config.manifest_path
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    app = make_app(site, HANDLERS)
    (folder(site) / "robots.txt").write_text("mine")
    await run(app)
    version = plugin_of(app).assets.version
    assert files(site) == [
        "html/articles/1/index.html",
        "html/index.html",
        "index.json",
        f"json/{version}/articles/1/index.json",
        f"json/{version}/index.json",
        "robots.txt",
    ]
    assert sorted(path.name for path in (folder(site) / "json").iterdir()) == [version]


async def test_a_folder_of_somebody_else_is_left_alone(site: Path) -> None:
    folder(site).mkdir(parents=True)
    (folder(site) / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="no index of prerendered pages"):
        await run(make_app(site, HANDLERS))
    assert files(site) == ["mine.txt"]


def page(make: Callable[[Request[Any, Any, Any]], Any]) -> Any:
    @get("/bad", component="Bad", prerender=True, sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> Any:
        return make(request)

    return handler


def _session(request: Request[Any, Any, Any]) -> dict[str, Any]:
    request.session["seen"] = True
    return {}


def _flash(request: Request[Any, Any, Any]) -> dict[str, Any]:
    flash(request, "hello")
    return {}


def _error(request: Request[Any, Any, Any]) -> dict[str, Any]:
    error(request, "name", "wrong")
    return {}


def _only_visits(request: Request[Any, Any, Any]) -> Any:
    return Redirect("/login") if "x-inertia" in request.headers else {}


def _fails(_: Request[Any, Any, Any]) -> Any:
    raise RuntimeError("SECRET")


def _response(**options: Any) -> Any:
    return lambda _: InertiaResponse({}, component="Bad", **options)


REFUSED = [
    pytest.param(lambda _: Redirect("/login"), "redirects to '/login'", id="redirect"),
    pytest.param(_only_visits, "redirects to '/login', as an Inertia visit", id="redirect of a visit"),
    pytest.param(_fails, "has the status 500", id="fails"),
    pytest.param(_response(status_code=404), "has the status 404", id="missing"),
    pytest.param(_session, "uses the session", id="session"),
    pytest.param(_flash, "shows flash data, errors or a CSRF token, which are for one visitor", id="flash"),
    pytest.param(_error, "shows flash data, errors or a CSRF token, which are for one visitor", id="errors"),
    pytest.param(_response(headers={"Cache-Control": "private"}), "is private by its Cache-Control", id="private"),
    pytest.param(_response(headers={"Cache-Control": "no-store"}), "is private by its Cache-Control", id="no-store"),
    pytest.param(_response(cookies={"seen": "1"}), "sets the cookie 'seen'", id="cookie"),
    pytest.param(lambda _: Response("text", media_type="text/plain"), "is not a page", id="no page"),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED)
async def test_a_page_that_is_not_public_is_refused_and_nothing_is_written(
    site: Path, make: Callable[[Request[Any, Any, Any]], Any], reason: str
) -> None:
    app = make_app(site, [*HANDLERS, page(make)], middleware=[ServerSideSessionConfig().middleware])
    result = await run(app)
    assert result == Prerendered({}, {"/bad": reason}, [])
    assert not folder(site).exists()


async def test_a_page_that_cannot_be_rendered_on_the_server_is_refused(site: Path) -> None:
    async with RenderServer() as server:
        url = server.url
        app = make_app(site, [other, home], InertiaConfig(ssr=SSRConfig(url=url, timeout_seconds=30)))
        assert list((await run(app)).written) == ["/"]
        assert "<h1>SSR Home</h1>" in (folder(site) / "html" / "index.html").read_text()
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=url, timeout_seconds=30)))
    result = await run(app)
    assert result.refused["/"].startswith("could not be rendered on the server (connection: ")
    assert "<h1>SSR Home</h1>" in (folder(site) / "html" / "index.html").read_text(), "the first file remains"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([".."], "not part of a path"),
        (["a/b"], "not part of a path"),
        ([""], "not part of a path"),
        (["a\0"], "not part of a path"),
        ([{"other": 1}], "Return a dict with 'name'"),
    ],
)
async def test_no_value_leads_out_of_the_folder(site: Path, values: list[Any], message: str) -> None:
    @get("/people/{name:str}", component="Person", prerender=lambda: values, sync_to_thread=False)
    def person(name: FromPath[str]) -> dict[str, Any]:
        return {"name": name}

    with pytest.raises(ConfigError, match=message):
        await run(make_app(site, [person]))


async def test_names_are_decoded_in_files_as_web_servers_look_for_them(site: Path) -> None:
    @get("/people/{name:str}", component="Person", prerender=lambda app: ["Ada Lövelace?"], sync_to_thread=False)
    def person(name: FromPath[str]) -> dict[str, Any]:
        return {"name": name}

    await run(make_app(site, [person]))
    page = document(site, "people/Ada Lövelace?")
    assert page["props"]["name"] == "Ada Lövelace?"
    assert page["url"] == "/people/Ada%20L%C3%B6velace%3F"


async def test_a_tag_renders_its_pages_again_and_removes_those_that_are_gone(site: Path) -> None:
    await run(make_app(site, HANDLERS))
    titles[1] = "Ada Lovelace"
    del titles[2]
    result = await run(make_app(site, HANDLERS), ["article:1", "article:2"])
    assert (list(result.written), result.refused, result.gone) == (["/articles/1"], {}, ["/articles/2"])
    assert document(site, "articles/1")["props"]["title"] == "Ada Lovelace"
    assert not (folder(site) / "html" / "articles" / "2").exists()
    assert (folder(site) / "html" / "index.html").exists()


async def test_an_app_that_invalidates_a_tag_takes_its_files_away_and_renders_them_again(site: Path) -> None:
    await run(make_app(site, HANDLERS))
    app = make_app(site, HANDLERS)
    async with app.lifespan():
        titles[1] = "Ada Lovelace"
        path = folder(site) / "html" / "articles" / "1" / "index.html"
        await invalidate(app, "article:1")
        assert not path.exists(), "the app serves the page to the next visitor"
        async with asyncio.timeout(60):
            while not path.exists():
                await asyncio.sleep(0.01)
        assert document(site, "articles/1")["props"]["title"] == "Ada Lovelace"
        del titles[2]
        await invalidate(app, "article:2")
        async with asyncio.timeout(60):
            while "/articles/2" in PagesFolder(folder(site)).read().pages:
                await asyncio.sleep(0.01)
        assert not (folder(site) / "html" / "articles" / "2").exists()


async def test_an_invalidation_on_another_machine_or_by_a_job_reaches_the_files_of_this_one(site: Path) -> None:
    store = MemoryStore()

    def machine(server: RenderServer) -> Litestar:
        config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30, cache_store="pages"))
        return make_app(site, HANDLERS, config, stores={"pages": store})

    def title_of(number: int) -> str | None:
        path = folder(site) / "html" / "articles" / str(number) / "index.html"
        try:
            return page_in(path.read_text())["props"]["title"]
        except FileNotFoundError:  # The page is being rendered again.
            return None

    async with RenderServer() as server:
        await run(machine(server))
        app, job = machine(server), machine(server)
        async with app.lifespan():
            watched = folder(site) / ".lock"
            # The first check takes a second. An earlier invalidation is not noticed.
            async with asyncio.timeout(60):
                while not watched.exists():
                    await asyncio.sleep(0.01)
            for title in ("Ada Lovelace", "Ada King"):
                titles[1] = title
                async with asyncio.timeout(60):
                    while title_of(1) != title:
                        assert await invalidate(job, "article:1")
                        await asyncio.sleep(3)
            assert title_of(2) == "Grace"


async def test_files_that_cannot_be_removed_break_no_request(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    await run(make_app(site, HANDLERS))
    app = make_app(site, HANDLERS)
    async with app.lifespan():
        (folder(site) / "index.json").write_text("{")
        assert await invalidate(app, "article:1")
    assert "could not be removed" in caplog.text


async def test_files_show_current_props_in_spite_of_the_render_cache(site: Path) -> None:
    async with RenderServer() as server:
        config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30, cache_store="pages"))
        app = make_app(site, HANDLERS, config, stores={"pages": MemoryStore()})
        async with app.lifespan():
            target = plugin_of(app).config.prerender_dir
            await prerender(app, target)
            titles[1] = "Ada Lovelace"
            await prerender(app, target)
    assert document(site, "articles/1")["props"]["title"] == "Ada Lovelace"


async def test_settings_that_files_cannot_have_are_refused(site: Path) -> None:
    for vite, message in (({"csp_nonce": lambda _: "n"}, "csp_nonce"), ({"root_path": "/app"}, "root_path")):
        with pytest.raises(ConfigError, match=message):
            await run(make_app(site, [home], vite=vite))

    @get("/data", prerender=True, sync_to_thread=False)
    def data() -> dict[str, Any]:
        return {}

    with pytest.raises(ConfigError, match="does not name a component"):
        await run(make_app(site, [data]))


@pytest.mark.parametrize(("component", "has_page_object"), [("Users/Index", True), ("Terms", False)])
async def test_a_page_without_scripts_becomes_a_file_also_if_the_client_build_lacks_it(
    site: Path, component: str, has_page_object: bool
) -> None:
    @get("/terms", component=component, prerender=True, hydrate=False, sync_to_thread=False)
    def terms() -> dict[str, Any]:
        return {}

    async with RenderServer() as server:
        config = InertiaConfig(ssr=SSRConfig(url=server.url, timeout_seconds=30))
        result = await run(make_app(site, [terms], config))
    assert (list(result.written), result.refused) == (["/terms"], {})
    html = (folder(site) / "html" / "terms" / "index.html").read_text()
    assert f"<h1>SSR {component}</h1>" in html
    assert "data-page" not in html
    assert any(name.endswith("/terms/index.json") for name in files(site)) is has_page_object
