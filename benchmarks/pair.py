"""Measures an in-process case: floor and this library, with the peer's pair interleaved."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from benchmarks.cases import Cases, named
from benchmarks.harness import Rounds, Settings, interleave
from benchmarks.ours import Ours


async def measure_pair(
    settings: Settings, case: str, peer: bool = True, inertia: Mapping[str, Any] | None = None, **options: Any
) -> Rounds:
    """Return the rounds of "floor", "ours" and, if installed, "peer floor" and "peer". `inertia` is passed to our
    InertiaConfig.
    """
    async with AsyncExitStack() as stack:
        cases = Cases(Ours(**(inertia or {})) if settings.ours else None, stack)
        sides = named(await cases.build(case, **options), "floor", "ours")
        if peer and settings.peer:
            sides.update(await settings.peer.sides(case, **options))
        return await interleave(sides, settings)
