"""P10: three async props of 10 ms in one answer, one after another (the default) and with `concurrent=True`.

Why: one after another is the safe default, since one database session must not be used twice at once; concurrency is
asked for by name. The floor is the bare waits without any framework, so the whole request is in the ratio.
"""

from benchmarks.harness import Goal, Row, Settings, compare, latency_ratio
from benchmarks.pair import measure_pair

LINES = (
    ("P10", "three async props of 10 ms, sequential", False, Goal("at most", 1.1)),
    ("P10.concurrent", "three async props of 10 ms, concurrent", True, Goal("at most", 1.2)),
)


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for id_, what, concurrent, goal in LINES:
        rounds = await measure_pair(settings, "async_props", concurrent=concurrent)
        rows.append(compare(id_, what, rounds, settings, goal=goal, ratio=latency_ratio))
    return rows
