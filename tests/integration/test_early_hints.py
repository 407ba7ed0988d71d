"""Early hints: a 103 before the handler runs if the server supports it, and a `Link` header on each document."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, get
from litestar.config.response_cache import ResponseCacheConfig
from litestar.exceptions import NotAuthorizedException
from litestar.response import Redirect, Response

from litestar_vite._assets.links import MAX_BYTES
from litestar_vite.inertia import InertiaConfig
from tests.integration.asgi import ask_async
from tests.support import MANIFEST, inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

BROWSER = {"accept": "text/html"}
WITH_103 = {"extensions": {"http.response.early_hint": {}}}
ENTRY = [
    "</static/assets/vendor-d4.css>; rel=preload; as=style",
    "</static/assets/app-c3.css>; rel=preload; as=style",
]
SCRIPT = "</static/assets/app-a1.js>; rel=modulepreload; crossorigin"
VENDOR = "</static/assets/vendor-b2.js>; rel=modulepreload; crossorigin"
HOME = [*ENTRY, SCRIPT, "</static/assets/Home-b8.js>; rel=modulepreload; crossorigin", VENDOR]
events: list[str] = []


def guard(*_: Any) -> None:
    raise NotAuthorizedException


@get("/", component="Home")
async def home() -> dict[str, Any]:
    events.append("handler")
    return {"n": 1}


@get("/users", component="Users/Index", sync_to_thread=False, cache=60)
def users() -> dict[str, Any]:
    return {"n": 1}


@get("/guarded", component="Home", guards=[guard])
async def guarded() -> dict[str, Any]:
    return {}


@get("/away", component="Home")
async def away() -> Redirect:
    return Redirect("/")


@get("/html", media_type="text/html", sync_to_thread=False)
def html() -> str:
    return "<p>no page</p>"


@get("/linked", component="Home", sync_to_thread=False)
def linked() -> Response[Any]:
    return Response("<p>own</p>", media_type="text/html", headers={"link": "</me>; rel=me"})


HANDLERS = [home, users, guarded, away, html]


def make(site: Path, **options: Any) -> Litestar:
    return make_app(site, HANDLERS, InertiaConfig(early_hints=True), **options)


async def ask_with_hints(app: Litestar, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Return all messages that the app sends to a server that offers early hints."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)
        events.append(message["type"])

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "2", "method": "GET", "scheme": "https",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("testserver", 443), "client": ("127.0.0.1", 1), **WITH_103,
    }  # fmt: skip
    await app(scope, receive, send)  # type: ignore[arg-type]
    return sent


def links(value: str | None) -> list[str]:
    return value.split(", ") if value else []


async def test_a_document_links_the_files_of_its_page(site: Path) -> None:
    app = make(site)
    async with app.lifespan():
        document = await ask_async(app, "GET", "/", BROWSER)
        visit = await ask_async(app, "GET", "/", inertia_headers(app))
        others = [await ask_async(app, "GET", path, BROWSER) for path in ("/html", "/away", "/guarded", "/none")]
        cached = [await ask_async(app, "GET", "/users", BROWSER) for _ in range(3)]
    assert links(document.header("link")) == HOME
    assert visit.header("link") is None
    assert [answer.header("link") for answer in others] == [None] * 4
    # One header per response, also from the response cache.
    assert {answer.header("link") for answer in cached} == {cached[0].header("link")}
    assert "assets/Index-e5.js" in str(cached[0].header("link"))
    for answer in (document, *cached):
        for link in links(answer.header("link")):
            url = link[1:].partition(">")[0]
            assert f'"{url}"' in answer.text


async def test_the_hint_is_sent_before_the_handler_runs_and_after_its_guards(site: Path) -> None:
    app = make(site)
    async with app.lifespan():
        events.clear()
        hint, start, _ = await ask_with_hints(app, "/", BROWSER)
        assert events == ["http.response.early_hint", "handler", "http.response.start", "http.response.body"]
        assert [link.decode() for link in hint["links"]] == HOME
        assert dict(start["headers"])[b"link"] == b", ".join(hint["links"])
        for path, headers in (("/guarded", BROWSER), ("/html", BROWSER), ("/", inertia_headers(app)), ("/none", {})):
            assert "http.response.early_hint" not in {
                message["type"] for message in await ask_with_hints(app, path, headers)
            }
        # The same page as without early hints.
        plain = await ask_async(app, "GET", "/", BROWSER)
        sent = await ask_with_hints(app, "/", BROWSER)
        assert sent[-1]["body"] == plain.body
        together = await asyncio.gather(*(ask_with_hints(app, "/", BROWSER) for _ in range(3)))
        assert [each[0]["type"] for each in together] == ["http.response.early_hint"] * 3


async def test_without_the_setting_with_a_nonce_and_in_development_there_are_none(site: Path) -> None:
    apps = [
        make_app(site, HANDLERS),
        make(site, vite={"csp_nonce": lambda _: "abc"}),
        make(site, vite={"dev_mode": True, "entry": "src/app.tsx"}),
    ]
    for app in apps:
        async with app.lifespan():
            sent = await ask_with_hints(app, "/", {**BROWSER, "host": "localhost"})
            assert "http.response.early_hint" not in {message["type"] for message in sent}
            assert b"link" not in dict(sent[0]["headers"])


async def test_a_style_sheet_is_preloaded_in_the_mode_of_the_built_document(tmp_path: Path) -> None:
    """Vite links the style sheet with `crossorigin`. If the modes differ, browsers fetch the file twice."""
    site = make_site(tmp_path, MANIFEST | {"index.html": {**MANIFEST["src/app.tsx"], "src": "index.html"}})
    (site / "index.html").write_text(
        '<head></head><div id="app"></div><script type="module" src="/src/app.tsx"></script>'
    )
    (site / "dist" / "client" / "index.html").write_text(
        '<head><link rel="stylesheet" crossorigin href="/static/assets/app-c3.css">'
        '<link rel="stylesheet" href="/static/assets/vendor-d4.css"></head><div id="app"></div>'
    )
    app = make(site)
    async with app.lifespan():
        document = await ask_async(app, "GET", "/", BROWSER)
    assert links(document.header("link"))[:2] == [ENTRY[0], f"{ENTRY[1]}; crossorigin"]


async def test_links_of_the_app_are_kept_and_ours_are_short(tmp_path: Path) -> None:
    chunks = {f"_part{number}-h.js": {"file": f"assets/part-{number:040}.js"} for number in range(40)}
    entry = {**MANIFEST["src/app.tsx"], "imports": list(chunks)}
    app = make_app(
        make_site(tmp_path, {**MANIFEST, **chunks, "src/app.tsx": entry}), [home, linked],
        InertiaConfig(early_hints=True), response_cache_config=ResponseCacheConfig(),
    )  # fmt: skip
    async with app.lifespan():
        document = await ask_async(app, "GET", "/", BROWSER)
        own = await ask_async(app, "GET", "/linked", BROWSER)
    value = document.header("link") or ""
    assert SCRIPT in value
    assert MAX_BYTES / 2 < len(value) <= MAX_BYTES
    assert own.all("link")[0] == "</me>; rel=me"


@pytest.mark.slow
def test_apps_without_the_setting_do_not_import_it(site: Path) -> None:
    program = (
        "import sys; from litestar import Litestar; from litestar_vite import ViteConfig, VitePlugin\n"
        f"Litestar(plugins=[VitePlugin(ViteConfig(root={str(site)!r}, inertia=True))])\n"
        "print('litestar_vite.inertia._litestar.early_hints' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
