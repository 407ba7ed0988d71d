"""The state file, which says where the dev server of one project and one owner listens.

How it works:
1. The file name consists of a hash of the project's folder and the owner's process id, so that two projects, two
   terminals and Vitest never share a file.
2. It is in a private folder of the user (mode 0700) and outside the project: a container that mounts the project has
   other process ids.
3. The server writes the process id and a nonce when it starts Vite; the Vite plugin adds the URL. Both replace the file
   atomically.
4. The URL is used only after it has responded to the nonce (see process.py).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from litestar_vite._net.pool import Peer
from litestar_vite._processes.folder import make_folder, user_folder
from litestar_vite._processes.liveness import Owner, is_running
from litestar_vite._processes.lock import FileLock
from litestar_vite._processes.state_file import read_state, write_state


class DevState(Struct, frozen=True):
    """The content of the state file.

    Attributes:
        pid: Process id of Vite, which leads its own process group.
        nonce: The secret that the URL must respond to.
        url: Scheme, host and port; None while Vite starts.
        socket: A Unix socket of the same server, which is faster; None on systems without Unix sockets.
        origins: Origins of this Vite that plugins may have put into HTML.
        base: Vite's base path.
        entry: The client entry that the Vite plugin found, relative to the root.
        ssr: Vite renders pages (`@inertiajs/vite`).
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
        """The address to connect to; valid only with a URL."""
        parts = urlsplit(self.url or "")
        return Peer(parts.hostname or "127.0.0.1", parts.port or 80, self.socket)


class StateFile:
    """The state file of one project and one owner. Its methods touch small local files and take microseconds."""

    def __init__(self, root: Path, owner: Owner) -> None:
        """Create the folder if it does not exist.

        Raises:
            ConfigError: The folder belongs to another user, or is open to others.
        """
        self._folder = _folder()
        make_folder(self._folder)
        name = f"{_digest(root)}-{owner.pid}"
        self.path = self._folder / f"{name}.json"
        self.log_path = self._folder / f"{name}.log"
        self._lock_path = self._folder / f"{name}.lock"

    def read(self) -> DevState | None:
        """Return the state; None if the file is missing or malformed."""
        return read_state(self.path, DevState)

    def write(self, state: DevState) -> None:
        write_state(self.path, state)

    def remove(self) -> None:
        for path in (self.path, self.log_path, self._lock_path, self.path.with_suffix(".sock")):
            path.unlink(missing_ok=True)

    def lock(self) -> FileLock | None:
        """Return the lock for starting Vite; None while another process holds it. The caller releases it."""
        return FileLock.take(self._lock_path)

    def remove_strays(self) -> None:
        """Remove the files of owners that have ended, so that the folder does not grow."""
        for path in self._folder.glob("*-*.*"):
            owner = path.stem.rpartition("-")[2]
            if owner.isdigit() and not is_running(int(owner)):
                path.unlink(missing_ok=True)


def running_states(root: Path) -> list[DevState]:
    """Return a project's running dev servers, for status commands. Their URLs are not verified."""
    found = (read_state(path, DevState) for path in sorted(_folder().glob(f"{_digest(root)}-*.json")))
    return [state for state in found if state is not None and is_running(state.pid)]


def _folder() -> Path:
    return user_folder("litestar-vite-dev")


def _digest(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
