"""The PRD's benchmark under its name, for pytest: both ways return the rendered pages.

`python -m benchmarks SSR` measures; this test asserts nothing about time.
"""

import pytest

from benchmarks import ssr_rendering
from benchmarks.harness import Settings, table


@pytest.mark.asyncio
async def test_ssr_performance() -> None:
    """Serve SSR pages sync and async, sequentially and 16 concurrently. The responses are checked before timing."""
    rows = await ssr_rendering.measure(Settings(rounds=1, quick=True))
    assert [row.id for row in rows] == ["SSR", "SSR.16"]
    assert all(len(row.rounds[side]) == 1 for row in rows for side in ("sync", "async"))
    print(table(rows))
