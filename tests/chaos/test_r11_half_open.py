"""R11: while the breaker is half open one request asks whether the render server is back, and the others do not wait for the answer."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos import profile
from tests.chaos.driver import visit
from tests.chaos.oracle import Verdicts
from tests.chaos.profile import servers_for
from tests.chaos.results import Check, Row, at_most

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

DEADLINE, BACK_DELAY = 0.4, 0.3
DOWN_SECONDS, UP_SECONDS = 4.5, 6.0


def overlapping(spans: list[list[float]]) -> int:
    """Return the most requests that were in flight at one moment."""
    events = sorted([(start, 1) for start, _ in spans] + [(end or float("inf"), -1) for _, end in spans])
    most = now = 0
    for _, step in events:
        now += step
        most = max(most, now)
    return most


@pytest.mark.parametrize("server", servers_for(0))
def test_one_probe_at_a_time_while_the_others_are_served_at_once(stage: Stage, server: str) -> None:
    def run(row: Row) -> None:
        stage.run_control(row, 0.5)
        with stage.app(server, "hang", timeout_seconds=DEADLINE) as app:

            async def phases() -> tuple[Verdicts, float]:
                load = asyncio.create_task(visit(app.port, row.visitors, seconds=DOWN_SECONDS + UP_SECONDS))
                await asyncio.sleep(DOWN_SECONDS)
                up = time.monotonic()
                await asyncio.to_thread(stage.tell, fault="ok", delay=BACK_DELAY)
                return Verdicts(await load), up

            answers, up = asyncio.run(phases())
            vitals, log = app.vitals(), app.log
        spans: list[list[float]] = stage.tell(spans=True)["spans"]
        stage.fill(row, answers, vitals)
        started = min(answer.started for answer in answers.answers) + DEADLINE
        # What was on its way when the breaker opened was no probe; whoever asks later is one.
        opened = first_opened(log) or started
        probes = [span for span in spans if opened < span[0] < up]
        back = [span for span in spans if span[0] >= up]
        first = min(back, default=[0.0, 0.0])
        beside_first = [span for span in back if first[0] < span[0] < first[1]]
        settled = answers.seconds(0.99, after=DEADLINE * 1.5, kind="csr")
        row.notes += [
            f"{len(probes)} probes while it hung",
            f"back {first[0] - up:.2f} s after the render server, {len(beside_first)} beside the first",
            transitions(log),
        ]
        row.checks += [
            Check(f"wrong answers: {row.bad}", not row.bad),
            Check(f"{len(probes)} probes while it hung", len(probes) >= 1),
            at_most("probes at a time", overlapping(probes), 1, "", wall_clock=False),
            Check(f"{len(beside_first)} requests beside the one that finds it back", bool(back) and not beside_first),
            Check("rendered again", answers.kinds[-1] == "ssr" or answers.ssr > 0),
            at_most("p99 of CSR over control", settled - row.control_p99, 0.050),
            # Open, half open for each probe, closed: as many lines as transitions.
            Check(f"transitions logged once: {transitions(log)}", profile.SUBJECT == "peer" or logged_once(log, len(probes))),
        ]

    stage.measure("R11", server, "hangs, then is back", 64, run)


def first_opened(log: str) -> float | None:
    """Return when the breaker first opened, on the monotonic clock; None for an app that does not say so."""
    line = next((line for line in log.splitlines() if "breaker is open" in line), None)
    return float(line.split()[0]) - time.time() + time.monotonic() if line else None


def transitions(log: str) -> str:
    """Count what the breaker said."""
    return f"breaker open {log.count('breaker is open')} x, half open {log.count('breaker is half open')} x, closed {log.count('breaker is closed')} x"


def logged_once(log: str, failed_probes: int) -> bool:
    """It opens at first and after each failed probe, is half open for each probe, the good one too, and closes."""
    found = [log.count(f"breaker is {state}") for state in ("open", "half open", "closed")]
    return found == [failed_probes + 1, failed_probes + 1, 1]
