"""R1 to R5 and R12: each fault of the render server, at each number of visitors, under each server.

The table is the specification: gate, fault, the page that every visitor must get, and the limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.chaos import profile
from tests.chaos.profile import pick, servers_for
from tests.chaos.results import Check, Row, at_most
from tests.chaos.stage import DEADLINE

if TYPE_CHECKING:
    from tests.chaos.oracle import Verdicts
    from tests.chaos.stage import Stage

pytestmark = pytest.mark.chaos

# Faults that do not exist on the peer's pipe to its render process.
NOT_FOR_A_PIPE = {
    "503 html", "wrong content type", "not HTTP", "RST on accept", "FIN after request", "RST after headers", "short Content-Length",
    "no last chunk", "FIN upon reuse", "RST upon reuse", "50 MB chunked", "1 GB declared", "deep JSON in another field",
}  # fmt: skip

MIB = 1024 * 1024


class Cell(msgspec.Struct, frozen=True):
    """One fault and its limits.

    Attributes:
        expects: The verdict that every visitor must get.
        waits: The fault shows only at the deadline, so visitors wait that long until the breaker opens.
        pad: Bytes added to the props, for a render server that does not read.
        over_control: How far p99 may exceed that of the control run, in seconds.
        lag: How far the loop's lag may exceed that of the control run, in seconds.
        memory: How much the process may grow, in bytes.
    """

    gate: str
    fault: str
    expects: str = "csr"
    waits: bool = False
    pad: int = 0
    over_control: float = 0.050
    lag: float = 0.020
    memory: int | None = None


CELLS = [
    Cell("R1", "refused"),
    Cell("R1", "500 text"),
    Cell("R1", "503 html"),
    Cell("R1", "500 page error"),
    Cell("R1", "non-JSON"),
    Cell("R1", "wrong shape"),
    Cell("R1", "wrong content type"),
    Cell("R1", "empty"),
    Cell("R1", "not HTTP"),
    Cell("R1", "null"),
    Cell("R2", "hang", waits=True),
    Cell("R2", "drip", waits=True),
    Cell("R2", "stall after headers", waits=True),
    # 300 kB: more than the kernel buffers for a server that never reads.
    Cell("R2", "never reads", waits=True, pad=300_000),
    Cell("R3", "RST on accept"),
    Cell("R3", "RST after request"),
    Cell("R3", "FIN after request"),
    Cell("R3", "RST after headers"),
    Cell("R3", "RST mid-body"),
    Cell("R3", "short Content-Length"),
    Cell("R3", "cut chunk"),
    Cell("R3", "no last chunk"),
    Cell("R4", "FIN upon reuse", expects="ssr"),
    Cell("R4", "RST upon reuse", expects="ssr"),
    Cell("R5", "50 MB with length", lag=0.050, memory=32 * MIB),
    Cell("R5", "50 MB chunked", lag=0.050, memory=32 * MIB, over_control=DEADLINE),
    Cell("R5", "50 MB without length", lag=0.050, memory=32 * MIB, over_control=DEADLINE),
    Cell("R5", "1 GB declared", lag=0.050, memory=32 * MIB),
    Cell("R5", "deep JSON in head", lag=0.050, memory=32 * MIB),
    Cell("R5", "deep JSON in another field", lag=0.050, memory=32 * MIB),
    Cell("R12", "ok", expects="ssr"),
]
if profile.SUBJECT == "peer":
    CELLS = [cell for cell in CELLS if cell.fault not in NOT_FOR_A_PIPE]


@pytest.mark.parametrize("visitors", profile.VISITORS)
@pytest.mark.parametrize(
    ("cell", "server"),
    [
        pytest.param(cell, server, id=f"{cell.gate} {cell.fault}-{server}")
        for number, cell in enumerate(CELLS)
        for server in servers_for(number)
    ],
)
def test_every_visitor_gets_a_whole_page_of_his_own(stage: Stage, cell: Cell, server: str, visitors: int) -> None:
    path = ("/page/u{}?pad=" + str(cell.pad)).format if cell.pad else "/page/u{}".format
    pace = 50.0 if cell.pad else 250.0

    def run(row: Row) -> None:
        stage.run_control(row, pick(1.0, 0.5), path=path, pace=pace)
        seconds = DEADLINE * 1.5 + pick(2.0, 0.8) if cell.waits else pick(1.5, 0.6)
        # If every page must be rendered, a slow machine must not exceed a short deadline.
        options = {"timeout_seconds": 5.0} if cell.expects == "ssr" else {}
        with stage.hosted(server, cell.fault, **options) as app:
            before = app.vitals()
            verdicts, vitals = stage.load(app, visitors, seconds, path=path, pace=pace)
            log = app.log
        stage.fill(row, verdicts, vitals)
        row.checks += [
            Check(
                f"{row.answers - row.bad_total - getattr(row, cell.expects)} answers not {cell.expects}",
                getattr(row, cell.expects) == row.answers,
            ),
            Check("no traceback in the log", "Traceback" not in log),
            at_most("loop lag over control", row.lag - row.control_lag, cell.lag),
            *_latency(cell, row, verdicts, stage),
            *_memory(cell, row, before, vitals),
            *_render_server(cell, row, stage),
        ]

    stage.measure(cell.gate, server, cell.fault, visitors, run)


def _latency(cell: Cell, row: Row, verdicts: Verdicts, stage: Stage) -> list[Check]:
    if not cell.waits:
        return [at_most("p99 over control", row.p99 - row.control_p99, cell.over_control)]
    settled = verdicts.seconds(0.99, after=DEADLINE * 1.5)
    return [
        at_most("worst over deadline and control", verdicts.seconds(1.0) - DEADLINE - stage.control_worst, 0.100),
        at_most("p99 over control, breaker open", settled - row.control_p99, cell.over_control),
    ]


def _memory(cell: Cell, row: Row, before: dict[str, Any], vitals: dict[str, Any]) -> list[Check]:
    if cell.memory is None:
        return []
    grown = (vitals["peak_rss"] - before["rss"]) / MIB
    row.notes.append(f"memory +{grown:.0f} MiB")
    return [at_most("memory grows by", grown, cell.memory / MIB, "MiB", wall_clock=False)]


def _render_server(cell: Cell, row: Row, stage: Stage) -> list[Check]:
    """Check what the render server received."""
    counters = stage.tell() if cell.fault != "refused" else {}
    if "requests" not in counters:
        return []
    row.notes.append(f"{counters['requests']} renders requested, {counters['connections']} connections")
    if cell.gate == "R4":
        return [
            at_most(
                "renders asked for each page", counters["requests"] / max(1, row.answers), 2.0, "", wall_clock=False
            )
        ]
    if cell.memory is not None and counters["connections"]:
        # 8 MiB, plus the buffers of the kernel and of both ends.
        each = counters["bytes_written"] / counters["connections"] / MIB
        return [at_most("read from each connection", each, 16.0, "MiB", wall_clock=False)]
    return []
