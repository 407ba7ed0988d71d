"""Compressed copies, ranges, conditional requests and content types of built files, over raw ASGI."""

from __future__ import annotations

import mimetypes
import os
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, get
from litestar.config.compression import CompressionConfig
from litestar.testing import TestClient

from litestar_vite._assets.encodings import accepted_encodings
from litestar_vite._assets.scan import scan_build
from tests.support import make_app, make_site, plugin_of, write_list
from tests.unit.assets.test_static import ask

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

pytestmark = pytest.mark.anyio

TEXT = b"0123456789" * 200
BR, GZIP = b"brotli" * 9, b"gzip" * 20
FILE = "/static/assets/app-a1.js"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with a hashed script and a file from public/, each with compressed copies."""
    site = make_site(tmp_path_factory.mktemp("built"))
    client = site / "dist" / "client"
    for name in ("assets/app-a1.js", "terms.txt"):
        (client / name).write_bytes(TEXT)
        (client / f"{name}.br").write_bytes(BR)
        (client / f"{name}.gz").write_bytes(GZIP)
    (client / "photo.png").write_bytes(TEXT)
    (client / "empty.txt").write_bytes(b"")
    write_list(site, "assets/app-a1.js")
    return site


@pytest.fixture(scope="module")
def app(built: Path) -> Litestar:
    return make_app(built, [])


async def fetch(app: Litestar, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    pairs = ((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return await ask(app, path, method, *pairs)


@pytest.mark.parametrize("path", [FILE, "/static/terms.txt"])
@pytest.mark.parametrize(
    ("accepted", "encoding", "expected"),
    [
        ("gzip, deflate, br, zstd", "br", BR),
        ("gzip, deflate", "gzip", GZIP),
        ("br;q=0.5, gzip", "gzip", GZIP),
        ("br;q=0, gzip;q=0.1", "gzip", GZIP),
        ("*", "br", BR),
        ("*;q=0.5, br;q=0", "gzip", GZIP),
        ("identity, br;q=0.5", None, TEXT),
        ("identity;q=0.5, br", "br", BR),
        ("zstd", None, TEXT),
        ("", None, TEXT),
        ("br;q=nonsense", None, TEXT),
        ("br, " * 200, None, TEXT),
    ],
)
async def test_the_best_accepted_copy_is_served(
    app: Litestar, path: str, accepted: str, encoding: str | None, expected: bytes
) -> None:
    for method in ("GET", "HEAD", "GET"):
        status, headers, body = await fetch(app, path, method, accept_encoding=accepted)
        assert (status, headers.get("content-encoding"), body) == (200, encoding, b"" if method == "HEAD" else expected)
        assert headers["content-length"] == str(len(expected))
        assert headers["vary"] == "Accept-Encoding"
        assert headers["content-type"].startswith("text/")


async def test_files_without_copies_do_not_vary_and_copies_have_no_url(app: Litestar) -> None:
    status, headers, body = await fetch(app, "/static/photo.png", accept_encoding="br")
    assert (status, headers["content-type"], body) == (200, "image/png", TEXT)
    assert "vary" not in headers
    assert (await fetch(app, "/static/terms.txt.br"))[0] == 404


async def test_each_encoding_has_an_etag_and_is_unchanged_under_it(app: Litestar) -> None:
    etags: dict[str, str] = {}
    for encoding in ("br", "gzip", "identity"):
        _, headers, _ = await fetch(app, FILE, accept_encoding=encoding)
        etags[encoding] = headers["etag"]
        for condition in (headers["etag"], f'"other", W/{headers["etag"]}', "*"):
            status, answer, body = await fetch(app, FILE, accept_encoding=encoding, if_none_match=condition)
            assert (status, body, answer["etag"]) == (304, b"", headers["etag"])
            assert answer["cache-control"] == headers["cache-control"]
            assert answer["vary"] == "Accept-Encoding"
            assert "content-length" not in answer
            assert "content-encoding" not in answer
    assert len(set(etags.values())) == 3
    assert (await fetch(app, FILE, accept_encoding="br", if_none_match=etags["gzip"]))[0] == 200


@pytest.mark.parametrize("path", [FILE, "/static/photo.png"])
async def test_a_date_is_a_condition_only_without_an_etag(app: Litestar, path: str) -> None:
    modified = (await fetch(app, path))[1]["last-modified"]
    for date, status in ((modified, 304), (formatdate(0, usegmt=True), 200), ("yesterday", 200)):
        assert (await fetch(app, path, if_modified_since=date))[0] == status
    assert (await fetch(app, path, if_modified_since=modified, if_none_match='"other"'))[0] == 200


@pytest.mark.parametrize("path", [FILE, "/static/photo.png"])
@pytest.mark.parametrize(
    ("asked", "content_range", "expected"),
    [
        ("bytes=0-9", "bytes 0-9/2000", TEXT[:10]),
        ("bytes=5-", "bytes 5-1999/2000", TEXT[5:]),
        ("bytes=-3", "bytes 1997-1999/2000", TEXT[-3:]),
        ("bytes=1990-9999", "bytes 1990-1999/2000", TEXT[1990:]),
        ("bytes=-9999", "bytes 0-1999/2000", TEXT),
    ],
)
async def test_a_range_is_served(app: Litestar, path: str, asked: str, content_range: str, expected: bytes) -> None:
    status, headers, body = await fetch(app, path, range=asked)
    assert (status, headers["content-range"], body) == (206, content_range, expected)
    assert headers["content-length"] == str(len(expected))
    status, headers, body = await fetch(app, path, "HEAD", range=asked)
    assert (status, headers["content-length"], body) == (200, "2000", b""), "ranges apply to GET only"


@pytest.mark.parametrize("asked", ["bytes=2000-", "bytes=9999-10000", "bytes=-0"])
async def test_a_range_outside_the_file_is_refused(app: Litestar, asked: str) -> None:
    status, headers, body = await fetch(app, FILE, range=asked)
    assert (status, headers["content-range"], body) == (416, "bytes */2000", b"")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-1", "lines=1-2", "bytes=a-b", "bytes=-", "bytes"])
async def test_other_ranges_get_the_whole_file(app: Litestar, asked: str) -> None:
    assert (await fetch(app, FILE, range=asked))[::2] == (200, TEXT)


async def test_a_range_of_another_version_gets_the_whole_file(app: Litestar) -> None:
    _, headers, _ = await fetch(app, FILE)
    _, of_brotli, _ = await fetch(app, FILE, accept_encoding="br")
    for condition, status in (
        (headers["etag"], 206),
        (headers["last-modified"], 206),
        (of_brotli["etag"], 200),
        (f"W/{headers['etag']}", 200),
        (formatdate(0, usegmt=True), 200),
    ):
        assert (await fetch(app, FILE, range="bytes=0-1", if_range=condition))[0] == status
    status, part, body = await fetch(app, FILE, accept_encoding="br", range="bytes=0-5", if_range=of_brotli["etag"])
    assert (status, part["content-encoding"], body) == (206, "br", BR[:6])


async def test_an_empty_file_is_served(app: Litestar) -> None:
    assert (await fetch(app, "/static/empty.txt"))[::2] == (200, b"")
    assert (await fetch(app, "/static/empty.txt", range="bytes=0-"))[0] == 416


async def test_a_large_file_is_sent_in_parts(site: Path) -> None:
    large = os.urandom(1024 * 1024 + 5)
    (site / "dist" / "client" / "film.mp4").write_bytes(large)
    app = make_app(site, [])
    assert (await fetch(app, "/static/film.mp4"))[::2] == (200, large)
    status, headers, body = await fetch(app, "/static/film.mp4", range="bytes=1000000-")
    assert (status, body, headers["content-type"]) == (206, large[1_000_000:], "video/mp4")
    assert (await fetch(app, "/static/film.mp4", "HEAD"))[::2] == (200, b"")
    etag = headers["etag"]
    assert (await fetch(app, "/static/film.mp4", if_none_match=etag))[::2] == (304, b"")


async def test_content_types_are_not_those_of_the_machine(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/plain", None))
    for name in (
        "a.js",
        "a.mjs",
        "a.css",
        "a.wasm",
        "a.woff2",
        "a.webmanifest",
        "a.svg",
        "a.JSON",
        "a.unknown",
        "noext",
    ):
        (site / "dist" / "client" / name).write_text("x")
    app = make_app(site, [])
    found = {name: (await fetch(app, f"/static/{name}"))[1]["content-type"] for name in ("a.js", "a.mjs", "a.css", "a.wasm", "a.woff2", "a.webmanifest", "a.svg", "a.JSON", "a.unknown", "noext")}  # fmt: skip
    assert found == {
        "a.js": "text/javascript; charset=utf-8",
        "a.mjs": "text/javascript; charset=utf-8",
        "a.css": "text/css; charset=utf-8",
        "a.wasm": "application/wasm",
        "a.woff2": "font/woff2",
        "a.webmanifest": "application/manifest+json",
        "a.svg": "image/svg+xml",
        "a.JSON": "application/json",
        "a.unknown": "application/octet-stream",
        "noext": "application/octet-stream",
    }


async def test_a_service_worker_may_control_more_than_its_folder(built: Path) -> None:
    app = make_app(built, [], vite={"service_worker_allowed": "/"})
    assert (await fetch(app, FILE))[1]["service-worker-allowed"] == "/"
    assert "service-worker-allowed" not in (await fetch(app, "/static/terms.txt"))[1]
    assert "service-worker-allowed" not in (await fetch(make_app(built, []), FILE))[1]


async def test_a_copy_of_a_file_that_was_changed_later_is_not_served(site: Path) -> None:
    """Also if the size is unchanged, as when a deployment fills in a configuration, and while the app runs."""
    client = site / "dist" / "client"
    (client / "config.json").write_bytes(b'{"api": 1}')
    (client / "config.json.br").write_bytes(BR)
    write_list(site)
    app = make_app(site, [])
    assert (await fetch(app, "/static/config.json", accept_encoding="br"))[2] == BR
    (client / "config.json").write_bytes(b'{"api": 2}')
    os.utime(client / "config.json", (1, 1))
    for each in (app, make_app(site, [])):
        status, headers, body = await fetch(each, "/static/config.json", accept_encoding="br")
        assert (status, body, headers.get("content-encoding")) == (200, b'{"api": 2}', None)


async def test_copies_without_a_list_are_served_for_no_file(site: Path) -> None:
    (site / "dist" / "client" / "assets" / "app-a1.js.gz").write_bytes(GZIP)
    app = make_app(site, [])
    assert (await fetch(app, FILE, accept_encoding="gzip"))[2] == b"console.log('app')"
    assert (await fetch(app, f"{FILE}.gz"))[1]["content-type"] == "application/gzip"


async def test_a_list_that_was_cut_short_makes_no_file_immutable(site: Path) -> None:
    write_list(site, "assets/app-a1.js")
    path = site / "dist" / "client" / ".vite" / "litestar-vite.json"
    path.write_bytes(path.read_bytes()[:30])
    assert (await fetch(make_app(site, []), FILE))[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("is_hashed", [True, False])
async def test_a_build_beside_a_running_app_is_served(site: Path, is_hashed: bool) -> None:
    """Files are added, changed and removed, as when Vite empties and rebuilds the folder. Missing files are 404."""
    client = site / "dist" / "client"
    write_list(site, *(["assets/app-a1.js"] if is_hashed else []))
    app = make_app(site, [])
    (client / "assets" / "app-a1.js").unlink()
    assert (await fetch(app, FILE))[0] == 404
    (client / "assets" / "app-a1.js").write_bytes(b"second")
    (client / "assets" / "new-b2.js").write_bytes(b"new")
    write_list(site, "assets/new-b2.js")
    assert (await fetch(app, "/static/assets/new-b2.js"))[::2] == (200, b"new")
    assert (await fetch(app, FILE))[::2] == (200, b"second")
    assert "immutable" in (await fetch(app, "/static/assets/new-b2.js"))[1]["cache-control"]


async def test_a_release_that_replaces_the_folder_is_served(site: Path) -> None:
    """The folder is a symlink that a deployment points to the next release."""
    (site / "dist").rename(site / "one")
    (site / "dist").symlink_to(site / "one")
    app = make_app(site, [])
    assert (await fetch(app, FILE))[0] == 200
    make_site(site / "next")
    (site / "next" / "dist" / "client" / "assets" / "app-z9.js").write_bytes(b"next")
    (site / "dist").unlink()
    (site / "dist").symlink_to(site / "next" / "dist")
    assert (await fetch(app, "/static/assets/app-z9.js"))[::2] == (200, b"next")


async def test_a_file_that_becomes_a_link_or_a_pipe_is_404(site: Path) -> None:
    client = site / "dist" / "client"
    (site / "outside.js").write_bytes(b"console.log('out')")
    write_list(site, "assets/app-a1.js")
    app = make_app(site, [])
    (client / "assets" / "app-a1.js").unlink()
    (client / "assets" / "app-a1.js").symlink_to(site / "outside.js")
    assert (await fetch(app, FILE))[0] == 404
    (client / "assets" / "app-a1.js").unlink()
    os.mkfifo(client / "assets" / "app-a1.js")
    assert (await fetch(app, FILE))[0] == 404


async def test_settled_folders_are_not_searched_again_for_unknown_files(site: Path) -> None:
    client = site / "dist" / "client"
    for folder in (client, client / "assets"):
        os.utime(folder, (1, 1))
    scan = scan_build(client)
    assert scan.is_current()
    (client / "assets" / "late.js").write_bytes(b"late")
    assert not scan.is_current()


async def test_content_in_memory_is_limited(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from litestar_vite._assets import built_files

    monkeypatch.setattr(built_files, "_MEMORY", 3000)
    names = [f"assets/{number}.js" for number in range(4)]
    for name in names:
        (site / "dist" / "client" / name).write_bytes(TEXT)
    write_list(site, *names)
    files = built_files.BuiltFiles(site / "dist" / "client")
    for name in names:
        assert files.in_memory(name, b"") is None
        assert files.read(name, b"") is not None
    assert [name for name in names if files.in_memory(name, b"")] == [names[-1]]
    assert repr(files) == "<BuiltFiles files=5 in_memory=2000>"


def test_the_asset_version_changes_with_the_content_of_any_file(site: Path) -> None:
    versions = []
    for text in ("one", "two"):
        (site / "dist" / "client" / "robots.txt").write_text(text)
        write_list(site)
        versions.append(plugin_of(make_app(site, [])).assets.version)
    assert versions[0] != versions[1]


def test_hooks_guards_and_route_names_of_the_app_apply(site: Path) -> None:
    seen: list[str] = []

    @get("/where", sync_to_thread=False)
    def where(request: Request[Any, Any, Any]) -> str:
        return str(request.app.route_reverse("litestar_vite._assets", file_path="a.js"))

    def guard(connection: Any, handler: Any) -> None:
        seen.append(connection.scope["path"])

    def add_header(response: Any) -> Any:
        response.headers["X-Added"] = "1"
        return response

    app = make_app(site, [where], guards=[guard], after_request=add_header)
    with TestClient(app) as client:
        answer = client.get(FILE)
        assert (answer.status_code, answer.headers["x-added"]) == (200, "1")
        assert client.get("/where").text == "/static/a.js"
    assert seen[0] == FILE


@pytest.mark.parametrize("key", [None, "uncompressed"])
async def test_litestars_compression_leaves_built_files_alone(built: Path, key: str | None) -> None:
    """Otherwise it would compress copies twice under a single Content-Encoding, and compress each range."""

    @get("/long", sync_to_thread=False)
    def long() -> str:
        return "long " * 1000

    config = CompressionConfig(backend="gzip", minimum_size=1, exclude_opt_key=key)
    app = make_app(built, [long], compression_config=config)
    assert (await fetch(app, FILE, accept_encoding="gzip"))[2] == GZIP
    assert (await fetch(app, "/static/photo.png", accept_encoding="gzip", range="bytes=0-9"))[2] == TEXT[:10]
    assert (await fetch(app, "/long", accept_encoding="gzip"))[1]["content-encoding"] == "gzip"
    assert config.exclude_opt_key == key, "the user's config object is not modified"


def test_long_headers_are_not_remembered() -> None:
    assert accepted_encodings(b"br," * 1000) == ()
    assert accepted_encodings(b"x-gzip") == ("gzip",)
