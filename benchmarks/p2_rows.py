"""P2: an Inertia visit with a list of 1,000 rows, against a plain Litestar handler returning the same dict.

Why: rows are the user's data, and only the JSON encoder should process them. At this size, encoding takes nearly all of
the time, so anything that walks the rows is visible.
"""

from benchmarks.harness import Goal, Row, Settings, compare
from benchmarks.pair import measure_pair


async def measure(settings: Settings) -> list[Row]:
    rounds = await measure_pair(settings, "xhr", props="rows")
    return [compare("P2", "XHR page, 1,000 rows", rounds, settings, goal=Goal("at least", 0.95))]
