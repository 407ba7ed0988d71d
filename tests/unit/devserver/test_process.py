"""Errors of the app's own Vite at start-up: logged once with a hint, and shown on each page."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from litestar_vite._devserver.process import DevServer
from litestar_vite._toolchain.runtime import Runtime, is_supported, too_old

pytestmark = pytest.mark.anyio


@pytest.fixture
def make_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a `node` into PATH that prints a version and fails to run anything."""

    def make(version: str) -> Path:
        program = tmp_path / "bin" / "node"
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo {version} && exit 0\necho "SyntaxError: cannot" >&2\nexit 1\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return program

    return make


@pytest.fixture
async def dev_server(tmp_path: Path) -> AsyncIterator[DevServer]:
    vite = tmp_path / "node_modules" / "vite"
    vite.mkdir(parents=True)
    (vite / "package.json").write_text('{"name": "vite", "bin": {"vite": "bin/vite.js"}}')
    (tmp_path / "package.json").write_text("{}")
    server = DevServer(tmp_path, base="/static/", watch=[], csp_nonce=False)
    yield server
    await server.stop()


async def fails(server: DevServer, times: int) -> None:
    async with asyncio.timeout(30):
        while server.restarts < times:
            await asyncio.sleep(0.02)


async def test_an_old_node_is_named_with_its_remedy(make_node: Callable[[str], Path], dev_server: DevServer) -> None:
    program = make_node("v18.20.4")
    await dev_server.start()
    await fails(dev_server, 1)
    assert dev_server.problem is not None
    assert f"Node is v18.20.4 ('{program}'); Vite 8 needs 20.19" in dev_server.problem
    assert "litestar-vite[node]" in dev_server.problem


async def test_a_node_that_is_new_enough_is_not_blamed(make_node: Callable[[str], Path], dev_server: DevServer) -> None:
    make_node("v24.1.0")
    await dev_server.start()
    await fails(dev_server, 1)
    assert dev_server.problem == "Vite ended with code 1. It is started again."
    assert "SyntaxError: cannot" in dev_server.output


@pytest.mark.parametrize(("version", "is_old"), [("7.3.1", True), ("8.0.4", True), ("8.0.5", False), ("", False)])
async def test_a_vite_that_is_too_old_is_named_once(
    make_node: Callable[[str], Path],
    dev_server: DevServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    version: str,
    is_old: bool,
) -> None:
    make_node("v24.1.0")
    package = tmp_path / "node_modules" / "vite" / "package.json"
    package.write_text(json.dumps({"name": "vite", "version": version, "bin": {"vite": "bin/vite.js"}}))
    await dev_server.start()
    await fails(dev_server, 2)
    said = [record.message for record in caplog.records if "or newer. Run:" in record.message]
    expected = f"Vite is {version}; litestar-vite needs 8.0.5 or newer. Run: npm install -D vite@8"
    assert said == ([expected] if is_old else [])


async def test_the_same_problem_is_logged_once(
    make_node: Callable[[str], Path], dev_server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    make_node("v24.1.0")
    await dev_server.start()
    await fails(dev_server, 3)
    told = [
        record.getMessage()
        for record in caplog.records
        if record.name == "litestar_vite.devserver" and record.levelname == "ERROR"
    ]
    assert told == ["Vite ended with code 1. It is started again."]


async def test_what_a_developer_has_to_do_stands_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = DevServer(tmp_path / "nowhere", base="/static/", watch=[], csp_nonce=False)
    await server.start()
    await fails(server, 1)
    await server.stop()
    assert server.problem is not None
    assert server.problem.endswith("Set ViteConfig.root to the front end's folder.")
    assert server.problem in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((18, 20), False),
        ((20, 18), False),
        ((20, 19), True),
        ((21, 7), False),
        ((22, 11), False),
        ((22, 12), True),
        ((23, 0), True),
        ((24, 1), True),
    ],
)
def test_the_versions_are_those_of_vite(version: tuple[int, int], expected: bool) -> None:
    assert is_supported(*version) is expected


def test_a_runtime_that_is_no_node_or_does_not_run_is_not_blamed(
    make_node: Callable[[str], Path], tmp_path: Path
) -> None:
    program = make_node("v18.0.0")
    assert too_old(Runtime("node", str(program)))
    assert too_old(Runtime("bun", str(program))) is None
    assert too_old(Runtime("node", str(tmp_path / "none"))) is None
