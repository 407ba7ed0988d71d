"""A PostgreSQL server that a test starts."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_programs() -> Path | None:
    """Return the folder of initdb and postgres; None if PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = found[-1] if found else shutil.which("initdb")
    return Path(initdb).parent if initdb is not None else None


@contextlib.contextmanager
def running_postgres(programs: Path) -> Iterator[Postgres]:
    """Run a server in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Postgres(programs, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Postgres:
    """A PostgreSQL server that listens on a socket in a folder."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._programs = programs
        self._folder = folder
        # PostgreSQL refuses to run as root.
        self._owner: dict[str, Any] = (
            {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        )
        self._process: subprocess.Popen[bytes] | None = None
        if self._owner:
            shutil.chown(folder, "postgres", "postgres")
        command = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **self._owner)

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        options = ["-h", "", "-k", str(self._folder), "-F"]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=self._folder, **self._owner)
        deadline = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, "postgres has ended"
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "postgres does not listen"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server, and close all connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "Fast": sessions are ended.
            self._process.wait(timeout=30)
            self._process = None

    def listeners(self) -> list[int]:
        """Return the process ids of the sessions that listen."""
        query = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query ~ 'LISTEN|SELECT 1'"
        with psycopg.connect(self.url) as connection:
            return [pid for (pid,) in connection.execute(query)]

    def drop_listeners(self) -> None:
        """Close the connections of the sessions that listen, as a failover does."""
        with psycopg.connect(self.url) as connection:
            for pid in self.listeners():
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])
