"""R7: the render server is restarted under load, or our own workers are killed. Visitors notice only a slower page."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos import profile
from tests.chaos.driver import visit
from tests.chaos.oracle import Verdicts
from tests.chaos.processes import children_of, command_of, is_alive
from tests.chaos.profile import servers_for
from tests.chaos.results import Check, Row, at_least, at_most

if TYPE_CHECKING:
    from tests.chaos.processes import AppServer
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

SIGNALS = [signal.SIGTERM, signal.SIGKILL]
BACK_SECONDS = 2.0
DOWN = (0.3, 1.5)
# In the fast profile, each server gets one signal and one duration.
RESTARTS = [
    (server, how, down)
    for number, how in enumerate(SIGNALS)
    for server in servers_for(number)
    for down in (DOWN if profile.FULL else DOWN[number:][:1])
]
KILLS = [(server, how) for number, how in enumerate(SIGNALS) for server in servers_for(number + 1)]


def render_workers(app: AppServer) -> list[int]:
    """Return the process ids of the app's Node workers."""
    return [pid for pid in children_of(app.pid) if "worker.mjs" in command_of(pid)]


def window(answers: Verdicts, start: float, seconds: float) -> Verdicts:
    return Verdicts(answer for answer in answers.answers if start <= answer.started < start + seconds)


@pytest.mark.skipif(profile.SUBJECT == "peer", reason="the peer does not support external render servers")
@pytest.mark.parametrize(("server", "how", "down"), RESTARTS, ids=str)
def test_a_restarted_render_server_is_used_again(stage: Stage, server: str, how: signal.Signals, down: float) -> None:
    def run(row: Row) -> None:
        with stage.app(server, "ok", timeout_seconds=2.0) as app:

            async def restart() -> tuple[Verdicts, float]:
                load = asyncio.create_task(visit(app.port, row.visitors, seconds=1.0 + down + BACK_SECONDS + 1.5))
                await asyncio.sleep(1.0)
                await asyncio.to_thread(stage.render.end, how)
                await asyncio.sleep(down)
                await asyncio.to_thread(stage.render.start, fault="ok")
                listening = time.monotonic()
                return Verdicts(await load), listening

            app.vitals(reset=True)
            answers, listening = asyncio.run(restart())
            stage.fill(row, answers, app.vitals())
        after = window(answers, listening + BACK_SECONDS, 10.0)
        first = next(
            (
                answer.started
                for answer, kind in zip(answers.answers, answers.kinds, strict=True)
                if kind == "ssr" and answer.started > listening
            ),
            None,
        )
        row.notes.append(f"first SSR {(first - listening) * 1e3:.0f} ms after listening" if first else "no SSR again")
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            at_least(
                f"SSR later than {BACK_SECONDS:g} s after listening", after.ssr / max(1, len(after.answers)), 0.99
            ),
        ]

    stage.measure("R7", server, f"restarted, {how.name}, {down:g} s down", 32, run)


@pytest.mark.parametrize(("server", "how"), KILLS, ids=str)
def test_a_killed_worker_of_our_own_is_replaced_within_a_second(stage: Stage, server: str, how: signal.Signals) -> None:
    def run(row: Row) -> None:
        with stage.app(server, None, timeout_seconds=2.0) as app:
            before = render_workers(app)
            assert before, "no render worker is running"

            async def kill_all() -> tuple[Verdicts, float, float]:
                load = asyncio.create_task(visit(app.port, row.visitors, seconds=1.0 + BACK_SECONDS + 1.5))
                await asyncio.sleep(1.0)
                killed = time.monotonic()
                for pid in before:
                    os.kill(pid, how)
                respawned = await new_worker(app, before)
                return Verdicts(await load), killed, respawned

            app.vitals(reset=True)
            answers, killed, respawned = asyncio.run(kill_all())
            stage.fill(row, answers, app.vitals())
            row.checks.append(Check("the killed workers are gone", not any(map(is_alive, before))))
        after = window(answers, killed + BACK_SECONDS, 10.0)
        row.notes.append(f"respawned after {respawned * 1e3:.0f} ms")
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            at_most("respawned after", respawned, 1.0),
            at_least(f"SSR later than {BACK_SECONDS:g} s after the kill", after.ssr / max(1, len(after.answers)), 0.99),
        ]

    stage.measure("R7", server, f"own workers killed, {how.name}", 16, run)


async def new_worker(app: AppServer, before: list[int]) -> float:
    """Wait for a new worker process. Returns how long it took, or 60 s if none starts within 10 s."""
    started = time.monotonic()
    while time.monotonic() - started < 10.0:
        if set(await asyncio.to_thread(render_workers, app)) - set(before):
            return time.monotonic() - started
        await asyncio.sleep(0.02)
    return 60.0
