"""The table of a run: one row per cell, stored as JSON and Markdown in tests/chaos/results, and printed at the end."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.chaos import profile

__all__ = ("Check", "Results", "Row")

FOLDER = Path(__file__).parent / "results"


class Check(msgspec.Struct):
    """One condition that must hold.

    Attributes:
        what: A description with the figure and the limit.
        passed: True if the condition holds.
        is_wall_clock: The condition depends on time, and a busy machine may break it. The cell is measured once more
            before it fails.
    """

    what: str
    passed: bool
    is_wall_clock: bool = False


def at_most(what: str, figure: float, limit: float, unit: str = "ms", *, wall_clock: bool = True) -> Check:
    """Times are passed in seconds and displayed in ms."""
    scale = 1000.0 if unit == "ms" else 1.0
    allowed = limit * profile.NOISE if wall_clock else limit
    return Check(f"{what} {figure * scale:.4g} {unit} (at most {allowed * scale:.4g})", figure <= allowed, wall_clock)


def at_least(what: str, figure: float, limit: float, unit: str = "%") -> Check:
    scale = 100.0 if unit == "%" else 1.0
    return Check(f"{what} {figure * scale:.4g} {unit} (at least {limit * scale:.4g})", figure >= limit)


class Row(msgspec.Struct):
    """One measured cell.

    Times are in seconds, without the waits for a core; `p99_raw` and `lag_raw` include them. `stalled` is the share of
    the time in which something on the machine waited for a core."""

    gate: str
    server: str
    fault: str
    visitors: int = 0
    answers: int = 0
    ssr: int = 0
    csr: int = 0
    bad: dict[str, int] = {}
    p50: float = 0.0
    p99: float = 0.0
    control_p99: float = 0.0
    lag: float = 0.0
    control_lag: float = 0.0
    p99_raw: float = 0.0
    lag_raw: float = 0.0
    stalled: float = 0.0
    notes: list[str] = []
    checks: list[Check] = []
    measured: int = 1

    @property
    def bad_total(self) -> int:
        return sum(self.bad.values())

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def failures(self) -> str:
        return "; ".join(check.what for check in self.checks if not check.passed)


class Results:
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a row, and fail the test if the gate does not hold (the peer is only measured)."""
        self.rows.append(row)
        if profile.SUBJECT == "ours":
            assert row.passed, (
                f"{row.gate} {row.server} {row.fault!r}, {row.visitors} visitors: {row.failures}; wrong responses: {row.bad}"
            )

    def markdown(self) -> str:
        head = "| gate | server | fault | visitors | answers | SSR | CSR | wrong | p50 ms | p99 ms (control) | lag ms (control) | clock: p99, lag | machine busy | holds | notes |"
        lines = [head, "|" + "---|" * 15]
        lines += [
            f"| {r.gate} | {r.server} | {r.fault} | {r.visitors or ''} | {r.answers} | {r.ssr} | {r.csr} | {sum(r.bad.values())} "
            f"| {r.p50 * 1e3:.1f} | {r.p99 * 1e3:.1f} ({r.control_p99 * 1e3:.1f}) | {r.lag * 1e3:.1f} ({r.control_lag * 1e3:.1f}) "
            f"| {r.p99_raw * 1e3:.0f}, {r.lag_raw * 1e3:.0f} | {r.stalled:.0%} "
            f"| {_verdict(r)} | {'; '.join([*r.notes, *([r.failures] if r.failures else [])])} |"
            for r in self.rows
        ]
        return "\n".join(lines)

    def summary(self) -> str:
        """Return one line per gate."""
        lines = [f"| gate | cells | hold | {profile.SUBJECT} |", "|---|---|---|---|"]
        for gate in sorted({row.gate for row in self.rows}, key=lambda gate: int(gate[1:])):
            rows = [row for row in self.rows if row.gate == gate]
            held = sum(row.passed for row in rows)
            failing = ", ".join(dict.fromkeys(f"{row.fault} ({row.server})" for row in rows if not row.passed))
            lines.append(f"| {gate} | {len(rows)} | {held} | {'holds' if held == len(rows) else 'fails: ' + failing} |")
        return "\n".join(lines)

    def write(self) -> Path:
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{profile.SUBJECT}-{'full' if profile.FULL else 'fast'}"
        about: dict[str, Any] = {
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "load_average": os.getloadavg(),
            "python": platform.python_version(),
            "noise": profile.NOISE,
            "rows": msgspec.to_builtins(self.rows),
        }
        path.with_suffix(".json").write_text(json.dumps(about, indent=1))
        path.with_suffix(".md").write_text(f"{self.summary()}\n\n{self.markdown()}\n")
        return path.with_suffix(".md")


def _verdict(row: Row) -> str:
    return ("yes" if row.passed else "NO") + (" (measured twice)" if row.measured > 1 else "")
