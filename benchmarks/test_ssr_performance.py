"""The PRD's benchmark under the name it gives it, for pytest: do both ways answer the rendered pages?

`python -m benchmarks SSR` measures; here nothing is asserted about time.
"""

import pytest

from benchmarks import ssr_rendering
from benchmarks.harness import Settings, table


@pytest.mark.asyncio
async def test_ssr_performance() -> None:
    """Serve SSR pages sync and async, one after another and 16 at a time; the answers are checked before the clock."""
    rows = await ssr_rendering.measure(Settings(rounds=1, quick=True))
    assert [row.id for row in rows] == ["SSR", "SSR.16"]
    assert all(len(row.rounds[side]) == 1 for row in rows for side in ("sync", "async"))
    print(table(rows))
