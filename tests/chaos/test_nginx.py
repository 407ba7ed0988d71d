"""A small model of many machines: several render workers, behind one nginx or listed in the app's configuration. One
of them is killed under load.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chaos import profile
from tests.chaos.driver import visit
from tests.chaos.oracle import Verdicts
from tests.chaos.processes import RenderServer, free_port
from tests.chaos.results import Check, Row, at_least
from tests.chaos.stage import BUNDLE
from tests.chaos.test_r07_restart import window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.chaos.stage import Stage

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(profile.SUBJECT == "peer", reason="the peer does not support external render servers"),
]

WORKERS, BACK_SECONDS = 4, 2.0
REPOSITORY = Path(__file__).parents[2]
# The guide that contains the nginx configuration under test.
GUIDE = REPOSITORY / "docs" / "running-many-machines.md"


@contextmanager
def render_worker(folder: Path, number: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start the worker of the package by hand, as on a render machine."""
    path = folder / f"{number}.sock"
    process = subprocess.Popen(
        ["node", str(REPOSITORY / "src" / "py" / "litestar_vite" / "js" / "worker.mjs"), str(BUNDLE)],
        env={**os.environ, "LITESTAR_VITE_SSR_SOCKET": str(path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30.0
        while not path.exists():
            assert time.monotonic() < until, "the render worker did not start"
            assert process.poll() is None, "the render worker ended"
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def guide_configuration() -> str:
    """Return the nginx block of the guide."""
    return GUIDE.read_text().partition("```nginx\n")[2].partition("```")[0]


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """Run nginx with the configuration of the guide; only the addresses are replaced."""
    port = free_port()
    config = (
        guide_configuration()
        .replace("listen 10.0.0.11:13714;", f"listen 127.0.0.1:{port};")
        .replace("/run/ssr/", f"{folder}/")
    )
    assert str(port) in config
    assert config.count(f"unix:{folder}/") == WORKERS
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log warn;\n"
        f"events {{ worker_connections 512; }}\nhttp {{\naccess_log off;\n{temporary}{config}\n}}\n"
    )
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([binary, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        time.sleep(0.3)
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def test_one_of_four_render_workers_is_killed_under_load(stage: Stage, tmp_path: Path) -> None:
    def run(row: Row) -> None:
        folder = tmp_path / str(row.measured)
        folder.mkdir()
        with ExitStack() as stack:
            workers = [stack.enter_context(render_worker(folder, number)) for number in range(1, WORKERS + 1)]
            url = stack.enter_context(nginx(folder))
            app = stack.enter_context(stage.app("uvicorn", "ok", url=url, timeout_seconds=2.0))
            answers, killed = asyncio.run(kill_one(app.port, row.visitors, workers[1].kill))
            stage.fill(row, answers, app.vitals())
        around = window(answers, killed, BACK_SECONDS)
        after = window(answers, killed + BACK_SECONDS, 20.0)
        row.notes.append(f"SSR {around.ssr / max(1, len(around.answers)):.1%} in the {BACK_SECONDS:g} s after the kill")
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            at_least(f"SSR later than {BACK_SECONDS:g} s after the kill", after.ssr / max(1, len(after.answers)), 0.99),
            Check("rendered before the kill", answers.kinds[0] == "ssr"),
        ]

    stage.measure("R7", "uvicorn", "one of four workers behind nginx killed", 32, run)


def test_one_of_three_render_servers_is_killed_under_load(stage: Stage) -> None:
    """The same without nginx: the app's configuration lists the servers."""

    def run(row: Row) -> None:
        others = [RenderServer(), RenderServer()]
        try:
            with stage.app(
                "uvicorn", "ok", url=[stage.render.url, *(other.url for other in others)], timeout_seconds=2.0
            ) as app:
                answers, killed = asyncio.run(kill_one(app.port, row.visitors, others[0].end))
                stage.fill(row, answers, app.vitals())
        finally:
            for other in others:
                other.end()
        after = window(answers, killed + BACK_SECONDS, 20.0)
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            at_least(f"SSR later than {BACK_SECONDS:g} s after the kill", after.ssr / max(1, len(after.answers)), 0.99),
        ]

    stage.measure("R7", "uvicorn", "one of three named render servers killed", 32, run)


async def kill_one(port: int, visitors: int, kill: Callable[[], None]) -> tuple[Verdicts, float]:
    load = asyncio.create_task(visit(port, visitors, seconds=1.5 + BACK_SECONDS + 1.5))
    await asyncio.sleep(1.5)
    kill()
    killed = time.monotonic()
    return Verdicts(await load), killed
