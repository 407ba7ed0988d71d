"""Fixtures of the integration tests."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.postgres import find_programs, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Postgres


@pytest.fixture(autouse=True)
def _slim(slim_processes: None) -> None:
    """Start processes without packages that these tests do not need."""


@pytest.fixture(scope="module")
def redis_socket() -> Iterator[str]:
    """A Redis server for one module, on a socket in a temporary folder."""
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    assert server is not None, "redis-server is not installed: apt-get install redis-server"
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = Path(folder) / "redis.sock"
        command = [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
        process = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while not socket.exists():
                assert process.poll() is None, "redis-server has exited"
                assert time.monotonic() < deadline, "redis-server does not listen"
                time.sleep(0.05)
            yield str(socket)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for one module."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_postgres(programs) as server:
        yield server
