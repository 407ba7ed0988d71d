"""R8 and R9: a broken page does not affect the rendering of other pages."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos.driver import Answer, Visitor, visit
from tests.chaos.oracle import Verdicts
from tests.chaos.processes import is_alive
from tests.chaos.profile import pick, servers_for
from tests.chaos.results import Check, Row, at_least, at_most
from tests.chaos.test_r07_restart import render_workers, window

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

DEADLINE = 1.0
KILL_SECONDS, BACK_SECONDS = 2.0, 3.0


@pytest.mark.parametrize("server", servers_for(0))
def test_a_render_that_spins_for_ever_is_ended(stage: Stage, server: str) -> None:
    def run(row: Row) -> None:
        with stage.app(server, None, timeout_seconds=DEADLINE) as app:
            before = render_workers(app)

            async def spin() -> tuple[Verdicts, float, float, Answer]:
                load = asyncio.create_task(
                    visit(app.port, row.visitors, seconds=1.0 + DEADLINE + BACK_SECONDS + 2.0, pace=100.0)
                )
                await asyncio.sleep(1.0)
                visitor, started = Visitor(app.port), time.monotonic()
                spun = asyncio.create_task(visitor.get("/spin/s1"))
                while any(map(is_alive, before)) and time.monotonic() - started < 20.0:
                    await asyncio.sleep(0.02)
                    if len(before) > 1 and sum(map(is_alive, before)) < len(before):
                        break
                killed = time.monotonic() - started
                answer = await spun
                visitor.close()
                return Verdicts(await load), started, killed, answer

            app.vitals(reset=True)
            answers, started, killed, spun = asyncio.run(spin())
            stage.fill(row, answers, app.vitals())
        after = window(answers, started + BACK_SECONDS, 20.0)
        row.notes += [
            f"worker ended after {killed * 1e3:.0f} ms",
            f"the spinning page itself: {Verdicts([spun]).kinds[0]} after {spun.seconds:.2f} s",
        ]
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            Check("the spinning page is also served", Verdicts([spun]).csr == 1),
            at_most("worker ended after", killed, DEADLINE + KILL_SECONDS),
            at_least(f"SSR later than {BACK_SECONDS:g} s", after.ssr / max(1, len(after.answers)), 0.99),
        ]

    stage.measure("R8", server, "a render spins", 16, run)


@pytest.mark.parametrize(
    ("fault", "poisoned_of_five", "server"),
    [
        (fault, poisoned, server)
        for number, (fault, poisoned) in enumerate([("poison", 1), (None, 1), ("poison", 4)])
        for server in servers_for(number)
    ],
)
def test_a_page_that_throws_keeps_no_other_page_from_being_rendered(
    stage: Stage, server: str, fault: str | None, poisoned_of_five: int
) -> None:
    """This holds even if most pages throw: a breaker that counted page errors would open at half of them."""

    def path(number: int) -> str:
        return f"/poison/p{number}" if number % 5 < poisoned_of_five else f"/page/u{number}"

    def run(row: Row) -> None:
        with stage.app(server, fault, timeout_seconds=2.0) as app:
            verdicts, vitals = stage.load(app, row.visitors, pick(4.0, 1.5), path=path)
        stage.fill(row, verdicts, vitals)
        others, poisoned = verdicts.only("/page"), verdicts.only("/poison")
        row.notes.append(f"{len(poisoned.answers)} poisoned of {row.answers}")
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            Check("poisoned pages are served", poisoned.csr == len(poisoned.answers)),
            at_least("SSR of the other pages", others.ssr / max(1, len(others.answers)), 0.99),
        ]

    stage.measure(
        "R9", server, f"{poisoned_of_five * 20} % poison, {'own workers' if fault is None else 'scripted'}", 32, run
    )
