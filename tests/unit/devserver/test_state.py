"""The state file and its owner, and when a dev server is started."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient

from litestar_vite._devserver.output import Output
from litestar_vite._devserver.process import DevServer
from litestar_vite._devserver.state import DevState, StateFile
from litestar_vite._processes.liveness import Owner, find_owner, is_running
from litestar_vite.exceptions import ConfigError
from tests.support import make_app, plugin_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = StateFile(tmp_path, find_owner())
    state = DevState(
        1,
        "nonce",
        "http://127.0.0.1:5000",
        "/run/x.sock",
        ("http://localhost:5000",),
        "/static/",
        "src/app.ts",
        ssr=True,
    )
    file.write(state)
    assert file.read() == state
    assert [path.suffix for path in file.path.parent.iterdir()] == [".json"]
    assert str(state.peer) == "unix:/run/x.sock"
    file.remove()
    assert file.read() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b"\xff\xfe"])
def test_garbage_is_no_state(tmp_path: Path, content: bytes) -> None:
    file = StateFile(tmp_path, find_owner())
    file.path.write_bytes(content)
    assert file.read() is None


def test_two_projects_and_two_owners_have_files_of_their_own(tmp_path: Path) -> None:
    owner = find_owner()
    files = {
        StateFile(tmp_path, owner).path,
        StateFile(tmp_path / "b", owner).path,
        StateFile(tmp_path, Owner(1, None, is_parent=True)).path,
    }
    assert len(files) == 3


def test_only_one_holds_the_right_to_start_and_the_dead_lose_it(tmp_path: Path) -> None:
    file = StateFile(tmp_path, find_owner())
    mine = file.lock()
    assert mine is not None
    assert file.lock() is None
    mine.release()
    again = file.lock()
    assert again is not None
    again.release()


def test_a_folder_that_others_may_enter_is_refused(runtime_folder: Path, tmp_path: Path) -> None:
    folder = runtime_folder / f"litestar-vite-dev-{os.getuid()}"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(ConfigError, match="not a folder that only this user may enter"):
        StateFile(tmp_path, find_owner())


def test_files_of_dead_owners_are_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive = StateFile(tmp_path, Owner(ended.pid, None, is_parent=False)), StateFile(tmp_path, find_owner())
    for file in (dead, alive):
        file.write(DevState(1, "n"))
    alive.remove_strays()
    assert not dead.path.exists()
    assert alive.path.exists()


def test_a_zombie_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_running(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_running(process.pid)


def test_a_state_whose_url_does_not_know_the_nonce_is_not_used(tmp_path: Path) -> None:
    """The process and the server are alive but unrelated: the state is ignored, and the server only gets the ping."""
    asked: list[bytes] = []

    def stranger(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            asked.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

    async def start() -> DevServer:
        server = DevServer(tmp_path, base="/static/", watch=[], csp_nonce=False)
        await server.start()
        try:
            assert server.state is None
            assert server.problem is not None
            assert not server.was_found
        finally:
            await server.stop()
        return server

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=stranger, args=(listening,))
        thread.start()
        StateFile(tmp_path, find_owner()).write(
            DevState(os.getpid(), "stale", f"http://127.0.0.1:{listening.getsockname()[1]}")
        )
        server = asyncio.run(start())
        thread.join()
    assert asked[0].startswith(b"GET /__litestar_vite/stale/ping HTTP/1.1\r\n")
    # It then tried to start Vite, but this folder lacks a package.json.
    assert "No package.json" in str(server.problem)
    assert repr(server).startswith("<DevServer failed pid=None")


def test_output_is_followed_and_its_end_kept_without_colours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "vite.log"
    log.write_bytes(b"\x1b[32mready\x1b[0m in 3 ms\nhalf a l")
    output = Output(log)
    output.begin(at_end=False)
    output.follow()
    assert output.text == "ready in 3 ms"
    with log.open("ab") as file:
        file.write(b"ine\n" + b"".join(b"%d\n" % number for number in range(300)))
    output.follow()
    assert output.text.splitlines()[-1] == "299"
    assert len(output.text.splitlines()) == 200
    later = Output(log)
    later.begin(at_end=True)
    shown = capsys.readouterr()
    later.follow()
    assert capsys.readouterr() == ("", "")
    assert later.text == output.text
    assert shown.out == ""


COLOURED = b"\x1b[32m\x1b[1mVITE\x1b[22m\x1b[39m \x1b]8;;http://x/\x07link\x1b]8;;\x1b\\\x1bc\x1b[2J\x1b[38;5;9m ready\x1b[0m\n"


def test_the_log_gets_no_colours(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = tmp_path / "vite.log"
    log.write_bytes(COLOURED)
    output = Output(log)
    with caplog.at_level(logging.INFO, "litestar_vite.vite"):
        output.follow()
    assert [record.getMessage() for record in caplog.records] == ["VITE link ready"]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_without_logging_only_a_terminal_gets_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, is_terminal: bool
) -> None:
    # Another test may have changed the level of all loggers.
    caplog.set_level(logging.WARNING, "litestar_vite.vite")
    log = tmp_path / "vite.log"
    log.write_bytes(COLOURED)
    stderr = io.StringIO()
    stderr.isatty = lambda: is_terminal  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stderr)
    Output(log).follow()
    assert stderr.getvalue() == (f"[vite] {COLOURED.decode()}" if is_terminal else "[vite] VITE link ready\n")


@pytest.mark.parametrize("arguments", [{"dev_mode": True}])
def test_under_a_test_client_nothing_is_started_and_pages_are_whole(tmp_path: Path, arguments: dict[str, Any]) -> None:
    from litestar import get

    @get("/", component="Home")
    async def home() -> dict[str, str]:
        return {"a": "b"}

    app = make_app(tmp_path, [home], vite={"entry": "src/app.tsx", **arguments})
    with TestClient(app) as client:
        development = plugin_of(app).development
        assert development is not None
        assert development.server is None
        html = client.get("/").text
    assert '"a":"b"' in html
    assert 'src="/static/src/app.tsx"' in html


def test_a_server_that_a_test_starts_in_a_process_of_its_own_has_its_vite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process inherits the variable of the pytest plugin, which contains pytest's process id."""
    monkeypatch.setenv("LITESTAR_VITE_PYTEST", str(os.getppid()))
    app = make_app(tmp_path, [], vite={"entry": "src/app.tsx", "dev_mode": True})
    with TestClient(app):
        development = plugin_of(app).development
        assert development is not None
        assert development.server is not None
        assert "No package.json" in str(development.server.problem)


def test_inert_apps_start_no_vite_under_any_test_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LITESTAR_VITE_PYTEST")
    app = make_app(tmp_path, [], vite={"entry": "src/app.tsx", "dev_mode": True, "inert": True})
    with TestClient(app):
        development = plugin_of(app).development
        assert development is not None
        assert development.server is None


def test_a_command_line_with_reload_means_development(tmp_path: Path) -> None:
    from litestar_vite import ViteConfig
    from litestar_vite.config import resolve

    assert resolve(ViteConfig(root=tmp_path), {}, ["uvicorn", "app:app", "--reload"]).dev_mode
    assert not resolve(ViteConfig(root=tmp_path), {}, ["uvicorn", "app:app"]).dev_mode
    assert not resolve(ViteConfig(root=tmp_path), {"VITE_DEV_MODE": "0"}, ["--reload"]).dev_mode
    assert not resolve(ViteConfig(root=tmp_path, dev_mode=False), {}, ["--reload"]).dev_mode
