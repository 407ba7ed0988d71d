"""R11: while the breaker is half open, one render probes whether the render server is back, and no visitor waits for
the result.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from benchmarks.machine import Series

from tests.chaos import profile
from tests.chaos.driver import visit
from tests.chaos.oracle import Verdicts
from tests.chaos.profile import servers_for
from tests.chaos.results import Check, Row, at_most

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

DEADLINE, BACK_DELAY = 0.7, 0.3
DOWN_SECONDS, UP_SECONDS = 4.2, 6.0


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
            vitals, log = app.vitals(series=True), app.log
        answers.take_off(Series(vitals["waited"]))
        stage.fill(row, answers, vitals)
        judge_probes(row, answers, stage.tell(asked=True)["asked"], log, up)

    stage.measure("R11", server, "hangs, then is back", 64, run)


def judge_probes(row: Row, answers: Verdicts, asked: list[tuple[float, str]], log: str, up: float) -> None:
    """Check the probes: renders requested before the breaker closed, for pages requested after it opened.

    The breaker's times are those of its log lines. An app without such lines (the peer) is assumed to be open 1.5
    deadlines after the first request."""
    came = {answer.path.rpartition("/")[2]: answer.started for answer in answers.answers}
    rendered = [answer.started for answer, kind in zip(answers.answers, answers.kinds, strict=True) if kind == "ssr"]
    opened = when(log, "is open") or min(came.values()) + 1.5 * DEADLINE
    closed = when(log, "is closed") or min(rendered, default=float("inf"))
    probes = [moment for moment, user in asked if came.get(user, 0.0) > opened and moment < closed]
    at_once = Verdicts(answer for answer in answers.answers if opened + 0.1 < answer.started < closed)
    row.notes += [
        f"{len(probes)} probes",
        f"closed {closed - up:.2f} s after the render server was back",
        transitions(log),
    ]
    row.checks += [
        Check(f"wrong responses: {row.bad}", not row.bad),
        Check("it hung, was probed, and is used again", len(probes) >= 2 and bool(rendered)),
        at_most("probes at a time", most_together(probes), 1, "", wall_clock=False),
        at_most("p99 over control while it is open", at_once.seconds(0.99) - row.control_p99, 0.050),
    ]
    if profile.SUBJECT == "ours":
        # The breaker opens at first and after each failed probe, is half open for each probe, and closes after success.
        lines = [log.count(f"breaker is {state}") for state in ("open", "half open", "closed")]
        row.checks.append(
            Check(f"each transition is logged once, {transitions(log)}", lines == [len(probes), len(probes), 1])
        )


def most_together(moments: list[float]) -> int:
    """Return the most probes within 0.2 s: the breaker pauses for 1 s, and a probe takes longer than 0.2 s."""
    return max((sum(moment <= other < moment + 0.2 for other in moments) for moment in moments), default=0)


def when(log: str, words: str) -> float | None:
    """Return the monotonic time of the breaker's first log line with these words, or None."""
    line = next((line for line in log.splitlines() if f"breaker {words}" in line), None)
    return float(line.split()[0]) - time.time() + time.monotonic() if line else None


def transitions(log: str) -> str:
    """Return how often the log reports each state of the breaker."""
    return f"breaker open {log.count('breaker is open')} x, half open {log.count('breaker is half open')} x, closed {log.count('breaker is closed')} x"
