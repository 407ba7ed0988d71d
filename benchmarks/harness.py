"""Times several sides of a comparison fairly.

How it works:
1. Every side is calibrated, which also warms it up: how many calls fill a slice?
2. A round times one slice of each side. Odd rounds run in reverse (A B C, C B A), so no side always follows a slow one.
3. The figure is the median of the rounds' ratios, since a slow machine affects both sides of a ratio.

Rules: all sides have the same garbage collector settings (on, as in production; objects of the set-up are frozen; an
untimed collection before each slice) and the same event loop (plain asyncio).
"""

import asyncio
import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Protocol

Side = Callable[[int], Awaitable[float]]
"""Makes a number of calls and returns their total duration in seconds."""

Rounds = dict[str, list[float]]
"""Seconds per call of each side, one value per round."""

CPU = "cpu "
"""The prefix of a side's name for rounds of CPU seconds of this process per call."""

_SERVERS = 5
NO_PEER = "not installed: make bench-peer"
NOTHING = "-"


class PeerSides(Protocol):
    """The part of the peer that rows use; see peer.py."""

    async def sides(self, case: str, **options: Any) -> dict[str, Side]: ...


@dataclass(frozen=True)
class Settings:
    """The duration and sides of a measurement. `first_round` continues counting if rounds are spread over servers."""

    rounds: int = 15
    slice_seconds: float = 0.1
    ours: bool = True
    peer: PeerSides | None = None
    peer_absent: str = NO_PEER
    quick: bool = False
    first_round: int = 0


@dataclass(frozen=True)
class Goal:
    """The goal of a row. `how` is None if the row is only reported."""

    how: Literal["at least", "at most"] | None = None
    limit: float = 0.0
    unit: str = ""

    def __str__(self) -> str:
        return f"{'≥' if self.how == 'at least' else '≤'} {self.limit:g}{self.unit}" if self.how else "as measured"

    def met_by(self, figure: float | None) -> bool | None:
        if self.how is None or figure is None:
            return None
        return figure >= self.limit if self.how == "at least" else figure <= self.limit


REPORTED = Goal()


@dataclass
class Row:
    """A line of the table."""

    id: str
    what: str
    floor: str
    ours: str
    ratio: str
    peer: str
    goal: str
    passed: bool | None
    rounds: Rounds = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def at_a_time(posts: Sequence[Callable[[], Awaitable[Any]]]) -> Side:
    """Distribute the calls of a slice over one task per post."""

    async def one(post: Callable[[], Awaitable[Any]], calls: int) -> None:
        for _ in range(calls):
            await post()

    async def side(calls: int) -> float:
        shares = [calls // len(posts) + (number < calls % len(posts)) for number in range(len(posts))]
        started = time.perf_counter()
        if len(posts) == 1:
            await one(posts[0], calls)
        else:
            await asyncio.gather(*(one(post, share) for post, share in zip(posts, shares, strict=True)))
        return time.perf_counter() - started

    return side


async def interleave(
    sides: Mapping[str, Side], settings: Settings, calls: int | None = None, cpu_of: Collection[str] = ()
) -> Rounds:
    """Measure all sides round by round.

    Args:
        sides: The sides by name.
        settings: The duration.
        calls: A fixed number of calls per slice, instead of a duration.
        cpu_of: Sides in this process to measure CPU seconds per call for, under `CPU + name`.
    """
    counts = {name: calls or await _calls_per_slice(side, settings.slice_seconds) for name, side in sides.items()}
    rounds: Rounds = {name: [] for name in (*sides, *(CPU + name for name in cpu_of))}
    gc.collect()
    gc.freeze()
    try:
        for number in range(settings.first_round, settings.first_round + settings.rounds):
            order = list(sides)[:: -1 if number % 2 else 1]
            for name in order:
                gc.collect()
                if calls is None:  # untimed, to warm caches after the previous slice
                    await sides[name](max(1, counts[name] // 20))
                cpu_started = time.process_time()
                rounds[name].append(await sides[name](counts[name]) / counts[name])
                if name in cpu_of:
                    rounds[CPU + name].append((time.process_time() - cpu_started) / counts[name])
    finally:
        gc.unfreeze()
    return rounds


async def over_servers(measure: Callable[[Settings], Awaitable[Rounds]], settings: Settings) -> Rounds:
    """Distribute the rounds over five servers, each with separate clients: hops differ by up to a fifth per server."""
    servers = min(_SERVERS, settings.rounds)
    rounds: Rounds = {}
    first = 0
    for number in range(servers):
        share = settings.rounds // servers + (number < settings.rounds % servers)
        for name, figures in (await measure(replace(settings, rounds=share, first_round=first))).items():
            rounds.setdefault(name, []).extend(figures)
        first += share
    return rounds


async def _calls_per_slice(side: Side, slice_seconds: float) -> int:
    """Double the calls until they fill a quarter of a slice, then scale. This also warms up."""
    calls = 1
    while (seconds := await side(calls)) < slice_seconds / 4:
        calls *= 2
    return max(1, round(calls * slice_seconds / seconds))


def throughput_ratio(rounds: Rounds, floor: str, subject: str) -> float | None:
    """Return how many calls the subject makes in the time of one floor call: 1.0 is equal, higher is better."""
    return _median_ratio(rounds, floor, subject)


def latency_ratio(rounds: Rounds, floor: str, subject: str) -> float | None:
    """Return the subject's latency as a multiple of the floor's: 1.0 is equal, lower is better."""
    return _median_ratio(rounds, subject, floor)


def _median_ratio(rounds: Rounds, above: str, below: str) -> float | None:
    if above not in rounds or below not in rounds:
        return None
    return statistics.median(a / b for a, b in zip(rounds[above], rounds[below], strict=True))


def compare(
    id_: str,
    what: str,
    rounds: Rounds,
    settings: Settings,
    *,
    goal: Goal,
    ratio: Callable[[Rounds, str, str], float | None] = throughput_ratio,
    floor: str = "floor",
    ours: str = "ours",
    peer: str | None = "peer",
) -> Row:
    """Create a row from measured rounds. `peer=None` means that the peer has no equivalent."""
    figure = ratio(rounds, floor, ours)
    if peer is None:
        peer_text = NOTHING
    elif settings.peer is None:
        peer_text = settings.peer_absent
    else:
        peer_text = ratio_text(ratio(rounds, f"{peer} floor" if f"{peer} floor" in rounds else floor, peer))
    return Row(
        id=id_,
        what=what,
        floor=duration_text(rounds.get(floor)),
        ours=duration_text(rounds.get(ours)),
        ratio=ratio_text(figure),
        peer=peer_text,
        goal=str(goal),
        passed=goal.met_by(figure),
        rounds=rounds,
    )


def compare_cpu(
    id_: str, what: str, rounds: Rounds, *, goal: Goal, floor: str = "floor", notes: Sequence[str] = ()
) -> Row:
    """Create a row for the CPU time of a call in Python. `goal` is in µs for ours, or a ratio; `notes` names further
    sides to report.
    """
    beside, ours, *others = (statistics.median(rounds[CPU + name]) * 1e6 for name in (floor, "ours", *notes))
    ratio = latency_ratio(rounds, CPU + floor, CPU + "ours")
    row = Row(
        id_,
        what,
        f"{beside:.0f} µs",
        f"{ours:.0f} µs",
        ratio_text(ratio),
        NOTHING,
        str(goal),
        goal.met_by(ours if goal.unit else ratio),
    )
    row.notes = [f"{name} {figure:.0f} µs" for name, figure in zip(notes, others, strict=True)]
    return row


def ratio_text(ratio: float | None) -> str:
    if ratio is None:
        return NOTHING
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}"


def duration_text(seconds: list[float] | None) -> str:
    if not seconds:
        return NOTHING
    median = statistics.median(seconds)
    if median < 1e-3:
        return f"{median * 1e6:.3g} µs"
    return f"{median * 1e3:.3g} ms"


def table(rows: list[Row]) -> str:
    """Format the rows as a plain-text table."""
    head = ("id", "what", "floor", "ours", "ratio", "peer", "must reach", "")
    marks = {True: "pass", False: "FAIL", None: ""}
    lines = [head, *((r.id, r.what, r.floor, r.ours, r.ratio, r.peer, r.goal, marks[r.passed]) for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    text += [f"{row.id}: {note}" for row in rows for note in row.notes]
    return "\n".join(text)


def write_results(rows: list[Row], settings: Settings, peer_versions: dict[str, str], folder: Path, name: str) -> Path:
    """Store the machine, versions and every round, so that readers can verify the table."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    report = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "versions": _versions(),
        "peer_versions": peer_versions,
        "settings": {"rounds": settings.rounds, "slice_seconds": settings.slice_seconds},
        "unit": "seconds per call, unless the row says otherwise",
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _machine() -> dict[str, Any]:
    cpu_info = Path("/proc/cpuinfo")
    models = [line for line in cpu_info.read_text().splitlines() if "model name" in line] if cpu_info.exists() else []
    return {
        "cpu": models[0].partition(":")[2].strip() if models else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else [],
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "event loop": "asyncio", "implementation": sys.implementation.name}
    for package in ("litestar", "litestar-vite", "msgspec", "httpx", "httpcore", "anyio", "cryptography"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
