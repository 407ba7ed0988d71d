"""P15: the memory that the plugin adds to a process, without render workers: the same small app with and without it, in
new interpreters.

Why: every process of the app pays it. Both serve 200 first visits (plain: the same HTML from a handler), then report
their resident size. With SSR, the plugin has loaded its HTTP client, pool and parser, and uses a render server.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import NOTHING, Goal, Rounds, Row, Settings
from benchmarks.peer import PYTHON, clean_environment

GOAL = Goal("at most", 15.0, " MB")
_ROUNDS = 5


async def measure(settings: Settings) -> list[Row]:
    subjects = ["plain", "plugin", "ssr"] if settings.ours else []
    rounds: Rounds = {name: [] for name in subjects}
    if settings.peer:
        rounds.update({"peer plain": [], "peer plugin": [], "peer ssr": []})
    for _ in range(1 if settings.quick else _ROUNDS):
        for name, found in rounds.items():
            found.append(
                _resident_mb(str(PYTHON) if name.startswith("peer") else sys.executable, name.removeprefix("peer "))
            )
    return [
        _row("P15", "memory added by the plugin", "plugin", rounds, settings),
        _row("P15.ssr", "the same with SSR on, its client included", "ssr", rounds, settings),
    ]


def _row(id_: str, what: str, subject: str, rounds: Rounds, settings: Settings) -> Row:
    def added(prefix: str) -> float | None:
        if f"{prefix}{subject}" not in rounds:
            return None
        return statistics.median(rounds[f"{prefix}{subject}"]) - statistics.median(rounds[f"{prefix}plain"])

    ours, peer = added(""), added("peer ")
    return Row(
        id_,
        what,
        f"{statistics.median(rounds['plain']):.1f} MB" if ours is not None else NOTHING,
        f"+{ours:.1f} MB" if ours is not None else NOTHING,
        NOTHING,
        f"+{peer:.1f} MB" if peer is not None else settings.peer_absent,
        str(GOAL),
        GOAL.met_by(ours),
        {name: found for name, found in rounds.items() if name.endswith((subject, "plain"))},
    )


def _resident_mb(interpreter: str, subject: str) -> float:
    done = subprocess.run(
        [interpreter, "-m", "benchmarks.memory_probe", subject],
        env=clean_environment(),
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1]))
