"""R10: 64 visitors on a capacity of 8 renders of 50 ms: queues stay short, the excess is rendered in the browser, and
the capacity is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos import profile
from tests.chaos.profile import pick, servers_for
from tests.chaos.results import Check, Row, at_least, at_most

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

CAPACITY, RENDER_SECONDS, VISITORS = 8, 0.050, 64
QUEUE_SECONDS = 0.250
# Visitors pause before their next request: 64 of them request about twice as much as 8 slots can render (160 pages a
# second).
THINK_SECONDS = 0.150


@pytest.mark.parametrize("server", servers_for(1))
def test_overload_is_shed_and_not_queued(stage: Stage, server: str) -> None:
    def run(row: Row) -> None:
        seconds = pick(6.0, 2.5)
        stage.run_control(row, 1.0, think_seconds=THINK_SECONDS)
        with stage.app(server, "ok", delay=RENDER_SECONDS, max_connections=CAPACITY, timeout_seconds=2.0) as app:
            verdicts, vitals = stage.load(app, row.visitors, seconds, think_seconds=THINK_SECONDS)
            counters = stage.tell()
        stage.fill(row, verdicts, vitals)
        goodput = row.ssr / seconds / (CAPACITY / RENDER_SECONDS)
        longest = {kind: verdicts.seconds(0.99, kind=kind) for kind in ("ssr", "csr")}
        row.notes += [
            f"goodput {goodput:.0%} of capacity",
            f"p99 SSR {longest['ssr'] * 1e3:.0f} ms, CSR {longest['csr'] * 1e3:.0f} ms",
            f"most renders at a time {counters.get('most_in_flight', '?')}",
        ]
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            Check("the excess is CSR", row.csr > 0),
            at_most(
                "p99 of SSR over render time and control",
                longest["ssr"] - RENDER_SECONDS - row.control_p99,
                QUEUE_SECONDS,
            ),
            at_most("p99 of CSR over control", longest["csr"] - row.control_p99, QUEUE_SECONDS),
            at_least("goodput of capacity", goodput, 0.90 / profile.NOISE),
        ]
        if counters:
            row.checks.append(at_most("renders at a time", counters["most_in_flight"], CAPACITY, "", wall_clock=False))

    stage.measure("R10", server, "64 visitors on 8 slots of 50 ms", VISITORS, run)
