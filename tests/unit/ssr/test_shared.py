"""One set of render workers for several processes: by a lock in a folder, under a real uvicorn with two processes, and attached to."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from litestar_vite.config import SSRConfig
from litestar_vite.exceptions import ConfigError
from litestar_vite.ssr.bundle import WorkerCommand
from litestar_vite.ssr.gateway import Rendered, render
from litestar_vite.ssr.http import open_client
from litestar_vite.ssr.shared import SharedWorkers, read_state, server_folder
from litestar_vite.ssr.starting import folder_of, make_workers
from litestar_vite.ssr.workers import WorkerPolicy, WorkerSet
from tests.support import make_site
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.anyio

BUNDLE = "export default (page) => ({ head: [], body: `<p>node ${process.pid} app ${page.props.app}</p>` })"
PAGE = b'{"component":"Home","props":{},"url":"/"}'
START_SECONDS = 60.0


@pytest.fixture
def command(tmp_path: Path) -> WorkerCommand:
    (tmp_path / "bundle.mjs").write_text(BUNDLE)
    return WorkerCommand("node", tmp_path / "bundle.mjs")


@asynccontextmanager
async def sharing(folder: Path, command: WorkerCommand | None, count: int = 1) -> AsyncIterator[SharedWorkers]:
    workers = SharedWorkers(folder, WorkerPolicy(count=count), command)
    try:
        assert await workers.start(START_SECONDS), workers
        yield workers
    finally:
        await workers.stop()


async def renders(workers: SharedWorkers) -> bool:
    """Render a page; the client is not closed, since it would close the workers' connections."""
    client = open_client(workers.upstreams)
    return isinstance(await render(client, "http://localhost/render", PAGE, 20.0), Rendered)


async def test_the_first_owns_the_workers_and_the_second_uses_them(tmp_path: Path, command: WorkerCommand) -> None:
    folder = tmp_path / "set"
    async with sharing(folder, command, 2) as first, sharing(folder, command, 2) as second:
        assert first.own is not None
        assert second.own is None
        await until(lambda: len(second.upstreams) == 2)
        assert await renders(first)
        assert await renders(second)
        assert "owner <WorkerSet ready 2/2" in repr(first)
        assert "follower <Upstreams" in repr(second)
        state = read_state(folder)
        assert state is not None
        assert (state.owner, len(state.workers)) == (os.getpid(), 2)
    assert read_state(folder) is None


async def test_a_follower_learns_of_a_worker_that_was_started_again(tmp_path: Path, command: WorkerCommand) -> None:
    async with sharing(tmp_path / "set", command) as owner, sharing(tmp_path / "set", None) as follower:
        assert owner.own is not None
        [pid] = owner.own.pids
        before = repr(follower.upstreams)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: len(follower.upstreams) == 1 and repr(follower.upstreams) != before)
        assert await renders(follower)


async def test_a_follower_takes_over_when_the_owner_stops(tmp_path: Path, command: WorkerCommand) -> None:
    first = SharedWorkers(tmp_path / "set", WorkerPolicy(), command)
    assert await first.start(START_SECONDS)
    async with sharing(tmp_path / "set", command) as second:
        await first.stop()
        await until(lambda: second.own is not None and len(second.upstreams) == 1)
        assert await renders(second)


async def test_who_may_only_follow_waits_for_an_owner(tmp_path: Path, command: WorkerCommand) -> None:
    follower = SharedWorkers(tmp_path / "set", WorkerPolicy())
    assert not await follower.start(0.0)
    async with sharing(tmp_path / "set", command):
        await until(lambda: len(follower.upstreams) == 1)
        assert await renders(follower)
    await until(lambda: len(follower.upstreams) == 0)
    await follower.stop()


def test_the_folder_is_ours_alone_and_those_of_dead_servers_are_removed(
    tmp_path: Path, command: WorkerCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    me = str(os.getpid())
    folder = server_folder(command, WorkerPolicy(), me)
    assert folder == server_folder(command, WorkerPolicy(), me)
    assert folder != server_folder(command, WorkerPolicy(count=2), me)
    assert folder.name.startswith(f"{me}-")
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    deserted = folder.parent / f"{process.pid}-00"
    deserted.mkdir()
    server_folder(command, WorkerPolicy(), me)
    assert not deserted.exists()
    folder.parent.chmod(0o755)
    with pytest.raises(ConfigError, match="only this user may enter"):
        server_folder(command, WorkerPolicy(), me)


def test_workers_are_chosen_by_the_settings(tmp_path: Path, command: WorkerCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def made(**settings: Any) -> Any:
        return make_workers(SSRConfig(bundle=command.bundle, **settings), tmp_path, tmp_path)

    assert made().folder.name.startswith(f"{os.getpid()}-")
    assert made().folder != made().folder, "two apps in one process have workers of their own"
    assert made(share_workers=True).folder.name.startswith(f"{os.getppid()}-")
    assert made(url="http://127.0.0.1:13714") is None
    assert made(url="unix:/run/app/ssr.sock") is None
    attached = made(url="unix:/run/app/ssr/")
    assert isinstance(attached, SharedWorkers)
    assert attached.folder == Path("/run/app/ssr")
    assert folder_of(["unix:/a/", "unix:/b/"]) is None
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    assert made().folder == made().folder
    assert made(share_workers=False).folder != made().folder
    (tmp_path / f"litestar-vite-{os.getuid()}").chmod(0o755)
    assert isinstance(made(), WorkerSet), "a folder that others may enter is not used"


APP = """
import os
from litestar import Litestar, get
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig

@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, int]:
    return {"app": os.getpid()}

ssr = SSRConfig(start_timeout_seconds=60, timeout_seconds=20)
app = Litestar([home], plugins=[VitePlugin(ViteConfig(root=os.path.dirname(__file__), inertia=InertiaConfig(ssr=ssr)))])
"""


@pytest.fixture
def uvicorn_with_two_processes(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    make_site(tmp_path)
    (tmp_path / "dist" / "ssr").mkdir()
    (tmp_path / "dist" / "ssr" / "app.mjs").write_text(BUNDLE)
    (tmp_path / "application.py").write_text(APP)
    socket = tmp_path / "app.sock"
    # A short folder: the path of a socket has 103 bytes at most.
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "application:app", "--workers", "2", "--uds", str(socket), "--log-level", "info"],
        cwd=tmp_path,
        env=environment,
        start_new_session=True,
    )
    yield process, str(socket)
    process.terminate()
    try:
        process.wait(timeout=30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode is not None


async def test_two_processes_of_uvicorn_share_one_set_of_workers_also_after_its_owner_was_killed(
    uvicorn_with_two_processes: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    _, socket = uvicorn_with_two_processes

    async def visit() -> tuple[int, int] | None:
        """Return the Node process and the app's process behind a page, None when the browser is to render it."""
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=socket), timeout=30) as browser:
                html = (await browser.get("http://app/")).text
            if "<p>node " in html:
                words = html.partition("<p>node ")[2].partition("</p>")[0].split()
                return int(words[0]), int(words[2])
        return None

    async def both_seen(but: int = 0) -> set[tuple[int, int]]:
        """Visit until two processes of the app, and none of them `but`, have answered with a page of the server's."""
        seen: set[tuple[int, int]] = set()
        async with asyncio.timeout(90):
            while len({app for _, app in seen}) < 2:
                pages = await asyncio.gather(*(visit() for _ in range(8)))
                seen.update(page for page in pages if page is not None and page[1] != but)
        return seen

    nodes = {node for node, _ in await both_seen()}
    assert len(nodes) == 1, "each process started workers of its own"
    state_file = _state_file(tmp_path)
    owner = _owner(state_file)
    assert owner is not None
    os.kill(owner, signal.SIGKILL)
    await until(lambda: _owner(state_file) not in {None, owner}, seconds=90)
    later = {node for node, _ in await both_seen(but=owner)}
    assert later.isdisjoint(nodes)
    assert len(later) == 1
    for node in nodes:
        with pytest.raises(ProcessLookupError):
            os.kill(node, 0)


def _state_file(folder: Path) -> Path:
    [state_file] = folder.glob("litestar-vite-*/*/workers.json")
    return state_file


def _owner(state_file: Path) -> int | None:
    state = read_state(state_file.parent)
    return state.owner if state is not None and state.workers else None
