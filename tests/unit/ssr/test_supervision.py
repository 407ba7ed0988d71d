"""Workers that spin, leak, crash or leave child processes behind: real Node processes, called through a gateway."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections import deque
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from litestar_vite._processes import socket_path as socket_path_module
from litestar_vite._processes.socket_path import short_path
from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import RenderGateway
from litestar_vite._ssr.outcome import Failed, Rendered
from litestar_vite._ssr.workers import launcher as launcher_module
from litestar_vite._ssr.workers import process as process_module
from litestar_vite._ssr.workers.command import WorkerCommand, default_workers
from litestar_vite._ssr.workers.line_log import LineLog
from litestar_vite._ssr.workers.shared_workers import SharedWorkers
from litestar_vite._ssr.workers.supervise import WorkerPolicy, WorkerSet
from litestar_vite.config import SSRConfig
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.anyio

PID = "export default (page) => ({ head: [], body: String(process.pid) })"
BROKEN_AT_FIRST = f"""
import {{ existsSync }} from "node:fs"
if (!existsSync(import.meta.dirname + "/works")) throw new Error("at import")
{PID}
"""
START_SECONDS = 60.0


@asynccontextmanager
async def working(
    folder: Path, source: str, *, timeout_seconds: float = 20.0, **policy: Any
) -> AsyncIterator[tuple[WorkerSet, RenderGateway]]:
    bundle = folder / "bundle.mjs"
    bundle.write_text(source)
    workers = WorkerSet(WorkerCommand("node", bundle), WorkerPolicy(timeout_seconds=timeout_seconds, **policy))
    config = SSRConfig(timeout_seconds=timeout_seconds)
    async with open_client(workers.upstreams) as client:
        gateway = RenderGateway(client, "http://localhost/render", config)
        workers.upstreams.on_return = gateway.breaker.try_again
        try:
            assert await workers.start(START_SECONDS), workers
            yield workers, gateway
        finally:
            await workers.stop()
            await gateway.aclose()
    assert not workers._launcher.processes


def page(component: str) -> bytes:
    return b'{"component":"%b","props":{},"url":"/"}' % component.encode()


def gateway_to(workers: WorkerSet) -> RenderGateway:
    """Return a gateway. Its client stays open, since closing it would close the workers' connections."""
    return RenderGateway(open_client(workers.upstreams), "http://localhost/render", SSRConfig(timeout_seconds=20))


async def body(gateway: RenderGateway, component: str = "Home") -> str:
    outcome = await gateway.render(page(component), component)
    return outcome.body.decode() if isinstance(outcome, Rendered) else f"{outcome}"


async def test_why_a_worker_cannot_start_stands_in_the_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("throw new Error('at import')")
    workers = WorkerSet(WorkerCommand("node", bundle))
    with caplog.at_level(logging.WARNING):  # As in production, where the worker's own output is not logged.
        try:
            assert not await workers.start(START_SECONDS)
        finally:
            await workers.stop()
    ended = [record.getMessage() for record in caplog.records if "ended with code 1" in record.getMessage()]
    assert ended
    assert all("Error: at import" in message for message in ended), ended


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runtime", "source"),
    [("node", BROKEN_AT_FIRST), ("no-such-node", PID)],
    ids=["broken bundle", "no Node"],
)
async def test_start_up_does_not_wait_for_workers_that_cannot_start(tmp_path: Path, runtime: str, source: str) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(source)
    workers = WorkerSet(WorkerCommand(runtime, bundle), WorkerPolicy(count=2))
    try:
        async with asyncio.timeout(START_SECONDS):  # Otherwise it would wait for an hour.
            assert not await workers.start(3600.0)
        assert workers.has_given_up
        # Attempts continue, so the app need not be restarted once the cause is fixed.
        workers._launcher._command = WorkerCommand("node", bundle)
        (tmp_path / "works").touch()
        await until(lambda: len(workers.pids) == 2)
        assert not workers.has_given_up
    finally:
        await workers.stop()


@pytest.mark.slow
@pytest.mark.parametrize("source", ["", "export default 5"])
async def test_a_bundle_that_renders_nothing_is_given_up_after_one_attempt(
    tmp_path: Path, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Retries cannot help. It takes another build, and a restart of the app, which links to its files."""
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(source)
    workers = WorkerSet(WorkerCommand("node", bundle), WorkerPolicy(count=2))
    try:
        async with asyncio.timeout(START_SECONDS):
            assert not await workers.start(3600.0)
        assert workers.has_given_up
        assert workers.restarts <= 2, "each worker has failed at most once"
        bundle.write_text(PID)
        await until(lambda: "Restart the app" in caplog.text and workers.has_given_up)
        assert workers.has_given_up
    finally:
        await workers.stop()


async def test_the_pages_of_the_apps_routes_are_rendered_before_the_first_visitor_comes(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(
        "const seen = []; export default (page) => { seen.push(page.component); return { head: [], body: `${seen}` } }"
    )
    workers = WorkerSet(WorkerCommand("node", bundle), warm_up=["Home", "Users/Index"])
    try:
        assert await workers.start(START_SECONDS)
        gateway = gateway_to(workers)
        assert await body(gateway, "First") == "Home,Users/Index,First"
    finally:
        await workers.stop()


@pytest.mark.slow
async def test_a_page_that_spins_without_props_is_left_out_of_the_warming_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It must affect neither other pages nor workers that start later."""
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("""const seen = []; export default ({ component, props }) => {
        if (component === "Spin" && !props.user) for (;;);
        seen.push(component); return { head: [], body: `${seen}` } }""")
    workers = WorkerSet(WorkerCommand("node", bundle), WorkerPolicy(count=2), warm_up=["Home", "Spin", "Users/Index"])
    try:
        assert await workers.start(START_SECONDS)
        gateway = gateway_to(workers)
        await until(lambda: len(workers.pids) == 2)
        assert {await body(gateway, "First"), await body(gateway, "First")} == {"Home,Users/Index,First"}
        assert workers.restarts == 0
        assert "'Spin', rendered without props" in caplog.text
    finally:
        await workers.stop()


async def test_what_a_page_without_props_prints_is_not_logged_and_what_a_visitors_page_prints_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("""console.warn("at start-up"); export default async ({ component, props }) => {
        console.error(component, "prints"); return { head: [], body: props.user.name } }""")
    workers = WorkerSet(WorkerCommand("node", bundle), warm_up=["Home", "Users/Index"])
    with caplog.at_level(logging.INFO, "litestar_vite.ssr.worker"):
        try:
            assert await workers.start(START_SECONDS)
            gateway = gateway_to(workers)
            await body(gateway, "Visited")
            await until(lambda: "Visited prints" in caplog.text)
        finally:
            await workers.stop()
    assert "at start-up" in caplog.text
    assert "Home prints" not in caplog.text
    assert "Users/Index prints" not in caplog.text


@pytest.mark.slow
async def test_why_a_worker_ends_while_it_is_warmed_up_stands_in_the_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("export default () => { console.error('no licence'); process.exit(7) }")
    workers = WorkerSet(WorkerCommand("node", bundle), warm_up=["Home"])
    with caplog.at_level(logging.WARNING):
        try:
            assert not await workers.start(START_SECONDS)
        finally:
            await workers.stop()
    assert "ended with code 7; it is started again" in caplog.text
    assert "\n  no licence" in caplog.text


async def test_a_page_that_waits_while_it_is_warmed_up_is_no_reason_to_kill_its_worker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("""export default async ({ component }) => {
        if (component === "Waits") await new Promise(() => {});
        return { head: [], body: component } }""")
    workers = WorkerSet(WorkerCommand("node", bundle), warm_up=["Waits"])
    try:
        assert await workers.start(START_SECONDS)
        gateway = gateway_to(workers)
        assert await body(gateway) == "Home"
        assert "It is killed" not in caplog.text
    finally:
        await workers.stop()


@pytest.mark.protocol("K9")
async def test_several_workers_share_the_pages(tmp_path: Path) -> None:
    async with working(tmp_path, PID, count=2) as (workers, gateway):
        bodies = await asyncio.gather(*(body(gateway) for _ in range(10)))
        assert sorted(set(bodies)) == sorted(str(pid) for pid in workers.pids)
        assert bodies.count(bodies[0]) == 5


@pytest.mark.protocol("K7")
@pytest.mark.slow
async def test_a_page_that_spins_costs_its_worker_and_the_others_are_rendered_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """R8: the worker is killed and replaced."""
    spins = "export default (page) => { if (page.component === 'Spin') for (;;) {} return { head: [], body: String(process.pid) } }"
    async with working(tmp_path, spins, timeout_seconds=0.5) as (workers, gateway):
        [first] = workers.pids
        outcome = await gateway.render(page("Spin"), "Spin")
        assert isinstance(outcome, Failed)
        assert outcome.kind == "timeout"
        await until(lambda: workers.pids and workers.pids != [first])
        assert await body(gateway) == str(workers.pids[0])
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
    assert "a page spins. It is killed" in caplog.text


@pytest.mark.slow
@pytest.mark.protocol("K5")
async def test_a_worker_that_is_busy_and_answers_is_not_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Back-to-back renders leave no time for the health check, so their answers count instead."""
    slow = """export default (page) => { const end = Date.now() + 100; while (Date.now() < end) {} return { head: [], body: String(process.pid) } }"""
    async with working(tmp_path, slow, timeout_seconds=1.0) as (workers, gateway):
        pids = workers.pids
        for _ in range(4):
            await asyncio.gather(*(body(gateway) for _ in range(8)))
        assert workers.pids == pids
    assert "spins" not in caplog.text


async def test_one_of_two_workers_that_is_killed_costs_its_own_pages_at_most(tmp_path: Path) -> None:
    """The other worker continues, and the breaker stays closed."""
    async with working(tmp_path, PID, count=2) as (workers, gateway):
        victim, other = workers.pids
        await asyncio.gather(*(body(gateway) for _ in range(10)))
        os.kill(victim, signal.SIGKILL)
        bodies = await asyncio.gather(*(body(gateway) for _ in range(20)))
        assert bodies.count(str(other)) >= 10
        assert gateway.breaker.opened_total == 0
        await until(lambda: len(workers.pids) == 2 and victim not in workers.pids)
        assert workers.restarts == 1
        assert all(one.isdigit() for one in [await body(gateway) for _ in range(20)])


@pytest.mark.slow
@pytest.mark.protocol("K5")
async def test_a_worn_out_worker_is_replaced_by_a_warm_one_without_a_gap(tmp_path: Path) -> None:
    async with working(tmp_path, PID, recycle_renders=20) as (workers, gateway):
        [first] = workers.pids
        seen: set[str] = set()
        while workers.recycled < 2:
            seen.add(await body(gateway))
            await asyncio.sleep(0.01)
        assert all(pid.isdigit() for pid in seen), seen
        assert len(seen) >= 2
        assert workers.restarts == 0
        await until(lambda: len(workers._launcher.processes) == 1)
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


@pytest.mark.slow
@pytest.mark.protocol("K7")
async def test_a_worker_that_takes_too_much_memory_is_replaced(tmp_path: Path) -> None:
    leaks = "const kept = []; export default () => { kept.push(Buffer.alloc(4e6, 1)); return { head: [], body: String(process.pid) } }"
    async with working(tmp_path, leaks, recycle_mb=150) as (workers, gateway):
        while not workers.recycled:
            assert (await body(gateway)).isdigit()
            await asyncio.sleep(0.01)
        assert workers.restarts == 0


@pytest.mark.slow
@pytest.mark.protocol("K7")
async def test_a_worker_whose_heap_is_full_is_started_again(tmp_path: Path) -> None:
    bundle = """
        const kept = []
        export default (page) => {
          if (page.component === 'Full') for (;;) kept.push(new Array(1e5).fill(Math.random()))
          return { head: [], body: '' }
        }"""
    async with working(tmp_path, bundle, timeout_seconds=30.0) as (workers, gateway):
        workers._launcher._command = WorkerCommand("node", workers._launcher._command.bundle, max_heap_mb=50)
        [first] = workers.pids
        os.kill(first, signal.SIGKILL)
        await until(lambda: workers.pids and workers.pids != [first])
        [second] = workers.pids
        outcome = await gateway.render(page("Full"), "Full")
        assert isinstance(outcome, Failed)
        assert outcome.kind == "connection"
        await until(lambda: workers.pids and workers.pids != [second])


@pytest.mark.slow
async def test_a_grandchild_that_holds_the_output_open_does_not_delay_a_restart(tmp_path: Path) -> None:
    source = """
        import { spawn } from 'node:child_process'
        const child = spawn('sleep', ['60'], { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
        export default () => ({ head: [], body: String(child.pid) })"""
    async with working(tmp_path, source) as (workers, gateway):
        [first] = workers.pids
        grandchildren = [int(await body(gateway))]
        try:
            os.kill(first, signal.SIGKILL)
            await until(lambda: workers.pids and workers.pids != [first], seconds=20)
            grandchildren.append(int(await body(gateway)))
        finally:
            for pid in grandchildren:
                os.kill(pid, signal.SIGKILL)


@pytest.mark.protocol("K1")
async def test_where_there_are_no_unix_sockets_a_worker_listens_on_a_port_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "short_path", lambda _: None)
    async with working(tmp_path, PID, count=2) as (workers, gateway), httpx.AsyncClient() as stranger:
        assert all(url.startswith("http://127.0.0.1:") for url in workers.sockets)
        assert len(set(workers.sockets)) == 2
        assert (await body(gateway)).isdigit()
        url, _, secret = workers.sockets[0].rpartition("/")
        assert len(secret) >= 20
        assert (await stranger.get(f"{url}/{secret}/health")).status_code == 200
        for path in ("/health", "/", "/x/health", f"/{secret}x/health"):
            assert (await stranger.get(url + path)).status_code == 404, "any user can connect"
        for path in ("/render", "/warm-up", "//render", f"/{secret[:-1]}/render"):
            assert (await stranger.post(url + path, content=page("Home"))).status_code == 404


@pytest.fixture
def links() -> Iterator[Path]:
    """A folder with a short path, unlike `tmp_path`."""
    folder = Path(tempfile.mkdtemp(prefix="links-"))
    yield folder
    shutil.rmtree(folder)


async def test_in_a_folder_with_a_long_path_a_worker_still_listens_on_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: Path
) -> None:
    monkeypatch.setattr(socket_path_module, "_short_folders", lambda: [links])
    folder = tmp_path / ("long" * 40)
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(PID)
    owner = SharedWorkers(folder, WorkerPolicy(), WorkerCommand("node", bundle))
    follower = SharedWorkers(folder, WorkerPolicy())
    try:
        assert await owner.start(START_SECONDS)
        assert await follower.start(START_SECONDS)
        assert owner.own is not None
        assert owner.own.sockets == [f"unix:{path}" for path in folder.glob("*.sock")]
        for workers in (owner, follower):
            gateway = RenderGateway(open_client(workers.upstreams), "http://x/render", SSRConfig(timeout_seconds=20))
            assert await body(gateway) == str(owner.own.pids[0])
        [link] = links.iterdir()  # noqa: ASYNC240
        assert link.parent.stat().st_mode & 0o777 == 0o700
        [first] = owner.own.pids
        link.unlink()
        await until(lambda: owner.own is not None and owner.own.pids not in ([], [first]))
    finally:
        await follower.stop()
        await owner.stop()


def test_a_socket_has_a_short_path_in_a_private_folder_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, open_to_others, too_long = tmp_path / "c", tmp_path / "o", tmp_path / ("l" * 100)
    open_to_others.mkdir()
    open_to_others.chmod(0o755)
    monkeypatch.setattr(socket_path_module, "_short_folders", lambda: [open_to_others, too_long])
    path = tmp_path / ("x" * 100) / "1.sock"
    assert short_path(tmp_path / "1.sock") == tmp_path / "1.sock"
    assert short_path(path) is None
    monkeypatch.setattr(socket_path_module, "_short_folders", lambda: [open_to_others, too_long, closed])
    short = short_path(path)
    assert short is not None
    assert short.parent.parent == closed
    assert short.parent.readlink() == path.parent
    assert short_path(path) == short
    short.parent.unlink()
    short.parent.symlink_to(tmp_path)
    assert short_path(path) == short
    assert short.parent.readlink() == path.parent


async def test_before_a_worker_is_up_the_browser_renders_and_the_breaker_stays_closed(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(PID)
    workers = WorkerSet(WorkerCommand("node", bundle))
    async with open_client(workers.upstreams) as client:
        gateway = RenderGateway(client, "http://localhost/render", SSRConfig())
        for _ in range(10):
            outcome = await gateway.render(page("Home"), "Home")
            assert isinstance(outcome, Failed)
            assert outcome.kind == "unavailable"
        assert gateway.breaker.state == "closed"
        await workers.stop()


@pytest.mark.parametrize(
    ("runtime", "arguments"),
    [
        ("node", ["node", "--max-old-space-size=99"]),
        ("/opt/node-22/bin/node", ["/opt/node-22/bin/node", "--max-old-space-size=99"]),
        ("bun", ["bun", "--bun"]),
        ("/usr/bin/deno", ["/usr/bin/deno", "run", "--allow-all", "--no-prompt", "--v8-flags=--max-old-space-size=99"]),
    ],
)
def test_each_runtime_has_its_own_arguments(tmp_path: Path, runtime: str, arguments: list[str]) -> None:
    *given, script, bundle = WorkerCommand(runtime, tmp_path / "app.js", max_heap_mb=99).arguments()
    assert given == arguments
    assert script.endswith("worker.mjs")
    assert bundle == str(tmp_path / "app.js")


def test_there_is_a_worker_for_every_core_up_to_four(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 1), (2, 2), (3, 3), (4, 4), (64, 4)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        assert default_workers() == workers


def test_output_becomes_lines_of_the_log_whatever_its_chunks(caplog: pytest.LogCaptureFixture) -> None:
    log = LineLog()
    with caplog.at_level(logging.INFO, "litestar_vite.ssr.worker"):
        for chunk in (
            b"on",
            b"e\ntw",
            b"o\r\n",
            b"x" * 70_000,
            b"y" * 70_000,
            b"\nthree\n",
            b"z" * 140_000 + b"\n",
            b"four",
        ):
            log.feed(chunk)
        log.end()
        log.end()
    messages = [record.getMessage() for record in caplog.records]
    assert [message for message in messages if len(message) < 10] == ["one", "two", "three", "four"]
    assert [message[0] for message in messages if len(message) >= 10] == ["x", "z"]
    assert max(map(len, messages)) == 64 * 1024


def test_output_becomes_lines_of_the_log_without_colours(caplog: pytest.LogCaptureFixture) -> None:
    last: deque[str] = deque()
    log = LineLog(last)
    with caplog.at_level(logging.INFO, "litestar_vite.ssr.worker"):
        log.feed(b"\x1b[31mErr")
        log.feed(b"or\x1b[39m: gone\x1b[0m\n")
    assert [record.getMessage() for record in caplog.records] == list(last) == ["Error: gone"]


@pytest.mark.slow
@pytest.mark.parametrize("end", ["process.exit(7)", "process.kill(process.pid, 'SIGKILL'); for (;;);"])
async def test_a_page_that_ends_its_worker_without_props_is_left_out_of_the_warming_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    """The page may work with its props. In any case, other pages must not be affected."""
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(f"""const seen = []; export default ({{ component, props }}) => {{
        if (component === "Ends" && !props.user) {{ console.error("no user"); {end} }}
        seen.push(component); return {{ head: [], body: `${{seen}}` }} }}""")
    workers = WorkerSet(WorkerCommand("node", bundle), WorkerPolicy(count=2), warm_up=["Home", "Ends", "Users/Index"])
    try:
        assert await workers.start(START_SECONDS)
        gateway = gateway_to(workers)
        await until(lambda: len(workers.pids) == 2)
        assert {await body(gateway, "First"), await body(gateway, "First")} == {"Home,Users/Index,First"}
        assert "by page 'Ends', rendered without props to warm up" in caplog.text
    finally:
        await workers.stop()


@pytest.mark.slow
async def test_a_bundle_that_exits_on_every_page_is_given_up(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("export default () => process.exit(7)")
    workers = WorkerSet(WorkerCommand("node", bundle), warm_up=[f"Page{number}" for number in range(20)])
    try:
        async with asyncio.timeout(START_SECONDS):
            assert not await workers.start(3600.0)
        assert workers.has_given_up
        assert workers._launcher.skipped == 5, "each one requires a restart"
    finally:
        await workers.stop()


@pytest.mark.slow
async def test_a_bundle_that_never_comes_to_its_end_is_killed_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher_module, "_LOAD_SECONDS", 1)
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(
        "await new Promise(() => setInterval(() => {}, 1000)); export default () => ({ head: [], body: '' })"
    )
    workers = WorkerSet(WorkerCommand("node", bundle))
    try:
        async with asyncio.timeout(START_SECONDS):
            assert not await workers.start(3600.0)
        assert workers.has_given_up
        assert "has not loaded its bundle within 1 s" in caplog.text
        assert "ended with code -9" in caplog.text
    finally:
        await workers.stop()


@pytest.mark.slow
async def test_a_heap_that_is_full_stands_in_the_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text("""const kept = []; export default ({ component }) => {
        while (component === "Fills") kept.push(new Array(1000).fill(component));
        return { head: [], body: component } }""")
    workers = WorkerSet(WorkerCommand("node", bundle, max_heap_mb=32), WorkerPolicy(timeout_seconds=20.0))
    with caplog.at_level(logging.WARNING):
        try:
            assert await workers.start(START_SECONDS)
            gateway = gateway_to(workers)
            await body(gateway, "Fills")
            await until(lambda: "heap out of memory); it is started again" in caplog.text)
        finally:
            await workers.stop()


async def test_a_worker_whose_socket_was_removed_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Temporary folders may be cleared. New connections would fail, which kept connections would hide."""
    async with working(tmp_path, PID) as (workers, gateway):
        [pid] = workers.pids
        assert await body(gateway) == str(pid)
        folder = workers._folder
        assert folder is not None
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        await until(lambda: workers.pids and pid not in workers.pids)
        assert await body(gateway) == str(workers.pids[0])
        assert "was removed: it is replaced" in caplog.text
        assert workers.restarts == 0, "a worker is always up"


@pytest.mark.slow
async def test_no_worker_is_started_from_another_build_and_those_that_run_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chunk = tmp_path / "assets" / "chunk.mjs"
    chunk.parent.mkdir()
    chunk.write_text("export const build = 1")
    source = (
        "const { build } = await import('./assets/chunk.mjs'); export default () => ({ head: [], body: `${build}` })"
    )
    async with working(tmp_path, source, count=2, recycle_mb=1) as (workers, gateway):
        await until(lambda: workers.recycled > 0)
        chunk.write_text("export const build = 2")
        await until(lambda: "of another build than the app" in caplog.text)
        recycled, kept = workers.recycled, workers.pids
        os.kill(kept[0], signal.SIGKILL)
        await until(lambda: workers.restarts >= 2)
        assert (workers.recycled, len(workers.pids)) == (recycled, 1)
        assert await body(gateway) == "1"
        os.kill(workers.pids[0], signal.SIGKILL)
        await until(lambda: not workers.pids)
        outcome = await gateway.render(page("Home"), "Home")
        assert isinstance(outcome, Failed)
        assert caplog.text.count("of another build than the app") == 1
        chunk.write_text("export const build = 1")
        await until(lambda: len(workers.pids) == 2)
        assert await body(gateway) == "1"


async def test_a_port_that_is_known_is_not_looked_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file with the port may have been removed, just like a socket."""
    monkeypatch.setattr(process_module, "short_path", lambda _: None)
    folder = tmp_path / "sockets"
    folder.mkdir(mode=0o700)
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(PID)
    workers = WorkerSet(WorkerCommand("node", bundle), folder=folder)
    try:
        assert await workers.start(START_SECONDS)
        [pid] = workers.pids
        for file in folder.iterdir():
            file.unlink()
        assert workers.sockets[0].startswith("http://127.0.0.1:")
        os.kill(pid, signal.SIGKILL)
        await until(lambda: workers.pids not in ([], [pid]))
    finally:
        await workers.stop()
