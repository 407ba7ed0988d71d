"""`litestar ssr`: output for people and health probes, and workers that an app attaches to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from litestar_vite._cli.ssr import _show
from litestar_vite._ssr.quarantine import Quarantined
from litestar_vite._ssr.status import SSRStatus
from litestar_vite._ssr.workers.command import default_workers
from tests.programs import run_program
from tests.support import make_site
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

BUNDLE = "let first; export default (page) => ({ head: [], body: `<p>node ${process.pid}, first ${first ??= page.component}</p>` })"
APP = """
import os
from litestar import Litestar, get
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig

@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, str]:
    return {}

ssr = SSRConfig(url=os.environ.get("APP_SSR_URL"), start_timeout_seconds=60, timeout_seconds=20)
app = Litestar([home], plugins=[VitePlugin(ViteConfig(root=os.path.dirname(__file__), inertia=InertiaConfig(ssr=ssr)))])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_site(tmp_path)
    (tmp_path / "dist" / "ssr").mkdir()
    (tmp_path / "dist" / "ssr" / "app.mjs").write_text(BUNDLE)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def environment(project: Path, url: str = "") -> dict[str, str]:
    return {**os.environ, "APP_SSR_URL": url, "XDG_RUNTIME_DIR": str(project), "COLUMNS": "200"}


def litestar(project: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    return run_program(["litestar", *arguments], project, environment(project, url))


@contextmanager
def running(project: Path, *command: str, url: str = "") -> Iterator[subprocess.Popen[bytes]]:
    executable, *rest = command
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name(executable)), *rest], cwd=project, env=environment(project, url)
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}


def test_without_a_worker_a_probe_fails_and_the_output_suggests_what_to_do(project: Path) -> None:
    checked = litestar(project, "ssr", "check")
    assert checked.returncode == 1
    assert "No render worker is running" in checked.stdout
    assert "litestar ssr serve" in checked.stdout
    assert f"according to '{project}/litestar-vite-{os.getuid()}'" in checked.stdout
    assert "XDG_RUNTIME_DIR" in checked.stdout
    assert "Server-side rendering  by render workers of the app or of 'litestar ssr serve'" in checked.stdout


def test_status_reports_an_external_render_server_that_is_down(project: Path) -> None:
    shown = litestar(project, "ssr", "status", url="http://127.0.0.1:9").stdout
    assert "by an external render server" in shown
    assert "http://127.0.0.1:9  down: cannot connect" in shown


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("ViteConfig(inertia=InertiaConfig())", "off: pages are rendered in the browser"),
        (
            "ViteConfig(dev_mode=True, entry='src/app.tsx', inertia=InertiaConfig(ssr=SSRConfig()))",
            "by the Vite dev server",
        ),
    ],
    ids=["off", "development"],
)
def test_status_shows_the_renderer_without_workers(project: Path, config: str, words: str) -> None:
    names = (
        "from litestar_vite import ViteConfig, VitePlugin; from litestar_vite.inertia import InertiaConfig, SSRConfig"
    )
    (project / "app.py").write_text(
        f"from litestar import Litestar; {names}\napp = Litestar(plugins=[VitePlugin({config})])\n"
    )
    shown = litestar(project, "ssr", "status")
    assert words in shown.stdout, shown.stderr
    assert "✗" not in shown.stdout


@pytest.mark.parametrize(
    "arguments", [("check",), ("status",), ("serve", "--folder", "set")], ids=["check", "status", "serve"]
)
def test_without_an_app_every_command_fails(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    asked = litestar(tmp_path, "ssr", *arguments)
    assert asked.returncode == 1
    assert "No app was found" in asked.stderr


def test_an_external_server_that_is_down_is_reported_with_its_url_and_the_problem(project: Path) -> None:
    checked = litestar(project, "ssr", "check", "--json", url="http://127.0.0.1:9/pages@2")
    assert checked.returncode == 1
    [server] = json.loads(checked.stdout)["servers"]
    assert not server["up"]
    assert "cannot connect" in server["problem"]
    assert server["url"] == "http://127.0.0.1:9/pages@2"


def test_a_password_in_a_url_is_rejected_and_not_shown(project: Path) -> None:
    checked = litestar(project, "ssr", "check", url="http://user:classified@127.0.0.1:9")
    assert checked.returncode != 0
    assert "SSRConfig.url is 'http://…@127.0.0.1:9'" in " ".join((checked.stdout + checked.stderr).split())
    assert "classified" not in checked.stdout + checked.stderr


@pytest.mark.slow
async def test_an_app_attaches_to_the_workers_that_serve_keeps(project: Path) -> None:
    folder = project / "set"
    url = f"unix:{folder}/"
    socket = project / "app.sock"

    async def page() -> str:
        try:
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(socket)), timeout=30) as browser:
                return (await browser.get("http://app/")).text
        except httpx.HTTPError:
            return ""

    with running(project, "litestar", "ssr", "serve", "--folder", str(folder), "--workers", "2"):
        await until((folder / "workers.json").exists)
        await until(lambda: len(json.loads((folder / "workers.json").read_bytes())["workers"]) == 2)
        checked = litestar(project, "ssr", "check", "--json", url=url)
        assert checked.returncode == 0, checked.stdout
        assert [server["up"] for server in json.loads(checked.stdout)["servers"]] == [True, True]
        with running(project, "uvicorn", "app:app", "--uds", str(socket), "--log-level", "warning", url=url):
            await until(socket.exists)
            seen = {await page() for _ in range(20)}
            assert len(seen) == 2, "two workers, each with its own pid"
            assert all("<p>node " in html for html in seen)
            assert all(", first Home<" in html for html in seen), "warmed up with the page of the app's route"


@pytest.mark.parametrize(
    ("workers", "runtime", "words"),
    [
        pytest.param(1, "node", "1 render worker is up. Apps connect with SSRConfig(url=", marks=pytest.mark.slow),
        pytest.param(2, "node", "2 render workers are up. Apps connect with SSRConfig(url=", marks=pytest.mark.slow),
        (1, "no-such-runtime", "No render worker is up yet. Starting continues"),
    ],
    ids=["one", "two", "none"],
)
def test_serve_prints_the_number_of_workers(project: Path, workers: int, runtime: str, words: str) -> None:
    seconds = 60 if runtime == "node" else 1
    (project / "app.py").write_text(
        APP.replace("start_timeout_seconds=60", f"node={runtime!r}, start_timeout_seconds={seconds}")
    )
    command = [
        str(Path(sys.executable).with_name("litestar")),
        "ssr",
        "serve",
        "--folder",
        str(project / "set"),
        "--workers",
        str(workers),
    ]
    process = subprocess.Popen(
        command,
        cwd=project,
        env={**environment(project), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Apps connect with SSRConfig" in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert words in said
    assert "0 render workers" not in said


async def test_the_workers_of_a_running_app_are_found(project: Path) -> None:
    socket = project / "app.sock"
    with running(project, "uvicorn", "app:app", "--uds", str(socket), "--log-level", "warning"):
        await until(socket.exists)
        checked = litestar(project, "ssr", "check", "--json")
        assert checked.returncode == 0, checked.stdout
        servers = json.loads(checked.stdout)["servers"]
        assert len(servers) == default_workers()
        assert all(server["up"] and server["rss_mb"] > 10 for server in servers)
        shown = " ".join(litestar(project, "ssr", "status").stdout.split())
        for words in (" up, responds in ", " ms, 1 page rendered, ", " MiB of memory"):
            assert shown.count(words) == default_workers(), shown


def test_quarantined_pages_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    entry = Quarantined("Charts", time.time() + 25, 1, "ended with code 1")
    _show(SSRStatus("own", [], "/run/app", [entry]), as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "Page 'Charts'" in shown
    assert "its worker ended with code 1" in shown
    _show(SSRStatus("own", [], "/run/app", [entry]), as_json=True)
    assert '"component":"Charts"' in capsys.readouterr().out
