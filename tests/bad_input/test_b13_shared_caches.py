"""B13: a cache in front of the app never serves a response for an Inertia client to a browser, or the reverse."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from litestar import Litestar, Request, Response, get, post, put
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import PermissionDeniedException
from litestar.response import Redirect

from litestar_vite.inertia import InertiaConfig, InertiaExternalRedirect
from tests.integration.asgi import Answer, ask, ask_async
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHARED = CacheControlHeader(public=True, max_age=600)
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@get("/", component="Home", cache_control=SHARED, sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@get("/away", cache_control=SHARED, sync_to_thread=False)
def away() -> Redirect:
    return Redirect("https://example.com/")


@get("/leave", cache_control=SHARED, sync_to_thread=False)
def leave(request: Request[Any, Any, Any]) -> InertiaExternalRedirect:
    return InertiaExternalRedirect(request, "/logout")


@get("/fragment", cache_control=SHARED, sync_to_thread=False)
def fragment() -> Redirect:
    return Redirect("/#part")


@get("/moved", cache_control=SHARED, sync_to_thread=False)
def moved() -> Redirect:
    return Redirect("/", status_code=301)


@get("/moved-for-ever", sync_to_thread=False)
def moved_for_ever() -> Redirect:
    return Redirect("/", status_code=308)


@get("/nothing", cache_control=SHARED, sync_to_thread=False)
def nothing() -> None:
    return None


@get("/empty", cache_control=SHARED, sync_to_thread=False)
def empty() -> Response[bytes]:
    return Response(b"", media_type="text/plain")


@get("/local", cache_control=SHARED, sync_to_thread=False)
def local() -> Redirect:
    return Redirect("/")


@get("/data", cache_control=SHARED, sync_to_thread=False)
def data() -> dict[str, int]:
    return {"a": 1}


@get("/by-hand", cache_control=SHARED, sync_to_thread=False)
def by_hand() -> Response[bytes]:
    return Response(b"", status_code=409, headers={"X-Inertia-Location": "/login"}, media_type="text/plain")


@put("/save", cache_control=SHARED, sync_to_thread=False)
def save() -> Redirect:
    return Redirect("/", status_code=302)


@post("/create", cache_control=SHARED, sync_to_thread=False)
def create() -> None:
    return None


HANDLERS: list[Any] = [
    home, away, leave, fragment, moved, moved_for_ever, nothing, empty, local, data, by_hand, save, create
]  # fmt: skip
CONVERTED = [
    ("GET", "/away", 409),
    ("GET", "/leave", 409),
    ("GET", "/fragment", 409),
    ("GET", "/by-hand", 409),
    ("GET", "/nothing", 302),
    ("GET", "/empty", 302),
    ("PUT", "/save", 303),
    ("POST", "/create", 303),
    ("GET", "/moved", 301),
    ("GET", "/moved-for-ever", 308),
]
DIFFERENT = ["/away", "/fragment", "/leave", "/nothing", "/empty"]


def vary(answer: Answer) -> list[str]:
    return [item.strip().lower() for value in answer.all("vary") for item in value.split(",")]


def assert_is_not_stored(answer: Answer) -> None:
    assert answer.header("cache-control") == "no-store"
    assert vary(answer).count("x-inertia") == 1
    for name in ("expires", "x-accel-expires", "surrogate-control", "cdn-cache-control"):
        assert answer.header(name) is None, name


@pytest.mark.parametrize(("method", "path", "status"), CONVERTED)
def test_what_is_made_for_an_inertia_client_is_stored_by_no_cache(
    site: Path, method: str, path: str, status: int
) -> None:
    names = {"Expires": "Thu, 01 Jan 2099 00:00:00 GMT", "X-Accel-Expires": "600", "Surrogate-Control": "max-age=600"}
    for extra in ({}, {**names, "CDN-Cache-Control": "max-age=600", "Vary": "Cookie"}):

        async def add(message: Any, _: Any, extra: dict[str, str] = extra) -> None:
            if message["type"] == "http.response.start":
                pairs = [(name.encode(), value.encode()) for name, value in extra.items()]
                message["headers"] = [*message["headers"], *pairs]

        app = make_app(site, HANDLERS, before_send=[add])
        answer = ask(app, method, path, inertia_headers(app))
        assert answer.status == status
        assert_is_not_stored(answer)
        assert ("cookie" in vary(answer)) is bool(extra)


@pytest.mark.parametrize("method", ["hook", "early exit"])
def test_a_version_conflict_is_stored_by_no_cache(site: Path, method: str) -> None:
    @get("/page", component="Home", sync_to_thread=False)
    def page() -> dict[str, Any]:
        return {}

    options: dict[str, Any] = {"cache_control": SHARED} if method == "hook" else {}
    app = make_app(site, [page], InertiaConfig(asset_version="v2"), **options)
    answer = ask(app, "GET", "/page", {"X-Inertia": "true", "X-Inertia-Version": "v1"})
    assert answer.status == 409
    assert_is_not_stored(answer)


def test_a_redirect_of_an_exception_handler_is_stored_by_no_cache(site: Path) -> None:
    @get("/page", component="Home", sync_to_thread=False)
    def page() -> dict[str, Any]:
        raise PermissionDeniedException

    def to_login(_: Request[Any, Any, Any], __: Exception) -> Redirect:
        return Redirect("https://login.example.com/", headers={"Cache-Control": "max-age=60"})

    app = make_app(site, [page], exception_handlers={PermissionDeniedException: to_login})
    assert_is_not_stored(ask(app, "GET", "/page", inertia_headers(app)))


def test_a_prefetch_that_follows_a_fragment_is_not_stored_for_visits(site: Path) -> None:
    app = make_app(site, HANDLERS)
    answer = ask(app, "GET", "/fragment", inertia_headers(app, purpose="prefetch"))
    assert answer.status == 302
    assert_is_not_stored(answer)


def test_a_precognitive_answer_is_stored_by_no_cache(site: Path) -> None:
    app = make_app(site, HANDLERS)
    answer = ask(app, "POST", "/create", {"Precognition": "true"})
    assert answer.header("cache-control") == "no-store"
    assert "precognition" in vary(answer)


@pytest.mark.parametrize("path", DIFFERENT)
def test_a_browsers_answer_varies_where_an_inertia_client_gets_another(site: Path, path: str) -> None:
    app = make_app(site, HANDLERS)
    answer = ask(app, "GET", path)
    assert answer.status < 400
    assert "max-age=600" in (answer.header("cache-control") or "")
    assert vary(answer) == ["x-inertia"]


@pytest.mark.parametrize("path", ["/local", "/moved", "/moved-for-ever", "/data"])
def test_an_answer_that_is_the_same_for_every_client_stays_as_it_is(site: Path, path: str) -> None:
    plugged, plain = ask(make_app(site, HANDLERS), "GET", path), ask(Litestar(HANDLERS), "GET", path)
    assert (plugged.status, sorted(plugged.headers), plugged.body) == (plain.status, sorted(plain.headers), plain.body)


@pytest.mark.parametrize("target", ["https://example.com/", "/#part"])
def test_a_redirect_varies_even_if_no_cache_may_keep_it(site: Path, target: str) -> None:
    @get("/to", sync_to_thread=False)
    def to() -> Redirect:
        return Redirect(target)

    @get("/private", sync_to_thread=False)
    def private() -> Redirect:
        return Redirect(target, headers={"Cache-Control": "private, no-store"})

    app = make_app(site, [to, private])
    assert [vary(ask(app, "GET", path)) for path in ("/to", "/private")] == [["x-inertia"], ["x-inertia"]]


@pytest.fixture
def cache(site: Path, tmp_path: Path) -> Iterator[str]:
    """Run the app behind nginx with a proxy_cache that stores every status."""
    app = make_app(site, HANDLERS, InertiaConfig(asset_version="v1"))

    class Upstream(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            answer = anyio.run(lambda: ask_async(app, "GET", self.path, headers))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name.decode(), value.decode())
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            pass

    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/nginx.log; events {{}}\n"
        f"http {{ access_log off; {folders} proxy_cache_path {tmp_path}/cache keys_zone=pages:1m;\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{upstream.server_port};\n"
        f"proxy_cache pages; proxy_cache_valid any 10m; }} }} }}\n"
    )
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    nginx = subprocess.Popen([str(NGINX), "-c", str(tmp_path / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert nginx.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        nginx.terminate()
        nginx.wait()
        upstream.shutdown()
        upstream.server_close()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def status_of(url: str, **headers: str) -> int:
    asked = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.build_opener(_Stay).open(asked, timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.services
@pytest.mark.skipif(NGINX is None, reason="needs nginx")
@pytest.mark.parametrize("first", ["browser", "inertia"])
@pytest.mark.parametrize(
    ("path", "browser", "inertia"),
    [("/", 200, 409), ("/away", 302, 409), ("/fragment", 302, 409), ("/nothing", 200, 302)],
)
def test_clients_behind_nginx_get_their_own_answers(
    cache: str, path: str, browser: int, inertia: int, first: str
) -> None:
    url = cache + path
    for _ in range(2):
        if first == "browser":
            assert status_of(url) == browser
        assert status_of(url, X_Inertia="true", X_Inertia_Version="old") == inertia
        assert status_of(url) == browser
