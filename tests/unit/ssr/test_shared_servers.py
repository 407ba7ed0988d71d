"""One set of render workers under servers with two processes: uvicorn, granian, and gunicorn with uvicorn's worker and
its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from litestar_vite._ssr.workers.shared_workers import workers_state
from tests.support import make_site
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BUNDLE = "export default (page) => ({ head: [], body: `<p>node ${process.pid} app ${page.props.app}</p>` })"
APP = """
import os
from litestar import Litestar, get
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig

@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, int]:
    return {"app": os.getpid()}

ssr = SSRConfig(start_timeout_seconds=60, timeout_seconds=20, workers=1)
app = Litestar([home], plugins=[VitePlugin(ViteConfig(root=os.path.dirname(__file__), inertia=InertiaConfig(ssr=ssr)))])
"""
TARGET = "application:app"
GUNICORN = ["gunicorn", TARGET, "--workers", "2", "--timeout", "120", "--no-control-socket"]
SERVERS = {
    "uvicorn": ["uvicorn", TARGET, "--workers", "2", "--loop", "uvloop", "--uds", "app.sock"],
    # Without the flag, granian ends when one of its processes is killed.
    "granian": [
        "granian",
        TARGET,
        "--interface",
        "asgi",
        "--workers",
        "2",
        "--respawn-failed-workers",
        "--uds",
        "app.sock",
    ],
    "gunicorn with uvicorn's worker": [*GUNICORN, "--bind", "unix:app.sock", "-k", "uvicorn.workers.UvicornWorker"],
    "gunicorn": [*GUNICORN, "--bind", "unix:app.sock", "-k", "asgi"],
}


class Server:
    """A running server and all processes that it has started."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.folder = folder
        # The folder identifies its processes, and is short: the path of a socket is limited to 103 bytes.
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environment, start_new_session=True
        )

    def pids(self) -> set[int]:
        """Return its processes: all that have its environment, in any session."""
        mark = f"XDG_RUNTIME_DIR={self.folder}".encode()
        found = set()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
        return found

    def kill_all(self, *, but: frozenset[int] = frozenset()) -> None:
        """Kill its processes, starting with the parent, which would otherwise start new ones meanwhile."""
        self.process.kill()
        self.process.wait(timeout=30)
        while pids := self.pids() - but:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def owner(self) -> int | None:
        """Return the process that owns the render workers, or None."""
        states = [workers_state(file.parent) for file in self.folder.glob("litestar-vite-*/*/workers.json")]
        owners = {state.owner for state in states if state is not None and state.workers}
        assert len(owners) <= 1, f"several sets of workers: {states}"
        return owners.pop() if owners else None

    async def visit(self) -> tuple[int, int] | None:
        """Return the Node process and the app's process behind a page, or None if the browser is to render it."""
        with suppress(httpx.HTTPError):
            transport = httpx.AsyncHTTPTransport(uds=str(self.folder / "app.sock"))
            async with httpx.AsyncClient(transport=transport, timeout=30) as browser:
                html = (await browser.get("http://app/")).text
            if "<p>node " in html:
                words = html.partition("<p>node ")[2].partition("</p>")[0].split()
                return int(words[0]), int(words[2])
        return None

    async def both(self, but: int = 0) -> tuple[set[int], set[int]]:
        """Visit until two processes of the app, neither of them `but`, have answered with server-rendered pages.

        Returns:
            The Node processes and the app's processes.
        """
        nodes: set[int] = set()
        apps: set[int] = set()
        async with asyncio.timeout(90):
            while len(apps) < 2:
                for page in await asyncio.gather(*(self.visit() for _ in range(8))):
                    if page is not None and page[1] != but:
                        nodes.add(page[0])
                        apps.add(page[1])
        return nodes, apps


def open_files(pid: int) -> dict[int, str]:
    found = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found[int(entry.name)] = str(entry.readlink())
    return found


def inherited(pid: int, others: set[int]) -> set[str]:
    """Return the files that a process shares with other processes, except its standard streams."""
    files = open_files(pid)
    own = {files.get(fd) for fd in range(3)} | {"/dev/null", "anon_inode:[eventfd]", "anon_inode:[eventpoll]"}
    return {
        file for other in others for file in open_files(other).values() if file in files.values() and file not in own
    }


@pytest.fixture(params=SERVERS.values(), ids=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    make_site(tmp_path)
    (tmp_path / "dist" / "ssr").mkdir()
    (tmp_path / "dist" / "ssr" / "app.mjs").write_text(BUNDLE)
    (tmp_path / "application.py").write_text(APP)
    server = Server(tmp_path, request.param)
    yield server
    server.kill_all()


@pytest.mark.protocol("K9")
async def test_two_processes_share_one_set_of_workers_and_either_or_all_of_them_may_be_killed(server: Server) -> None:
    nodes, apps = await server.both()
    assert len(nodes) == 1, "the processes do not share workers"
    owner = server.owner()
    assert owner in apps
    [other] = apps - {owner}
    os.kill(other, signal.SIGKILL)
    assert (await server.both(but=other))[0] == nodes, "the workers belong to the owner, and are kept"
    assert server.owner() == owner
    os.kill(owner, signal.SIGKILL)
    await until(lambda: server.owner() not in {None, owner}, seconds=90)
    later, _ = await server.both(but=owner)
    assert len(later) == 1
    assert later.isdisjoint(nodes)
    await until(lambda: not nodes & server.pids())
    # All Python processes at once. The workers then learn of it from the kernel.
    server.kill_all(but=frozenset(later))
    await until(lambda: not server.pids())


async def test_nothing_is_left_after_the_server_is_terminated(server: Server) -> None:
    nodes, apps = await server.both()
    assert nodes | apps <= server.pids()
    for node in nodes:
        assert not inherited(node, server.pids() - nodes), "the worker could accept the app's connections"
    server.process.terminate()
    await asyncio.to_thread(server.process.wait, 60)
    await until(lambda: not server.pids())


BUILD_BUNDLE = "export default (page) => ({ head: [], body: `<p>${page.props.app}, markup of build %d</p>` })"
BUILD_APP = """
import asyncio, os, pathlib
from litestar import Litestar, get
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig

folder = pathlib.Path(__file__).parent
build = (folder / "build.txt").read_text()

@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, str]:
    return {"app": f"app of build {build}"}

@get("/long")
async def long() -> None:
    (folder / "long.txt").write_text("")
    await asyncio.Event().wait()

ssr = SSRConfig(start_timeout_seconds=60, timeout_seconds=20, workers=1, cache=60)
app = Litestar([home, long], plugins=[VitePlugin(ViteConfig(root=folder, inertia=InertiaConfig(ssr=ssr)))])
"""


async def test_after_a_reload_no_page_has_the_markup_of_another_build(tmp_path: Path) -> None:
    """gunicorn's HUP starts processes of the new build. One of the old build stays until its request ends."""
    make_site(tmp_path)
    (tmp_path / "dist" / "ssr").mkdir()
    (tmp_path / "application.py").write_text(BUILD_APP)

    def build(number: int) -> None:
        (tmp_path / "dist" / "ssr" / "app.mjs").write_text(BUILD_BUNDLE % number)
        (tmp_path / "build.txt").write_text(str(number))

    build(1)
    server = Server(tmp_path, [*SERVERS["gunicorn with uvicorn's worker"], "--graceful-timeout", "120"])
    try:
        transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "app.sock"))
        async with httpx.AsyncClient(transport=transport, timeout=None, base_url="http://app") as browser:
            await until((tmp_path / "app.sock").exists, seconds=90)
            open_request = asyncio.create_task(browser.get("/long"))
            await until((tmp_path / "long.txt").exists, seconds=90)
            assert "markup of build 1" in (await browser.get("/")).text
            build(2)
            server.process.send_signal(signal.SIGHUP)
            seen = 0
            async with asyncio.timeout(90):
                while seen < 50:
                    html = ""
                    with suppress(httpx.HTTPError):  # The old processes close their connections.
                        html = (await browser.get("/")).text
                    assert ("app of build 1" in html, "markup of build 2" in html) != (True, True), html
                    assert ("app of build 2" in html, "markup of build 1" in html) != (True, True), html
                    seen += "markup of build 2" in html
            assert not open_request.done()
            open_request.cancel()
    finally:
        server.kill_all()
