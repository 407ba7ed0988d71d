"""One set of render workers for several processes, which share it through a folder with a lock or attach to it.
See test_shared_servers.py for real servers.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite._processes import lock as lock_module
from litestar_vite._processes.lock import FileLock
from litestar_vite._ssr.bundle import BundleVersion
from litestar_vite._ssr.client import open_client, upstream_at
from litestar_vite._ssr.gateway import render
from litestar_vite._ssr.outcome import Rendered
from litestar_vite._ssr.workers.command import WorkerCommand
from litestar_vite._ssr.workers.settings import folder_of, make_workers
from litestar_vite._ssr.workers.shared_workers import SharedWorkers, server_folder, workers_state
from litestar_vite._ssr.workers.supervise import WorkerPolicy, WorkerSet
from litestar_vite.config import SSRConfig
from litestar_vite.exceptions import ConfigError
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

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
    """Render a page. The client stays open, since closing it would close the workers' connections."""
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
        state = workers_state(folder)
        assert state is not None
        assert (state.owner, len(state.workers)) == (os.getpid(), 2)
    assert workers_state(folder) is None


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


async def test_neither_owner_nor_follower_waits_for_workers_that_cannot_start(
    tmp_path: Path, command: WorkerCommand
) -> None:
    command.bundle.write_text("throw new Error('at import')")
    owner, follower = (SharedWorkers(tmp_path / "shared", WorkerPolicy(), command) for _ in range(2))
    try:
        async with asyncio.timeout(60):  # Otherwise each would wait for an hour.
            assert await asyncio.gather(owner.start(3600.0), follower.start(3600.0)) == [False, False]
    finally:
        await asyncio.gather(owner.stop(), follower.stop())


async def test_a_follower_waits_for_an_owner(tmp_path: Path, command: WorkerCommand) -> None:
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
    folder = server_folder(command, WorkerPolicy(), me, BundleVersion(command.bundle))
    assert folder == server_folder(command, WorkerPolicy(), me, BundleVersion(command.bundle))
    assert folder != server_folder(command, WorkerPolicy(recycle_mb=2), me, BundleVersion(command.bundle))
    assert folder.name.startswith(f"{me}-")
    command.bundle.write_text(command.bundle.read_text() + "\n")
    assert folder != server_folder(command, WorkerPolicy(), me, BundleVersion(command.bundle)), "another build"
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    deserted = folder.parent / f"{process.pid}-00"
    deserted.mkdir()
    server_folder(command, WorkerPolicy(), me, BundleVersion(command.bundle))
    assert not deserted.exists()
    folder.parent.chmod(0o755)
    with pytest.raises(ConfigError, match="only this user may enter"):
        server_folder(command, WorkerPolicy(), me, BundleVersion(command.bundle))


def test_a_folder_with_a_held_lock_is_kept_if_its_owner_is_not_visible(
    tmp_path: Path, command: WorkerCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner runs in another PID namespace: a container with the same user and folder."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    base = server_folder(command, WorkerPolicy(), "1", BundleVersion(command.bundle)).parent
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    folder = base / f"{process.pid}-1-00"
    folder.mkdir(mode=0o700)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server_folder(command, WorkerPolicy(), "1", BundleVersion(command.bundle))
        assert folder.exists()
    finally:
        os.close(lock)
    server_folder(command, WorkerPolicy(), "1", BundleVersion(command.bundle))
    assert not folder.exists()


def _open_to_others(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o750)


def _a_link(folder: Path) -> None:
    folder.with_name("elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.with_name("elsewhere"))


@pytest.mark.parametrize("spoil", [_open_to_others, _a_link])
@pytest.mark.parametrize("may_own", [True, False])
async def test_a_folder_where_others_can_put_workers_is_refused(
    tmp_path: Path, command: WorkerCommand, spoil: Callable[[Path], None], may_own: bool
) -> None:
    folder = tmp_path / "set"
    spoil(folder)
    (folder / "workers.json").write_text('{"owner":1,"workers":["unix:/tmp/evil.sock"]}')
    workers = SharedWorkers(folder, WorkerPolicy(), command if may_own else None)
    try:
        with pytest.raises(ConfigError, match="only this user may enter"):
            await workers.start(0.0)
        assert len(workers.upstreams) == 0
    finally:
        await workers.stop()


async def test_the_state_is_written_for_us_alone_and_through_no_link(tmp_path: Path, command: WorkerCommand) -> None:
    folder = tmp_path / "set"
    folder.mkdir(mode=0o700)
    (tmp_path / "mine").write_text("mine")
    (folder / f"workers.json.{os.getpid()}").symlink_to(tmp_path / "mine")
    async with sharing(folder, command):
        assert (tmp_path / "mine").read_text() == "mine"
        assert (folder / "workers.json").lstat().st_mode & 0o777 == 0o600
        assert not (folder / "workers.json").is_symlink()


async def test_a_follower_goes_on_after_a_folder_that_could_not_be_opened_and_says_so_once(
    tmp_path: Path, command: WorkerCommand, caplog: pytest.LogCaptureFixture
) -> None:
    """Simulates a lack of file descriptors: the lock is a folder, which cannot be opened for writing either."""
    folder = tmp_path / "set"
    folder.mkdir(mode=0o700)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    workers = SharedWorkers(folder, WorkerPolicy(), command)
    try:
        assert not await workers.start(0.0)
        (folder / "lock").rename(folder / "held")
        (folder / "lock").mkdir()
        await until(lambda: "Cannot look for render workers" in caplog.text)
        (folder / "lock").rmdir()
        (folder / "held").rename(folder / "lock")
        (folder / "workers.json").write_text('{"owner":1,"workers":["unix:/tmp/new.sock"]}')
        await until(lambda: len(workers.upstreams) == 1)
        assert caplog.text.count("Cannot look for render workers") == 1
    finally:
        os.close(lock)
        await workers.stop()


async def test_stopping_closes_everything_also_when_the_follower_had_failed(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir(mode=0o700)
    workers = SharedWorkers(folder, WorkerPolicy())
    upstream = workers._followed["unix:/tmp/one.sock"] = upstream_at("unix:/tmp/one.sock", 1)
    workers.upstreams.add(upstream)
    workers._task = asyncio.get_running_loop().create_task(_fails())
    await asyncio.sleep(0)
    await workers.stop()
    assert len(workers.upstreams) == 0


async def _fails() -> None:
    raise OSError(24, "Too many open files")


def test_workers_are_chosen_by_the_settings(
    tmp_path: Path, command: WorkerCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def made(**settings: Any) -> Any:
        return make_workers(SSRConfig(bundle=command.bundle, **settings), tmp_path, tmp_path)

    assert made().folder.name.startswith(f"{os.getpid()}-")
    assert made().folder != made().folder, "two apps in one process do not share workers"
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
    assert isinstance(made(), WorkerSet), "a folder that other users can enter is not used"


# The folder is cleared while the workers run


def _remove_state(folder: Path) -> None:
    (folder / "workers.json").unlink()


def _remove_lock(folder: Path) -> None:
    (folder / "lock").unlink()


@pytest.mark.parametrize("remove", [_remove_state, _remove_lock, shutil.rmtree])
async def test_the_owner_makes_again_what_was_removed(
    tmp_path: Path, command: WorkerCommand, remove: Callable[[Path], None]
) -> None:
    folder = tmp_path / "set"
    async with sharing(folder, command) as owner, sharing(folder, None) as follower:
        assert owner.own is not None
        [pid] = owner.own.pids
        remove(folder)
        await until(lambda: (folder / "lock").exists() and workers_state(folder) is not None)
        # A worker without its socket is replaced. Others are kept.
        await until(
            lambda: (
                owner.own is not None and owner.own.pids and (remove is not shutil.rmtree or pid not in owner.own.pids)
            )
        )
        state = workers_state(folder)
        assert state is not None
        assert state.owner == os.getpid()
        await until(lambda: len(follower.upstreams) == 1 and repr(follower.upstreams) == repr(owner.upstreams))
        assert await renders(owner)
        assert await renders(follower)
        assert folder.stat().st_mode & 0o777 == 0o700
    assert workers_state(folder) is None


async def test_two_that_lost_their_folder_have_one_set_of_workers_again(tmp_path: Path, command: WorkerCommand) -> None:
    folder = tmp_path / "set"
    async with sharing(folder, command) as first, sharing(folder, command) as second:
        shutil.rmtree(folder)
        await until(lambda: (first.own is None) != (second.own is None) and workers_state(folder) is not None)
        for workers in (first, second):
            async with asyncio.timeout(START_SECONDS):
                while len(workers.upstreams) != 1 or not await renders(workers):
                    await asyncio.sleep(0.05)


async def test_the_folder_around_is_ours_alone_when_it_is_made_again(
    tmp_path: Path, command: WorkerCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = server_folder(command, WorkerPolicy(), "1", BundleVersion(command.bundle))
    async with sharing(folder, command):
        shutil.rmtree(folder.parent)
        await until(lambda: workers_state(folder) is not None)
        assert folder.parent.stat().st_mode & 0o777 == 0o700


async def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path, command: WorkerCommand) -> None:
    """The app's process pool outlives a killed owner. Another process must still be able to take over."""
    folder = tmp_path / "set"
    folder.mkdir(mode=0o700)
    lock = FileLock.take(folder / "lock")
    assert lock is not None
    assert FileLock.take(folder / "lock") is None
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    try:
        await asyncio.sleep(0.1)
        # As the kernel does when a process dies: without LOCK_UN.
        lock_module._held.discard(lock.descriptor)
        os.close(lock.descriptor)
        async with sharing(folder, command) as taken_over:
            assert taken_over.own is not None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)  # noqa: ASYNC222 - it was killed


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
async def test_workers_of_another_user_are_reported_and_not_considered_missing(
    tmp_path: Path, command: WorkerCommand, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "set"
    folder.mkdir(mode=0o700)
    (folder / "workers.json").write_text('{"owner":1,"workers":["unix:/tmp/one.sock"]}')
    os.chown(folder, 65534, 65534)
    workers = SharedWorkers(folder, WorkerPolicy())
    try:
        with pytest.raises(ConfigError, match="only this user may enter"):
            await workers.start(0.0)
        await until(lambda: "Cannot look for render workers" in caplog.text)
        os.chown(folder, 0, 0)
        await until(lambda: len(workers.upstreams) == 1)
    finally:
        await workers.stop()


async def test_workers_of_another_build_are_not_used_wherever_they_are(
    tmp_path: Path, command: WorkerCommand, caplog: pytest.LogCaptureFixture
) -> None:
    """`litestar ssr serve` keeps running while the app restarts with a new build, or the reverse."""
    folder, old = tmp_path / "set", BundleVersion(command.bundle)
    async with sharing(folder, command) as owner:
        command.bundle.write_text(command.bundle.read_text() + "\n")
        followers = [
            SharedWorkers(folder, WorkerPolicy(), may_own, build=build)
            for may_own in (None, command)
            for build in (old, BundleVersion(command.bundle), BundleVersion(None))
        ]
        try:
            # Otherwise it would wait for an hour.
            assert [await follower.start(3600.0) for follower in followers] == [True, False, True] * 2
            assert await renders(owner)
            assert caplog.text.count("have another build than this app") == 2
        finally:
            await asyncio.gather(*(follower.stop() for follower in followers))
