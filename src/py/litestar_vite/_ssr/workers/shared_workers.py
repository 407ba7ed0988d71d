"""Render workers shared by several processes: the processes of one server, or apps and `litestar ssr serve`.

How it works:
1. All processes share a folder. The process that acquires its lock owns the workers: it starts them and writes their
   addresses to `workers.json`.
2. The others check that file five times a second, which costs a `stat`, and connect to these addresses.
3. The kernel releases the lock when the owner ends, and its workers end too. The next process that acquires the lock
   becomes the owner.
4. The owner checks, too: when the folder, lock or file is gone, it creates them again, or follows a faster process.
5. A process without a command (`SSRConfig.url="unix:<folder>/"`) never becomes the owner.

A server's folder is named after its process and the content of its bundle, inside a folder of mode 0700, so that
processes of another build have other workers. In a folder that a user named, workers of another build are not used.
Each folder is checked before it is used: it must not be a link, must belong to this user, and be closed to others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from litestar_vite._processes.folder import check_folder, make_folder, user_folder
from litestar_vite._processes.liveness import is_running
from litestar_vite._processes.lock import FileLock
from litestar_vite._processes.state_file import read_state, write_state
from litestar_vite._ssr.bundle import BundleVersion
from litestar_vite._ssr.client import upstream_at
from litestar_vite._ssr.quarantine import Quarantine, Quarantined
from litestar_vite._ssr.upstreams import Upstream, Upstreams
from litestar_vite._ssr.workers.supervise import WorkerPolicy, WorkerSet
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from litestar_vite._ssr.workers.command import WorkerCommand


logger = logging.getLogger("litestar_vite.ssr.worker")

_LOOK_SECONDS: Final = 0.2
# A folder that cannot be read (no file descriptors, no disk) fails five times a second, but is logged once.
_COMPLAIN_SECONDS: Final = 30.0
_LOCK: Final = "lock"
_STATE: Final = "workers.json"


class WorkersState(msgspec.Struct, frozen=True):
    """The content of `workers.json`.

    Attributes:
        owner: The owner's process id.
        workers: The URLs of the running workers.
        has_given_up: No worker will start soon; see `WorkerSet.has_given_up`.
        bundle: The hexadecimal `BundleVersion.hash` of their bundle; empty if unknown.
        quarantined: Page components that are kept away from them, also after their pause.
    """

    owner: int
    workers: list[str]
    has_given_up: bool = False
    bundle: str = ""
    quarantined: list[Quarantined] = []


class SharedWorkers:
    """One process's view of the workers in a folder.

    Attributes:
        upstreams: The running workers.
        own: The workers, if this process owns them.
    """

    def __init__(
        self,
        folder: Path,
        policy: WorkerPolicy,
        command: WorkerCommand | None = None,
        *,
        shared: bool = True,
        warm_up: Sequence[str] = (),
        build: BundleVersion | None = None,
    ) -> None:
        """`command` starts the workers; without it, this process never owns them. A folder that is not `shared` is
        removed at the end. `build` is the bundle of the app's build; None for the current one of `command`.
        """
        self.folder = folder
        self._is_shared = shared
        self._warm_up = warm_up
        self.upstreams = Upstreams()
        self.upstreams.quarantine = self._quarantine = Quarantine()
        self.own: WorkerSet | None = None
        self._command = command
        self._build = build or BundleVersion(command.bundle if command is not None else None)
        self._foreign_bundle = ""
        self._policy = policy
        self._lock: FileLock | None = None
        self._followed: dict[str, Upstream] = {}
        self._seen: tuple[int, int] | None = None
        self._task: asyncio.Task[None] | None = None
        self._complain_at = 0.0
        self._owner_has_given_up = False

    async def start(self, timeout_seconds: float) -> bool:
        """Start the workers or find them, and wait until one is running or their owner has given up.

        Returns:
            True if one is running.

        Raises:
            ConfigError: The folder is open to other users.
            OSError: The folder cannot be created or read.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        try:
            await self._look(timeout_seconds)
        finally:
            # Also after a failure, since the folder may be repaired while the app runs.
            self._task = loop.create_task(self._follow(), name="litestar-vite-ssr-shared")
        # `_follow` polls files, which send no event.
        while not len(self.upstreams) and not self._has_given_up and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS / 4)
        return bool(len(self.upstreams))

    async def stop(self) -> None:
        """Disconnect from the workers, and end them if this process owns them."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):  # The rest must always be closed.
                await self._task
        try:
            if self.own is not None:
                self.own.on_change = None
                with contextlib.suppress(OSError):
                    (self.folder / _STATE).unlink()
                await self.own.stop()
                if not self._is_shared:
                    shutil.rmtree(self.folder, ignore_errors=True)
            for url in list(self._followed):
                self._leave(url)
            await self.upstreams.aclose()
        finally:
            self._unlock()

    @property
    def _has_given_up(self) -> bool:
        return self.own.has_given_up if self.own is not None else self._owner_has_given_up

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await (self._look(0.0) if self.own is None else self._hold(self.own))
            except (OSError, ConfigError) as error:
                self._complain(error)

    def _complain(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._complain_at:
            self._complain_at = now + _COMPLAIN_SECONDS
            remedy = ". They have to run as the same user" if isinstance(error, PermissionError) else ""
            logger.error("Cannot look for render workers in '%s', trying again: %s%s", self.folder, error, remedy)

    async def _look(self, timeout_seconds: float) -> None:
        """Become the owner if the lock is free. Otherwise follow the owner's state."""
        if self._command is not None and self._lock_folder():
            await self._take_over(self._command, timeout_seconds)
        else:
            self._read()

    async def _take_over(self, command: WorkerCommand, timeout_seconds: float) -> None:
        for url in list(self._followed):
            self._leave(url)
        logger.info("This process (pid %d) starts the render workers of %s", os.getpid(), self.folder)
        self.own = WorkerSet(command, self._policy, self.folder, self.upstreams, self._warm_up, self._build)
        self.own.on_change = self._write
        await self.own.start(timeout_seconds)

    async def _hold(self, own: WorkerSet) -> None:
        """Make sure that other processes still find the workers: users and programs clear folders of temporary
        files.
        """
        lock = self._lock
        if lock is None or not lock.is_in_place():
            logger.warning("'%s' was removed while its render workers run; it is made again", self.folder)
            self._unlock()
            if not self._lock_folder():
                logger.warning("Another process has taken the render workers over; this one's end")
                self.own = own.on_change = None
                await own.stop()
                self._seen = None
                return
            self._write()
        elif not (self.folder / _STATE).exists():
            self._write()

    def _lock_folder(self) -> bool:
        if self.folder.parent == (base := base_folder()):
            # It may be gone as well, and `parents=True` would create it open to other users.
            make_folder(base)
        make_folder(self.folder)
        if self._lock is None:
            self._lock = FileLock.take(self.folder / _LOCK)
        return self._lock is not None

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _write(self) -> None:
        """Write the state for the other processes."""
        assert self.own is not None  # noqa: S101 - it calls this method
        entries = list(self._quarantine.entries.values())
        state = WorkersState(os.getpid(), self.own.sockets, self.own.has_given_up, self._build.hash.hex(), entries)
        try:
            write_state(self.folder / _STATE, state)
        except OSError as error:
            logger.error("Cannot write the state of the render workers for other processes: %s", error)  # noqa: TRY400

    def _read(self) -> None:
        """Follow the owner's state."""
        path = self.folder / _STATE
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            seen = None
        else:
            seen = (found.st_mtime_ns, found.st_ino)
        if seen == self._seen:
            return
        if seen is not None:
            check_folder(self.folder)
        state = workers_state(self.folder)
        self._seen = seen
        if state is not None:
            self._quarantine.follow(state.quarantined)
        wanted = state.workers if state is not None and self._is_of_our_build(state) else []
        self._owner_has_given_up = state is not None and (state.has_given_up or wanted is not state.workers)
        for url in [url for url in self._followed if url not in wanted]:
            self._leave(url)
        for url in wanted:
            if url not in self._followed:
                upstream = self._followed[url] = upstream_at(url, self._policy.max_connections)
                self.upstreams.add(upstream)

    def _is_of_our_build(self, state: WorkersState) -> bool:
        if self._build.is_same(state.bundle):
            self._foreign_bundle = ""
            return True
        if self._foreign_bundle != state.bundle:
            self._foreign_bundle = state.bundle
            logger.error(
                "The render workers in '%s' have another build than this app, which does not use them: pages "
                "are rendered in the browser. "
                "Restart the process that was started before the build: 'litestar ssr serve' or this app",
                self.folder,
            )
        return False

    def _leave(self, url: str) -> None:
        self.upstreams.remove(self._followed.pop(url))

    def __repr__(self) -> str:
        role = f"owner {self.own!r}" if self.own is not None else f"follower {self.upstreams!r}"
        return f"<SharedWorkers {self.folder} {role}>"


def workers_state(folder: Path) -> WorkersState | None:
    """Return the state that the owner of a folder wrote; None without one."""
    return read_state(folder / _STATE, WorkersState)


def server_folder(command: WorkerCommand, policy: WorkerPolicy, owner: str, build: BundleVersion) -> Path:
    """Return the folder for an `owner`, which starts with a process id, and a build. Folders of ended processes are
    removed.

    Raises:
        ConfigError: The parent folder belongs to another user.
        OSError: The folder cannot be created.
    """
    base = base_folder()
    make_folder(base)
    _remove_deserted(base)
    return base / f"{owner}-{_key(command, policy)}-{build.hash.hex()[:12]}"


def known_folders(command: WorkerCommand, policy: WorkerPolicy) -> list[Path]:
    """Return the folders of all processes that run these workers, of any build."""
    base = base_folder()
    if not base.is_dir():
        return []
    return sorted(
        folder
        for folder in base.iterdir()
        if f"-{_key(command, policy)}-" in folder.name and workers_state(folder) is not None
    )


def base_folder() -> Path:
    """Return the parent folder of the folders of this user's servers."""
    return user_folder("litestar-vite")


def _key(command: WorkerCommand, policy: WorkerPolicy) -> str:
    # Excludes the runtime, which the app looks up and `ssr status` does not, and the number of workers, which depends
    # on the cores that a process may use.
    rest = msgspec.structs.replace(policy, count=0)
    return blake2b(repr((command.arguments()[1:], command.isolate_seconds, rest)).encode(), digest_size=6).hexdigest()


def _remove_deserted(base: Path) -> None:
    for folder in base.iterdir():
        pid = folder.name.partition("-")[0]
        if pid.isdigit() and not is_running(int(pid)):
            _remove_unowned(folder)


def _remove_unowned(folder: Path) -> None:
    """Remove a folder unless its lock is held: an owner in another container has a process id that is not visible
    here.
    """
    try:
        lock = FileLock.take(folder / _LOCK)
    except OSError:
        return
    if lock is not None:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
