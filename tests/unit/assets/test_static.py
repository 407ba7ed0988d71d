"""Built files over raw ASGI, with paths that servers pass on but HTTP clients do not send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.config.csrf import CSRFConfig
from litestar.params import FromPath
from litestar.testing import TestClient

from litestar_vite.exceptions import ConfigError
from tests.support import make_app, write_list

pytestmark = pytest.mark.anyio


async def ask(
    app: Litestar, path: str, method: str = "GET", *headers_sent: tuple[bytes, bytes]
) -> tuple[int, dict[str, str], bytes]:
    """Send a request with this decoded path. An exception raised by the app fails the test."""
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"), "query_string": b"", "root_path": "", "headers": [(b"host", b"testserver"), *headers_sent],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages)


@pytest.fixture
def app(site: Path) -> Litestar:
    for folder in (site, site / "dist", site / "dist" / "client" / ".vite", site / "dist" / "client" / ".git"):
        folder.mkdir(exist_ok=True)
        (folder / "secret").write_text("classified")
    (site / "dist" / "client" / ".env").write_text("classified")
    (site / "dist" / "client" / "assets" / ".hidden.js").write_text("classified")
    return make_app(site, [])


@pytest.mark.parametrize(
    "path",
    [
        ".vite/manifest.json", ".vite/secret", ".git/secret", ".env", "assets/.hidden.js", "/.env", "//.env", "assets/../.env",
        "..", "../secret", "../../secret", "assets/../../secret", "assets/../../../secret", "./secret", "assets/./../../secret",
        "..\\secret", "..\\..\\secret", "assets\\..\\..\\secret", "%2e%2e/secret", "%2e%2e%2fsecret", "%252e%252e/secret", "..%2fsecret",
        "\x00", "a\x00.js", "assets/app-a1.js\x00", "assets/app-a1.js\x00.css", "../secret\x00",
        "\udcff\udcfe", "assets/\udc80.js", "\ufffd", "\n", "assets/\r\nX: y", "\u202e",
        "a" * 300, "a/" * 3000, "a" * 70_000, "assets/app-a1.js/x", "assets/app-a1.js/../app-a1.js",
        "", "assets", "assets/", "gone.js", "C:/secret", "C:\\secret", "file:///etc/passwd", "/etc/passwd", "//etc/passwd", "~/secret",
    ],
    ids=lambda path: ascii(path)[:40],
)  # fmt: skip
async def test_other_files_are_404_without_details(app: Litestar, site: Path, path: str) -> None:
    status, _, body = await ask(app, f"/static/{path}")
    assert status == 404, body
    assert b"classified" not in body
    assert str(site).encode() not in body


async def test_links_that_lead_nowhere_are_404(app: Litestar, site: Path) -> None:
    (site / "dist" / "client" / "broken.js").symlink_to(site / "gone.js")
    (site / "dist" / "client" / "circle.js").symlink_to(site / "dist" / "client" / "circle.js")
    for name in ("broken.js", "circle.js"):
        assert (await ask(app, f"/static/{name}"))[0] == 404


async def test_links_stay_inside_the_build(app: Litestar, site: Path) -> None:
    """Links to files of the build and a linked build folder are served. Files outside the build are not."""
    (site / "outside.js").write_text("classified")
    assets = site / "dist" / "client" / "assets"
    (assets / "out.js").symlink_to(site / "outside.js")
    (assets / "folder").symlink_to(site)
    (assets / "in.js").symlink_to(assets / "app-a1.js")
    assert (await ask(app, "/static/assets/out.js"))[0] == 404
    assert (await ask(app, "/static/assets/folder/outside.js"))[0] == 404
    assert (await ask(app, "/static/assets/in.js"))[0] == 200
    (site / "dist").rename(site / "release")
    (site / "dist").symlink_to(site / "release")
    assert (await ask(make_app(site, []), "/static/assets/app-a1.js"))[0] == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_built_file_is_cached_for_a_year_as_immutable(site: Path, method: str) -> None:
    write_list(site, "assets/app-a1.js")
    app = make_app(site, [])
    status, headers, body = await ask(app, "/static/assets/app-a1.js", method)
    assert status == 200
    assert body == (b"console.log('app')" if method == "GET" else b"")
    assert {part.strip() for part in headers["cache-control"].split(",")} == {"public", "immutable", "max-age=31536000"}
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["content-length"] == "18"


@pytest.mark.parametrize(
    "name", ["logo.svg", "robots.txt", "fonts/Inter.woff2", "assets/download.js", "assets/my-download.js"]
)
async def test_a_file_without_a_hash_is_revalidated(app: Litestar, site: Path, name: str) -> None:
    file = site / "dist" / "client" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("one")
    status, headers, body = await ask(app, f"/static/{name}")
    assert (status, headers["cache-control"], body) == (200, "no-cache", b"one")
    etag = (b"if-none-match", headers["etag"].encode())
    status, headers, body = await ask(app, f"/static/{name}", "GET", etag)
    assert (status, headers["cache-control"], body) == (304, "no-cache", b"")
    assert "content-length" not in headers
    file.write_text("another")
    assert (await ask(app, f"/static/{name}", "GET", etag))[::2] == (200, b"another")


async def test_only_the_build_says_which_names_contain_a_hash(site: Path) -> None:
    """A hash-like name or a manifest entry is not enough, since the file name pattern may lack a hash."""
    font = site / "dist" / "client" / "assets" / "font-Dk3_aZ-9.woff2"
    font.write_text("font")
    for listed, expected in (
        ((), "no-cache"),
        (("assets/font-Dk3_aZ-9.woff2",), "public, max-age=31536000, immutable"),
    ):
        write_list(site, *listed)
        headers = (await ask(make_app(site, []), "/static/assets/font-Dk3_aZ-9.woff2"))[1]
        assert headers["cache-control"] == expected
    assert (await ask(make_app(site, []), "/static/assets/app-a1.js"))[1]["cache-control"] == "no-cache"


async def test_a_file_that_was_changed_after_the_build_is_revalidated(site: Path) -> None:
    write_list(site, "assets/app-a1.js")
    (site / "dist" / "client" / "assets" / "app-a1.js").write_text("console.log('edited')")
    assert (await ask(make_app(site, []), "/static/assets/app-a1.js"))[1]["cache-control"] == "no-cache"


async def test_a_404_is_not_cached(app: Litestar) -> None:
    assert "cache-control" not in (await ask(app, "/static/gone.js"))[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_only_built_files_are_read(app: Litestar, method: str) -> None:
    assert (await ask(app, "/static/assets/app-a1.js", method))[0] == 405


@pytest.mark.parametrize(
    "name", ["Zürich.js", "日本.css", "a b.svg", "a+b.js", "[id].js", "a%20b.js", "a..b.js", "_a.js", "(x).js"]
)
async def test_odd_names_of_built_files_are_served(app: Litestar, site: Path, name: str) -> None:
    (site / "dist" / "client" / "assets" / name).write_text("odd")
    assert (await ask(app, f"/static/assets/{name}"))[::2] == (200, b"odd")


async def test_a_file_that_is_built_while_the_app_runs_is_served(app: Litestar, site: Path) -> None:
    assert (await ask(app, "/static/assets/late.js"))[0] == 404
    (site / "dist" / "client" / "assets" / "late.js").write_text("late")
    assert (await ask(app, "/static/assets/late.js"))[::2] == (200, b"late")


@get("/", sync_to_thread=False)
def index() -> str:
    return "index"


@pytest.mark.parametrize("asset_url", ["/static", "/a/b/c/", "/"])
async def test_files_are_served_at_the_asset_url_and_pages_keep_their_urls(site: Path, asset_url: str) -> None:
    app = make_app(site, [index], vite={"asset_url": asset_url})
    assert (await ask(app, f"{asset_url.rstrip('/')}/assets/app-a1.js"))[0] == 200
    assert (await ask(app, f"{asset_url.rstrip('/')}/.vite/manifest.json"))[0] == 404
    assert (await ask(app, "/"))[::2] == (200, b"index")


async def test_in_dev_mode_the_app_serves_no_files(site: Path) -> None:
    app = make_app(site, [index], vite={"dev_mode": True, "entry": "src/app.tsx"})
    assert (await ask(app, "/static/assets/app-a1.js"))[0] == 404


@pytest.mark.parametrize("key", ["exclude_from_csrf", "no_token"])
def test_built_files_do_not_set_a_csrf_cookie(site: Path, key: str) -> None:
    @get("/plain", sync_to_thread=False)
    def plain() -> str:
        return ""

    app = make_app(site, [plain], csrf_config=CSRFConfig(secret="secret", exclude_from_csrf_key=key))
    with TestClient(app) as client:
        built = client.get("/static/assets/app-a1.js")
        assert (built.status_code, "set-cookie" in built.headers) == (200, False)
        assert "set-cookie" in client.get("/plain").headers


def test_a_route_that_conflicts_with_built_files_is_rejected_and_others_are_served(site: Path) -> None:
    @get("/static/{year:int}/report", sync_to_thread=False)
    def report(year: FromPath[int]) -> str:
        return str(year)

    @get("/static/version", sync_to_thread=False)
    def version() -> str:
        return "1"

    with pytest.raises(
        ConfigError, match=r"'/static/\{year:int\}/report' and the built files .* ViteConfig\.asset_url"
    ):
        make_app(site, [report])
    with TestClient(make_app(site, [report], vite={"asset_url": "/assets/"})) as client:
        assert client.get("/static/2026/report").text == "2026"
    with TestClient(make_app(site, [version])) as client:
        assert client.get("/static/version").text == "1"
        assert client.get("/static/assets/app-a1.js").status_code == 200
