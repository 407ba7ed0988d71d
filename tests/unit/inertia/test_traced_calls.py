"""Requests stay within few modules: the counts of `python -m benchmarks.traced_calls` meet their goals."""

from __future__ import annotations

import pytest
from benchmarks.traced_calls import GOALS, measure


@pytest.mark.anyio
async def test_a_page_takes_few_calls_and_rarely_returns_to_a_module_that_it_left() -> None:
    for name, traced in (await measure()).items():
        max_calls, max_returns = GOALS.get(name, (None, None))
        assert max_calls is None or len(traced.calls) <= max_calls, (name, traced.calls)
        assert max_returns is None or traced.returns <= max_returns, (name, traced.calls)
