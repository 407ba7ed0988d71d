"""The render worker: a real Node process with small hand-written bundles."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import get

from litestar_vite._ssr.bundle import find_bundle
from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import render
from litestar_vite._ssr.outcome import Failed, Rendered
from litestar_vite._ssr.workers.command import WorkerCommand, default_workers
from litestar_vite._ssr.workers.shared_workers import SharedWorkers
from litestar_vite._ssr.workers.supervise import WorkerPolicy, WorkerSet
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import InertiaConfig, SSRConfig
from tests.support import make_app, page_in, plugin_of
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.anyio

BUNDLE = "export default async (page) => ({ head: [`<title>${page.component}</title>`], body: `<h1>${page.props.name}</h1>` })"
PAGE = b'{"component":"Home","props":{"name":"Ada"},"url":"/","version":null}'
START_SECONDS = 60.0
URL = "http://localhost/render"


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., WorkerSet]]:
    """Return a function that creates workers from a bundle's source. They are stopped at the end."""
    workers: list[WorkerSet] = []

    def make(source: str, **policy: Any) -> WorkerSet:
        bundle = tmp_path / "bundle.mjs"
        bundle.write_text(source)
        workers.append(WorkerSet(WorkerCommand("node", bundle), WorkerPolicy(**policy)))
        return workers[-1]

    yield make
    for worker in workers:
        await worker.stop()


def socket_of(workers: WorkerSet) -> Path:
    return Path(workers.sockets[0].removeprefix("unix:"))


@pytest.mark.protocol("K1")
async def test_it_renders_over_a_socket_that_only_we_can_reach(start: Callable[..., WorkerSet]) -> None:
    worker = start(BUNDLE)
    assert await worker.start(START_SECONDS)
    assert stat.S_IMODE(socket_of(worker).parent.stat().st_mode) == 0o700
    async with open_client(worker.upstreams) as client:
        outcome = await render(client, URL, PAGE, 20.0)
    assert outcome == Rendered(b"<title>Home</title>", b"<h1>Ada</h1>")
    assert f"ready 1/1 pids={worker.pids} restarts=0" in repr(worker)


@pytest.mark.protocol("K7")
async def test_a_component_that_throws_is_a_page_error_and_the_worker_lives_on(start: Callable[..., WorkerSet]) -> None:
    worker = start(
        "export default (page) => { if (page.props.name === 'Ada') return window.x; return {head: [], body: 'fine'} }"
    )
    assert await worker.start(START_SECONDS)
    pid = worker.pids
    async with open_client(worker.upstreams) as client:
        outcome = await render(client, URL, PAGE, 20.0)
        assert isinstance(outcome, Failed)
        assert outcome.kind == "browser-api"
        assert outcome.is_page_error
        assert await render(client, URL, b'{"component":"B","props":{}}', 20.0) == Rendered(b"", b"fine")
    assert worker.pids == pid


@pytest.mark.protocol("K7")
async def test_it_is_started_again_when_it_is_killed(start: Callable[..., WorkerSet]) -> None:
    worker = start(BUNDLE)
    assert await worker.start(START_SECONDS)
    [first] = worker.pids
    os.kill(first, signal.SIGKILL)
    await until(lambda: worker.pids and worker.pids != [first])
    async with open_client(worker.upstreams) as client:
        assert isinstance(await render(client, URL, PAGE, 20.0), Rendered)
    assert worker.restarts == 1


@pytest.mark.protocol("K6")
async def test_stop_leaves_no_process_and_no_folder(start: Callable[..., WorkerSet]) -> None:
    worker = start(BUNDLE + "\nprocess.on('SIGTERM', () => {})")
    assert await worker.start(START_SECONDS)
    [pid], folder = worker.pids, socket_of(worker).parent
    await worker.stop()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_its_output_goes_to_the_log(start: Callable[..., WorkerSet], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "litestar_vite.ssr.worker"):
        worker = start("console.log('hello from the bundle'); console.error('trouble')\n" + BUNDLE)
        assert await worker.start(START_SECONDS)
        await until(lambda: "trouble" in caplog.text and "hello from the bundle" in caplog.text)


async def test_a_line_without_end_is_cut_and_the_next_ones_are_logged(
    start: Callable[..., WorkerSet], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "litestar_vite.ssr.worker"):
        worker = start("console.log('x'.repeat(300000)); console.log('after it')\n" + BUNDLE)
        assert await worker.start(START_SECONDS)
        await until(lambda: "after it" in caplog.text)
    assert max(len(record.message) for record in caplog.records) <= 64 * 1024


async def test_a_bundle_that_throws_is_logged_and_tried_again(
    start: Callable[..., WorkerSet], caplog: pytest.LogCaptureFixture
) -> None:
    worker = start("throw new Error('broken bundle')")
    starting = asyncio.create_task(worker.start(START_SECONDS))
    await until(lambda: worker.restarts >= 1)
    starting.cancel()
    assert "it is started again" in caplog.text
    assert not worker.pids


def _uvloop() -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = pytest.importorskip("uvloop").new_event_loop()
    return loop


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, _uvloop])
@pytest.mark.parametrize("runtime", ["no-such-node", "/no/such/node"])
def test_a_missing_runtime_is_logged_with_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, runtime: str, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def start() -> None:
        worker = WorkerSet(WorkerCommand(runtime, tmp_path / "bundle.mjs"))
        try:
            assert not await worker.start(0.3)
            assert "Install Node.js or set SSRConfig.node" in caplog.text
        finally:
            await worker.stop()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(start())


def test_the_bundle_is_found_by_its_usual_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No SSR bundle in"):
        find_bundle(tmp_path, None, tmp_path)
    (tmp_path / "one.js").touch()
    assert find_bundle(tmp_path, None, tmp_path).name == "one.js"
    (tmp_path / "two.js").touch()
    with pytest.raises(ConfigError, match="Name one in SSRConfig.bundle"):
        find_bundle(tmp_path, None, tmp_path)
    (tmp_path / "app.js").touch()
    assert find_bundle(tmp_path, None, tmp_path).name == "app.js"
    assert find_bundle(tmp_path, "two.js", tmp_path).name == "two.js"
    with pytest.raises(ConfigError, match="which is not a file"):
        find_bundle(tmp_path, "three.js", tmp_path)


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, str]:
    return {"name": "Ada"}


async def test_an_app_with_ssr_config_renders_with_its_own_workers_and_ends_them(site: Path) -> None:
    (site / "dist" / "ssr").mkdir()
    (site / "dist" / "ssr" / "app.js").write_text(BUNDLE)
    (site / "dist" / "ssr" / "package.json").write_text('{"type": "module"}')
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(start_timeout_seconds=START_SECONDS)))
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
    ):
        html = (await browser.get("/")).text
        worker = plugin_of(app).workers
        assert isinstance(worker, SharedWorkers)
        assert worker.own is not None
        pids = list(worker.own.pids)
        assert len(pids) == default_workers()
    assert not worker.folder.exists()
    assert "<title>Home</title></head>" in html
    assert "<h1>Ada</h1>" in html
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_one_short_line_of_the_log_says_what_is_up(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    (site / "dist" / "ssr").mkdir()
    (site / "dist" / "ssr" / "app.mjs").write_text(BUNDLE)
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(start_timeout_seconds=START_SECONDS, workers=1)))
    with caplog.at_level(logging.INFO, "litestar_vite"):
        async with app.lifespan():
            pass
    [line] = [record.message for record in caplog.records if record.name == "litestar_vite"]
    version = plugin_of(app).assets.version
    assert (
        line
        == f"<VitePlugin production <AssetLoader version={version} entry='src/app.tsx'> render_workers=1 inertia=on>"
    )


async def test_the_pages_of_an_apps_routes_are_rendered_before_the_first_visit(site: Path) -> None:
    @get("/users", component="Users/Index", sync_to_thread=False)
    def users() -> dict[str, str]:
        return {}

    (site / "dist" / "ssr").mkdir()
    (site / "dist" / "ssr" / "app.mjs").write_text(
        "const seen = []; export default (page) => { seen.push(page.component); return { head: [], body: `<b>${seen}</b>` } }"
    )
    app = make_app(site, [home, users], InertiaConfig(ssr=SSRConfig(start_timeout_seconds=START_SECONDS, workers=1)))
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
    ):
        html = (await browser.get("/users")).text
    assert "<b>Home,Users/Index,Users/Index</b>" in html


async def test_an_app_without_a_bundle_says_so_and_lets_the_browser_render(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig()))
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
    ):
        html = (await browser.get("/")).text
    assert page_in(html)["props"]["name"] == "Ada"
    assert "Run: vite build --ssr" in caplog.text


async def test_an_app_with_a_worker_folder_open_to_others_starts_and_recovers_when_it_is_fixed(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "workers.json").write_text('{"owner":1,"workers":["unix:/tmp/none.sock"]}')
    app = make_app(site, [home], InertiaConfig(ssr=SSRConfig(url=f"unix:{folder}/", start_timeout_seconds=0.1)))
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
    ):
        html = (await browser.get("/")).text
        assert page_in(html)["props"]["name"] == "Ada"
        assert "is not a folder that only this user may enter" in caplog.text
        workers = plugin_of(app).workers
        assert workers is not None
        folder.chmod(0o700)
        await until(lambda: len(workers.upstreams) == 1)
