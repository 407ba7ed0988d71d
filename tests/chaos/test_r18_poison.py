"""R18: pages that end, crash, fill or block their worker do not stop the rendering of other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos import profile
from tests.chaos.profile import pick, servers_for
from tests.chaos.results import Check, Row, at_least

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

# One page in twenty breaks its worker.
EVERY = 20


@pytest.mark.skipif(profile.SUBJECT == "peer", reason="the peer has one render process instead of several workers")
@pytest.mark.parametrize(
    ("component", "server"),
    [
        (component, server)
        for number, component in enumerate(["exit", "crash", "full", "spin"])
        for server in servers_for(number)
    ],
)
def test_a_page_that_takes_its_worker_along_leaves_the_others_theirs(stage: Stage, server: str, component: str) -> None:
    def path(number: int) -> str:
        return f"/{component}/p{number}" if number % EVERY == EVERY - 1 else f"/page/u{number}"

    def run(row: Row) -> None:
        with stage.app(server, None, timeout_seconds=1.0, workers=2, max_heap_mb=64) as app:
            verdicts, vitals = stage.load(app, row.visitors, pick(30.0, 12.0), path=path)
            log = app.log
        stage.fill(row, verdicts, vitals)
        others, poisoned = verdicts.only("/page"), verdicts.only(f"/{component}/")
        quarantines = log.count("is rendered in the browser for")
        row.notes.append(
            f"{len(poisoned.answers)} poisoned of {row.answers}, quarantined {quarantines} x, breaker open {log.count('breaker is open')} x"
        )
        row.checks += [
            Check(f"wrong responses: {row.bad}", not row.bad),
            Check("poisoned pages are served", poisoned.csr == len(poisoned.answers)),
            at_least("SSR of the other pages", others.ssr / max(1, len(others.answers)), 0.95),
            Check("each quarantine is logged once", 1 <= quarantines <= pick(2, 1)),
        ]

    stage.measure("R18", server, f"5 % {component}", 16, run)
