"""A single-page application: index.html for pages that no route handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Litestar, Request, Response, asgi, get, post
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.params import FromPath

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.config import SPAConfig
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import InertiaConfig
from litestar_vite.plugin import VitePlugin as Plugin
from tests.support import make_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

RAW = '<!doctype html><html><head><title>Raw</title></head><body><div id="root">…</div><script type="module" src="/src/app.tsx"></script></body></html>'
BUILT = '<!doctype html><html><head><title>Built</title><script type="module" src="/static/assets/app-a1.js"></script><style>p{}</style></head><body><div id="root">…</div></body></html>'
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
JSON = {"Accept": "application/json"}


@get("/api/users", sync_to_thread=False)
def users() -> list[str]:
    return ["Ada"]


@get("/api/users/{user_id:int}", sync_to_thread=False)
def user(user_id: FromPath[int]) -> dict[str, int]:
    if user_id == 404:
        raise NotFoundException("No such user")
    return {"id": user_id}


@get("/plain", sync_to_thread=False)
def plain() -> str:
    return "plain"


@post("/login", sync_to_thread=False)
def login() -> dict[str, bool]:
    return {"ok": True}


@asgi("/mounted", is_mount=True, copy_scope=True)
async def mounted(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"mounted"})


HANDLERS: list[Any] = [users, user, plain, login, mounted]


def make(root: Path, *, spa: SPAConfig | bool = True, vite: dict[str, Any] | None = None, **options: Any) -> Litestar:
    plugin = VitePlugin(ViteConfig(root=root, spa=spa, **(vite or {})))
    options = {"logging_config": None, "openapi_config": None, **options}
    return Litestar(options.pop("route_handlers", HANDLERS), plugins=[plugin], **options)


def client_for(app: Litestar, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, **options), base_url="http://testserver")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with an index.html written by Vite, as in a real app."""
    root = make_site(tmp_path_factory.mktemp("spa"))
    (root / "index.html").write_text(RAW)
    (root / "dist" / "client" / "index.html").write_text(BUILT)
    return root


@pytest.fixture(scope="module")
def app(site: Path) -> Litestar:
    return make(site, spa=SPAConfig(exclude=["/api/*", "/feeds/*.xml"]))


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with app.lifespan(), client_for(app) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/users", "/users/7/edit", "/users/jane.doe", "/login", "/api", "/a//b/", "/%C3%BC"]
)
async def test_a_page_without_a_route_is_the_document_that_vite_built(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path, headers=HTML)
    assert (answer.status_code, answer.text) == (200, BUILT)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    head = await browser.head(path, headers=HTML)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(BUILT.encode()))


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/users", HTML, 200),
        ("GET", "/api/users/7", HTML, 200),
        ("GET", "/api/users/404", HTML, 404),
        ("GET", "/mounted/deep", HTML, 200),
        ("HEAD", "/plain", HTML, 405),
        ("GET", "/plain", HTML, 200),
        ("POST", "/users", HTML, 404),
        ("GET", "/api/unknown", JSON, 404),
        ("GET", "/users", JSON, 404),
        ("GET", "/users", {"Accept": "*/*"}, 404),
        ("GET", "/users", {"Accept": "image/avif,*/*;q=0.8"}, 404),
        ("GET", "/users", {"Accept": "text/html;q=0, application/json"}, 404),
        ("GET", "/api/unknown", HTML, 404),
        ("GET", "/feeds/news.xml", HTML, 404),
        ("GET", "/static/assets/app-a1.js", HTML, 200),
        ("GET", "/static/assets/missing.js", HTML, 404),
        ("GET", "/static/index", HTML, 404),
        ("GET", "/static", HTML, 404),
    ],
)
async def test_everything_else_is_answered_as_without_the_document(
    browser: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await browser.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.text != BUILT


@pytest.mark.parametrize("accept", ["*/*", None])
async def test_the_first_page_is_also_for_clients_that_take_anything(
    browser: httpx.AsyncClient, accept: str | None
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    request = browser.build_request("GET", "/", headers=headers)
    if accept is None:
        del request.headers["Accept"]
    assert (await browser.send(request)).text == BUILT
    assert (await browser.get("/", headers=JSON)).status_code == 404


async def test_the_document_is_revalidated_by_its_etag(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/users", headers=HTML)
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for given in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = await browser.get("/other", headers={**HTML, "If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers["cache-control"] == "no-cache"
    assert (await browser.get("/users", headers={**HTML, "If-None-Match": '"other"'})).status_code == 200


async def test_without_a_built_document_the_raw_one_has_the_tags_of_the_build(tmp_path: Path) -> None:
    root = make_site(tmp_path)
    (root / "index.html").write_text(RAW)
    app = make(root)
    async with app.lifespan(), client_for(app) as browser:
        html = (await browser.get("/deep/link", headers=HTML)).text
    assert '<script type="module" crossorigin src="/static/assets/app-a1.js"></script>' in html
    assert '<div id="root">…</div></body>' in html
    assert "/src/app.tsx" not in html


@pytest.mark.parametrize("server_strips", [True, False])
async def test_it_works_under_a_path_prefix(site: Path, server_strips: bool) -> None:
    app = make(site, spa=SPAConfig(exclude=["/api/*"]), vite={"root_path": "/shop"})
    prefix = "" if server_strips else "/shop"
    async with app.lifespan(), client_for(app, root_path="/shop" if server_strips else "") as browser:
        assert (await browser.get(f"{prefix}/users/7", headers=HTML)).text == BUILT
        assert (await browser.get(f"{prefix}/", headers=HTML)).text == BUILT
        assert (await browser.get(f"{prefix}/api/unknown", headers=HTML)).status_code == 404
        assert (await browser.get(f"{prefix}/static/missing.js", headers=HTML)).status_code == 404
        assert (await browser.get(f"{prefix}/api/users", headers=HTML)).json() == ["Ada"]


async def test_an_app_with_a_path_answers_only_below_it(site: Path) -> None:
    app = make(site, vite={"root_path": "/shop"}, path="/shop")
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/shop/users/7", headers=HTML)).text == BUILT
        assert (await browser.get("/shop", headers=HTML)).text == BUILT
        assert (await browser.get("/shopping", headers=HTML)).status_code == 404
        assert (await browser.get("/shop/static/missing.js", headers=HTML)).status_code == 404
        assert (await browser.get("/shop/api/users", headers=HTML)).json() == ["Ada"]


async def test_the_document_sets_the_csrf_cookie_and_no_shared_cache_keeps_it(site: Path) -> None:
    app = make(site, csrf_config=CSRFConfig(secret="s" * 32))
    async with app.lifespan(), client_for(app) as browser:
        first = await browser.get("/login", headers=HTML)
        token = first.cookies["csrftoken"]
        assert first.headers["cache-control"] == "no-cache, private"
        assert (await browser.post("/login")).status_code == 403
        assert (await browser.post("/login", headers={"x-csrftoken": token})).json() == {"ok": True}
        assert "set-cookie" not in (await browser.get("/login", headers=HTML)).headers


async def test_each_request_has_its_nonce_and_is_not_kept(site: Path) -> None:
    def nonce(request: Request[Any, Any, Any]) -> str:
        return request.headers["x-nonce"]

    app = make(site, vite={"csp_nonce": nonce})
    async with app.lifespan(), client_for(app) as browser:
        answer = await browser.get("/", headers={**HTML, "X-Nonce": 'a"b'})
    assert '<script nonce="a&quot;b" type="module"' in answer.text
    assert '<style nonce="a&quot;b">' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


async def test_middleware_and_guards_of_the_app_see_the_request_with_its_own_path(site: Path) -> None:
    seen: list[str] = []

    def middleware(app: Any) -> Any:
        async def handle(scope: Any, receive: Any, send: Any) -> None:
            seen.append(scope["path"])
            await app(scope, receive, send)

        return handle

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if connection.url.path == "/secret":
            raise NotAuthorizedException

    app = make(site, middleware=[middleware], guards=[guard])
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/users/7", headers=HTML)).text == BUILT
        assert (await browser.get("/secret", headers=HTML)).status_code == 401
    assert seen == ["/users/7", "/secret"]


async def test_sessions_are_not_touched(site: Path) -> None:
    session = CookieBackendConfig(secret=b"s" * 16)
    app = make(site, middleware=[session.middleware])
    async with app.lifespan(), client_for(app) as browser:
        answer = await browser.get("/", headers={**HTML, "Cookie": "session-0=stale"})
    assert "set-cookie" not in answer.headers


class Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        raise NotAuthorizedException


async def test_the_document_needs_no_authentication(site: Path) -> None:
    app = make(site, middleware=[Authentication])
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/login", headers=HTML)).text == BUILT
        assert (await browser.get("/plain")).status_code == 401


async def test_exception_handlers_for_404_still_get_what_is_not_a_page(site: Path) -> None:
    def handle(_: Request[Any, Any, Any], __: Exception) -> Any:
        return Response({"mine": True}, status_code=404)

    app = make(site, exception_handlers={404: handle})
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/users", headers=JSON)).json() == {"mine": True}
        assert (await browser.get("/users", headers=HTML)).text == BUILT


async def test_without_a_build_pages_are_a_notice(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(RAW)
    app = make(tmp_path)
    async with app.lifespan(), client_for(app) as browser:
        answer = await browser.get("/", headers=HTML)
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert "has not been built" in answer.text


async def test_inert_apps_serve_the_document_without_a_build(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(RAW)
    app = make(tmp_path, vite={"inert": True})
    async with app.lifespan(), client_for(app) as browser:
        answer = await browser.get("/users", headers=HTML)
    assert answer.status_code == 200
    assert "<title>Raw</title>" in answer.text


async def test_without_index_html_there_is_a_document_of_ours(tmp_path: Path) -> None:
    app = make(make_site(tmp_path))
    async with app.lifespan(), client_for(app) as browser:
        html = (await browser.get("/users", headers=HTML)).text
    assert '<div id="app"></div>' in html
    assert 'src="/static/assets/app-a1.js"' in html


async def test_in_development_a_page_that_nobody_serves_names_the_settings(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(tmp_path, spa=False, vite={"dev_mode": True})
    async with app.lifespan(), client_for(app) as browser:
        answer = await browser.get("/<users>", headers=HTML)
        assert (await browser.get("/users", headers=JSON)).json()["detail"] == "Not Found"
        assert (await browser.get("/plain", headers=HTML)).text == "plain"
        await browser.get("/other", headers=HTML)
    assert answer.status_code == 404
    assert "ViteConfig(spa=True)" in answer.text
    assert "&lt;users&gt;" in answer.text
    assert caplog.text.count("ViteConfig(spa=True)") == 1


async def test_a_404_page_of_the_users_own_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def handle(_: Request[Any, Any, Any], __: Exception) -> Response[str]:
        return Response("mine", status_code=404)

    app = make(tmp_path, spa=False, vite={"dev_mode": True}, exception_handlers={NotFoundException: handle})
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/users", headers=HTML)).text == "mine"
    assert "ViteConfig(spa=True)" in caplog.text


async def test_in_production_the_answer_is_litestars(site: Path) -> None:
    app = make(site, spa=False)
    async with app.lifespan(), client_for(app) as browser:
        assert (await browser.get("/users", headers=HTML)).json()["detail"] == "Not Found"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"spa": True, "inertia": InertiaConfig()}, "ViteConfig has both inertia and spa"),
        ({"spa": True, "asset_url": "/"}, "asset_url is '/'"),
        ({"spa": SPAConfig(exclude="/api/*")}, r"Use a list: \['/api/\*'\]"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        VitePlugin(ViteConfig(**settings))


def test_two_front_ends_are_refused_with_both_folders(tmp_path: Path) -> None:
    plugins = [Plugin(ViteConfig(root=tmp_path / name, inert=True)) for name in ("public", "admin")]
    with pytest.raises(ConfigError, match=r"2 VitePlugins.*public' and '.*admin'.*one front end"):
        Litestar([users], plugins=plugins, openapi_config=None, logging_config=None)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VITE_DEV_MODE", raising=False)
