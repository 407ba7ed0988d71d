"""Prerendered pages behind real nginx and Caddy, with the guide's configurations, also while the app is down."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import go_to, open_page
from tests.e2e.server import DEADLINE_SECONDS, ExampleServer, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext

    from tests.e2e.conftest import Complaints

GUIDE = Path(__file__).parents[2] / "docs" / "prerendering.md"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def recipe(language: str, server: ExampleServer) -> str:
    """Return a configuration from the guide, with the app's folder and port filled in."""
    block = GUIDE.read_text().partition(f"```{language}\n")[2].partition("```")[0]
    assert "/srv/app/" in block
    return block.replace("/srv/app/", f"{server.folder}/").replace("127.0.0.1:8000", server.url.removeprefix("http://"))


@contextmanager
def running(command: list[str], url: str, **environment: str) -> Iterator[str]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )

    def listens() -> bool:
        assert process.poll() is None, f"{command[0]} has exited"
        try:
            return httpx.get(f"{url}/static/", trust_env=False).status_code > 0
        except httpx.TransportError:
            return False

    try:
        wait_for(listens, command[0])
        yield url
    finally:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


@contextmanager
def nginx(server: ExampleServer, folder: Path) -> Iterator[str]:
    port = free_port()
    config = recipe("nginx", server).replace("listen 80;", f"listen 127.0.0.1:{port};")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log warn;\n"
        f"events {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{temporary}{config}\n}}\n"
    )
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    with running([binary, "-p", str(folder), "-c", str(folder / "nginx.conf")], f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def caddy(server: ExampleServer, folder: Path) -> Iterator[str]:
    port = free_port()
    config = recipe("caddyfile", server).replace(":80 {", f"http://127.0.0.1:{port} {{", 1)
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{config}")
    binary = shutil.which("caddy")
    assert binary is not None, "caddy is not installed: apt-get install caddy"
    command = [binary, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, f"http://127.0.0.1:{port}", XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)) as url:
        yield url


def prerender(server: ExampleServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / "litestar")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITE_")}
    return subprocess.run(
        [program, "assets", "prerender", *arguments],
        cwd=server.folder,
        env={**environment, "SECRET_KEY": "the same after a restart"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS * 3,
        check=False,
    )


@pytest.fixture
def prerendered(tmp_path: Path) -> Iterator[ExampleServer]:
    server = ExampleServer(tmp_path)
    done = prerender(server, "--origin", "http://127.0.0.1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "/organisations/1" in done.stdout
    try:
        yield server.start()
    finally:
        server.stop()


def visit(url: str, path: str, version: str | None, **headers: str) -> httpx.Response:
    own = {"X-Inertia": "true", "X-Inertia-Version": version or ""} if version is not None else {}
    return httpx.get(url + path, headers={**own, **headers}, trust_env=False, timeout=DEADLINE_SECONDS)


def version_of(server: ExampleServer) -> str:
    [folder] = (server.folder / "dist" / "pages" / "json").iterdir()
    return folder.name


@pytest.mark.parametrize("serve", [nginx, caddy])
def test_pages_open_and_navigate_while_the_app_is_stopped(
    prerendered: ExampleServer,
    serve: Callable[..., contextmanager[str]],
    tmp_path: Path,
    new_context: Callable[..., BrowserContext],
    complaints: Complaints,
) -> None:
    with serve(prerendered, tmp_path) as url:
        prerendered.stop()
        page = new_context().new_page()
        visits: list[str] = []
        page.on("request", lambda request: visits.append(request.url) if "x-inertia" in request.headers else None)
        open_page(page, f"{url}/organisations")
        expect(page.locator("h1")).to_have_text("Organisations")
        page.evaluate("window.same = 1")
        link = page.locator("a[href^='/organisations/']").first
        name = link.inner_text().split("\n")[0]
        link.click()
        expect(page.locator("h1")).to_contain_text(name)
        assert re.search(r"/organisations/\d+$", page.url)
        assert page.evaluate("window.same") == 1, "a visit, not a document"
        assert any(re.search(r"/organisations/\d+$", each) for each in visits)
        go_to(page, "Organisations")
        expect(page.locator("h1")).to_have_text("Organisations")
        page.reload()
        expect(page.locator("h1")).to_have_text("Organisations")
        assert page.locator("[data-server-rendered]").count() == 1
        # A client with an older build is sent to the current document.
        stale = visit(url, "/organisations/1", "an-older-build")
        assert (stale.status_code, stale.headers["X-Inertia-Location"]) == (409, "/organisations/1")
        assert "X-Inertia" not in stale.headers
        assert visit(url, "/contacts", None).status_code == 503
    del complaints


@pytest.mark.parametrize("serve", [nginx, caddy])
def test_files_are_for_plain_requests_of_anonymous_visitors_alone(
    prerendered: ExampleServer, serve: Callable[..., contextmanager[str]], tmp_path: Path
) -> None:
    version = version_of(prerendered)
    pages = prerendered.folder / "dist" / "pages"
    mark = "from the file"
    for path in (
        pages / "html" / "organisations" / "index.html",
        pages / "json" / version / "organisations" / "index.json",
    ):
        path.write_text(
            path.read_text()
            .replace("</body>", f"<!-- {mark} --></body>")
            .replace('{"component"', f'{{"mark":"{mark}","component"')
        )
    with serve(prerendered, tmp_path) as url:
        document, page = visit(url, "/organisations", None), visit(url, "/organisations", version)
        assert mark in document.text
        assert document.headers["content-type"] == "text/html; charset=utf-8"
        assert "X-Inertia" not in document.headers
        assert page.json()["mark"] == mark
        assert page.headers["content-type"].startswith("application/json")
        assert page.headers["X-Inertia"] == "true"
        assert document.headers["vary"] == page.headers["vary"] == "X-Inertia"
        from_the_app = [
            visit(url, "/organisations?page=2", None),
            visit(url, "/organisations", None, Cookie="a=1; session=x"),
            visit(url, "/organisations", version, Cookie="inertia_carry=x"),
            visit(url, "/organisations", None, Authorization="Bearer x"),
            visit(
                url,
                "/organisations",
                version,
                **{"X-Inertia-Partial-Component": "Organisations/Index", "X-Inertia-Partial-Data": "organisations"},
            ),
        ]
        assert [mark in answer.text for answer in from_the_app] == [False] * 5
        assert [answer.status_code for answer in from_the_app] == [200] * 5
        # An older build, and versions that would lead out of the folder.
        for other in ("an-older-build", "../json/" + version, "..", "-", f"{version}/../{version}"):
            stale = visit(url, "/organisations", other)
            assert stale.status_code == 409, other
        for path in ("/static/.vite/manifest.json", "/index.json", "/html/organisations/index.html"):
            assert visit(url, path, None).status_code == 404, path


def test_a_form_takes_the_files_of_its_tag_away_and_they_come_back(prerendered: ExampleServer, tmp_path: Path) -> None:
    path = prerendered.folder / "dist" / "pages" / "html" / "organisations" / "index.html"
    before = path.stat().st_mtime_ns
    with prerendered.client() as client:
        client.get("/contacts")
        headers = {"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"], "X-Inertia": "true"}
        form = {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": "ada@example.org",
            "status": "lead",
            "organisationId": 1,
        }
        answer = client.post("/contacts", json=form, headers=headers)
        assert answer.status_code in {302, 303}, answer.text
    wait_for(lambda: path.exists() and path.stat().st_mtime_ns != before, "the file to come back")


def test_a_page_that_is_not_public_ends_the_command_with_an_error(tmp_path: Path) -> None:
    server = ExampleServer(tmp_path)
    file = server.folder / "organisations.py"
    file.write_text(file.read_text().replace('    tag_page(request, "contacts")\n', "    raise NotFoundException\n", 1))
    done = prerender(server)
    assert done.returncode == 1
    assert "/organisations" in done.stdout
    assert "has the status 404" in done.stdout
    assert "No file was written" in done.stderr + done.stdout
    assert not (server.folder / "dist" / "pages").exists()
