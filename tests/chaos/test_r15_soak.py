"""R15: after minutes of traffic with 5 % mixed faults, memory, file descriptors, tasks and threads have not grown."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos import profile
from tests.chaos.driver import visit
from tests.chaos.profile import servers_for
from tests.chaos.results import Check, Row, at_most

if TYPE_CHECKING:
    from tests.chaos.processes import AppServer
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

VISITORS = 16
# Idle connections to a render server expire after four seconds.
_QUIET_SECONDS = 5.0


def quiet_vitals(app: AppServer) -> dict[str, Any]:
    """Return the vital signs once all pending work has finished."""
    time.sleep(_QUIET_SECONDS)
    # This request closes the idle connections of the load, which have expired, so that the counts do not depend on the
    # last wave.
    asyncio.run(visit(app.port, 1, seconds=0.0))
    # The ticks of half an hour take 6 MB.
    app.vitals(reset=True)
    return app.vitals()


@pytest.mark.parametrize("server", servers_for(0))
def test_nothing_grows_under_mixed_faults(stage: Stage, server: str) -> None:
    def run(row: Row) -> None:
        with stage.app(server, "mixed", timeout_seconds=0.5) as app:
            stage.load(app, VISITORS, profile.SOAK_SECONDS * 0.25, adjusts=False)
            before = quiet_vitals(app)
            verdicts, vitals = stage.load(app, VISITORS, profile.SOAK_SECONDS, adjusts=False)
            after = quiet_vitals(app)
        stage.fill(row, verdicts, vitals)
        grown = after["rss"] / before["rss"] - 1
        changes = {name: after[name] - before[name] for name in ("fds", "tasks", "threads")}
        row.notes += [
            f"{profile.SOAK_SECONDS:g} s",
            f"RSS {before['rss'] / 1e6:.1f} -> {after['rss'] / 1e6:.1f} MB ({grown:+.1%})",
            *(f"{name} {before[name]} -> {after[name]}" for name in changes),
            f"SSR {row.ssr / row.answers:.1%}",
        ]
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            at_most("memory grows by", grown * 100, 5.0, "%", wall_clock=False),
            # A lower count is not a leak: the pool keeps connections only while they are useful.
            at_most("file descriptors grow by", changes["fds"], 4, "", wall_clock=False),
            at_most("tasks grow by", changes["tasks"], 2, "", wall_clock=False),
            at_most("threads grow by", changes["threads"], 1, "", wall_clock=False),
        ]

    stage.measure("R15", server, f"soak {profile.SOAK_SECONDS:g} s, 5 % mixed faults", VISITORS, run)
