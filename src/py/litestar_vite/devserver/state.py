"""The state file: where the dev server of one project and one owner listens.

How it works:
1. Its name is made of the project's folder and the owner's process id, so that two projects, two terminals or Vitest
   never meet.
2. It lies in a folder of the user's own (mode 0700), never in the project: a container that mounts the project has
   other processes.
3. We write process id and nonce when we start Vite; our Vite plugin adds the URL. Both replace the file in one step.
4. A file proves nothing: its URL is used only after it has answered for the nonce (see process.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from litestar_vite.exceptions import DevServerError
from litestar_vite.net.pool import Peer
from litestar_vite.processes.liveness import is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar_vite.processes.liveness import Owner

__all__ = ("DevState", "StateFile", "running_states")


class DevState(Struct, frozen=True):
    """What the state file says.

    Attributes:
        pid: Process id of Vite, which leads its own process group.
        nonce: What the URL has to know.
        url: Scheme, host and port; None while Vite starts.
        socket: A Unix socket that answers the same as the URL and costs less; None where there are none.
        origins: Origins of this Vite that plugins may have put into HTML.
        base: Vite's base path.
        entry: The client entry that our plugin found, relative to the root.
        ssr: Whether it renders pages (`@inertiajs/vite`).
    """

    pid: int
    nonce: str
    url: str | None = None
    socket: str | None = None
    origins: tuple[str, ...] = ()
    base: str = "/"
    entry: str | None = None
    ssr: bool = False

    @property
    def peer(self) -> Peer:
        """Where to connect to. Only valid with a URL."""
        parts = urlsplit(self.url or "")
        return Peer(parts.hostname or "127.0.0.1", parts.port or 80, self.socket)


class StateFile:
    """The state file of one project and one owner. Its methods touch small local files and take microseconds."""

    def __init__(self, root: Path, owner: Owner, folder: Path | None = None) -> None:
        self._folder = folder or _private_folder()
        name = f"{_digest(root)}-{owner.pid}"
        self.path = self._folder / f"{name}.json"
        self.log_path = self._folder / f"{name}.log"
        self._lock_path = self._folder / f"{name}.lock"

    def read(self) -> DevState | None:
        """Return what it says, None when there is none or it is garbage."""
        return _read(self.path)

    def write(self, state: DevState) -> None:
        draft = self.path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(msgspec.json.encode(state))
        draft.replace(self.path)

    def remove(self) -> None:
        for path in (self.path, self.log_path, self._lock_path, self.path.with_suffix(".sock")):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def try_lock(self) -> Iterator[bool]:
        """Hold the right to start Vite, if nobody else has it. It is free again when its holder dies."""
        with self._lock_path.open("wb") as file:
            is_ours = _flock(file)
            yield is_ours

    def remove_strays(self) -> None:
        """Remove the files of owners that are gone, so that the folder does not grow."""
        for path in self._folder.glob("*-*.*"):
            owner = path.stem.rpartition("-")[2]
            if owner.isdigit() and not is_running(int(owner)):
                path.unlink(missing_ok=True)


def running_states(root: Path) -> list[DevState]:
    """Return the dev servers of a project that some process owns at the moment; their URLs are not proven yet. For
    status commands.
    """
    found = (_read(path) for path in sorted(_private_folder().glob(f"{_digest(root)}-*.json")))
    return [state for state in found if state is not None and is_running(state.pid)]


def _read(path: Path) -> DevState | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=DevState)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _digest(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def _private_folder() -> Path:
    """Return a folder that only this user may enter.

    Raises:
        DevServerError: Somebody else has made it.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    user = os.getuid() if hasattr(os, "getuid") else "user"
    parent = Path(runtime) if runtime and os.access(runtime, os.W_OK) else Path(tempfile.gettempdir())
    folder = parent / f"litestar-vite-dev-{user}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if hasattr(os, "getuid") and (not stat.S_ISDIR(found.st_mode) or found.st_uid != user or found.st_mode & 0o077):
        msg = f"'{folder}' is not a private folder of yours, so the dev server's state cannot be kept there. Remove it and start again."
        raise DevServerError(msg)
    return folder


def _flock(file: IO[Any]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows has no fork-friendly lock; its reloaders run one server process at a time.
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
