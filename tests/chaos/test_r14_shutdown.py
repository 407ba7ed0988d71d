"""R14, the SSR part: after SIGTERM under load, the app exits within five seconds, whatever it is rendering. No child
outlives its app, not even after SIGKILL.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos import profile
from tests.chaos.driver import Visitor, visit
from tests.chaos.oracle import Verdicts
from tests.chaos.processes import children_of, is_alive
from tests.chaos.profile import servers_for
from tests.chaos.results import Check, Row, at_most

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.processes import AppServer
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

EXIT_SECONDS, ORPHAN_SECONDS = 5.0, 2.0
DEADLINE = 2.0


def spinning(number: int) -> str:
    """Return a path; every eighth path has a render that never ends."""
    return f"/spin/s{number}" if number % 8 == 0 else f"/page/u{number}"


async def under_load(
    app: AppServer, visitors: int, path: Callable[[int], str], act: Callable[[], None]
) -> tuple[Verdicts, float | None]:
    """Call `act` after a second of load. Returns the responses and how long the server took to exit."""
    stop = asyncio.Event()
    load = asyncio.create_task(visit(app.port, visitors, seconds=60.0, path=path, stop=stop, pace=100.0))
    await asyncio.sleep(1.0)
    act()
    # New connections are refused from now on; the test is about the requests in progress.
    stop.set()
    took = await asyncio.to_thread(app.wait, 20.0)
    return Verdicts(await load), took


def cut_short(verdicts: Verdicts) -> dict[str, int]:
    """Count the responses that are neither a whole page nor a connection closed before the first byte."""
    found: dict[str, int] = {}
    for answer, kind in zip(verdicts.answers, verdicts.kinds, strict=True):
        if kind not in {"ssr", "csr"} and not (answer.status == 0 and answer.received == 0):
            found[kind] = found.get(kind, 0) + 1
    return found


@pytest.mark.parametrize("server", profile.SERVERS)
@pytest.mark.parametrize("fault", ["hang", None], ids=["render server hangs", "own worker spins"])
def test_sigterm_under_load_ends_in_five_seconds_and_leaves_nobody(
    stage: Stage, server: str, fault: str | None
) -> None:
    def run(row: Row) -> None:
        path = spinning if fault is None else "/page/u{}".format
        with stage.app(server, fault, timeout_seconds=DEADLINE) as app:
            family = [app.pid, *children_of(app.pid)]
            verdicts, took = asyncio.run(under_load(app, row.visitors, path, lambda: app.signal(signal.SIGTERM)))
            left = [pid for pid in family if is_alive(pid)]
        row.answers, row.ssr, row.csr = len(verdicts.answers), verdicts.ssr, verdicts.csr
        cut = row.bad = cut_short(verdicts)
        closed = len(verdicts.answers) - row.ssr - row.csr - sum(cut.values())
        row.notes += [
            f"ended after {took:.1f} s" if took is not None else "still running after 20 s",
            f"{closed} closed unanswered",
            f"{len(family)} processes",
        ]
        row.checks += [
            at_most(
                "ended after",
                took if took is not None else 60.0,
                EXIT_SECONDS,
                wall_clock=took is not None and took < 2 * EXIT_SECONDS,
            ),
            Check(f"partial responses: {cut}", not cut),
            Check(f"{len(left)} processes left", not left),
        ]

    stage.measure("R14", server, "SIGTERM, " + ("render server hangs" if fault else "own worker spins"), 16, run)


@pytest.mark.parametrize("server", servers_for(1))
def test_no_worker_outlives_an_app_that_was_killed(stage: Stage, server: str) -> None:
    """SIGKILL while a render spins: the app cannot clean up, so the worker must detect that the app is gone."""

    def run(row: Row) -> None:
        with stage.app(server, None, timeout_seconds=DEADLINE) as app:

            async def kill() -> tuple[list[int], float]:
                visitor = Visitor(app.port)
                spun = asyncio.create_task(visitor.get("/spin/s1"))
                await asyncio.sleep(0.5)
                # The app's process and, under granian, its parent, as when a container is killed.
                workers = children_of(app.app_pid)
                for pid in {app.app_pid, app.pid}:
                    os.kill(pid, signal.SIGKILL)
                killed = time.monotonic()
                while any(map(is_alive, workers)) and time.monotonic() - killed < 15.0:
                    await asyncio.sleep(0.02)
                took = time.monotonic() - killed
                for pid in filter(is_alive, workers):
                    os.kill(pid, signal.SIGKILL)  # Otherwise it would disturb the next measurement.
                await spun
                visitor.close()
                return workers, took

            workers, took = asyncio.run(kill())
        row.notes.append(f"{len(workers)} children gone after {took:.2f} s")
        row.checks += [
            Check("there were children", bool(workers)),
            at_most("children gone after", took, ORPHAN_SECONDS),
        ]

    stage.measure("R14", server, "SIGKILL of the app, own worker spins", 1, run)
