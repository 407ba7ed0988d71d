"""Redirects as the Inertia client needs them (protocol D24 to D32), and targets that try to leave the app (B3).

Node's WHATWG URL parser decides where a browser would go.
"""

from __future__ import annotations

import functools
import json
import logging
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, Response, asgi, delete, get, patch, post, put, route
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import File, Redirect, Stream
from litestar.testing import TestClient

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import (
    InertiaBack,
    InertiaConfig,
    InertiaExternalRedirect,
    InertiaRedirect,
    InertiaResponse,
    flash,
)
from tests.integration.asgi import Answer, ask
from tests.support import inertia_headers, make_app, make_site, page_in

if TYPE_CHECKING:
    from pathlib import Path

HOST = "testserver.local"
ORIGIN = f"http://{HOST}"


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@route("/to", http_method=["GET", "POST", "PUT", "PATCH", "DELETE"], status_code=200, sync_to_thread=False)
def to(request: Request[Any, Any, Any]) -> Redirect:
    """Redirect with Litestar's own class."""
    return Redirect(
        request.query_params["to"], status_code=int(request.query_params.get("status", 302)), cookies={"kept": "1"}
    )  # type: ignore[arg-type]


@route("/raw", http_method=["GET", "POST", "PUT", "PATCH", "DELETE"], status_code=200, sync_to_thread=False)
def raw(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Redirect with an unquoted Location."""
    return Response(
        b"",
        status_code=int(request.query_params.get("status", 302)),
        headers={"Location": request.query_params["to"]},
        media_type="text/plain",
    )


@route("/inside", http_method=["GET", "POST", "PUT", "PATCH", "DELETE"], status_code=200, sync_to_thread=False)
def inside(request: Request[Any, Any, Any]) -> InertiaRedirect:
    return InertiaRedirect(request, request.query_params["to"])


@route("/outside", http_method=["GET", "POST", "PUT"], status_code=200, sync_to_thread=False)
def outside(request: Request[Any, Any, Any]) -> InertiaExternalRedirect:
    return InertiaExternalRedirect(request, request.query_params["to"])


@route("/back", http_method=["GET", "POST", "PUT", "PATCH", "DELETE"], status_code=200, sync_to_thread=False)
def back(request: Request[Any, Any, Any]) -> InertiaBack:
    return InertiaBack(request)


HANDLERS = [home, to, raw, inside, outside, back]


def quoted(text: str) -> bytes:
    """Percent-encode everything, so that a query value arrives as it is."""
    return b"".join(b"%%%02X" % byte for byte in text.encode("utf-8", "surrogatepass"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


@functools.cache
def app_of(site: Path) -> Litestar:
    """Return the app with all handlers. It is cached, since hundreds of tests use it."""
    return make_app(site, HANDLERS)


def visit(app: Litestar, method: str, path: str, target: str, extra: bytes = b"", **headers: str) -> Answer:
    """Make an Inertia request to one of the handlers above."""
    return ask(app, method, path.encode() + b"?to=" + quoted(target) + extra, inertia_headers(app, **headers))


def visit_plain(app: Litestar, method: str, path: str, target: str, headers: Any = ()) -> Answer:
    return ask(app, method, path.encode() + b"?to=" + quoted(target), headers)


# Redirects with 301 and 302 (D24)


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("path", ["/to", "/raw"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_d24_301_and_302_become_303_after_put_patch_and_delete(site: Path, method: str, path: str, status: int) -> None:
    app = app_of(site)
    assert visit(app, method, path, "/", b"&status=%d" % status).redirect == (303, "/")
    assert ask(app, method, f"{path}?to=%2F&status={status}").redirect == (status, "/"), (
        "other clients get the app's own status"
    )


@pytest.mark.parametrize(("method", "status"), [("GET", 301), ("GET", 302), ("POST", 301), ("POST", 302)])
def test_d24_get_and_post_keep_their_status(site: Path, method: str, status: int) -> None:
    assert visit(app_of(site), method, "/to", "/", b"&status=%d" % status).redirect == (status, "/")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [303, 307, 308])
def test_d24_303_307_and_308_are_kept(site: Path, method: str, status: int) -> None:
    assert visit(app_of(site), method, "/to", "/", b"&status=%d" % status).redirect == (status, "/")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/inside", "/back"])
def test_d24_our_own_redirects_are_303_for_every_client(site: Path, method: str, path: str) -> None:
    app = app_of(site)
    assert visit(app, method, path, "/").redirect == (303, "/")
    assert visit_plain(app, method, path, "/").redirect == (303, "/")


def redirecting_app(site: Path) -> Litestar:
    """Return an app with guards, hooks and exception handlers that redirect."""

    def guard(*_: Any) -> None:
        raise NotAuthorizedException("log in")

    def to_login(_: Request[Any, Any, Any], __: Exception) -> Redirect:
        return Redirect("/login")

    async def stop(_: Request[Any, Any, Any]) -> Redirect:
        return Redirect("/login")

    async def replace(_: Any) -> Any:
        return Redirect("/login")

    @put("/guarded", guards=[guard], sync_to_thread=False)
    def guarded() -> dict[str, int]:
        return {}

    @put("/raises", sync_to_thread=False)
    def raises() -> dict[str, int]:
        raise PermissionDeniedException("no")

    @put("/before", before_request=stop, sync_to_thread=False)
    def before() -> dict[str, int]:
        return {}

    @put("/after", after_request=replace, sync_to_thread=False)
    def after() -> dict[str, int]:
        return {}

    @put("/page-before", component="Home", before_request=stop, sync_to_thread=False)
    def page_before() -> dict[str, int]:
        return {}

    handlers = {NotAuthorizedException: to_login, PermissionDeniedException: to_login, 404: to_login, 405: to_login}
    return make_app(site, [guarded, raises, before, after, page_before], exception_handlers=handlers)


@pytest.mark.parametrize("path", ["/guarded", "/raises", "/before", "/after", "/page-before", "/no/such/route"])
def test_d24_redirects_of_guards_exception_handlers_and_hooks_are_adapted_too(site: Path, path: str) -> None:
    app = redirecting_app(site)
    assert ask(app, "PUT", path, inertia_headers(app)).redirect == (303, "/login")
    assert ask(app, "PUT", path).redirect == (302, "/login")
    assert ask(app, "GET", "/guarded", inertia_headers(app)).redirect == (302, "/login"), "a GET is a 405"


# Other origins (D25, D26)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "target", ["https://example.com/a?b=c", "https://example.com/a#b", "//example.com/a", "/logout", f"{ORIGIN}/here"]
)
def test_d25_an_external_redirect_is_a_browser_visit_for_the_client_and_a_redirect_for_others(
    site: Path, method: str, target: str
) -> None:
    app = app_of(site)
    answer = visit(app, method, "/outside", target)
    assert answer.status == 409
    assert answer.header("x-inertia-location") == target
    assert answer.header("location") is None
    assert answer.header("x-inertia") is None
    assert answer.body == b""
    assert visit_plain(app, method, "/outside", target).redirect == (302 if method == "GET" else 303, target)


FOREIGN = [
    "https://example.com/", "http://example.com", f"https://{HOST}/", f"{ORIGIN}:8080/", "//example.com/x", "///example.com", "http://user@example.com/", f"http://{HOST}.example.com/",
    f"http://{HOST}@example.com/", "https://example.com:8443/a?b#c",
]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/to", "/raw"])
@pytest.mark.parametrize("target", FOREIGN)
def test_d26_a_redirect_to_another_origin_becomes_409(site: Path, target: str, path: str, method: str) -> None:
    answer = visit(app_of(site), method, path, target)
    assert answer.status == 409
    assert answer.header("x-inertia-location") == target
    assert answer.header("location") is None
    assert answer.header("x-inertia") is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d26_the_409_keeps_cookies_and_other_headers(site: Path, status: int) -> None:
    answer = visit(app_of(site), "POST", "/to", "https://example.com/", b"&status=%d" % status)
    assert answer.status == 409
    assert any(cookie.startswith("kept=1") for cookie in answer.all("set-cookie"))


LOCAL = [
    "/",
    "/a/b?c=d",
    "?page=2",
    "relative",
    "../up",
    "./x",
    f"{ORIGIN}/a",
    f"{ORIGIN}:80/a",
    f"http://{HOST.upper()}/a",
    "HTTP://testserver.local/a",
    "/a?next=https://example.com/",
]


@pytest.mark.parametrize("target", LOCAL)
@pytest.mark.parametrize("path", ["/to", "/raw"])
def test_d26_a_redirect_within_the_origin_is_followed_by_the_client_itself(site: Path, target: str, path: str) -> None:
    assert visit(app_of(site), "GET", path, target).redirect == (302, target)


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "\tjavascript:alert(1)", " javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:x", "file:///etc/passwd"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/to", "/raw"])
def test_d26_a_redirect_that_a_browser_ignores_never_becomes_the_location_of_its_window(
    site: Path, target: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The client assigns X-Inertia-Location to `window.location`, which runs "javascript:" URLs. Redirects do not."""
    with caplog.at_level(logging.WARNING):
        answer = visit(app_of(site), "GET", path, target)
    assert answer.status == 302
    assert answer.header("x-inertia-location") is None
    assert answer.header("x-inertia-redirect") is None


# Redirects with fragments (D27)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("target", ["/a#b", "/#", f"{ORIGIN}/a#b", "/a?b=c#d/e?f", "#b"])
@pytest.mark.parametrize("path", ["/to", "/raw"])
def test_d27_a_fragment_is_told_to_the_client(site: Path, path: str, target: str, method: str) -> None:
    answer = visit(app_of(site), method, path, target)
    assert answer.status == 409
    assert answer.header("x-inertia-redirect") == target
    assert answer.header("location") is None
    assert answer.header("x-inertia-location") is None
    assert answer.header("x-inertia") is None


def test_d27_a_prefetch_and_other_clients_get_the_redirect_as_it_is(site: Path) -> None:
    app = app_of(site)
    assert visit(app, "GET", "/to", "/a#b", purpose="prefetch").redirect == (302, "/a#b")
    assert visit_plain(app, "GET", "/to", "/a#b").redirect == (302, "/a#b")


def test_d27_a_fragment_of_our_own_redirect_is_told_too(site: Path) -> None:
    app = app_of(site)
    assert visit(app, "PUT", "/inside", "/a#b").header("x-inertia-redirect") == "/a#b"
    assert visit_plain(app, "PUT", "/inside", "/a#b").redirect == (303, "/a#b")


# Empty responses (D31)


def empty_handlers() -> list[Any]:
    @post("/none", status_code=200, sync_to_thread=False)
    def none() -> None:
        return None

    @post("/created", sync_to_thread=False)
    def created() -> None:
        return None

    @delete("/gone", sync_to_thread=False)
    def gone() -> None:
        return None

    @put("/bytes", sync_to_thread=False)
    def empty_bytes() -> Response[bytes]:
        return Response(b"", media_type="text/plain")

    @patch("/response", sync_to_thread=False)
    def empty_response() -> Response[None]:
        return Response(None, media_type="text/plain")

    @get("/got", sync_to_thread=False)
    def got() -> Response[bytes]:
        return Response(b"", media_type="text/plain")

    return [none, created, gone, empty_bytes, empty_response, got]


EMPTY = [
    ("POST", "/none", 303),
    ("POST", "/created", 303),
    ("DELETE", "/gone", 303),
    ("PUT", "/bytes", 303),
    ("PATCH", "/response", 303),
    ("GET", "/got", 302),
]


@pytest.mark.parametrize(("method", "path", "status"), EMPTY)
def test_d31_an_empty_answer_goes_back_to_where_the_visitor_was(
    site: Path, method: str, path: str, status: int
) -> None:
    app = make_app(site, [home, *empty_handlers()])
    assert ask(app, method, path, inertia_headers(app, referer=f"{ORIGIN}/form?page=2")).redirect == (
        status,
        "/form?page=2",
    )
    assert ask(app, method, path, inertia_headers(app)).redirect == (status, "/")
    assert ask(app, method, path).header("location") is None


@pytest.mark.parametrize("referer", [f"{ORIGIN}/got", None])
def test_d31_an_empty_get_that_would_come_back_to_itself_is_left_alone(site: Path, referer: str | None) -> None:
    @get("/", sync_to_thread=False)
    def root() -> Response[bytes]:
        return Response(b"", media_type="text/plain")

    app = make_app(site, [root, *empty_handlers()])
    answer = ask(
        app, "GET", "/got" if referer else "/", inertia_headers(app, **({"referer": referer} if referer else {}))
    )
    assert answer.status == 200
    assert answer.header("location") is None


def test_d31_an_answer_with_a_body_or_an_error_is_left_alone(site: Path) -> None:
    @post("/data", status_code=200, sync_to_thread=False)
    def data() -> dict[str, int]:
        return {"a": 1}

    @post("/refused", status_code=200, sync_to_thread=False)
    def refused() -> Response[bytes]:
        return Response(b"", status_code=400, media_type="text/plain")

    app = make_app(site, [data, refused])
    assert ask(app, "POST", "/data", inertia_headers(app)).status == 200
    assert ask(app, "POST", "/refused", inertia_headers(app)).redirect == (400, None)


# Back redirects (D32)


def back_to(app: Litestar, referer: bytes | None, method: str = "POST", **scope: Any) -> Answer:
    headers = [(name.lower().encode(), value.encode()) for name, value in inertia_headers(app).items()]
    return ask(app, method, "/back", [*headers, *([(b"referer", referer)] if referer is not None else [])], **scope)


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        (f"{ORIGIN}/form", "/form"),
        (f"{ORIGIN}/form/?a=1&b=%20", "/form/?a=1&b=%20"),
        (f"{ORIGIN}:80/form", "/form"),
        (ORIGIN, "/"),
        (f"{ORIGIN}/", "/"),
        (f"{ORIGIN}?a=1", "/?a=1"),
        (f"{ORIGIN}/a?next=//evil.com", "/a?next=//evil.com"),
        (f"https://{HOST}/form", "/form"),
        (None, "/"),
        ("", "/"),
        ("https://example.com/form", "/"),
    ],
)
def test_d32_back_goes_to_the_path_of_a_referer_of_this_host(site: Path, referer: str | None, path: str) -> None:
    """Only the path is used. Behind a proxy that ends TLS, the Referer may be https while the app sees http."""
    app = app_of(site)
    assert back_to(app, None if referer is None else referer.encode()).redirect == (303, path)


def test_d32_back_keeps_the_prefix_of_a_mounted_app(site: Path) -> None:
    app = app_of(site)
    assert back_to(app, f"{ORIGIN}/sub/form".encode(), root_path="/sub", raw_path=b"/sub/back").redirect == (
        303,
        "/sub/form",
    )


def previous_app(site: Path) -> Litestar:
    @get("/form", component="Form", sync_to_thread=False)
    def form() -> dict[str, Any]:
        return {}

    @post("/login", sync_to_thread=False)
    def login(request: Request[Any, Any, Any]) -> Redirect:
        request.set_session({"user": 1})
        return Redirect("/")

    return make_app(site, [*HANDLERS, form, login], middleware=[ServerSideSessionConfig().middleware])


@pytest.mark.parametrize(
    ("extra", "is_remembered"),
    [
        ({}, True),
        ({"purpose": "prefetch"}, False),
        ({"partial_component": "Form", "partial_data": "x"}, False),
        ({"precognition": "true"}, False),
    ],
)
def test_d32_without_a_referer_back_goes_to_the_last_full_visit_of_the_session(
    site: Path, extra: dict[str, str], is_remembered: bool
) -> None:
    app = previous_app(site)
    with TestClient(app, base_url=ORIGIN) as client:
        headers = inertia_headers(app)
        client.post("/login", headers=headers)
        assert client.get("/form?page=2", headers=inertia_headers(app, **extra)).is_success
        response = client.post("/back", headers=headers, follow_redirects=False)
        assert response.headers["location"] == ("/form?page=2" if is_remembered else "/")
        referred = client.post("/back", headers={**headers, "Referer": f"{ORIGIN}/other"}, follow_redirects=False)
        assert referred.headers["location"] == "/other", "the Referer takes precedence"
        foreign = client.post("/back", headers={**headers, "Referer": "https://evil.com/x"}, follow_redirects=False)
        assert foreign.headers["location"] == ("/form?page=2" if is_remembered else "/")


# Hostile targets

EVIL = "evil.com"
HOSTILE = [
    # Two slashes, in every form that browsers accept.
    f"//{EVIL}", f"///{EVIL}", f"////{EVIL}", f"//////////{EVIL}", f"/\\{EVIL}", f"\\/{EVIL}", f"\\\\{EVIL}", f"\\\\\\{EVIL}", f"/\\/{EVIL}", f"\\/\\{EVIL}", f"//\\{EVIL}", f"/\\\\{EVIL}", f"\\//{EVIL}",
    f"//{EVIL}/", f"//{EVIL}?x", f"//{EVIL}#x", f"//{EVIL}\\x", f"//{EVIL}:80", f"//{EVIL}/{HOST}/", f"//{EVIL}/..//{HOST}", f"//user:pass@{EVIL}", f"//{HOST}@{EVIL}", f"//{HOST}:80@{EVIL}",
    # Characters that browsers drop: tab and line ends anywhere, controls and spaces at the ends.
    f"/\t/{EVIL}", f"\t//{EVIL}", f"/\n/{EVIL}", f"\n//{EVIL}", f"/\r/{EVIL}", f"\r\n//{EVIL}", f"/\r\n/{EVIL}", f"/\t\n\r/{EVIL}", f" //{EVIL}", f"   //{EVIL}", f"\x00//{EVIL}", f"\x01//{EVIL}",
    f"\x1f//{EVIL}", f"\x0b//{EVIL}", f"\x0c//{EVIL}", f"//\t{EVIL}", f"/\t\\{EVIL}", f"\\\t\\{EVIL}", f"//{EVIL}\t", f"//{EVIL}\x00", f"/\x00/{EVIL}", f"/\x0b/{EVIL}", f"\x7f//{EVIL}",
    # Full URLs of another origin, plain and odd.
    f"http://{EVIL}", f"https://{EVIL}/", f"HTTP://{EVIL}", f"hTtPs://{EVIL}", f"http:{EVIL}", f"http:/{EVIL}", f"http:///{EVIL}", f"http:////{EVIL}", f"https:{EVIL}", f"https:/{EVIL}", f"https:///{EVIL}",
    f"http:\\{EVIL}", f"http:\\\\{EVIL}", f"http:/\\{EVIL}", f"http:\\/{EVIL}", f"ht\ttp://{EVIL}", f"http\n://{EVIL}", f"http:\t//{EVIL}", f" http://{EVIL}", f"\thttp://{EVIL}", f"http://{EVIL}\r\nX-Evil: 1",
    f"http:/\t/{EVIL}", f"ftp://{EVIL}", f"ws://{EVIL}", f"wss://{EVIL}", f"http://{EVIL}.",
    # Userinfo, and hosts that only look like this one.
    f"http://{HOST}@{EVIL}/", f"http://{HOST}:80@{EVIL}/", f"http://{HOST}%40{EVIL}/", f"http://{HOST}%2F@{EVIL}/", f"http://{HOST}#@{EVIL}/", f"http://{HOST}?@{EVIL}/", f"http://{EVIL}#@{HOST}/",
    f"http://{EVIL}?@{HOST}/", f"http://{EVIL}\\@{HOST}/", f"http://{EVIL}\\.{HOST}/", f"http://{EVIL}/@{HOST}", f"http://a:b@{EVIL}:c@{HOST}/", f"http://{HOST}.{EVIL}/", f"http://{EVIL}.{HOST}/",
    f"http://{HOST}:80.{EVIL}/", f"http://{HOST}:8080/", f"http://{HOST}:0/", f"http://{HOST}:99999/", f"http://{HOST}:abc/", f"http://{HOST}:/", f"http://{HOST}:80:80/", f"https://{HOST}:80/", f"http://{HOST}:443/",
    f"http://[::1]@{EVIL}", "http://[::1", "http://[", "http://]", f"http://[{HOST}]/", "http://127.0.0.1/", "http://0x7f.1/", "http://2130706433/", "http://localhost/", f"http://{HOST}\u3002{EVIL}/",
    f"http://{HOST}\uff0f{EVIL}", f"http://{EVIL}\u2044{HOST}/", f"http://xn--{HOST}/", "http://", "http:", "https:", "http:/", "http:///", f"http://@{EVIL}", f"http://@{HOST}@{EVIL}", f"http://:@{EVIL}/",
    # This origin with a path that would be another host.
    f"{ORIGIN}//{EVIL}", f"{ORIGIN}///{EVIL}", f"{ORIGIN}/\\{EVIL}", f"{ORIGIN}\\\\{EVIL}", f"{ORIGIN}\\/{EVIL}", f"{ORIGIN}/\t/{EVIL}", f"{ORIGIN}/\n/{EVIL}", f"{ORIGIN}\t//{EVIL}", f"{ORIGIN}@{EVIL}", f"{ORIGIN}:@{EVIL}",
    f"{ORIGIN}.{EVIL}", f"{ORIGIN}:80//{EVIL}", f"{ORIGIN}/..//{EVIL}", f"{ORIGIN}/.//{EVIL}", f"{ORIGIN}/a/..//{EVIL}", f"{ORIGIN}/%2F{EVIL}", f"{ORIGIN}/%5C{EVIL}", f"{ORIGIN};@{EVIL}", f"{ORIGIN},{EVIL}",
    # Schemes that run code, and unknown schemes.
    "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\tjavascript:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)", "javascript\t:alert(1)",
    f"javascript://{HOST}/%0aalert(1)", "javascript:/a", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "blob:http://x", "about:blank", "mailto:a@b", "view-source:x", "x:y", "a.b+c-d:e",
    f"myapp://{EVIL}", "intent://x#Intent;end", "filesystem:http://x",
    # CR/LF, and paths that are empty or odd.
    "/a\r\nSet-Cookie: x=1", "/a\r\n\r\n<script>", "/a\nLocation: //evil.com", "/a%0d%0aSet-Cookie: x=1", "/\x00", "\x00", " ", "\t", "", ".", "..", "?", "#", "?//evil.com", "#//evil.com", "/?//evil.com", "/#//evil.com",
    "/..//evil.com", "/.//evil.com", "/a/../..//evil.com", "./\\evil.com", "../\\evil.com", ".//evil.com", "..//evil.com", "a//evil.com", ":80", ":", "::", "/:", "@evil.com", "/@evil.com", "evil.com", "%2F%2Fevil.com", "/%2F/evil.com",
    "/%09/evil.com", "/%5Cevil.com", "%00//evil.com", "\ufeff//evil.com", "\u00a0//evil.com", "/\u2028/evil.com", "/é/evil.com", "é", "a" * 10_000,
]  # fmt: skip


def where_a_browser_goes(urls: list[str], base: str = f"{ORIGIN}/here") -> list[dict[str, str] | None]:
    """Return protocol, origin and URL of each target by the WHATWG rules, None if it is not a URL."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node for its URL parser")
    script = (
        "const {urls, base} = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(urls.map(u => { try { const r = new URL(u, base);"
        " return {protocol: r.protocol, origin: r.origin, href: r.href} } catch { return null } })))"
    )
    done = subprocess.run(
        [node, "-e", script], input=json.dumps({"urls": urls, "base": base}), capture_output=True, text=True, check=True
    )
    found: list[dict[str, str] | None] = json.loads(done.stdout)
    return found


def test_b3_the_table_of_hostile_targets_is_hostile() -> None:
    assert len(set(HOSTILE)) >= 200
    gone = [found for found in where_a_browser_goes(HOSTILE) if found is None or found["origin"] != ORIGIN]
    assert len(gone) >= 120, "more than half of the table leaves the app when a browser reads it"


def assert_all_stay(locations: list[str]) -> None:
    for location, found in zip(locations, where_a_browser_goes(locations), strict=True):
        assert found is not None, location
        assert found["origin"] == ORIGIN, (location, found)
        assert location.isascii()
        assert not any(ord(character) < 33 or ord(character) == 127 for character in location), location


def test_b3_back_never_leaves_the_origin_whatever_the_referer(site: Path) -> None:
    app = app_of(site)
    locations = []
    for referer in HOSTILE:
        for encoded in {referer.encode("utf-8"), referer.encode("latin-1", "replace")}:
            answer = back_to(app, encoded)
            location = answer.header("location") or answer.header("x-inertia-redirect") or ""
            assert location.startswith("/"), "a path, never a host from the request"
            assert not location.startswith("//")
            locations.append(location)
    assert_all_stay(locations)


def test_b3_back_never_leaves_the_origin_for_plain_requests_and_behind_tls(site: Path) -> None:
    app = app_of(site)
    locations = [
        ask(app, "GET", "/back", [(b"referer", target.encode())], scheme=scheme).redirect[1] or ""
        for target in HOSTILE
        for scheme in ("http", "https")
    ]
    assert all(location.startswith("/") and not location.startswith("//") for location in locations)
    assert_all_stay(locations)


def test_b3_an_inertia_redirect_never_leaves_the_origin(site: Path) -> None:
    app = app_of(site)
    locations = []
    for target in HOSTILE:
        inertia, plain = visit(app, "POST", "/inside", target), visit_plain(app, "POST", "/inside", target)
        locations.append(inertia.header("location") or inertia.header("x-inertia-redirect") or "")
        assert inertia.header("x-inertia-location") is None, target
        assert plain.status == 303
        locations.append(plain.header("location") or "")
    assert all(location.startswith("/") and not location.startswith("//") for location in locations)
    assert_all_stay(locations)


def test_b3_an_inertia_redirect_that_is_refused_is_logged_with_what_to_use(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert visit(app_of(site), "POST", "/inside", "https://evil.com/x").redirect == (303, "/")
    assert (
        "Refused to redirect to 'https://evil.com/x', which is not of this app. Use InertiaExternalRedirect for other sites."
        in caplog.text
    )


@pytest.mark.parametrize("path", ["/to", "/raw"])
def test_b3_whatever_an_app_redirects_to_the_client_is_sent_to_web_addresses_only(site: Path, path: str) -> None:
    """An app may redirect to another origin that a visitor sent. It must not run scripts or split headers."""
    app = app_of(site)
    locations, redirects = [], []
    for target in HOSTILE:
        if not target.isprintable() and path == "/raw" and any(character in target for character in "\r\n\x00"):
            continue  # Servers reject such a header.
        try:
            answer = visit(app, "GET", path, target)
        except UnicodeEncodeError:
            continue
        if (location := answer.header("x-inertia-location")) is not None:
            assert answer.status == 409
            locations.append(location)
        elif (redirect := answer.header("x-inertia-redirect")) is not None:
            redirects.append(redirect)
        assert answer.status in {302, 409, 500}, target
    assert len(locations) > 50
    assert {found["protocol"] for found in where_a_browser_goes(locations) if found} == {"http:", "https:"}
    assert all(found is None or found["origin"] == ORIGIN for found in where_a_browser_goes(redirects))


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "ftp://a/", "mailto:a@b", "https://a\r\nb", "/a\nb", "/a\x00", "https://a/\x7f", "java\tscript:alert(1)"],
)  # fmt: skip
def test_d25_an_external_redirect_refuses_what_is_no_web_address(site: Path, target: str) -> None:
    answer = visit(app_of(site), "GET", "/outside", target)
    assert answer.status == 500
    assert answer.header("x-inertia-location") is None
    assert answer.body == b'{"status_code":500,"detail":"Internal Server Error"}'
    debug = visit(make_app(site, HANDLERS, debug=True), "GET", "/outside", target)
    assert ConfigError.__name__ in debug.text
    assert "use an http(s) URL or a path, without control characters" in debug.text


def test_a_spoofed_host_is_not_reflected_into_where_the_client_goes(site: Path) -> None:
    app = app_of(site)
    answer = back_to(app, b"http://evil.com/phish")
    assert answer.redirect == (303, "/")
    headers = [
        (b"host", b"evil.com"),
        (b"referer", b"http://evil.com/phish"),
        (b"x-inertia", b"true"),
        (b"x-inertia-version", inertia_headers(app)["X-Inertia-Version"].encode()),
    ]
    assert ask(app, "POST", "/back", headers).redirect == (303, "/phish"), "a path on the client's current host"


# Carried values (D30)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/to?to=%2Fhop", 302), ("/inside?to=%2Fhop", 303), ("/back", 303), ("/to?to=https%3A%2F%2Fexample.com", 409), ("/outside?to=%2Fx", 409), ("/to?to=%2F%23x", 409)],
)  # fmt: skip
def test_d30_flash_survives_redirects_and_409s_until_a_page_shows_it(site: Path, path: str, status: int) -> None:
    @post("/flash", sync_to_thread=False)
    def flashing(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved")
        return Redirect("/hop")

    app = make_app(site, [*HANDLERS, flashing])
    with TestClient(app, base_url=ORIGIN) as client:
        client.post("/flash", headers=inertia_headers(app), follow_redirects=False)
        assert client.post(path, headers=inertia_headers(app), follow_redirects=False).status_code == status
        assert page_in(client.get("/").text)["flash"] == {"info": ["Saved"]}
        assert "flash" not in page_in(client.get("/").text)


def test_a_page_is_never_taken_for_a_redirect(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def handler() -> InertiaResponse[None]:
        return InertiaResponse(component="Home", headers={"Location": "https://example.com/"}, status_code=201)

    app = make_app(site, [handler])
    answer = ask(app, headers=inertia_headers(app))
    assert answer.status == 201
    assert answer.page["component"] == "Home"


def test_d31_a_mounted_app_annotated_none_keeps_its_response(site: Path) -> None:
    @asgi("/mounted", is_mount=True, copy_scope=True)
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"body"})

    app = make_app(site, [mounted])
    answer = ask(app, target="/mounted/x", headers=inertia_headers(app))
    assert (answer.status, answer.body) == (200, b"body")


# Redirect loops


def refusing_app(site: Path, *paths: str, session: bool = False) -> Litestar:
    """Return an app that redirects back on a GET of these paths."""

    @get(list(paths), sync_to_thread=False)
    def refuse(request: Request[Any, Any, Any]) -> InertiaBack:
        flash(request, "Not allowed.", "error")
        return InertiaBack(request)

    @get("/shown", component="Shown", sync_to_thread=False)
    def shown() -> dict[str, Any]:
        return {}

    @get("/refused", sync_to_thread=False)
    def refused(request: Request[Any, Any, Any]) -> InertiaResponse[None]:
        return InertiaResponse(component="Refused", status_code=403)

    @post("/login", sync_to_thread=False)
    def login(request: Request[Any, Any, Any]) -> Redirect:
        request.set_session({"user": 1})
        return Redirect("/shown")

    handlers = [refuse, shown, refused, back, *([home] if "/" not in paths else []), *([login] if session else [])]
    return make_app(site, handlers, middleware=[ServerSideSessionConfig().middleware] if session else [])


def follow(client: TestClient[Any], target: str, headers: dict[str, str]) -> list[str]:
    """Follow a chain of redirects as a browser does, with the same Referer, and return the targets."""
    seen = [target]
    while len(seen) < 10:
        response = client.get(seen[-1], headers=headers, follow_redirects=False)
        if not response.is_redirect:
            return [*seen, str(response.status_code)]
        seen.append(response.headers["location"])
    return seen


@pytest.mark.parametrize("is_inertia", [True, False])
@pytest.mark.parametrize(
    ("refused", "target", "referer", "chain"),
    [
        (["/a"], "/a", None, ["/a", "/", "200"]),
        (["/a"], "/a", "/a", ["/a", "/", "200"]),
        (["/a"], "/a?x=%20y", "/a?x=%20y", ["/a?x=%20y", "/", "200"]),
        (["/a"], "/a", "/shown", ["/a", "/shown", "200"]),
        (["/"], "/", None, ["/", "404"]),
        (["/"], "/", "/", ["/", "404"]),
        (["/", "/a"], "/a", "/a", ["/a", "/", "404"]),
        (["/", "/a"], "/", "/a", ["/", "/a", "404"]),
        (["/", "/a", "/b"], "/b", "/a", ["/b", "/a", "/", "404"]),
    ],
)
def test_d32_going_back_never_leads_in_a_circle(
    site: Path, refused: list[str], target: str, referer: str | None, chain: list[str], *, is_inertia: bool
) -> None:
    app = refusing_app(site, *refused)
    headers = inertia_headers(app) if is_inertia else {}
    with TestClient(app, base_url=ORIGIN) as client:
        for _ in range(2):
            assert follow(client, target, {**headers, **({"Referer": ORIGIN + referer} if referer else {})}) == chain
            client.cookies.clear()


def test_d32_a_get_may_go_back_to_the_same_page_again_and_again(site: Path) -> None:
    app = refusing_app(site, "/a")
    with TestClient(app, base_url=ORIGIN) as client:
        for _ in range(3):
            headers = {**inertia_headers(app), "Referer": f"{ORIGIN}/shown"}
            assert follow(client, "/a", headers) == ["/a", "/shown", "200"]


def test_d32_nowhere_to_go_is_logged_and_the_answer_keeps_headers_and_cookies(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @get("/", sync_to_thread=False)
    def nowhere(request: Request[Any, Any, Any]) -> InertiaBack:
        return InertiaBack(request, headers={"X-A": "1"}, cookies={"kept": "1"})

    answer = ask(make_app(site, [nowhere]))
    assert (answer.status, answer.header("x-a"), answer.header("location")) == (404, "1", None)
    assert any(cookie.startswith("kept=1") for cookie in answer.all("set-cookie"))
    assert "InertiaBack has no page to go to from GET /." in caplog.text


def test_d32_query_parameters_of_a_way_back_do_not_make_a_circle(site: Path) -> None:
    @get("/a", sync_to_thread=False)
    def again(request: Request[Any, Any, Any]) -> InertiaBack:
        return InertiaBack(request, query_params={"x": "1"})

    app = make_app(site, [again])
    assert ask(app, target="/a", headers={"referer": f"{ORIGIN}/b"}).redirect == (302, "/b?x=1")
    assert ask(app, target="/a?x=1", headers={"referer": f"{ORIGIN}/a"}).status == 404


def test_d32_the_previous_url_is_of_a_page_that_was_not_refused(site: Path) -> None:
    app = refusing_app(site, "/a", session=True)
    with TestClient(app, base_url=ORIGIN) as client:
        client.post("/login", follow_redirects=False)
        client.get("/shown")
        assert client.get("/refused").status_code == 403
        assert client.get("/refused", headers=inertia_headers(app)).status_code == 403
        assert client.post("/back", follow_redirects=False).headers["location"] == "/shown"


def test_d32_a_referer_that_is_an_origin_alone_gives_way_to_a_known_url(site: Path) -> None:
    """With `Referrer-Policy: origin`, every Referer looks like that of the first page."""
    app = refusing_app(site, "/a", session=True)
    bare = {"Referer": f"{ORIGIN}/"}
    with TestClient(app, base_url=ORIGIN) as client:
        client.post("/login", follow_redirects=False)
        client.get("/shown?page=2", headers=bare)
        assert client.post("/back", headers=bare, follow_redirects=False).headers["location"] == "/shown?page=2"
        client.get("/", headers={"Referer": f"{ORIGIN}/shown"})
        assert client.post("/back", headers=bare, follow_redirects=False).headers["location"] == "/", (
            "a browser that sends full Referers was on the first page"
        )


@pytest.mark.parametrize(
    ("headers", "path", "is_logged"),
    [
        ({"x-forwarded-host": "shop.example"}, "/form", False),
        ({"x-forwarded-host": "shop.example, inner"}, "/form", False),
        ({"sec-fetch-site": "same-origin"}, "/form", False),
        ({"sec-fetch-site": "cross-site"}, "/", True),
        ({}, "/", True),
    ],
)
def test_d32_behind_a_proxy_that_changes_the_host_a_referer_is_recognised_or_the_log_says_why_not(
    site: Path, caplog: pytest.LogCaptureFixture, headers: dict[str, str], path: str, *, is_logged: bool
) -> None:
    app = make_app(site, HANDLERS)
    for _ in range(2):
        answer = ask(
            app,
            "POST",
            "/back",
            {**inertia_headers(app), "host": "backend:8000", "referer": "https://shop.example/form", **headers},
        )
        assert answer.redirect == (303, path)
    assert caplog.text.count("requests arrive with the Host 'backend:8000'") == is_logged


def test_b3_a_refused_redirect_of_the_first_page_is_not_sent_to_itself(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def first(request: Request[Any, Any, Any]) -> InertiaRedirect:
        return InertiaRedirect(request, "https://evil.com/")

    assert ask(make_app(site, [first])).redirect == (404, None)


# Exceptions that redirect


@pytest.mark.parametrize(
    "error_page", [None, "Error", {302: "Error"}, lambda *_: "Error"], ids=["none", "page", "by status", "callable"]
)
def test_d24_d26_an_exception_that_redirects_does_so_with_an_error_page_too(site: Path, error_page: Any) -> None:
    @route("/moved", http_method=["GET", "PUT"], status_code=200, sync_to_thread=False)
    def moved(request: Request[Any, Any, Any]) -> dict[str, Any]:
        flash(request, "Moved")
        raise HTTPException(status_code=302, headers={"location": request.query_params["to"]})

    app = make_app(site, [home, moved], InertiaConfig(error_page=error_page))
    with TestClient(app, base_url=ORIGIN) as client:
        for headers in (inertia_headers(app), {"Accept": "text/html"}):
            answer = client.get("/moved?to=/", headers=headers, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (302, "/")
        page = client.put("/moved?to=/", headers=inertia_headers(app), follow_redirects=False)
        assert (page.status_code, page.headers["location"]) == (303, "/")
        away = client.put("/moved?to=https://example.com/", headers=inertia_headers(app), follow_redirects=False)
        assert (away.status_code, away.headers["x-inertia-location"], away.content) == (
            409,
            "https://example.com/",
            b"",
        )
        assert client.get("/", headers=inertia_headers(app)).json()["flash"]["info"][0] == "Moved"


# Which response is sent


@pytest.mark.parametrize("is_copied", [True, False])
def test_d31_a_mounted_inertia_app_can_be_entered(site: Path, *, is_copied: bool) -> None:
    @get("/", component="Inner", sync_to_thread=False)
    def inner_home() -> None:
        return None

    @post("/save", sync_to_thread=False)
    def save(request: Request[Any, Any, Any]) -> None:
        flash(request, "Saved")

    inner = make_app(site, [inner_home, save])

    @asgi("/inner", is_mount=True, copy_scope=is_copied)
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    app = make_app(site, [home, mounted])
    with TestClient(app, base_url=ORIGIN) as client:
        assert page_in(client.get("/inner/").text)["component"] == "Inner"
        assert client.get("/inner/", headers=inertia_headers(app)).json()["component"] == "Inner"
        headers = {**inertia_headers(app), "Referer": f"{ORIGIN}/inner/"}
        saved = client.post("/inner/save", headers=headers, follow_redirects=False)
        assert (saved.status_code, saved.headers["location"]) == (303, "/inner/")
        assert client.get("/inner/", headers=headers).json()["flash"] == {"info": ["Saved"]}
        assert "flash" not in client.get("/", headers=headers).json()


def test_d31_a_hook_that_answers_for_a_handler_without_content_is_heard(site: Path) -> None:
    async def closed(_: Request[Any, Any, Any]) -> Response[str]:
        return Response("Closed for today.", media_type="text/html")

    @post("/save", before_request=closed, status_code=200, sync_to_thread=False)
    def save() -> None: ...

    app = make_app(site, [save])
    answer = ask(app, "POST", "/save", inertia_headers(app))
    assert (answer.status, answer.text) == (200, "Closed for today.")


@pytest.mark.parametrize(
    ("status", "location", "redirect"),
    [
        (201, "/things/1", (303, "/things/1")),
        (202, "/jobs/1", (303, "/jobs/1")),
        (202, None, (303, "/form")),
        (201, "https://example.com/x", (409, None)),
        (201, "/things/1#new", (409, None)),
    ],
)
def test_d31_an_empty_answer_with_a_location_goes_there(
    site: Path, status: int, location: str | None, redirect: tuple[int, str | None]
) -> None:
    @post("/make", sync_to_thread=False)
    def make() -> Response[bytes]:
        headers = {"Location": location} if location else {}
        return Response(b"", status_code=status, headers=headers, media_type="text/plain")

    app = make_app(site, [make])
    assert ask(app, "POST", "/make", inertia_headers(app, referer=f"{ORIGIN}/form")).redirect == redirect
    assert ask(app, "POST", "/make").redirect == (status, location)


def test_d25_an_external_redirect_that_is_not_returned_changes_nothing(site: Path) -> None:
    @post("/maybe", sync_to_thread=False)
    def maybe(request: Request[Any, Any, Any]) -> Redirect:
        InertiaExternalRedirect(request, "https://example.com/")
        InertiaBack(request)
        return Redirect("/")

    app = make_app(site, [maybe])
    answer = ask(app, "POST", "/maybe", inertia_headers(app))
    assert answer.redirect == (302, "/")
    assert answer.all("set-cookie") == []


# Downloads


def download_handlers(site: Path) -> list[Any]:
    (site / "report.csv").write_text("a,b\n" * 1_000)

    @get("/file", sync_to_thread=False)
    def file() -> File:
        return File(site / "report.csv", filename="report.csv", etag=None)

    @get("/stream", sync_to_thread=False)
    def stream() -> Stream:
        return Stream(iter([b"a"] * 3), headers={"Content-Disposition": 'Attachment; filename="a.txt"'})

    @get("/bytes", cache=60, sync_to_thread=False)
    def raw_bytes() -> Response[bytes]:
        return Response(b"abc", headers={"content-disposition": "attachment"}, media_type="text/plain")

    @asgi("/asgi", copy_scope=True)
    async def by_hand(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-disposition", b"attachment"), (b"content-length", b"3")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"c"})

    @get("/inline", sync_to_thread=False)
    def inline() -> Response[bytes]:
        return Response(b"abc", headers={"content-disposition": "inline"}, media_type="text/plain")

    return [file, stream, raw_bytes, by_hand, inline]


def test_d25_a_link_to_a_download_becomes_a_browser_visit(site: Path) -> None:
    app = make_app(site, download_handlers(site))
    with TestClient(app, base_url=ORIGIN) as client:
        for path in ("/file", "/stream", "/bytes", "/bytes", "/asgi"):
            answer = client.get(f"{path}?x=1", headers=inertia_headers(app))
            assert (answer.status_code, answer.headers["x-inertia-location"]) == (409, f"{path}?x=1"), path
            assert (answer.content, answer.headers["content-length"]) == (b"", "0"), path
            assert answer.headers["cache-control"] == "no-store"
            assert not {"content-disposition", "etag", "last-modified"} & answer.headers.keys()
            assert client.get(f"{path}?x=1").content, path
        assert client.get("/inline", headers=inertia_headers(app)).content == b"abc"
