"""P10: three async props of 10 ms in a response, sequential (the default) and with `concurrent=True`.

Why: sequential evaluation is the safe default, since a database session must not be used concurrently; concurrency is
explicit. The floor is the bare waits without a framework, so the ratio includes the whole request.
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
