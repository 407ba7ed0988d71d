"""Pages that end, crash, block or corrupt their worker, and the effect on other pages."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite._ssr import quarantine as quarantine_module
from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import RenderGateway
from litestar_vite._ssr.outcome import Failed
from litestar_vite._ssr.quarantine import Quarantine, Quarantined
from litestar_vite._ssr.upstreams import Upstream, Upstreams
from litestar_vite._ssr.workers.command import WorkerCommand
from litestar_vite._ssr.workers.shared_workers import SharedWorkers, workers_state
from litestar_vite._ssr.workers.supervise import WorkerPolicy
from litestar_vite.config import SSRConfig
from tests.unit.ssr.servers import read_request, reply, serving, until
from tests.unit.ssr.test_supervision import body, page, working

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

START_SECONDS = 60.0
BUNDLE = """
const kept = []
export default (page) => {
  if (page.component === 'Exit') process.exit(0)
  if (page.component === 'Crash') process.kill(process.pid, 'SIGABRT')
  if (page.component === 'Loop') for (;;);
  if (page.component === 'Spoil') JSON.stringify = () => '"spoiled"'
  if (page.component === 'Stringify') return { head: [], body: JSON.stringify([process.pid]) }
  return { head: [], body: String(process.pid) }
}
"""


class Clock:
    now = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(quarantine_module, "_now", lambda: clock.now)
    return clock


async def may_enter(quarantine: Quarantine, component: str = "Bad", *, answered: bool = True) -> bool:
    if not await quarantine.enter(component):
        return False
    quarantine.leave(component, answered=answered)
    return True


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
async def test_a_wall_clock_that_jumps_changes_no_pause(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour back would extend the quarantine by an hour. An hour forward would end it at once."""
    quarantine, at_first = Quarantine(), time.monotonic()
    quarantine.blame(["Bad"], "ended", is_sure=True)
    await quarantine.enter("Held")
    quarantine.leave("Held", answered=False)
    wall = time.time
    monkeypatch.setattr(time, "time", lambda: wall() + jump)
    assert not await may_enter(quarantine)
    assert not await may_enter(quarantine, "Held")
    monkeypatch.setattr(time, "monotonic", lambda: at_first + 40.0)
    assert await may_enter(quarantine)
    assert await may_enter(quarantine, "Held")


def test_an_entry_of_a_clock_that_is_ahead_is_not_followed(clock: Clock) -> None:
    """The machine was restarted in the meantime, or the other container has a different clock."""
    quarantine = Quarantine()
    quarantine.follow([Quarantined("Ahead", clock.now + 86_400, 1, "ended"), Quarantined("Bad", clock.now + 60, 1, "")])
    assert sorted(quarantine.entries) == ["Bad"]


async def test_the_pauses_of_a_component_double_and_are_forgotten_after_an_hour(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    quarantine = Quarantine()
    for number, seconds in enumerate([30, 60, 120]):
        assert await may_enter(quarantine)
        for _ in range(4):  # As reported by several workers.
            quarantine.blame(["Bad"], "ended", is_sure=True)
        assert len(caplog.messages) == number + 1
        assert not await may_enter(quarantine)
        assert await may_enter(quarantine, "Home")
        clock.now += seconds - 0.1
        assert not await may_enter(quarantine)
        clock.now += 0.2
    assert "for 120 s" in caplog.messages[-1]
    clock.now += 3600
    quarantine.blame(["Bad"], "ended", is_sure=True)
    assert quarantine.entries["Bad"].until == clock.now + 30


async def test_a_component_that_may_be_innocent_is_quarantined_at_the_third_time(clock: Clock) -> None:
    quarantine = Quarantine()
    for _ in range(5):
        quarantine.blame(["Home"], "ended", is_sure=False)
        clock.now += 40
    assert not quarantine.entries
    clock.now += 40
    for number in range(3):
        assert not quarantine.entries
        quarantine.blame(["Home", f"Other{number}"], "ended", is_sure=True)
    assert set(quarantine.entries) == {"Home"}


async def test_after_a_failed_trial_the_component_waits_for_the_supervisor(clock: Clock) -> None:
    quarantine = Quarantine()
    assert await may_enter(quarantine, answered=False)
    assert not await may_enter(quarantine)
    clock.now += 3.1
    assert await may_enter(quarantine)
    assert "Bad" in quarantine.trusted


async def test_a_component_without_a_rendered_page_has_one_page_at_a_time_at_the_workers() -> None:
    waiting = asyncio.Event()
    renders = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal renders
        while True:
            await read_request(reader)
            renders += 1
            await waiting.wait()
            writer.write(reply(b'{"head":[],"body":"b"}'))

    async with serving(script) as (peer, _):
        upstreams = Upstreams()
        upstreams.quarantine = Quarantine()
        client = open_client(upstreams)
        upstreams.add(Upstream("one", open_client(f"http://127.0.0.1:{peer.port}").pool))  # type: ignore[arg-type]
        gateway = RenderGateway(client, "http://x/render", SSRConfig(timeout_seconds=30.0))
        first = asyncio.create_task(gateway.render(b"{}", "Home"))
        await until(lambda: renders == 1)
        others = await asyncio.gather(*(gateway.render(b"{}", "Home") for _ in range(5)))
        assert {other.kind for other in others if isinstance(other, Failed)} == {"quarantined"}
        assert renders == 1
        second = asyncio.create_task(gateway.render(b"{}", "Home"))
        await asyncio.sleep(0)
        waiting.set()
        assert [type(outcome).__name__ for outcome in await asyncio.gather(first, second)] == ["Rendered"] * 2
        assert gateway.stats().failed == {"quarantined": 5}
        cancelled = asyncio.create_task(gateway.render(b"{}", "New"))
        waiting.clear()
        await until(lambda: renders == 3)
        cancelled.cancel()
        waiting.set()
        await asyncio.wait([cancelled])
        assert type(await gateway.render(b"{}", "New")).__name__ == "Rendered", "a cancelled request ends the trial"
        await gateway.aclose()
        await client.aclose()


@pytest.mark.parametrize(
    "component", ["Exit", *(pytest.param(each, marks=pytest.mark.slow) for each in ("Crash", "Loop"))]
)
async def test_a_page_that_ends_its_worker_ends_no_other(
    tmp_path: Path, component: str, caplog: pytest.LogCaptureFixture
) -> None:
    timeout_seconds = 1.0 if component == "Loop" else 20.0
    async with working(tmp_path, BUNDLE, timeout_seconds=timeout_seconds, count=2) as (workers, gateway):
        quarantine, first = workers.upstreams.quarantine, set(workers.pids)
        assert quarantine is not None
        # Both have used connections, on which a request may be retried.
        assert {await body(gateway) for _ in range(4)} == set(map(str, first))
        assert isinstance(await gateway.render(page(component), component), Failed)
        await until(lambda: component in quarantine.entries and workers.restarts and len(workers.pids) == 2)
        assert len(first & set(workers.pids)) == 1, "the page was retried on the other worker"
        for _ in range(5):
            outcome = await gateway.render(page(component), component)
            assert isinstance(outcome, Failed)
            assert outcome.kind == "quarantined"
            assert (await body(gateway)).isdigit()
        assert (workers.restarts, gateway.breaker.opened_total) == (1, 0)
        assert caplog.text.count(f"The page '{component}' is rendered in the browser") == 1


async def test_a_worker_that_is_killed_from_outside_is_no_page_s_fault(tmp_path: Path) -> None:
    slow = "export default async (page) => { await new Promise((resolve) => setTimeout(resolve, 20000)) }"
    async with working(tmp_path, slow) as (workers, gateway):
        [first] = workers.pids
        [process] = workers._serving
        render = asyncio.create_task(gateway.render(page("Home"), "Home"))
        await until(lambda: process.rendering() == ["Home"])
        os.kill(first, signal.SIGKILL)
        assert isinstance(await render, Failed)
        await until(lambda: workers.pids and workers.pids != [first])
        assert workers.upstreams.quarantine is not None
        assert not workers.upstreams.quarantine.entries


@pytest.mark.slow
async def test_a_page_that_replaces_a_built_in_function_spoils_no_other_page(tmp_path: Path) -> None:
    async with working(tmp_path, BUNDLE) as (workers, gateway):
        [first] = workers.pids
        outcome = await gateway.render(page("Spoil"), "Spoil")
        assert isinstance(outcome, Failed)
        assert "replaced JSON.stringify" in outcome.message
        assert await body(gateway, "Stringify") == f"[{first}]"
        await until(lambda: len(workers.pids) == 1 and workers.pids != [first])
        assert await body(gateway, "Stringify") == f"[{workers.pids[0]}]"
        outcome = await gateway.render(page("Spoil"), "Spoil")
        assert isinstance(outcome, Failed)
        assert outcome.kind == "quarantined"
        assert workers.restarts == 0, "a worker is always up"


@pytest.mark.slow
async def test_all_processes_that_share_the_workers_know_a_quarantined_component(tmp_path: Path) -> None:
    bundle, folder = tmp_path / "bundle.mjs", tmp_path / "set"
    bundle.write_text(BUNDLE)
    command: Any = WorkerCommand("node", bundle)
    owner, follower = (SharedWorkers(folder, WorkerPolicy(count=1), command) for _ in range(2))
    try:
        assert await owner.start(START_SECONDS)
        assert await follower.start(START_SECONDS)
        follower.upstreams.quarantine.trusted.add("Exit")  # type: ignore[union-attr]
        gateway = RenderGateway(open_client(follower.upstreams), "http://x/render", SSRConfig(timeout_seconds=20.0))
        assert isinstance(await gateway.render(page("Exit"), "Exit"), Failed)
        await until(lambda: "Exit" in follower.upstreams.quarantine.entries)  # type: ignore[union-attr]
        outcome = await gateway.render(page("Exit"), "Exit")
        assert isinstance(outcome, Failed)
        assert outcome.kind == "quarantined"
        state = workers_state(folder)
        assert state is not None
        [entry] = state.quarantined
        assert (entry.component, entry.reason) == ("Exit", "ended with code 0")
        assert entry.until > time.monotonic()
        await gateway.aclose()
    finally:
        await follower.stop()
        await owner.stop()
