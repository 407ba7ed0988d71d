"""P3: a JSON route without a page, 1,000 rows, in an app with the plugin against the same app without it.

Why: apps have more than pages. Installing the plugin must not slow down API routes.
"""

from benchmarks.harness import Goal, Row, Settings, compare
from benchmarks.pair import measure_pair


async def measure(settings: Settings) -> list[Row]:
    rounds = await measure_pair(settings, "json", props="rows")
    return [compare("P3", "JSON route without a page, 1,000 rows", rounds, settings, goal=Goal("at least", 0.98))]
