"""P4: the HTML of a first visit with about 5 KB of props, against plain Litestar returning the same bytes.

Why: the floor has prepared bytes, while this library encodes the page, escapes it and joins it with the document. Each
side's floor returns that side's HTML, so the peer is measured against the peer's bytes.
"""

from benchmarks.harness import Goal, Row, Settings, compare
from benchmarks.pair import measure_pair


async def measure(settings: Settings) -> list[Row]:
    rounds = await measure_pair(settings, "html", props="page")
    return [compare("P4", "first-visit HTML, 5 KB props", rounds, settings, goal=Goal("at least", 0.95))]
